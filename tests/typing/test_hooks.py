"""Hooks in both their forms, as a program that is checked strictly writes them: pyright and mypy read this file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.stream import Duplex, PassThrough, Transform

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.stream.state import BufferedWrite

    Done = Callable[..., None]


class Callbacks(Duplex):
    def _construct(self, callback: Done) -> None:
        callback()

    def _read(self, size: int) -> None:
        self.push(None)

    def _write(self, chunk: bytes, encoding: str, callback: Done) -> None:
        callback()

    def _writev(self, chunks: list[BufferedWrite], callback: Done) -> None:
        callback()

    def _final(self, callback: Done) -> None:
        callback()

    def _destroy(self, error: BaseException | None, callback: Done) -> None:
        super()._destroy(error, callback)


class Coroutines(Duplex):
    async def _construct(self) -> None:
        pass

    async def _read(self, size: int) -> None:
        self.push(None)

    async def _write(self, chunk: bytes, encoding: str) -> None:
        pass

    async def _writev(self, chunks: list[BufferedWrite]) -> None:
        pass

    async def _final(self) -> None:
        pass

    async def _destroy(self, error: BaseException | None) -> None:
        pass


class CallbackTransform(Transform):
    def _transform(self, chunk: bytes, encoding: str, callback: Done) -> None:
        callback(None, chunk.upper())

    def _flush(self, callback: Done) -> None:
        callback(None, b"!")


class CoroutineTransform(Transform):
    async def _transform(self, chunk: bytes, encoding: str) -> bytes:
        return chunk.upper()

    async def _flush(self) -> bytes:
        return b"!"

    async def _final(self) -> None:
        pass


class CoroutinePassThrough(PassThrough):
    async def _transform(self, chunk: bytes, encoding: str) -> bytes:
        return chunk.upper()


async def _use(stream: Duplex) -> bytes:
    stream.write(b"a")
    stream.end(b"b")
    return b"".join([chunk async for chunk in stream])


async def test_both_forms_do_the_same() -> None:
    assert [await _use(stream) for stream in (Callbacks(), Coroutines())] == [b"", b""]
    assert [await _use(stream) for stream in (CallbackTransform(), CoroutineTransform())] == [b"AB!", b"AB!"]
    assert await _use(CoroutinePassThrough()) == b"AB"
