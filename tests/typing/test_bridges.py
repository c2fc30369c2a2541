"""The bridges between streams and what Python has of its own give what their arguments say."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, assert_type

from sockstream.stream import Duplex, Readable, Writable, from_asyncio, from_file, to_asyncio, to_file

if TYPE_CHECKING:
    from typing import BinaryIO, TextIO

    from sockstream import net


def check_from_asyncio(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    assert_type(from_asyncio(reader, encoding="utf8"), Readable)
    assert_type(from_asyncio(writer, high_water_mark=1), Writable)
    assert_type(from_asyncio(reader, writer, allow_half_open=False), Duplex)


def check_to_asyncio(readable: Readable, writable: Writable, duplex: Duplex, socket: net.Socket) -> None:
    assert_type(to_asyncio(readable), asyncio.StreamReader)
    assert_type(to_asyncio(writable), asyncio.StreamWriter)
    assert_type(to_asyncio(duplex), tuple[asyncio.StreamReader, asyncio.StreamWriter])
    assert_type(to_asyncio(socket, limit=1), tuple[asyncio.StreamReader, asyncio.StreamWriter])


def check_from_file(file: BinaryIO, text: TextIO, raw: io.RawIOBase) -> None:
    assert_type(from_file(file), Readable)
    assert_type(from_file(raw, "r", encoding="utf8"), Readable)
    assert_type(from_file(text, "w", auto_close=False), Writable)
    assert_type(from_file(file, "rw", readable_high_water_mark=1), Duplex)


def check_to_file(readable: Readable, writable: Writable, socket: net.Socket) -> None:
    assert_type(to_file(readable), io.BufferedReader)
    assert_type(to_file(writable, "w"), io.BufferedWriter)
    assert_type(to_file(socket, "rw", buffer_size=1), "io.BufferedRWPair")
