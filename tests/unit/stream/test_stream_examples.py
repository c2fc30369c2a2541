"""The examples in the docstrings of `stream`: each gives, or prints, what it says."""

from __future__ import annotations

import ast
import doctest
import inspect
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import stream
from tests.unit.stream.helpers import turns

if TYPE_CHECKING:
    from collections.abc import Iterator

PARSER = doctest.DocTestParser()


def examples() -> Iterator[Any]:
    """Yield the examples of each function, class and method, once."""
    seen: set[Any] = set()
    for name in stream.__all__:
        thing = getattr(stream, name)
        members = inspect.getmembers(thing, inspect.isfunction) if inspect.isclass(thing) else []
        for label, each in [(name, thing), *((f"{name}.{member}", each) for member, each in members)]:
            found = PARSER.get_examples(inspect.cleandoc(each.__doc__ or ""))
            if found and each not in seen:
                seen.add(each)
                yield pytest.param(found, id=label)


@pytest.mark.parametrize("found", list(examples()))
async def test_an_example_does_what_it_says(found: list[doctest.Example], capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {name: getattr(stream, name) for name in stream.__all__}
    for example in found:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        kind = "eval" if example.want and example.source.startswith(("await ", "is_")) else "exec"
        result = eval(compile(example.source.strip() + "\n", "example", kind, flags), names)
        result = await result if inspect.iscoroutine(result) else result
        shown = capsys.readouterr().out + ("" if result is None else f"{result!r}\n")
        assert shown == example.want
    if inspect.iscoroutinefunction(names.get("main")):
        await names["main"]()
    await turns(5)
