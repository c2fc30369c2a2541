"""The bench: processes are started on it, programs in C are compiled on it, files of a run lie on it."""

from __future__ import annotations

import json
import resource
import select
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from benchmarks.figures import Sample, derive
from benchmarks.machine import Cores, environment, pinned
from benchmarks.peer import Peer, compiler

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Bench", "PeerFailedError", "Server", "flags", "read_port", "read_sample"]

_HERE = Path(__file__).resolve().parent
_START_SECONDS = 20
_STOP_SECONDS = 5


class PeerFailedError(Exception):
    """A peer did not start or did not do its work; the text says how."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running peer: its process, and the port that it has printed."""

    pid: int
    port: int


class Bench:
    """Where the peers are run: the cores they are pinned to, and a temporary directory, for the block."""

    def __init__(self, cores: Cores) -> None:
        self.cores = cores
        self._directory = tempfile.TemporaryDirectory(prefix="sockstream-benchmarks-")
        self.directory = Path(self._directory.name)
        self._built: dict[str, Path] = {}

    def __enter__(self) -> Self:
        _raise_descriptor_limit()
        return self

    def __exit__(self, *_: object) -> None:
        self._directory.cleanup()

    def build(self, source: str) -> Path:
        """Compile a program of this folder, once, and return it.

        Args:
            source: its file, as `load/echo.c`; `include/` is searched for headers, beside the file's own folder.

        Raises:
            SystemExit: there is no compiler.
            subprocess.CalledProcessError: it found errors, which it has printed.
        """
        if source not in self._built:
            program = self.directory / source.replace("/", "-").removesuffix(".c")
            options = ("-O2", "-Wall", "-Wextra", "-pthread", f"-I{_HERE / 'include'}")
            try:
                subprocess.run([compiler(), *options, "-o", str(program), str(_HERE / source)], check=True)
            except FileNotFoundError:
                raise SystemExit(f"no C compiler: {compiler()!r} not found; set CC") from None
            self._built[source] = program
        return self._built[source]

    def command(self, peer: Peer, arguments: Sequence[str] = ()) -> list[str]:
        """Return the command that runs a peer, with these arguments after its own."""
        program = {"py": [sys.executable, str(_HERE / peer.script)], "js": ["node", str(_HERE / peer.script)]}
        return [*(program.get(peer.language) or [str(self.build(peer.script))]), *peer.arguments, *arguments]

    @contextmanager
    def serving(self, peer: Peer, arguments: Sequence[str] = ()) -> Iterator[Server]:
        """Run a peer for the block, once it has printed its port.

        Args:
            peer: the server.
            arguments: of this run.

        Raises:
            PeerFailedError: it printed no port, or the block could not use it, or it complained on stderr.
        """
        with tempfile.TemporaryFile("w+") as log:
            command = self.command(peer, arguments)
            with pinned(self.cores.server):
                process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment())
            try:
                yield Server(process.pid, read_port(process))
            except PeerFailedError as error:
                raise PeerFailedError(f"{error}{_last_words(log)}") from None
            finally:
                _stop(process)
            # An error that only reaches a log would make a fast server of a broken one.
            if words := _last_words(log):
                raise PeerFailedError(f"complained{words}")

    def load(self, name: str, server: Server, options: Mapping[str, float | str]) -> Sample:
        """Run a load generator of `load/` against a server, and return what it has measured.

        Raises:
            PeerFailedError: the server lost, changed or held back a byte.
        """
        own = {"port": server.port, "pid": server.pid}
        with self.judge(name, {**own, **options}) as judge:
            return read_sample(judge)

    @contextmanager
    def judge(self, name: str, options: Mapping[str, float | str]) -> Iterator[subprocess.Popen[str]]:
        """Run a program of `load/` for the block, with pipes, on the load generators' core."""
        command = [str(self.build(f"load/{name}.c")), *flags(options)]
        with pinned(self.cores.load):
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def run(self, peer: Peer, arguments: Sequence[str]) -> Sample:
        """Run a peer that measures itself, and return what it has measured.

        Raises:
            PeerFailedError: it failed, or complained on stderr.
        """
        with pinned(self.cores.server):
            command = self.command(peer, arguments)
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
            )
        return read_sample(process)


def read_sample(process: subprocess.Popen[str], told: str | None = None) -> Sample:
    """Wait for a program that measures, and return what it printed.

    Args:
        process: the program.
        told: what it reads from stdin first.

    Raises:
        PeerFailedError: it said why it cannot.
    """
    output, complaint = process.communicate(told)
    if process.returncode or complaint:
        raise PeerFailedError(complaint.strip() or f"the program that measures died of {process.returncode}")
    try:
        return derive(json.loads(output))
    except ValueError as error:
        raise PeerFailedError(str(error)) from None


def flags(options: Mapping[str, float | str]) -> list[str]:
    """Return options as a command line has them: `warm_up` becomes `--warm-up`."""
    return [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]


def read_port(process: subprocess.Popen[str]) -> int:
    """Wait for the line in which a program says that it is ready: the port it listens on, or 0.

    Raises:
        PeerFailedError: it printed something else, or nothing.
    """
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
    line = process.stdout.readline() if ready else ""
    if not line.strip().isdigit():
        raise PeerFailedError(f"printed {line!r} where its port was due")
    return int(line)


def _last_words(log: IO[str]) -> str:
    log.seek(0)
    lines = log.read().strip().splitlines()
    return f"; on stderr: {lines[-1]}" if lines else ""


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdout is not None
    process.stdout.close()


def _raise_descriptor_limit() -> None:
    """Let the processes started from now on open as many connections as the machine allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
