"""`sockstream listen`: a server that echoes, discards, saves, sends a file, or is a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from sockstream import fs, net
from sockstream.cli.endpoint import listening_name, peer_name
from sockstream.cli.report import describe, regular_size
from sockstream.cli.screen import Screen
from sockstream.cli.terminal import Terminal
from sockstream.events import once
from sockstream.stream import pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from sockstream.cli.endpoint import Endpoint
    from sockstream.cli.report import Report

__all__ = ["Listener", "Settings", "listen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options of `sockstream listen`.

    Attributes:
        echo: send back what comes.
        discard: read and forget what comes.
        save: append what comes to this file.
        send: send this file to each client. Without any of these four, the terminal talks to the clients.
        max_connections: drop clients beyond so many.
        timeout: close a connection without traffic for so many seconds.
        half_open: in the terminal, keep sending to a client that has ended its side.
        keep_alive: seconds of silence before the kernel probes whether the peer is still there.
        as_hex: show what comes as a hex dump, in every mode.
        once: end after the first connection.
    """

    echo: bool = False
    discard: bool = False
    save: Path | None = None
    send: Path | None = None
    max_connections: int | None = None
    timeout: float | None = None
    half_open: bool = False
    keep_alive: float | None = None
    as_hex: bool = False
    once: bool = False

    @property
    def terminal(self) -> bool:
        """Whether the terminal talks to the clients."""
        return not (self.echo or self.discard or self.save or self.send)


async def listen(endpoint: Endpoint, report: Report, settings: Settings) -> bool:
    """Serve until interrupted; with `once`, until the first connection has closed.

    Returns:
        Whether the connections ended well.

    Raises:
        OSError: it is not possible to listen there.
        OutputClosed: nobody reads standard output.
    """
    listener = Listener(report, settings)
    await listener.run(endpoint)
    return not listener.failed


class Listener:
    """The server of one `sockstream listen` and what it does with each client."""

    def __init__(self, report: Report, settings: Settings) -> None:
        self.failed = False
        self._report = report
        self._settings = settings
        self._numbers = count(1)
        self._screen = Screen() if settings.terminal or settings.as_hex else None
        self._terminal = Terminal(half_open=settings.half_open) if settings.terminal else None
        # A file is sent, and saved, to its end whatever the client's side does.
        allow_half_open = settings.half_open or bool(settings.send or settings.save)
        self.server = net.create_server(
            allow_half_open=allow_half_open,
            keep_alive=settings.keep_alive is not None,
            keep_alive_initial_delay=settings.keep_alive or 0,
        )
        if settings.max_connections is not None:
            self.server.max_connections = settings.max_connections
        self.server.on("connection", self._connected)
        self.server.on("drop", self._dropped)

    async def run(self, endpoint: Endpoint) -> None:
        """Listen, and return when the server has closed."""
        try:
            self.server.listen(**endpoint.options())
            await once(self.server, "listening")
            self._report.say(f"listening on {listening_name(self.server)}")
            await self.server.wait_closed()
        finally:
            if self._terminal is not None:
                self._terminal.close()

    def _connected(self, socket: net.Socket) -> None:
        if self._settings.once:
            self.server.close()
        name = peer_name(socket, f"client {next(self._numbers)}")
        self._report.say(f"{name} connected")
        self._look_after(socket, name)
        self._serve(socket, name)

    def _look_after(self, socket: net.Socket, name: str) -> None:
        """Report what becomes of the connection, and end it when it is silent for too long."""

        def failed(error: BaseException) -> None:
            self.failed = True
            self._report.say(f"{name} failed: {describe(error)}")

        socket.on("error", failed)
        self._report.watch(socket, name)
        if (timeout := self._settings.timeout) is not None:
            socket.set_timeout(timeout, lambda: socket.destroy(TimeoutError(f"no traffic for {timeout:g} s")))

    def _serve(self, socket: net.Socket, name: str) -> None:
        """Do with the client what the options say; what goes wrong is the socket's 'error'."""
        settings = self._settings
        if self._screen is not None:
            self._screen.show(socket, name, as_hex=settings.as_hex)
        if self._terminal is not None:
            self._terminal.add(socket)
        elif settings.echo:
            socket.pipe(socket)
        elif settings.discard:
            socket.on("end", socket.end).resume()
        elif settings.save is not None:
            _save(socket, settings.save)
        elif settings.send is not None:
            self._send(socket, name, settings.send)

    def _send(self, socket: net.Socket, name: str, path: Path) -> None:
        size = regular_size(path)
        file = fs.create_read_stream(path)
        self._report.follow(file, name, size)
        socket.resume()  # what the client says is not asked for, but its end must be seen
        pipeline(file, socket, callback=lambda error: error and socket.destroy(error))

    def _dropped(self, info: net.DropInfo | None) -> None:
        name = "a client" if info is None else peer_name(info, "a client")
        self._report.say(f"{name} dropped: the limit is {self.server.max_connections}")


def _save(socket: net.Socket, path: Path) -> None:
    """Append what comes to a file; our end tells the client that all of it is there."""

    def saved(error: BaseException | None) -> None:
        if error is None:
            socket.end()
        else:
            socket.destroy(error)  # a socket that has ended is not destroyed by its pipeline

    pipeline(socket, fs.create_write_stream(path, flags="a"), callback=saved)
