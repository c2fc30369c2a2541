"""frames.py: messages behind their lengths."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.frames import FrameDecoder, FrameEncoder, FrameError
from sockstream.stream import pipeline
from tests.examples.recipes.helpers import cut, cuts, failed, passed
from tests.support.net import port_of, serving
from tests.support.programs import python_environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator

    from sockstream import net

messages = st.lists(st.binary(max_size=40), max_size=8)

# Sends three frames a byte at a time, and prints the messages that come back.
NODE = """
const socket = require('net').connect(process.argv[1], '127.0.0.1')
socket.setNoDelay(true)
const frames = ['hello', '', 'x'.repeat(300)].map(text => {
  const header = Buffer.alloc(4)
  header.writeUInt32BE(text.length)
  return Buffer.concat([header, Buffer.from(text)])
})
for (const byte of Buffer.concat(frames)) socket.write(Buffer.from([byte]))
socket.end()
let all = Buffer.alloc(0)
socket.on('data', data => { all = Buffer.concat([all, data]) })
socket.on('end', () => {
  while (all.length) {
    const end = 4 + all.readUInt32BE()
    console.log(all.subarray(4, end).toString())
    all = all.subarray(end)
  }
})
"""


async def encoded(sent: list[bytes]) -> bytes:
    """Return the messages' frames."""
    return b"".join(await passed(sent, FrameEncoder(), object_mode=True))


@given(sent=messages, sizes=cuts)
async def test_the_pieces_make_no_difference(sent: list[bytes], sizes: list[int]) -> None:
    data = await encoded(sent)
    assert data == b"".join(len(each).to_bytes(4, "big") + each for each in sent)
    assert await passed(cut(data, sizes), FrameDecoder()) == sent


@given(sent=messages, sizes=cuts, share=st.floats(0, 1))
async def test_an_input_that_ends_early_says_where(sent: list[bytes], sizes: list[int], share: float) -> None:
    data = await encoded(sent)
    end = int(len(data) * share)
    borders = [len(await encoded(sent[:count])) for count in range(len(sent) + 1)]
    whole = max(count for count, border in enumerate(borders) if border <= end)
    rest = end - borders[whole]
    if not rest:
        assert await passed(cut(data[:end], sizes), FrameDecoder()) == sent[:whole]
        return
    _, error = await failed(cut(data[:end], sizes), FrameDecoder())
    assert isinstance(error, FrameError)
    assert str(error) == f"the input ends within frame {whole + 1}, after {rest} bytes of it"


@given(sizes=cuts)
async def test_a_frame_too_large_is_refused_at_its_header(sizes: list[int]) -> None:
    got, error = await failed(cut(b"\0\0\0\2ok\0\0\0\x0b", sizes), FrameDecoder(max_size=10))
    assert isinstance(error, FrameError)
    assert str(error) == "frame 2 has 11 bytes, 10 are allowed"
    assert got in ([], [b"ok"])


async def test_the_largest_frame_is_allowed() -> None:
    data = b"".join(await passed([b"x" * 10], FrameEncoder(max_size=10), object_mode=True))
    assert await passed([data], FrameDecoder(max_size=10)) == [b"x" * 10]
    with pytest.raises(FrameError, match="the message has 11 bytes, 10 are allowed"):
        await passed([b"x" * 11], FrameEncoder(max_size=10), object_mode=True)


async def test_node_gets_its_messages_back(node: str) -> None:
    async def capitals(source: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        async for message in source:
            yield message.upper()

    async def serve(socket: net.Socket) -> None:
        await pipeline(socket, FrameDecoder(), capitals, FrameEncoder(), socket)

    async with serving(serve, allow_half_open=True) as server:
        peer = await asyncio.create_subprocess_exec(
            node, "-e", NODE, str(port_of(server)), stdout=asyncio.subprocess.PIPE, env=python_environment()
        )
        out, _ = await peer.communicate()
    assert out.decode().split("\n") == ["HELLO", "", "X" * 300, ""]
