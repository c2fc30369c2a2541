"""What the command tells on stderr: who is connected, how much went each way and how fast, how far a file is."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.filesize import decimal

if TYPE_CHECKING:
    from pathlib import Path

    from rich.progress import Progress

    from sockstream import net
    from sockstream.stream import Readable

__all__ = ["Report", "amount", "describe", "regular_size"]


class Stderr(Console):
    """The console on stderr; when nobody reads it any more, the program goes on in silence."""

    def on_broken_pipe(self) -> None:
        """Say nothing from now on."""
        self.quiet = True


class Report:
    """The lines and progress bars on stderr."""

    def __init__(self) -> None:
        self._console = Stderr(stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True)
        # The bars, once there is one to show.
        self._progress: Progress | None = None

    def say(self, line: str) -> None:
        """Write a line."""
        self._console.print(line)

    def watch(self, socket: net.Socket, name: str) -> None:
        """Tell when an open connection closes, what went each way, and how fast."""
        began = time.monotonic()

        def closed(had_error: bool) -> None:
            seconds = time.monotonic() - began
            received, sent = amount(socket.bytes_read, seconds), amount(socket.bytes_written, seconds)
            self.say(f"{name} closed after {seconds:.2f} s: received {received}, sent {sent}")

        socket.on("close", closed)

    def follow(self, source: Readable, name: str, size: int | None) -> None:
        """Show on a terminal how far a source is, if its size is known."""
        if size is None or not self._console.is_terminal:
            return
        if self._progress is None:
            self._progress = _progress_on(self._console)
        progress = self._progress
        task = progress.add_task(name, total=size)
        progress.start()

        def closed() -> None:
            progress.remove_task(task)
            if not progress.task_ids:
                progress.stop()

        source.on("data", lambda chunk: progress.advance(task, len(chunk)))
        source.on("close", closed)

    def close(self) -> None:
        """Take the progress bars off, and give the terminal its cursor back."""
        if self._progress is not None and self._progress.live.is_started:
            self._progress.stop()


def _progress_on(console: Console) -> Progress:
    """Make the display of progress bars, which the command starts sooner without."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        # Standard output is written past Python's object, and stderr through this console only.
        redirect_stdout=False,
        redirect_stderr=False,
    )


def amount(count: int, seconds: float) -> str:
    """Write how much and how fast: `1.5 MB (3.0 MB/s)`."""
    return f"{decimal(count)} ({decimal(round(count / seconds))}/s)" if count and seconds else decimal(count)


def describe(error: BaseException) -> str:
    """Say in one line what went wrong, each attempt of a group included."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(describe(each) for each in error.exceptions)
    text = str(error).replace("\0", "@")  # an abstract name, as it is typed
    return " ".join(text.split()) or type(error).__name__


def regular_size(file: int | Path) -> int | None:
    """Return how many bytes a regular file has, from where a descriptor stands; None for anything else."""
    status = os.stat(file)
    if not stat.S_ISREG(status.st_mode):
        return None
    position = os.lseek(file, 0, os.SEEK_CUR) if isinstance(file, int) else 0
    return max(0, status.st_size - position)
