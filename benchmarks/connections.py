"""Connections that come and go: accepted, one message echoed, ended by the client, closed by the server."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if not __package__:  # run as a file: look for the package, not for its modules
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import peers, workload
from benchmarks.figures import Metric, Target

CONNECTIONS = workload.Workload(
    name="connections",
    load="connections",
    unit="connection",
    peers=peers.ECHO,
    targets=(
        Target("sockstream-data", "node-data", 0.90, Metric.COST),
        Target("sockstream-pipe", "node-pipe", 0.90, Metric.COST),
        Target("sockstream-async", "asyncio-streams", 1.00, Metric.COST),
    ),
)


def main() -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=32, help="how many at a time (%(default)s)")
    parser.add_argument("--size", type=int, default=64, help="bytes in the message (%(default)s)")
    workload.add_options(parser, seconds=0.6, rounds=5)
    arguments = parser.parse_args()
    return workload.run(CONNECTIONS, arguments, connections=arguments.connections, size=arguments.size)


if __name__ == "__main__":
    sys.exit(main())
