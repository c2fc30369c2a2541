"""`sockstream listen`: each mode and each option, with nc, telnet and node at the other end."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sockstream
from tests.support.kernel import inspected, keep_alive_options
from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., Program]
    Listening = Callable[..., tuple[Program, str]]


def exchange(nc: str, port: str, data: bytes) -> bytes:
    """Send data with nc, end, and return all that comes back."""
    with Program(nc, "-N", "127.0.0.1", port) as client:
        client.send(data)
        client.end_input()
        assert client.wait() == 0
        return client.out.data


# -- modes ------------------------------------------------------------------------------------------------------------


def test_echo(listening: Listening, nc: str) -> None:
    server, port = listening("--echo")
    with server:
        assert exchange(nc, port, b"hello\n\xff") == b"hello\n\xff"
        assert re.search(
            r"connected\n127\.0\.0\.1:\d+ closed after \d+\.\d\d s: received 7 bytes \(.*/s\), sent 7 bytes \(.*/s\)\n",
            server.err.until("sent 7") + server.err.until("\n"),
        )


def test_discard(listening: Listening, nc: str) -> None:
    server, port = listening("--discard")
    with server:
        assert exchange(nc, port, b"hello" * 100_000) == b""
        assert "received 500.0 kB" in server.err.line("closed")


def test_save_appends_what_all_clients_send(listening: Listening, nc: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"before\n")
    server, port = listening("--save", "log")
    with server:
        # The server's end says that all is in the file.
        assert exchange(nc, port, b"one\n") == b""
        assert exchange(nc, port, b"two\n\xff") == b""
        assert (tmp_path / "log").read_bytes() == b"before\none\ntwo\n\xff"


def test_send_gives_each_client_the_file_even_one_that_has_ended(listening: Listening, nc: str, tmp_path: Path) -> None:
    data = bytes(range(256)) * 8_000
    (tmp_path / "file").write_bytes(data)
    server, port = listening("--send", "file")
    with server:
        assert exchange(nc, port, b"") == data
        assert exchange(nc, port, b"give me the file\n") == data
        assert "sent 2.0 MB" in server.err.line("closed")


def test_a_file_that_has_gone_fails_one_client(listening: Listening, nc: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"here\n")
    server, port = listening("--send", "file")
    with server:
        (tmp_path / "file").rename(tmp_path / "moved")
        assert exchange(nc, port, b"") == b""
        assert "No such file or directory" in server.err.line("failed")
        (tmp_path / "moved").rename(tmp_path / "file")
        assert exchange(nc, port, b"") == b"here\n"


def test_save_where_nothing_fits_fails_the_client(listening: Listening, nc: str) -> None:
    server, port = listening("--save", "/dev/full", "--once")
    with server:
        exchange(nc, port, b"hello\n")
        assert server.wait() == 1
        assert "ENOSPC" in server.err.line("failed")


def test_send_shows_a_bar_on_a_terminal(command: Command, node: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 20_000_000)
    script = """
    const socket = require('net').connect(process.argv[1], '127.0.0.1').pause()
    process.stdin.once('data', () => socket.resume())
    """
    with command("listen", "127.0.0.1:0", "--send", "file", "--once", terminal=True) as server:
        port = server.err.line("listening on ").rpartition(":")[2]
        with Program(node, "-e", script, port) as client:
            server.err.until("/20.0 MB")
            client.send("\n")
            client.end_input()
            assert server.wait() == 0
            assert "closed after" in server.err.text


def test_a_terminal_talks_to_every_client(command: Command, nc: str, telnet: str) -> None:
    with command("listen", "127.0.0.1:0", terminal=True) as server:
        port = server.out.line("listening on ").rpartition(":")[2]
        with Program(nc, "127.0.0.1", port) as one, Program(telnet, "127.0.0.1", port, terminal=True) as two:
            server.out.until("connected")
            server.out.until("connected")
            server.send("hello, both\n")
            assert one.out.line() == "hello, both"
            two.out.until("hello, both")
            one.send("from nc, 你好\n")
            assert re.fullmatch(r"127\.0\.0\.1:\d+ from nc, 你好", server.out.line("from nc"))
            two.send("from telnet\n")
            assert re.fullmatch(r"127\.0\.0\.1:\d+ from telnet", server.out.line("from telnet"))
            server.send("\x03")
            assert server.wait() == 0


def test_lines_wait_for_the_first_client_and_the_end_of_input_is_our_end(listening: Listening, node: str) -> None:
    server, port = listening()
    script = """
    const socket = require('net').connect({ port: process.argv[1], host: '127.0.0.1', allowHalfOpen: true })
    socket.on('data', chunk => process.stdout.write(chunk))
    socket.on('end', () => socket.end('thanks\\n'))
    """
    with server:
        server.send("you are the first\n")
        server.end_input()
        with Program(node, "-e", script, port) as client:
            assert client.wait() == 0
            assert client.out.data == b"you are the first\n"
        server.out.until(" thanks\n")


def test_what_a_peer_sends_cannot_steer_the_terminal(listening: Listening, nc: str) -> None:
    server, port = listening()
    with server:
        assert exchange(nc, port, b"\x1b[2Jhello\n") == b""
        assert server.out.line().endswith(" ␛[2Jhello")


def test_nobody_reads_what_is_shown_any_more(listening: Listening, nc: str) -> None:
    server, port = listening()
    with server, Program(nc, "127.0.0.1", port) as client:
        client.send("one\n")
        server.out.until("one\n")
        server.stop_reading(server.out)
        client.send("two\n")
        assert server.wait() == 0


def test_the_end_of_a_client_is_not_the_end_of_the_terminal(listening: Listening, nc: str) -> None:
    server, port = listening()
    with server:
        exchange(nc, port, b"one\n")
        exchange(nc, port, b"two\n")
        server.out.until("two\n")
        server.interrupt()
        assert server.wait() == 0


# -- options ----------------------------------------------------------------------------------------------------------


def test_max_connections(listening: Listening, nc: str) -> None:
    server, port = listening("--echo", "--max-connections", 1)
    with server, Program(nc, "127.0.0.1", port):
        server.err.line("connected")
        with Program(nc, "-d", "127.0.0.1", port) as second:
            assert second.out.rest() == b""
        assert re.fullmatch(r"127\.0\.0\.1:\d+ dropped: the limit is 1", server.err.line("dropped"))


def test_timeout_closes_one_connection(listening: Listening, nc: str) -> None:
    server, port = listening("--echo", "--timeout", 0.2)
    with server:
        with Program(nc, "-d", "127.0.0.1", port) as client:
            assert server.err.line("failed").endswith(" failed: no traffic for 0.2 s")
            assert client.out.rest() == b""
        assert exchange(nc, port, b"next") == b"next"


@pytest.mark.parametrize("half_open", [False, True])
def test_half_open_keeps_our_side_for_what_is_typed(listening: Listening, node: str, half_open: bool) -> None:
    server, port = listening(*["--half-open"] * half_open)
    script = """
    const socket = require('net').connect({ port: process.argv[1], host: '127.0.0.1', allowHalfOpen: true })
    socket.end('that is all\\n')
    socket.on('data', chunk => process.stdout.write(chunk))
    """
    with server, Program(node, "-e", script, port) as client:
        server.out.until("that is all")
        if half_open:
            server.send("one more thing\n")
            assert client.out.line() == "one more thing"
            server.end_input()
        assert client.wait() == 0


def test_keep_alive(nc: str) -> None:
    script = Path(sockstream.__file__).with_name("__main__.py")
    with inspected(script, "listen", "127.0.0.1:0", "--discard", "--keep-alive", "7") as server:
        port = server.err.line("listening on ").rpartition(":")[2]
        with Program(nc, "127.0.0.1", port):
            server.err.until("connected")
            options = {"SO_KEEPALIVE": 1, "TCP_KEEPIDLE": 7, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 10}
            assert keep_alive_options(server) == options


@pytest.mark.parametrize("mode", ["--echo", "--discard", None])
def test_hex_shows_what_comes_in_every_mode(listening: Listening, nc: str, mode: str | None) -> None:
    server, port = listening("--hex", *([mode] if mode else []))
    with server:
        assert exchange(nc, port, b"hi") == (b"hi" if mode == "--echo" else b"")
        assert re.fullmatch(r"127\.0\.0\.1:\d+ 00000000  68 69 +\|hi\|", server.out.line())


def test_once(listening: Listening, nc: str) -> None:
    server, port = listening("--echo", "--once")
    with server, Program(nc, "-N", "127.0.0.1", port) as first:
        server.err.line("connected")
        with Program(nc, "-v", "127.0.0.1", port) as second:
            assert second.wait() == 1
        first.send("hello")
        first.end_input()
        assert first.out.rest() == b"hello"
        assert server.wait() == 0


def test_once_with_a_reset(listening: Listening, node: str) -> None:
    server, port = listening("--echo", "--once")
    script = "const s = require('net').connect(process.argv[1], '127.0.0.1', () => s.write('hi'));"
    script += "s.on('data', () => s.resetAndDestroy())"
    with server, Program(node, "-e", script, port):
        assert server.wait() == 1
        assert server.err.text.count("failed: read ECONNRESET") == 1


# -- where ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ("0", r"\[::\]:\d+|0\.0\.0\.0:\d+"),
        ("127.0.0.1:0", r"127\.0\.0\.1:\d+"),
        ("[::1]:0", r"\[::1\]:\d+"),
        ("./s", r"\./s"),
        ("@sockstream-test-{}", r"@sockstream-test-\w+"),
    ],
)
def test_says_first_where_it_listens(command: Command, tmp_path: Path, endpoint: str, said: str) -> None:
    with command("listen", endpoint.format(tmp_path.name.replace("-", "_")), "--echo") as server:
        assert re.fullmatch(f"listening on (?:{said})", server.err.line())


def test_a_unix_client_has_a_number_and_the_path_goes_with_the_server(
    command: Command, nc: str, tmp_socket_path: str
) -> None:
    with command("listen", tmp_socket_path) as server:
        server.err.line("listening on")
        with Program(nc, "-U", "-N", tmp_socket_path) as client:
            client.send("hello\n")
            assert server.out.line() == "client 1 hello"
        server.process.send_signal(signal.SIGTERM)
        assert server.wait() == 0
    assert not Path(tmp_socket_path).exists()


@pytest.mark.parametrize("signalled", [signal.SIGINT, signal.SIGTERM])
def test_a_background_job_of_a_shell_can_be_ended(tmp_socket_path: str, signalled: signal.Signals) -> None:
    line = 'trap "" INT; exec "$0" -m sockstream listen "$1"'
    with Program("sh", "-c", line, Program.PYTHON, tmp_socket_path) as server:
        server.err.line("listening on")
        server.process.send_signal(signalled)
        assert server.wait() == 0
    assert not Path(tmp_socket_path).exists()


def test_a_port_that_is_taken(command: Command, listening: Listening) -> None:
    server, port = listening("--echo")
    with server, command("listen", f"127.0.0.1:{port}") as second:
        assert second.wait() == 1
        assert second.err.text == f"sockstream: listen EADDRINUSE: address already in use 127.0.0.1:{port}\n"
