"""The machine: which cores the two sides of a measurement run on, and what a reader of the figures has to know."""

from __future__ import annotations

import importlib.util
import os
import platform
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.peer import compiler

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COMPILED", "Cores", "Usage", "Watch", "choose_cores", "describe", "environment", "pinned"]

_SOURCES = Path(__file__).resolve().parent.parent / "src"

_PEER_PACKAGES = ("uvloop", "aiofastnet", "trio", "anyio", "twisted", "gevent")
COMPILED = "compiled"
_PURE = "pure Python"
# With so much of the machine in other hands, ratios are luck.
_BUSY = 0.05


@dataclass(frozen=True, slots=True)
class Cores:
    """One core for the server and another for the load generator; None where there are not two."""

    server: int | None
    load: int | None

    def __str__(self) -> str:
        if self.server is None:
            return "not pinned: server and load generator share one core"
        return f"servers pinned to core {self.server}, load generator to core {self.load}"


def choose_cores() -> Cores:
    """Choose two of the cores this process may use, not two threads of one core if that can be helped."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        return Cores(None, None)
    load, *others = usable
    siblings = _siblings(load)
    return Cores(next((core for core in others if core not in siblings), others[0]), load)


def _siblings(core: int) -> set[int]:
    """Return the hardware threads of a core: the kernel writes `0,4` or `0-1`."""
    try:
        text = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list").read_text()
    except OSError:
        return set()
    spans = [part.partition("-") for part in text.strip().split(",")]
    return {number for first, _, last in spans for number in range(int(first), int(last or first) + 1)}


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Run the block on one core, for the sake of the processes it starts: all of their threads inherit that."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True, slots=True)
class Usage:
    """What else kept the machine busy for a while: figures from a busy machine deserve less trust.

    Attributes:
        others: the share of the machine that other processes used.
        stolen: the share that the hypervisor took.
    """

    others: float
    stolen: float

    @property
    def too_much(self) -> bool:
        """Whether the figures of that time are more luck than measure."""
        return self.others + self.stolen > _BUSY

    def __str__(self) -> str:
        verdict = ": too much to trust the figures, repeat the run" if self.too_much else ""
        return f"other processes used {self.others:.0%} of the machine, the hypervisor took {self.stolen:.0%}{verdict}"


class Watch:
    """Looks at what else keeps the machine busy, from its making on."""

    __slots__ = ("_start",)

    def __init__(self) -> None:
        self._start = (*_ticks(), _own_ticks())

    def usage(self) -> Usage:
        """Return what was used until now."""
        total, rest, stolen, ours = (b - a for a, b in zip(self._start, (*_ticks(), _own_ticks()), strict=True))
        return Usage(max(0.0, total - rest - stolen - ours) / max(total, 1), stolen / max(total, 1))


def _ticks() -> tuple[int, int, int]:
    """Return the machine's clock ticks, all cores: in all, idle, and stolen by the hypervisor."""
    user, nice, system, idle, waiting, irq, soft, stolen = map(int, Path("/proc/stat").read_text().split()[1:9])
    return user + nice + system + idle + waiting + irq + soft + stolen, idle + waiting, stolen


def _own_ticks() -> float:
    """Return the clock ticks of this process and the ones it has waited for."""
    return sum(os.times()[:4]) * os.sysconf("SC_CLK_TCK")


def describe() -> dict[str, str]:
    """Return what the figures depend on: processor, kernel, versions, and how busy the machine was before."""
    facts = {
        "cpu": f"{_processor()} x {os.cpu_count()}",
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }
    facts["sockstream"] = _version("sockstream") or "of this tree"
    facts["build"] = _build()
    for package in _PEER_PACKAGES:
        facts[package] = _version(package) or "not installed"
    facts["node"] = _node_version()
    facts["compiler"] = _compiler()
    facts["load"] = f"{os.getloadavg()[0]:.2f}"
    return facts


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _build() -> str:
    """Return which build of sockstream the servers will use."""
    question = "import sockstream; print(getattr(sockstream, 'COMPILED', False))"
    run = subprocess.run(
        [sys.executable, "-c", question], capture_output=True, text=True, check=True, env=environment()
    )
    return COMPILED if run.stdout.strip() == "True" else _PURE


def environment() -> dict[str, str]:
    """Return the peers' environment: ours; where sockstream is not installed, this tree's is used."""
    if importlib.util.find_spec("sockstream") is not None:
        return dict(os.environ)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(_SOURCES), os.environ.get("PYTHONPATH"))))}


def _node_version() -> str:
    try:
        run = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "not installed"
    return run.stdout.strip().removeprefix("v")


def _compiler() -> str:
    try:
        run = subprocess.run([compiler(), "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "not installed"
    return run.stdout.partition("\n")[0]
