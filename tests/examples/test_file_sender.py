"""file_sender.py: the file by hand and piped, confirmations, and how connections and the server end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.examples.conftest import EXAMPLES
from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Serving = Callable[..., tuple[Program, str]]

SOURCE = (EXAMPLES / "file_sender.py").read_bytes()


def test_sends_itself_confirms_and_exits_when_the_client_has_ended(serving: Serving, nc: str) -> None:
    server, port = serving("file_sender")
    with server, Program(nc, "-N", "localhost", port) as client:
        assert server.out.line("connection") == "connection 1"
        assert server.out.line("write returned").startswith("write returned True, ")
        client.out.until(SOURCE)
        client.send("thanks\n")
        assert client.out.line() == "7 bytes arrived"
        client.end_input()
        assert server.wait() == 0  # nothing is left: the server is not referenced any more
        assert server.out.text.splitlines()[-3:] == ["message: thanks", "the client has ended", "closed cleanly"]
        assert client.wait() == 0
        assert client.out.data == SOURCE + b"7 bytes arrived\n"


def test_by_hand_what_the_client_does_not_take_is_buffered(serving: Serving, nc: str, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 20_000_000)
    server, port = serving("file_sender", "--file", "big")
    with server, Program(nc, "-d", "localhost", port):  # nobody reads what nc writes
        while buffered(server.out.line("write returned False")) < 10_000_000:
            pass


def buffered(line: str) -> int:
    return int(line.split(", ")[1].split()[0])


def test_piped_the_file_waits_for_the_client(serving: Serving, nc: str, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 20_000_000)
    server, port = serving("file_sender", "--file", "big", "--pipe")
    with server, Program(nc, "-N", "localhost", port) as client:
        client.wait_for(lambda: len(client.out.data) >= 20_000_000, b"the file")
        line = server.out.line("piped")
        assert line.startswith("piped 20000000 bytes, ")
        assert buffered(line) < 1_000_000
        client.end_input()
        assert server.wait() == 0


def test_the_second_connection_closes_the_server(serving: Serving, nc: str) -> None:
    server, port = serving("file_sender")
    with server, Program(nc, "-N", "localhost", port) as first:
        first.out.until(SOURCE)
        with Program(nc, "-N", "localhost", port) as second:
            second.out.until(SOURCE)
            with Program(nc, "-v", "localhost", port) as third:
                assert third.wait() == 1
                assert "refused" in third.err.text
            assert "the server has closed" not in server.out.text
            first.end_input()
            assert server.out.line("closed") == "closed cleanly"
            second.end_input()
            assert server.wait() == 0
    # Node: the server closes when it has no connection left, which is before the last one's own 'close'.
    _, _, after_the_last = server.out.text.rpartition("the client has ended\n")
    assert "the server has closed\n" in after_the_last
    assert after_the_last.endswith("closed cleanly\n")


def test_a_reset_is_no_clean_close(serving: Serving, node: str) -> None:
    server, port = serving("file_sender")
    script = "const s = require('net').connect(process.argv[1], 'localhost');"
    script += "s.once('data', () => s.resetAndDestroy())"
    with server, Program(node, "-e", script, port) as client:
        assert server.out.line("error") == "error: ECONNRESET"
        assert server.out.line("closed") == "closed after an error"
        assert client.wait() == 0
