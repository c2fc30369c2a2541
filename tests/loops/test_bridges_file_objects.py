"""`to_file` over sockets, for the standard library's synchronous modules in a thread."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
import os
import pickle
import shutil
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.stream import to_file
from tests.support.net import connected_pair, read_all, turns

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


async def test_an_archive_is_unpacked_as_it_comes(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(os.urandom(3 * MIB))

    def pack(file: Any) -> None:
        with file, tarfile.open(fileobj=file, mode="w|gz") as archive:
            archive.add(tmp_path / "data", "data")

    def unpack(file: Any) -> None:
        with file, tarfile.open(fileobj=file, mode="r|gz") as archive:
            archive.extractall(tmp_path / "out", filter="data")

    async with connected_pair() as (client, peer):
        await asyncio.gather(
            asyncio.to_thread(pack, to_file(client, "w")), asyncio.to_thread(unpack, to_file(peer, "r"))
        )
    assert (tmp_path / "out" / "data").read_bytes() == (tmp_path / "data").read_bytes()


async def test_gzip_both_ways() -> None:
    data = os.urandom(MIB) * 2

    def send(file: Any) -> None:
        with file, gzip.GzipFile(fileobj=file, mode="wb") as packed:
            packed.write(data)

    async with connected_pair() as (client, peer):
        sending = asyncio.create_task(asyncio.to_thread(send, to_file(client, "w")))
        assert await asyncio.to_thread(gzip.GzipFile(fileobj=to_file(peer), mode="rb").read) == data
        await sending


async def test_csv_and_json() -> None:
    def to_json(file: Any) -> None:
        with io.TextIOWrapper(file, encoding="utf8", newline="") as text:
            rows = list(csv.DictReader(text))
            json.dump(rows, text)

    server_options = {"allow_half_open": True}
    async with connected_pair(server_options=server_options, allow_half_open=True) as (client, peer):
        working = asyncio.create_task(asyncio.to_thread(to_json, to_file(peer, "rw")))
        client.end('name,city\nAnna,"Wien, 4"\nØyvind,Bergen\n')
        answer = json.loads(await read_all(client))
        await working
    assert answer == [{"name": "Anna", "city": "Wien, 4"}, {"name": "Øyvind", "city": "Bergen"}]


async def test_objects_are_pickled_back_and_forth() -> None:
    def serve(file: Any) -> None:
        with file:
            for _ in range(3):
                pickle.dump(sum(pickle.load(file)), file)
                file.flush()

    def ask(file: Any) -> list[int]:
        with file:
            answers = []
            for count in (2, 3, 1000):
                pickle.dump(list(range(count)), file)
                file.flush()
                answers.append(pickle.load(file))
            return answers

    async with connected_pair() as (client, peer):
        serving = asyncio.create_task(asyncio.to_thread(serve, to_file(peer, "rw")))
        assert await asyncio.to_thread(ask, to_file(client, "rw")) == [1, 3, 499_500]
        await serving


async def test_a_zip_file_is_made_on_the_way() -> None:
    def pack(file: Any) -> None:
        with file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("member", "hello " * 1000)

    async with connected_pair() as (client, peer):
        packing = asyncio.create_task(asyncio.to_thread(pack, to_file(client, "w")))
        data = await read_all(peer)
        await packing
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.read("member") == b"hello " * 1000


async def test_much_in_little_memory() -> None:
    """Tens of MiB go from file to socket to file; neither end holds more than its marks."""
    size = 32 * MIB
    highest = 0

    def send(file: Any) -> None:
        with file:
            for _ in range(size // MIB):
                file.write(bytes(MIB))

    def receive(file: Any) -> int:
        nonlocal highest
        count = 0
        while chunk := file.read(MIB):
            count += len(chunk)
            highest = max(highest, client.writable_length + peer.readable_length)
        return count

    async with connected_pair() as (client, peer):
        sending = asyncio.create_task(asyncio.to_thread(send, to_file(client, "w")))
        assert await asyncio.to_thread(receive, to_file(peer)) == size
        await sending
    assert highest <= 2 * MIB


async def test_a_reset_is_raised_in_the_thread() -> None:
    async with connected_pair() as (client, peer):
        copying = asyncio.ensure_future(asyncio.to_thread(shutil.copyfileobj, to_file(client), io.BytesIO()))
        peer.write(b"some")
        await client_has_read(client)
        peer.reset_and_destroy()
        with pytest.raises(ConnectionResetError, match="read ECONNRESET"):
            await copying


async def client_has_read(client: Any) -> None:
    """Wait until something has come, and was taken."""
    while not client.bytes_read or client.readable_length:
        await turns()


async def test_the_peers_end_is_the_end_of_the_file() -> None:
    async with connected_pair() as (client, peer):
        reading = asyncio.ensure_future(asyncio.to_thread(to_file(client).readlines))
        peer.end(b"one\ntwo\nthree")
        assert await reading == [b"one\n", b"two\n", b"three"]
