"""A fast path is the general path, faster: one program through both gives one log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import given

from sockstream import stream as streams
from tests.properties.streams import programs
from tests.properties.streams.play import Play

if TYPE_CHECKING:
    from typing import Self

    from tests.properties.streams.play import Program

pytestmark = pytest.mark.only_loop("asyncio")


class GeneralReading(streams.Readable):
    """Overrides all that a fast path may leave out, and does the same."""

    def push(self, chunk: Any, encoding: str | None = None) -> bool:
        return super().push(chunk, encoding)

    def read(self, size: int | None = None) -> Any:
        return super().read(size)

    def emit(self, name: str, *args: Any) -> bool:
        return super().emit(name, *args)

    def pause(self) -> Self:
        return super().pause()

    def resume(self) -> Self:
        return super().resume()


class GeneralWriting(streams.Writable):
    """Overrides all that a fast path may leave out, and does the same."""

    def write(self, data: Any, encoding: Any = None, callback: Any = None) -> bool:
        return super().write(data, encoding, callback)

    def end(self, data: Any = None, encoding: Any = None, callback: Any = None) -> Self:
        return super().end(data, encoding, callback)

    def emit(self, name: str, *args: Any) -> bool:
        return super().emit(name, *args)


class GeneralDuplex(GeneralReading, GeneralWriting, streams.Duplex):
    pass


class GeneralTransform(GeneralReading, GeneralWriting, streams.Transform):
    def _write(self, chunk: Any, encoding: str, callback: Any) -> object:
        return super()._write(chunk, encoding, callback)

    def _read(self, size: int) -> object:
        return super()._read(size)


class GeneralPassThrough(GeneralTransform, streams.PassThrough):
    def _transform(self, chunk: Any, encoding: str, callback: Any) -> object:
        return super()._transform(chunk, encoding, callback)


def identity(**options: Any) -> streams.Transform:
    """Make what a PassThrough is by another name."""
    return streams.Transform(transform=lambda chunk, encoding, callback: callback(None, chunk), **options)


class General(Play):
    """A run over streams that keep to the general path."""

    classes: ClassVar = {
        "Readable": GeneralReading,
        "Writable": GeneralWriting,
        "Duplex": GeneralDuplex,
        "Transform": GeneralTransform,
        "PassThrough": GeneralPassThrough,
    }


class Identity(Play):
    """A run with a Transform in the place of each PassThrough."""

    classes: ClassVar = {**vars(streams), "PassThrough": identity}


async def compare(program: Program, *, others: bool = False) -> None:
    log = await Play(program).run()
    assert log == await General(program).run()
    if others:
        assert log == await Identity(program).run()


@given(program=programs.readables())
async def test_a_readable_tells_the_same_on_both_paths(program: Program) -> None:
    await compare(program)


@given(program=programs.writables())
async def test_a_writable_tells_the_same_on_both_paths(program: Program) -> None:
    await compare(program)


@given(program=programs.duplexes())
async def test_a_duplex_tells_the_same_on_both_paths(program: Program) -> None:
    await compare(program)


@given(program=programs.transforms())
async def test_a_transform_tells_the_same_on_both_paths(program: Program) -> None:
    await compare(program, others=True)


@given(program=programs.chains())
async def test_a_chain_of_pipes_tells_the_same_on_both_paths(program: Program) -> None:
    await compare(program, others=True)


@given(program=programs.pipelines())
async def test_a_pipeline_tells_the_same_on_both_paths(program: Program) -> None:
    await compare(program, others=True)
