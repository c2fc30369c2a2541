"""A lot of bytes through the command: unchanged, and in flat memory."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.programs import Program

    Listening = Callable[..., tuple[Program, str]]

MEGABYTE = 1_000_000


def peak_kilobytes(program: Program) -> int:
    """Return the most memory that a program has had so far."""
    status = Path(f"/proc/{program.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_random(path: Path, megabytes: int) -> None:
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(MEGABYTE))


@pytest.mark.parametrize("redirected", ["<in >out", "<in | cat >out", "| cat >out"])
def test_a_hundred_megabytes_come_back_unchanged(
    listening: Listening, shell: Callable[..., Program], tmp_path: Path, redirected: str
) -> None:
    write_random(tmp_path / "in", 100)
    server, port = listening("--echo")
    with server:
        before = peak_kilobytes(server)
        with shell(f"connect 127.0.0.1:{port} {redirected}", stdin=tmp_path / "in") as client:
            assert client.wait() == 0
        assert "received 100.0 MB" in server.err.line("closed")
        assert peak_kilobytes(server) - before < 16_000
    assert sha256(tmp_path / "out") == sha256(tmp_path / "in")


def test_the_clients_memory_is_flat(listening: Listening, shell: Callable[..., Program], tmp_path: Path) -> None:
    peaks = []
    server, port = listening("--discard")
    with server:
        for megabytes in (1, 50):
            write_random(tmp_path / "in", megabytes)
            with shell(f"connect 127.0.0.1:{port} <in") as client:
                client.err.until("connected")
                client.err.rest()
                _, status, used = os.wait4(client.process.pid, 0)
                client.process.returncode = os.waitstatus_to_exitcode(status)
            assert client.process.returncode == 0
            peaks.append(used.ru_maxrss)
    assert peaks[1] - peaks[0] < 16_000
