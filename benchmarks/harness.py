"""Processes: servers that are measured, load generators that measure them, and the rounds in which they take turns.

A program that needs no other to be measured does so itself.
"""

from __future__ import annotations

import importlib.util
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from benchmarks.figures import Sample
from benchmarks.machine import Cores, pinned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["LoadGenerator", "Peer", "PeerFailedError", "Programs", "Results", "Server", "interleave", "serving"]

_HERE = Path(__file__).resolve().parent
_SOURCES = _HERE.parent / "src"
_START_SECONDS = 20
_STOP_SECONDS = 5


class PeerFailedError(Exception):
    """A server did not start or did not serve; the text says how."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One server, or one program that measures itself.

    Attributes:
        name: what the table and `--only` call it.
        script: a server's file in `servers/`: it serves on 127.0.0.1 and prints the port once it listens. Or a
            program's in `programs/`: it prints a `Sample` in JSON.
        needs: Python modules without which it is left out.
        arguments: what the script is called with.
    """

    name: str
    script: str
    needs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()

    @property
    def interpreter(self) -> str:
        """The program that runs the script."""
        return "node" if self.script.endswith(".js") else sys.executable

    def missing(self) -> str | None:
        """Return what keeps this peer from running here, or None."""
        if shutil.which(self.interpreter) is None:
            return self.interpreter
        return next((module for module in self.needs if importlib.util.find_spec(module) is None), None)


@dataclass(frozen=True, slots=True)
class Server:
    """A running peer."""

    peer: Peer
    pid: int
    port: int


@contextmanager
def serving(peer: Peer, cores: Cores) -> Iterator[Server]:
    """Run a peer for the block.

    Raises:
        PeerFailedError: it printed no port, or the block could not use it, or it complained on stderr.
    """
    with tempfile.TemporaryFile("w+") as log:
        with pinned(cores.server):
            command = [peer.interpreter, str(_HERE / "servers" / peer.script)]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=_environment())
        try:
            yield Server(peer, process.pid, _read_port(process))
        except PeerFailedError as error:
            raise PeerFailedError(f"{error}{_last_words(log)}") from None
        finally:
            _stop(process)
        # An error that only reaches a log would make a fast server of a broken one.
        if words := _last_words(log):
            raise PeerFailedError(f"complained{words}")


def _environment() -> dict[str, str]:
    """Return our environment; where sockstream is not installed, this tree's is used."""
    if importlib.util.find_spec("sockstream") is not None:
        return dict(os.environ)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(_SOURCES), os.environ.get("PYTHONPATH"))))}


def _read_port(process: subprocess.Popen[str]) -> int:
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


class LoadGenerator:
    """A C program of `load/`, compiled for the block."""

    def __init__(self, name: str, cores: Cores) -> None:
        self._source = _HERE / "load" / f"{name}.c"
        self._cores = cores
        self._directory = tempfile.TemporaryDirectory(prefix="sockstream-load-")
        self._program = Path(self._directory.name) / name

    def __enter__(self) -> Self:
        compiler = os.environ.get("CC", "cc")
        try:
            subprocess.run([compiler, "-O2", "-Wall", "-o", str(self._program), str(self._source)], check=True)
        except FileNotFoundError:
            raise SystemExit(f"no C compiler: {compiler!r} not found; set CC") from None
        return self

    def __exit__(self, *_: object) -> None:
        self._directory.cleanup()

    def measure(self, peer: Peer, **options: float) -> Sample:
        """Start a peer, load it, and return what was measured.

        Args:
            peer: the server; a new process each time, as luck with addresses and hashes lasts as long as a process.
            **options: the generator's, with `_` for `-`.

        Raises:
            PeerFailedError: the peer did not start, or lost, changed or held back a byte.
        """
        with serving(peer, self._cores) as server:
            command = [str(self._program), f"--port={server.port}", f"--pid={server.pid}"]
            command += _flags(options)
            with pinned(self._cores.load):
                run = subprocess.run(command, capture_output=True, text=True, check=False)
            if run.returncode:
                raise PeerFailedError(run.stderr.strip() or f"the load generator died of {run.returncode}")
            return Sample(**json.loads(run.stdout))


class Programs:
    """Programs of `programs/`, which do their work by themselves and print what it took."""

    def __init__(self, cores: Cores) -> None:
        self._cores = cores

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def measure(self, peer: Peer, **options: float) -> Sample:
        """Run a peer, and return what it has measured.

        Raises:
            PeerFailedError: it failed, or complained on stderr.
        """
        command = [peer.interpreter, str(_HERE / "programs" / peer.script), *peer.arguments, *_flags(options)]
        with pinned(self._cores.server):
            run = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())
        if run.returncode or run.stderr:
            raise PeerFailedError(run.stderr.strip() or f"it died of {run.returncode}")
        return Sample(**json.loads(run.stdout))


def _flags(options: Mapping[str, float]) -> list[str]:
    return [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]


@dataclass(frozen=True, slots=True)
class Results:
    """What the rounds gave: each peer's samples, one a round, and why others have none."""

    samples: dict[str, list[Sample]]
    failures: dict[str, str]


def interleave(
    peers: Sequence[Peer],
    measure: Callable[[Peer], Sample],
    rounds: int,
    progress: Callable[[int, Peer], None],
) -> Results:
    """Measure every peer once a round, each round beginning with another peer.

    Args:
        peers: who takes part; one that fails is out from then on.
        measure: takes one sample.
        rounds: how often.
        progress: told the round, from 1, and the peer before each measurement.
    """
    results = Results({peer.name: [] for peer in peers}, {})
    for number in range(rounds):
        first = number % max(len(peers), 1)
        for peer in (*peers[first:], *peers[:first]):
            if peer.name in results.failures:
                continue
            progress(number + 1, peer)
            try:
                results.samples[peer.name].append(measure(peer))
            except PeerFailedError as error:
                results.failures[peer.name] = str(error)
                del results.samples[peer.name]
    return results
