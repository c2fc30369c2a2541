"""Which file systems keep their files in memory: reading those never waits for a disk."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Final

__all__ = ["is_in_memory"]

_IN_MEMORY: Final = frozenset({"hugetlbfs", "ramfs", "tmpfs"})


def is_in_memory(descriptor: int) -> bool:
    """Return whether an open file lies in memory; no when the system does not tell.

    Asking such a file whether a part of it is cached (RWF_NOWAIT) is an error in Linux.
    """
    return _is_device_in_memory(os.fstat(descriptor).st_dev)


@lru_cache(64)
def _is_device_in_memory(device: int) -> bool:
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        with open("/proc/self/mountinfo") as mounts:
            for line in mounts:
                # proc(5): the device is the third field; what kind of file system it is follows a lone hyphen.
                about, _, kind = line.partition(" - ")
                if about.split(" ", 3)[2] == number:
                    return kind.split(" ", 1)[0] in _IN_MEMORY
    except (OSError, IndexError):
        pass
    return False
