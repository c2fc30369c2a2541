"""Waiting for a moment of a stream's life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.loop import current

if TYPE_CHECKING:
    import asyncio

    from sockstream.events import EventEmitter

__all__ = ["next_of"]


async def next_of(emitter: EventEmitter, *names: str) -> None:
    """Wait until one of these events has come."""
    waiter: asyncio.Future[None] = current().loop.create_future()

    def wake(*_: object) -> None:
        if not waiter.done():
            waiter.set_result(None)

    for name in names:
        emitter.on(name, wake)
    try:
        await waiter
    finally:
        for name in names:
            emitter.off(name, wake)
