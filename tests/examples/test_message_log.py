"""message_log.py: counting, dropping, pausing, piping into the file, silence, the farewell; and unpiping."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Serving = Callable[..., tuple[Program, str]]

FAREWELL = "goodbye, 再见\n".encode()


def test_file_is_what_nc_sent_and_the_farewell(serving: Serving, nc: str, tmp_path: Path) -> None:
    server, port = serving("message_log", "--resume-after", 0.2)
    sent = "hello\n你好\n".encode()
    with server, Program(nc, "-N", "localhost", port) as client:
        client.send(sent)
        assert server.out.line("address") == f'address: {{"address": "127.0.0.1", "family": "IPv4", "port": {port}}}'
        assert server.out.line("connections") == "connections: 1 of 4"
        client.end_input()
        assert server.out.line("resumed") == "resumed"
        assert server.out.until("bytes so far)").endswith(f"({len(sent)} bytes so far)")
        server.out.line("the client has ended")
        assert server.out.line("file closed") == f"file closed: {len(sent + FAREWELL)} bytes"
        assert client.wait() == 0
    assert (tmp_path / "message.txt").read_bytes() == sent + FAREWELL


def test_nothing_is_read_before_it_resumes(serving: Serving, nc: str) -> None:
    server, port = serving("message_log", "--resume-after", 0.3)
    with server, Program(nc, "localhost", port) as client:
        client.send("early\n")
        assert "message" not in server.out.until("resumed")
        assert server.out.line("message") == "message: early (6 bytes so far)"


def test_a_character_split_between_packets_arrives_whole(serving: Serving, nc: str, tmp_path: Path) -> None:
    server, port = serving("message_log", "--resume-after", 0)
    with server, Program(nc, "-N", "localhost", port) as client:
        client.send(b"A\xe4\xbd")
        assert server.out.line("message") == "message: A (3 bytes so far)"
        client.send(b"\xa0B\n")
        assert server.out.line("message") == "message: 你B (6 bytes so far)"
        client.end_input()
        server.out.line("file closed")
    assert (tmp_path / "message.txt").read_bytes() == "A你B\n".encode() + FAREWELL


def test_a_fifth_client_is_dropped(serving: Serving, nc: str) -> None:
    server, port = serving("message_log")
    with server, ExitStack() as clients:
        for number in range(1, 5):
            clients.enter_context(Program(nc, "localhost", port))
            assert server.out.line("connections") == f"connections: {number} of 4"
        with Program(nc, "-d", "localhost", port) as fifth:
            assert server.out.line("dropped").startswith("dropped: ")
            assert fifth.out.rest() == b""


def test_silence_is_reported_once(serving: Serving, nc: str, tmp_path: Path) -> None:
    server, port = serving("message_log", "--idle", 0.1, "--resume-after", 0.5)
    with server, Program(nc, "-N", "localhost", port) as client:
        assert server.out.line("timeout") == "timeout: idle for 0.1 s"
        client.send("still here\n")
        server.out.line("message: still here")
        client.end_input()
        server.out.line("file closed")
        assert server.out.text.count("timeout") == 1
    assert (tmp_path / "message.txt").read_bytes() == b"still here\n" + FAREWELL


def test_unpiped_the_file_ends_and_the_client_goes_on(serving: Serving, nc: str, tmp_path: Path) -> None:
    server, port = serving("message_log", "--unpipe", "--unpipe-after", 1)
    with server, Program(nc, "-N", "localhost", port) as client:
        client.send("one\n")
        server.out.line("message: one")
        assert server.out.line("unpiped") == "unpiped"
        assert server.out.line("file closed") == "file closed: 4 bytes"
        client.send("two\n")
        assert server.out.line("message") == "message: two (8 bytes so far)"
        client.end_input()
        server.out.line("the client has ended")
        assert client.wait() == 0
    assert (tmp_path / "message.txt").read_bytes() == b"one\n"


def test_a_client_that_leaves_before_it_is_unpiped_gets_its_farewell(serving: Serving, nc: str, tmp_path: Path) -> None:
    server, port = serving("message_log", "--unpipe")
    with server, Program(nc, "-N", "localhost", port) as client:
        client.send("one\n")
        client.end_input()
        server.out.line("file closed")
        assert client.wait() == 0
    assert (tmp_path / "message.txt").read_bytes() == b"one\n" + FAREWELL


def test_telnet_types_into_the_file(serving: Serving, telnet: str, tmp_path: Path) -> None:
    server, port = serving("message_log", "--resume-after", 0)
    with server, Program(telnet, "localhost", port, terminal=True) as client:
        client.out.until("Escape character")
        client.send("typed\n")
        server.out.line("message: typed")
        client.process.terminate()
        server.out.line("file closed")
    assert (tmp_path / "message.txt").read_bytes() == b"typed\r\n" + FAREWELL


def test_a_megabyte_from_node_comes_out_right(serving: Serving, node: str, tmp_path: Path) -> None:
    server, port = serving("message_log", "--resume-after", 0)
    script = "require('net').connect(process.argv[1], 'localhost').end('你好, net. '.repeat(80_000))"
    with server, Program(node, "-e", script, port) as client:
        server.out.line("file closed")
        assert client.wait() == 0
    assert (tmp_path / "message.txt").read_bytes() == "你好, net. ".encode() * 80_000 + FAREWELL
