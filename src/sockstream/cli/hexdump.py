"""A hex dump of what passes, in the form of `hexdump -C`."""

from __future__ import annotations

__all__ = ["HexDump"]

ROW = 16
"""How many bytes a row shows."""


class HexDump:
    """The dump of one byte stream: offsets count on, and every chunk starts a row, so that nothing is held back."""

    __slots__ = ("offset",)

    def __init__(self) -> None:
        self.offset = 0

    def __call__(self, chunk: bytes) -> str:
        """Return the rows that show the next bytes of the stream, each with its line end."""
        rows = [_row(self.offset + start, chunk[start : start + ROW]) for start in range(0, len(chunk), ROW)]
        self.offset += len(chunk)
        return "".join(rows)


def _row(offset: int, data: bytes) -> str:
    digits = f"{data[:8].hex(' ')}  {data[8:].hex(' ')}"
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)
    return f"{offset:08x}  {digits:<49} |{text}|\n"
