"""`sockstream connect`, with pipes, files and terminals, against nc and node."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = Callable[..., Program]

PREAMBLE = """
const net = require('net')
const serve = (listener, options = {}) => {
  const server = net.createServer(options, listener)
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
}
"""
SILENT = "serve(socket => socket.resume())"
ENDLESS = "serve(socket => setInterval(() => socket.write('x'.repeat(1e6)), 1), { allowHalfOpen: true })"
SHOW_CURSOR = "\x1b[?25h"
# Says a word, and nothing else until a line on stdin tells it what to do.
TOLD = "serve(socket => { socket.write('hi\\n'); process.stdin.on('data', what => eval(String(what))) })"


def serving(node: str, script: str) -> tuple[Program, str]:
    """Start a Node server: the program and where it listens."""
    server = Program(node, "-e", PREAMBLE + script)
    return server, "127.0.0.1:" + server.out.line()


def told_lines(client: Program) -> list[str]:
    """Return what the command said on stderr, the figures left out."""
    return [re.sub(r" after [\d.]+ s:.*", "", line) for line in client.err.text.splitlines()]


def test_the_end_of_the_input_is_our_end_only(command: Command, node: str) -> None:
    script = """serve(socket => {
      let received = ''
      socket.on('data', chunk => received += chunk)
      socket.on('end', () => setImmediate(() => socket.end('you said ' + received)))
    }, { allowHalfOpen: true })"""
    server, address = serving(node, script)
    with server, command("connect", address) as client:
        client.send("hello\n")
        client.end_input()
        assert client.wait() == 0
        assert client.out.data == b"you said hello\n"
        assert told_lines(client) == [f"{address} connected", f"{address} closed"]
        assert re.search(r"received 15 bytes \(.*/s\), sent 6 bytes \(.*/s\)$", client.err.text.strip())


@pytest.mark.parametrize("redirection", ["<&-", "</dev/null", "<nothing"])
def test_no_input(shell: Command, node: str, tmp_path: Path, redirection: str) -> None:
    (tmp_path / "nothing").touch()
    server, address = serving(node, "serve(socket => socket.end('hello'))")
    with server, shell(f"connect {address} {redirection}") as client:
        assert client.wait() == 0
        assert client.out.data == b"hello"


@pytest.mark.parametrize("terminal", [False, True])
def test_the_peers_end_is_ours_though_the_input_is_idle(command: Command, node: str, terminal: bool) -> None:
    server, address = serving(node, TOLD)
    with server, command("connect", address, terminal=terminal) as client:
        client.out.until("hi")
        server.send("socket.end('bye')\n")
        client.out.until("bye")
        assert client.wait() == 0


def test_a_terminal_line_by_line(command: Command, node: str) -> None:
    server, address = serving(node, "serve(socket => socket.pipe(socket))")
    with server, command("connect", address, terminal=True) as client:
        client.out.until("connected")
        client.send("hello\n")
        client.out.until("hello\r\n")  # the terminal's own echo
        client.out.until("hello\r\n")
        client.send("\x04")
        assert client.wait() == 0


@pytest.mark.parametrize("signalled", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(command: Command, node: str, signalled: signal.Signals) -> None:
    server, address = serving(node, SILENT)
    with server, command("connect", address) as client:
        client.err.until("connected")
        client.process.send_signal(signalled)
        assert client.wait() == 0
        assert told_lines(client) == [f"{address} connected", f"{address} closed"]


def test_control_c_while_nobody_takes_our_output(command: Command, node: str) -> None:
    server, address = serving(node, ENDLESS)
    with server, command("connect", address, stdin="/dev/null") as client:
        client.err.until("connected")
        client.out.until("x")
        client.interrupt()
        assert client.process.wait(30) == 0


def test_nobody_reads_our_output_any_more(command: Command, node: str) -> None:
    server, address = serving(node, ENDLESS)
    with server, command("connect", address) as client:
        client.out.until("x")
        client.stop_reading(client.out)
        assert client.wait() == 0
        assert told_lines(client) == [f"{address} connected", f"{address} closed"]


def test_output_that_is_closed_from_the_start(shell: Command, node: str) -> None:
    server, address = serving(node, "serve(socket => socket.end('hello'))")
    with server, shell(f"connect {address} >&-") as client:
        assert client.wait() == 1
        assert told_lines(client)[-1] == "sockstream: [Errno 9] Bad file descriptor"


def test_output_that_does_not_fit(shell: Command, node: str) -> None:
    server, address = serving(node, "serve(socket => socket.end('hello'))")
    with server, shell(f"connect {address} >/dev/full") as client:
        assert client.wait() == 1
        assert told_lines(client)[-1] == "sockstream: [Errno 28] No space left on device"


def test_nobody_reads_what_we_tell(command: Command, node: str) -> None:
    server, address = serving(node, "serve(socket => socket.pipe(socket))")
    with server, command("connect", address) as client:
        client.err.until("connected")
        client.stop_reading(client.err)
        client.send("hello")
        client.end_input()
        assert client.wait() == 0
        assert client.out.data == b"hello"


def test_pipes_that_are_left_non_blocking(node: str) -> None:
    script = """
    const [python, address] = process.argv.slice(1)
    const stdio = ['pipe', 'pipe', 'inherit']
    const child = require('child_process').spawn(python, ['-m', 'sockstream', 'connect', address], { stdio })
    child.stdin.end('x'.repeat(5e6))
    let received = 0
    child.stdout.on('data', chunk => received += chunk.length)
    child.on('close', code => console.log(code, received))
    """
    server, address = serving(node, "serve(socket => socket.pipe(socket))")
    with server, Program(node, "-e", script, Program.PYTHON, address) as parent:
        assert parent.out.line() == "0 5000000"


def test_refused(command: Command, node: str) -> None:
    server, address = serving(node, SILENT)
    with server:
        server.process.terminate()
        server.process.wait(30)
    with command("connect", address) as client:
        assert client.wait() == 1
        assert told_lines(client) == [f"sockstream: connect ECONNREFUSED {address}"]


def test_no_such_name(command: Command) -> None:
    with command("connect", "no-such-host.invalid:80") as client:
        assert client.wait() == 1
        [line] = told_lines(client)
        assert re.fullmatch(r"sockstream: getaddrinfo \w+ no-such-host.invalid", line)


def test_reset(command: Command, node: str) -> None:
    server, address = serving(node, TOLD)
    with server, command("connect", address) as client:
        client.out.until("hi")
        server.send("socket.resetAndDestroy()\n")
        assert client.wait() == 1
        assert told_lines(client) == [f"{address} connected", f"{address} closed", "sockstream: read ECONNRESET"]


def test_timeout(command: Command, node: str) -> None:
    server, address = serving(node, SILENT)
    with server, command("connect", address, "--timeout", 0.2) as client:
        assert client.wait() == 1
        assert told_lines(client)[-1] == "sockstream: no traffic for 0.2 s"


def test_hex(command: Command, node: str) -> None:
    server, address = serving(node, "serve(socket => socket.end('hello\\n'))")
    with server, command("connect", address, "--hex") as client:
        assert client.wait() == 0
        assert client.out.text == f"00000000  {'68 65 6c 6c 6f 0a':<49} |hello.|\n"


def test_a_unix_socket(command: Command, nc: str, tmp_socket_path: str) -> None:
    with Program(nc, "-v", "-N", "-l", "-U", tmp_socket_path) as server:
        server.err.line("Listening on")
        with command("connect", tmp_socket_path) as client:
            client.send("hello")
            server.out.until("hello")
            server.end_input()
            assert client.wait() == 0
            assert told_lines(client) == [f"{tmp_socket_path} connected", f"{tmp_socket_path} closed"]


def test_an_abstract_name(command: Command, tmp_socket_path: str) -> None:
    name = "@" + tmp_socket_path
    with command("listen", name, "--echo") as server:
        assert server.err.line() == f"listening on {name}"
        with command("connect", name) as client:
            client.send("hello")
            client.end_input()
            assert client.wait() == 0
            assert client.out.data == b"hello"
            assert told_lines(client) == [f"{name} connected", f"{name} closed"]


def test_a_bar_shows_how_far_a_file_is(shell: Command, node: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 20_000_000)
    script = "serve(socket => { socket.pause(); process.stdin.once('data', () => socket.resume()) })"
    server, address = serving(node, script)
    with server, shell(f"connect {address} <file", terminal=True) as client:
        client.out.until("/20.0 MB")
        server.send("\n")
        assert SHOW_CURSOR in client.out.until("closed")
        assert client.wait() == 0


def test_interrupted_the_terminal_has_its_cursor_back(shell: Command, node: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 20_000_000)
    server, address = serving(node, "serve(socket => { socket.pause(); setInterval(() => {}, 1000) })")
    with server, shell(f"connect {address} <file", terminal=True) as client:
        client.out.until("/20.0 MB")
        client.send("\x03")
        client.out.until(SHOW_CURSOR)
        assert client.wait() == 0


def test_no_bar_in_a_log(shell: Command, node: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 1_000_000)
    server, address = serving(node, SILENT)
    with server, shell(f"connect {address} <file") as client:
        assert client.wait() == 0
        assert told_lines(client) == [f"{address} connected", f"{address} closed"]
