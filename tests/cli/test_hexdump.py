"""cli/hexdump.py, against hexdump -C where it is the same."""

from __future__ import annotations

from sockstream.cli.hexdump import HexDump


def test_rows_are_those_of_hexdump() -> None:
    assert HexDump()(bytes(range(0x1E, 0x30)) + b"\x7f\xff") == (
        "00000000  1e 1f 20 21 22 23 24 25  26 27 28 29 2a 2b 2c 2d  |.. !\"#$%&'()*+,-|\n"
        "00000010  2e 2f 7f ff                                       |./..|\n"
    )


def test_every_chunk_starts_a_row_and_offsets_count_on() -> None:
    dump = HexDump()
    assert dump(b"hi").startswith("00000000  68 69  ")
    assert dump(b"").splitlines() == []
    assert dump(b"!" * 17).splitlines()[1].startswith("00000012  21  ")
