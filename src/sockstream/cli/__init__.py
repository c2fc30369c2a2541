"""The `sockstream` command. It uses the package's public API only, and needs the extra `cli` (click and rich)."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command with the arguments of the process.

    Raises:
        SystemExit: always. 0 is success, 1 a network error, 2 wrong usage.
    """
    try:
        from sockstream.cli.command import sockstream
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in ("click", "rich"):
            raise
        print(f"sockstream: the command needs {missing}: pip install 'sockstream[cli]'", file=sys.stderr)
        raise SystemExit(2) from None
    sockstream(prog_name="sockstream")
