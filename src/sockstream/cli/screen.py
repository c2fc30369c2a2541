"""What many peers send, on one screen: every line with the address of whom it comes from."""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING, Any

from sockstream.cli.hexdump import HexDump
from sockstream.cli.stdio import Stdout
from sockstream.stream import Transform

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream import net

__all__ = ["Labels", "Screen", "TextDecoder"]

# A peer must not steer our terminal: control characters are shown as their pictures, line ends and tabs excepted.
PICTURES = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
}


class Screen(Transform):
    """Takes (name, text) from all peers and gives the lines for standard output."""

    def __init__(self) -> None:
        super().__init__(writable_object_mode=True)
        self._labels = Labels()
        # One pipe for each peer listens here.
        self.set_max_listeners(0)
        self.pipe(Stdout())

    def show(self, socket: net.Socket, name: str, *, as_hex: bool) -> None:
        """Show all that a peer sends, at the pace of the screen."""
        view = View(name, HexDump() if as_hex else TextDecoder())

        def closed(had_error: bool) -> None:
            if view.writable:
                view.end()

        view.pipe(self, end=False)
        socket.pipe(view)
        socket.on("close", closed)

    def _transform(self, chunk: tuple[str, str], encoding: str, callback: Callable[..., object]) -> None:
        callback(None, self._labels.add(*chunk).encode())


class Labels:
    """Puts the peer's name before each line; a line that comes in pieces stays one, unless somebody else speaks."""

    __slots__ = ("_talker",)

    def __init__(self) -> None:
        # Whose line is not finished yet.
        self._talker: str | None = None

    def add(self, name: str, text: str) -> str:
        """Return what goes to the screen for the next text of a peer."""
        return "".join(self._labelled(name, line) for line in text.splitlines(keepends=True))

    def _labelled(self, name: str, line: str) -> str:
        label = "" if self._talker == name else f"{name} "
        interrupted = "\n" if self._talker not in (None, name) else ""
        self._talker = None if line.endswith("\n") else name
        return interrupted + label + line


class View(Transform):
    """Makes (name, text) of what one peer sends."""

    def __init__(self, name: str, render: Callable[[bytes], str]) -> None:
        super().__init__(readable_object_mode=True)
        self._name = name
        self._render = render

    def _transform(self, chunk: Any, encoding: str, callback: Callable[..., object]) -> None:
        text = self._render(chunk)
        callback(None, *([(self._name, text)] if text else []))


class TextDecoder:
    """UTF-8 as text that is safe to show; what is split between chunks, character or line end, waits for its rest."""

    __slots__ = ("_decoder",)

    def __init__(self) -> None:
        self._decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")("replace"), translate=True)

    def __call__(self, chunk: bytes) -> str:
        """Return the text that these bytes complete."""
        return self._decoder.decode(chunk).translate(PICTURES)
