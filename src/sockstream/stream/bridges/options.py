"""What the streams that a bridge makes can be told: the options of their classes, but for the hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from sockstream.abort import AbortSignal

__all__ = ["BothOptions", "ReadOptions", "WriteOptions"]


class _CommonOptions(TypedDict, total=False):
    """Those of every stream."""

    high_water_mark: int | None
    default_encoding: str
    emit_close: bool
    signal: AbortSignal | None


class ReadOptions(_CommonOptions, total=False):
    """The options of a Readable that a bridge makes."""

    encoding: str | None


class WriteOptions(_CommonOptions, total=False):
    """The options of a Writable that a bridge makes."""


class BothOptions(_CommonOptions, total=False):
    """The options of a Duplex that a bridge makes."""

    allow_half_open: bool
    readable_high_water_mark: int | None
    writable_high_water_mark: int | None
    encoding: str | None
