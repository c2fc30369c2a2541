"""Standard input and output as streams that never block the loop, whatever stands behind them."""

from __future__ import annotations

import asyncio
import os
import select
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from sockstream.stream import Readable, Writable

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OutputClosed", "Stdin", "Stdout", "occupy_closed"]


class OutputClosed(Exception):  # noqa: N818 (what happened, not a fault)
    """Whoever read our standard output has left: the program ends without a word, as unix tools do."""


class Worker:
    """A thread that makes blocking calls, one after another, and hands the results to the loop.

    A read from an idle terminal never returns, nor does a write to a pipe that nobody empties. `O_NONBLOCK` is no way
    out: the flag belongs to the open file, which we share with the shell and with whoever comes after us. An executor
    waits for its threads when the program ends; this one is a daemon, left behind in its call.
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.get_running_loop()
        # (function, callback); None ends the thread.
        self._calls: SimpleQueue[tuple[Callable[[], Any], Callable[[Any, OSError | None], object]] | None] = (
            SimpleQueue()
        )
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def call(self, function: Callable[[], Any], callback: Callable[[Any, OSError | None], object]) -> None:
        """Run `function()` in the thread, then `callback(result, error)` in the loop."""
        self._calls.put((function, callback))

    def stop(self) -> None:
        """End the thread once its current call returns, if it does."""
        self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            function, callback = call
            result, error = None, None
            try:
                result = function()
            except OSError as failure:
                error = failure
            try:
                self._loop.call_soon_threadsafe(callback, result, error)
            except RuntimeError:
                return  # the loop is closed: the program is over


class Stdin(Readable):
    """Standard input: a terminal, a pipe, a file, a socket. It does not keep `run` alive."""

    def __init__(self, fd: int = 0) -> None:
        super().__init__()
        self._fd = fd
        self._worker = Worker("stdin")
        self._is_at_end = False

    @property
    def is_exhausted(self) -> bool:
        """Whether the input has ended and all of it was taken."""
        return self._is_at_end and not self.readable_length

    def _read(self, size: int) -> None:
        self._worker.call(lambda: _read_some(self._fd, size), self._arrived)

    def _arrived(self, chunk: bytes | None, error: OSError | None) -> None:
        if self.destroyed:
            return
        if error is not None:
            self.destroy(error)
            return
        self._is_at_end = not chunk
        self.push(chunk or None)

    def _destroy(self, error: BaseException | None, callback: Callable[..., object]) -> None:
        self._worker.stop()
        callback(error)


class Stdout(Writable):
    """Standard output."""

    def __init__(self, fd: int = 1) -> None:
        super().__init__()
        self._fd = fd
        self._worker = Worker("stdout")

    def _write(self, chunk: Any, encoding: str, callback: Callable[..., object]) -> None:
        def written(_: None, error: OSError | None) -> None:
            callback(OutputClosed() if isinstance(error, BrokenPipeError) else error)

        self._worker.call(lambda: _write_all(self._fd, chunk), written)

    def _destroy(self, error: BaseException | None, callback: Callable[..., object]) -> None:
        self._worker.stop()
        callback(error)


def _read_some(fd: int, size: int) -> bytes:
    """Wait for bytes and return them; nothing at the end."""
    while True:
        try:
            return os.read(fd, size)
        except BlockingIOError:  # whoever started us left its end non-blocking
            select.select([fd], [], [])


def _write_all(fd: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            select.select([], [fd], [])


def occupy_closed() -> None:
    """Put /dev/null, for reading, where a standard descriptor is closed.

    Or a socket would get its number: what is meant for standard output must fail, not go to a peer.
    """
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)
