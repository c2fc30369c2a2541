"""The hooks a stream is made of, in both their forms: with Node's callback, or as coroutine functions without it."""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import TYPE_CHECKING, Any

from sockstream.errors import AbortError, InvalidArgTypeError, StreamDestroyedError
from sockstream.loop import current

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.stream.base import Stream

__all__ = ["HOOK_NAMES", "async_hooks_of", "set_hooks", "with_callback"]

HOOK_NAMES = ("_construct", "_read", "_write", "_writev", "_final", "_transform", "_flush", "_destroy")
# Destroying waits for the one, and is the other.
_OUTLIVE_DESTROY = ("_construct", "_destroy")
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
        return lambda size: _start(stream, name, hook(size), lambda error, _: error and stream.destroy(error))
    if name == "_destroy":
        # What it was given is the error still, unless it has another.
        return lambda given, callback: _start(stream, name, hook(given), lambda error, _: callback(error or given))
    if name in _WITH_OUTPUT:
        return lambda *args: _start(stream, name, hook(*args[:-1]), args[-1])
    return lambda *args: _start(stream, name, hook(*args[:-1]), lambda error, _: args[-1](error))


def _start(stream: Stream, name: str, coroutine: Any, callback: Callable[[BaseException | None, Any], object]) -> None:
    """Run a hook as a task, which destroying the stream cancels: nobody waits for it any more."""

    def done(error: BaseException | None, result: Any) -> None:
        if stream._hook_tasks is not None:
            stream._hook_tasks.pop(task, None)
        if isinstance(error, asyncio.CancelledError):
            error = stream.errored or (StreamDestroyedError(name[1:]) if stream.destroyed else AbortError())
        callback(error, result)

    task = current().start(stream, coroutine, done)
    if name not in _OUTLIVE_DESTROY:
        if stream._hook_tasks is None:
            stream._hook_tasks = {}
        stream._hook_tasks[task] = name
