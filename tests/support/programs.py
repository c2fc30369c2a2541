"""Programs that tests start and talk to: with pipes, or on a terminal of their own."""

from __future__ import annotations

import os
import pty
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sockstream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

__all__ = ["Program", "python_environment"]

# How long what a test waits for may take before it counts as never coming.
GUARD_SECONDS = 30.0


def python_environment(**more: str) -> dict[str, str]:
    """Return an environment in which Python finds the package under test, and says UTF-8."""
    source = str(Path(sockstream.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": source, "PYTHONUTF8": "1", "TERM": "xterm", "COLUMNS": "120", **more}


class Output:
    """One output of a program: a descriptor, and all that has been read from it."""

    def __init__(self, program: Program, fd: int) -> None:
        self._program = program
        self.fd = fd
        self.data = b""
        self.ended = False
        # What `until` and `line` have already returned.
        self._seen = 0

    @property
    def text(self) -> str:
        """All that has come so far."""
        return self.data.decode(errors="replace").replace("\r\n", "\n")

    def until(self, wanted: str | bytes) -> str:
        """Wait for a text after what was waited for before; return what came up to its end."""
        wanted = wanted.encode() if isinstance(wanted, str) else wanted
        self._program.wait_for(lambda: wanted in self.data[self._seen :] or self.ended, wanted)
        assert wanted in self.data[self._seen :], f"{wanted!r} never came: {self._program.described()}"
        start, self._seen = self._seen, self.data.index(wanted, self._seen) + len(wanted)
        return self.data[start : self._seen].decode(errors="replace").replace("\r\n", "\n")

    def line(self, containing: str = "") -> str:
        """Wait for a line that contains a text; return it without its end."""
        text = self.until(containing) + self.until("\n")
        return text[:-1].rpartition("\n")[2]

    def rest(self) -> bytes:
        """Wait for the end of the output; return all of it."""
        self._program.wait_for(lambda: self.ended, b"the end of the output")
        return self.data

    def read(self) -> None:
        """Take what is there."""
        try:
            chunk = os.read(self.fd, 1 << 20)
        except OSError:  # a terminal that nobody holds any more
            chunk = b""
        self.data += chunk
        self.ended = not chunk


class Program:
    """A program that runs, its input and outputs; leaving the block kills it if it still runs.

    Args:
        arguments: the program and its arguments.
        stdin: 'pipe', or a file's path.
        terminal: run it on a terminal of its own, which is then its input and both its outputs.
        cwd: where it runs.
        env: more environment variables.
        pass_fds: descriptors that it inherits.
        may_fail: a traceback is not the test's failure.
    """

    PYTHON = sys.executable

    def __init__(
        self,
        *arguments: str | Path,
        stdin: str | Path = "pipe",
        terminal: bool = False,
        cwd: Path | None = None,
        env: dict[str, str] | None = None,
        pass_fds: Sequence[int] = (),
        may_fail: bool = False,
    ) -> None:
        self.arguments = [str(argument) for argument in arguments]
        self._may_fail = may_fail
        self._to_close: set[int] = set()
        self._selector = selectors.DefaultSelector()
        theirs = self._open_terminal() if terminal else self._open_pipes(stdin)
        # setsid makes the terminal the program's own, so that ^C typed there is a signal.
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *self.arguments] if terminal else self.arguments,
            stdin=theirs[0],
            stdout=theirs[1],
            stderr=theirs[2],
            cwd=cwd,
            env=python_environment(**(env or {})),
            pass_fds=pass_fds,
        )
        for fd in set(theirs):
            os.close(fd)

    @classmethod
    def python(cls, *arguments: str | Path, **options: Any) -> Self:
        """Start this Python with arguments: a script, or `-m` and a module."""
        return cls(cls.PYTHON, *arguments, **options)

    def _open_terminal(self) -> list[int]:
        self.input, theirs = pty.openpty()
        self._to_close.add(self.input)
        self.out = self.err = self._output(self.input)
        return [theirs] * 3

    def _open_pipes(self, stdin: str | Path) -> list[int]:
        if stdin == "pipe":
            stdin_fd, self.input = os.pipe()
        else:
            stdin_fd, self.input = os.open(stdin, os.O_RDONLY), -1
        out, stdout_fd = os.pipe()
        err, stderr_fd = os.pipe()
        self._to_close |= {self.input, out, err} - {-1}
        self.out, self.err = self._output(out), self._output(err)
        return [stdin_fd, stdout_fd, stderr_fd]

    def _output(self, fd: int) -> Output:
        output = Output(self, fd)
        self._selector.register(fd, selectors.EVENT_READ, output)
        return output

    # -- talking ----------------------------------------------------------------------------------------------------

    def send(self, text: str | bytes) -> None:
        """Write to the program's input, as typed."""
        data = text.encode() if isinstance(text, str) else text
        while data:
            data = data[os.write(self.input, data) :]

    def end_input(self) -> None:
        """Close the program's input."""
        self._to_close.discard(self.input)
        os.close(self.input)

    def interrupt(self) -> None:
        """Send what Ctrl-C sends."""
        self.process.send_signal(signal.SIGINT)

    def stop_reading(self, output: Output) -> None:
        """Close our end of an output, as a reader that leaves does."""
        self._selector.unregister(output.fd)
        self._to_close.discard(output.fd)
        output.ended = True
        os.close(output.fd)

    def wait_for(self, condition: Callable[[], bool], what: bytes) -> None:
        """Read the outputs until something is so."""
        deadline = time.monotonic() + GUARD_SECONDS
        while not condition():
            ready = self._selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"still waiting for {what!r}: {self.described()}")
            self._read(ready)

    def _read(self, ready: list[tuple[selectors.SelectorKey, int]]) -> None:
        for key, _ in ready:
            key.data.read()
            if key.data.ended:
                self._selector.unregister(key.fd)

    def wait(self) -> int:
        """Read the outputs to their end, wait for the program's, and return its exit code."""
        if self._selector.get_map():
            self.wait_for(lambda: not self._selector.get_map(), b"the end")
        code = self.process.wait(GUARD_SECONDS)
        self._check_errors()
        return code

    def described(self) -> str:
        """Say what the program has written."""
        texts = {self.out.text, self.err.text}
        return f"{' '.join(self.arguments)[:200]} wrote\n" + "\n--\n".join(text[-3000:] for text in texts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(GUARD_SECONDS)
        while ready := self._selector.select(0):
            self._read(ready)
        self._selector.close()
        for fd in self._to_close:
            os.close(fd)
        if failure is None:
            self._check_errors()

    def _check_errors(self) -> None:
        assert self._may_fail or "Traceback" not in self.err.text, self.described()
