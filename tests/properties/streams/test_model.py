"""Streams against the model: nothing lost, doubled or swapped, lengths exact, events in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.streams import programs
from tests.properties.streams.model import ModelPlay

if TYPE_CHECKING:
    from tests.properties.streams.play import Program

pytestmark = pytest.mark.only_loop("asyncio")

forms = st.booleans()


async def play(program: Program, *, coroutines: bool) -> None:
    run = ModelPlay(program, coroutines=coroutines)
    await run.run()
    await run.wind_up()
    await run.finish()


@given(program=programs.readables(), coroutines=forms)
async def test_a_readable(program: Program, coroutines: bool) -> None:
    await play(program, coroutines=coroutines)


@given(program=programs.writables(), coroutines=forms)
async def test_a_writable(program: Program, coroutines: bool) -> None:
    await play(program, coroutines=coroutines)


@given(program=programs.duplexes(), coroutines=forms)
async def test_a_duplex(program: Program, coroutines: bool) -> None:
    await play(program, coroutines=coroutines)
