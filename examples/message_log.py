"""Write what a client sends into a file, at a pace of our own.

Each connection starts the file anew.  It is piped there and paused at once; after a while it is resumed and piped
again, without ending the file, so that a farewell can follow the client's last word.  With `--unpipe`, the pipe is
taken off after a few seconds instead and the file ended, while the client may go on.

Run it, then talk to it with `telnet localhost 8431`, in up to four terminals; a fifth is dropped.
"""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from functools import partial
from pathlib import Path

import sockstream
from sockstream import fs, net, timers

FAREWELL = "goodbye, 再见\n"

say = partial(print, flush=True)


def main(options: argparse.Namespace) -> None:
    """Start the server."""
    server = net.create_server()
    server.max_connections = options.max_connections

    @server.on("connection")
    def connected(socket: net.Socket) -> None:
        server.get_connections(lambda error, count: say(f"connections: {count} of {server.max_connections}"))
        address = socket.address()
        say(f"address: {json.dumps(address and address.to_json())}")
        file = fs.create_write_stream(options.file)
        log(socket, file)
        watch_for_silence(socket, options.idle)
        if options.unpipe:
            stop_later(socket, file, options.unpipe_after)
        else:
            start_later(socket, file, options.resume_after)

    @server.on("drop")
    def dropped(info: net.DropInfo) -> None:
        say(f"dropped: {info.remote_address}:{info.remote_port}")

    server.listen(options.port, options.host, lambda: say(f"listening on {server.address()}"))


def log(socket: net.Socket, file: fs.WriteStream) -> None:
    """Read the client as text, print its messages, and write the farewell at its end."""
    socket.set_encoding("utf8")
    socket.on("data", lambda message: say(f"message: {message.strip()} ({socket.bytes_read} bytes so far)"))
    socket.on("error", lambda error: say(f"error: {getattr(error, 'code', error)}"))
    file.on("close", lambda: say(f"file closed: {file.bytes_written} bytes"))

    @socket.on("end")
    def ended() -> None:
        say("the client has ended")
        if file.writable:
            file.end(FAREWELL)


def start_later(socket: net.Socket, file: fs.WriteStream, delay: float) -> None:
    """Pipe and pause at once; after the delay, go on, without ending the file at the client's end."""
    socket.pipe(file)
    socket.pause()

    def start() -> None:
        say("resumed")
        socket.unpipe(file)
        socket.pipe(file, end=False)
        socket.resume()

    starting = timers.set_timeout(start, delay)
    socket.on("close", lambda had_error: starting.cancel())


def stop_later(socket: net.Socket, file: fs.WriteStream, delay: float) -> None:
    """Pipe; after the delay, unpipe and end the file. The client's messages are printed as before."""
    socket.pipe(file, end=False)

    def stop() -> None:
        say("unpiped")
        socket.unpipe(file)
        file.end()
        socket.resume()  # taking the last pipe off has paused it

    stopping = timers.set_timeout(stop, delay)
    socket.on("close", lambda had_error: stopping.cancel())


def watch_for_silence(socket: net.Socket, idle: float) -> None:
    """Report once that the client was silent for so long."""

    def silent() -> None:
        say(f"timeout: idle for {idle:g} s")
        socket.set_timeout(0)

    socket.set_timeout(idle, silent)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--port", type=int, default=8431, help="0 is a free one")
    parser.add_argument("--host", default="localhost", help="address to listen on")
    parser.add_argument("--file", type=Path, default="message.txt", help="where messages go")
    parser.add_argument("--max-connections", type=int, default=4, help="clients beyond are dropped")
    parser.add_argument("--resume-after", type=float, default=30, help="seconds until a client is read")
    parser.add_argument("--idle", type=float, default=10, help="seconds of silence until the timeout")
    parser.add_argument("--unpipe", action="store_true", help="pipe at once, and unpipe later")
    parser.add_argument("--unpipe-after", type=float, default=5, help="seconds until then")
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sockstream.run(main, parse())
