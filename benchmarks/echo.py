"""Echo in a closed loop: each connection sends a message, waits for all of it, sends the next.

The servers take turns, in several rounds on the same cores; the ratios are taken round by round.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if not __package__:  # run as a file: look for the package, not for its modules
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import peers, workload
from benchmarks.figures import Target

ECHO = workload.Workload(
    name="echo",
    load="echo",
    unit="message",
    peers=peers.ECHO,
    targets=(
        Target("sockstream-data", "node-data", 1.25),
        Target("sockstream-data", "uvloop-protocol", 0.80),
        Target("sockstream-pipe", "node-pipe", 1.15),
        Target("sockstream-async", "asyncio-streams", 1.10),
    ),
)


def main() -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=64, help="how many (%(default)s)")
    parser.add_argument("--size", type=int, default=1024, help="bytes in a message (%(default)s)")
    workload.add_options(parser, seconds=0.6, rounds=7)
    arguments = parser.parse_args()
    return workload.run(ECHO, arguments, connections=arguments.connections, size=arguments.size)


if __name__ == "__main__":
    sys.exit(main())
