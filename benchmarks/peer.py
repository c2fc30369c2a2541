"""A peer: one program that takes part in a comparison."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass

__all__ = ["Peer", "compiler", "take_part"]


@dataclass(frozen=True, slots=True)
class Peer:
    """One server, one client, or one program that measures itself.

    Attributes:
        name: what the tables and `--only` call it.
        script: its file, in this folder. One in C is compiled first.
        needs: Python modules without which it is left out.
        arguments: what it is called with, before the arguments of the single run.
    """

    name: str
    script: str
    needs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        """The script's suffix: `py`, `js` or `c`."""
        return self.script.rpartition(".")[2]

    def missing(self) -> str | None:
        """Return what keeps this peer from running here, or None."""
        tool = {"py": sys.executable, "js": "node", "c": compiler()}[self.language]
        if shutil.which(tool) is None:
            return tool
        return next((module for module in self.needs if importlib.util.find_spec(module) is None), None)


def compiler() -> str:
    """Return the C compiler's name."""
    return os.environ.get("CC", "cc")


def take_part(peers: tuple[Peer, ...], only: list[str]) -> tuple[list[Peer], dict[str, str]]:
    """Choose peers.

    Args:
        peers: all there are.
        only: parts of names; none means all.

    Returns:
        Those that were asked for and can run here; and what is missing for each of the others that were asked for.
    """
    wanted = [peer for peer in peers if not only or any(word in peer.name for word in only)]
    absent = {peer.name: missing for peer in wanted if (missing := peer.missing())}
    return [peer for peer in wanted if peer.name not in absent], absent
