"""Whether the bytes of a pipe move in the kernel."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sockstream.net import moving as rules

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["moving"]


@contextmanager
def moving(mode: str, *, moment: float | None = None) -> Iterator[None]:
    """Have bytes move in the kernel as soon as there is a pipe (`"forced"`), never (`"off"`), or as `"normal"`.

    Args:
        mode: one of these.
        moment: how many seconds a source stands still before it is looked at.
    """
    before, usual = rules.mode, rules.moment
    rules.use(mode)
    rules.moment = usual if moment is None else moment
    try:
        yield
    finally:
        rules.use(before)
        rules.moment = usual
