"""What stands beside the servers of some workloads: files."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.workload import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.workload import Options

__all__ = ["file_to_send", "file_to_store"]

# Files in memory: what is measured is a server, not a disk.
_MEMORY = Path("/dev/shm")


@contextmanager
def file_to_send(_: Bench, options: Options) -> Iterator[Setting]:
    """Make a file of `size` random bytes; the server is told its name, and so is the load generator, as `file`."""
    with _directory() as directory:
        path = directory / "file"
        path.write_bytes(os.urandom(int(options["size"])))
        yield Setting({**options, "file": str(path)}, (str(path),))


@contextmanager
def file_to_store(_: Bench, options: Options) -> Iterator[Setting]:
    """Choose the name of a file that does not exist; the server is told, and so is the load generator, as `file`."""
    with _directory() as directory:
        path = str(directory / "file")
        yield Setting({**options, "file": path}, (path,))


@contextmanager
def _directory() -> Iterator[Path]:
    home = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="sockstream-benchmarks-", dir=home) as name:
        yield Path(name)
