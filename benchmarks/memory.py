"""A slow reader: the server pipes an endless source to a client that reads 1 MB/s; how much does the server grow?

Growth is the highest resident size while the client reads, less the size before it connected.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

if not __package__:  # run as a file: look for the package, not for its modules
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import peers, workload
from benchmarks.harness import Peer, PeerFailedError, serving
from benchmarks.machine import choose_cores
from benchmarks.table import render

_READS_PER_SECOND = 20
_STALL_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Growth:
    """A server's resident bytes before the client came and at most afterwards, and how much the client read."""

    before: int
    peak: int
    read: int

    @property
    def grown(self) -> int:
        """By how many bytes the server grew."""
        return self.peak - self.before


def measure(peer: Peer, *, seconds: float, rate: int) -> Growth:
    """Read `rate` bytes a second from a server for so many seconds, and watch its size.

    Raises:
        PeerFailedError: the server did not start, or its source ended or stalled.
    """
    with serving(peer, choose_cores()) as server:
        before = peak = resident(server.pid)
        portion = rate // _READS_PER_SECOND
        reads = 0
        with socket.create_connection(("127.0.0.1", server.port), _STALL_SECONDS) as client:
            started = time.monotonic()
            while (elapsed := time.monotonic() - started) < seconds:
                _read_exactly(client, portion)
                reads += 1
                peak = max(peak, resident(server.pid))
                time.sleep(max(0.0, reads / _READS_PER_SECOND - elapsed))
    return Growth(before, peak, reads * portion)


def resident(pid: int) -> int:
    """Return a process's resident bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise PeerFailedError("died")


def _read_exactly(client: socket.socket, count: int) -> None:
    try:
        while count:
            chunk = client.recv(count)
            if not chunk:
                raise PeerFailedError("its endless source ended")
            count -= len(chunk)
    except OSError as error:
        raise PeerFailedError(f"its source stopped: {error}") from None


def main() -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10, help="how long the client reads (%(default)s)")
    parser.add_argument("--rate", type=int, default=1_000_000, help="bytes it reads a second (%(default)s)")
    parser.add_argument("--limit", type=int, default=8_000_000, help="bytes sockstream may grow (%(default)s)")
    parser.add_argument("--only", action="append", metavar="NAME", help="servers whose name contains this; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    arguments = parser.parse_args()
    workload.exit_on_sigterm()
    figures: dict[str, Growth] = {}
    failed = False
    for peer in workload.take_part(peers.SOURCE, arguments.only):
        try:
            figures[peer.name] = measure(peer, seconds=arguments.seconds, rate=arguments.rate)
        except PeerFailedError as error:
            failed = True
            print(f"{peer.name}: FAILED: {error}")
    print(_report(figures, arguments.limit))
    if arguments.json:
        document = {"workload": "memory", "servers": {name: asdict(growth) for name, growth in figures.items()}}
        arguments.json.write_text(json.dumps(document, indent=2) + "\n")
    return 1 if failed else 0


def _report(figures: dict[str, Growth], limit: int) -> str:
    rows = []
    for name, growth in figures.items():
        numbers = (f"{count / 1e6:.1f}" for count in (growth.read, growth.before, growth.peak, growth.grown))
        target = ""
        if name.startswith("sockstream"):
            verdict = "met" if growth.grown < limit else "MISSED"
            target = f"< {limit / 1e6:.0f}: {verdict} by {abs(limit - growth.grown) / 1e6:.1f}"
        rows.append((name, *numbers, target))
    return render(("server", "MB read", "MB before", "MB at most", "MB grown", "target"), rows)


if __name__ == "__main__":
    sys.exit(main())
