"""64 KiB chunks through a pipeline: a source, one or three PassThrough streams, a sink.

In one kind of work the source makes each chunk anew and the sink compares every byte, as programs do; in the other,
`bare`, the same chunk goes through each time and nobody looks: what is left is the streams' own work, which Node's
compiler does in a fraction of a microsecond.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if not __package__:  # run as a file: look for the package, not for its modules
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import peers, workload
from benchmarks.figures import Target

PIPELINE = workload.Workload(
    name="pipeline",
    load=None,
    unit="chunk",
    peers=peers.PIPELINE,
    targets=tuple(
        Target(f"sockstream-{work}-{passing}", f"node-{work}-{passing}", 1.0)
        for work in ("bytes", "bare")
        for passing in (1, 3)
    ),
)


def main() -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    workload.add_options(parser, seconds=0.8, rounds=7)
    return workload.run(PIPELINE, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
