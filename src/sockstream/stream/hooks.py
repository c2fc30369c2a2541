"""The hooks a stream is made of, in both their forms: with Node's callback, or as coroutine functions without it."""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import TYPE_CHECKING, Any

from sockstream.errors import AbortError, InvalidArgTypeError
from sockstream.loop import current

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.stream.base import Stream

__all__ = ["HOOK_NAMES", "async_hooks_of", "set_hooks", "with_callback"]

HOOK_NAMES = ("_construct", "_read", "_write", "_writev", "_final", "_transform", "_flush", "_destroy")
# What these return is output, as the second argument of their callback is.
_WITH_OUTPUT = ("_transform", "_flush")


def async_hooks_of(cls: type) -> tuple[str, ...]:
    """Return the names of the hooks that the class defines as coroutine functions."""
    return tuple(name for name in HOOK_NAMES if inspect.iscoroutinefunction(getattr(cls, name, None)))


def set_hooks(stream: Stream, **hooks: Callable[..., Any] | None) -> None:
    """Put the hooks given by keyword in the place of the class's own."""
    for name, hook in hooks.items():
        if hook is None:
            continue
        if not callable(hook):
            raise InvalidArgTypeError(name, "a callable", hook)
        attribute = f"_{name}"
        setattr(stream, attribute, with_callback(stream, attribute, hook) if _is_async(hook) else hook)


def _is_async(hook: Any) -> bool:
    while isinstance(hook, functools.partial):
        hook = hook.func
    return inspect.iscoroutinefunction(hook) or inspect.iscoroutinefunction(getattr(hook, "__call__", None))  # noqa: B004


def with_callback(stream: Stream, name: str, hook: Callable[..., Any]) -> Callable[..., None]:
    """Give a coroutine hook Node's form: run it as a task that calls back when it ends."""
    if name == "_read":
        # It has no callback: it pushes, and only its failure counts.
        return lambda size: _run(stream, hook(size), lambda error: error and stream.destroy(error))
    if name in _WITH_OUTPUT:
        return lambda *args: _run(stream, hook(*args[:-1]), args[-1], output=True)
    return lambda *args: _run(stream, hook(*args[:-1]), args[-1])


def _run(stream: Stream, coroutine: Any, callback: Callable[..., object], *, output: bool = False) -> None:
    def done(error: BaseException | None, result: Any) -> None:
        if isinstance(error, asyncio.CancelledError):
            error = AbortError()
        if output and error is None:
            callback(None, result)
        else:
            callback(error)

    current().start(stream, coroutine, done)
