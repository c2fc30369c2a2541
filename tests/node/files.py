"""Files for the scenarios of file streams."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sockstream import fs
from sockstream.fs import ReadStream, WriteStream

if TYPE_CHECKING:
    from tests.node.lib import Role

__all__ = ["DIGITS", "closes", "content", "fifo", "file", "read", "read_from", "rest", "write"]

_File = TypeVar("_File", ReadStream, WriteStream)

DIGITS = b"0123456789"


def file(t: Role, content: bytes = DIGITS, name: str = "file") -> str:
    """Return the path of a new file in the run's directory."""
    path = Path(t.dir, name)
    path.write_bytes(content)
    return str(path)


def fifo(t: Role) -> str:
    """Return the path of a new named pipe."""
    path = f"{t.dir}/fifo"
    os.mkfifo(path)
    return path


def read_from(t: Role, path: str | bytes | None, **options: Any) -> ReadStream:
    """Return a watched stream that reads a path; 'data' is logged chunk by chunk."""
    return t.file(fs.create_read_stream(path, **options), "file", "chunk")


def read(t: Role, **options: Any) -> ReadStream:
    """Return a watched stream that reads a new file of ten digits."""
    return read_from(t, file(t), **options)


def write(t: Role, **options: Any) -> WriteStream:
    """Return a watched stream that writes a new file, `copy`."""
    return t.file(fs.create_write_stream(f"{t.dir}/copy", **options), "copy")


def closes(t: Role, stream: _File) -> _File:
    """Keep the role until a stream that it does not watch has closed."""
    t.until(lambda: stream.closed, t.hold())
    return stream


def content(t: Role, name: str = "copy") -> bytes:
    """Return what a file holds, by default `copy`."""
    return Path(t.dir, name).read_bytes()


def rest(t: Role, fd: int) -> None:
    """Log what is at a descriptor's own position."""
    t.log("rest", os.read(fd, 20))
