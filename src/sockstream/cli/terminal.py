"""Standard input to many clients at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.cli.stdio import Stdin

if TYPE_CHECKING:
    from sockstream import net

__all__ = ["Terminal"]


class Terminal:
    """Sends what is typed to every client; the end of the input ends our side of each connection.

    What is typed while nobody is there waits for the first client. An input that has ended before that, /dev/null say,
    is no terminal at all: it ends nobody's connection.
    """

    def __init__(self, *, half_open: bool) -> None:
        self._half_open = half_open
        self._stdin = Stdin()
        # One pipe for each client listens here.
        self._stdin.set_max_listeners(0)
        self._stdin.read(0)

    def add(self, socket: net.Socket) -> None:
        """Send what is typed from now on to this client too."""
        if self._stdin.is_exhausted:
            return
        self._stdin.pipe(socket)
        if not self._half_open:
            socket.once("end", lambda: self._stdin.unpipe(socket))

    def close(self) -> None:
        """Read no more."""
        self._stdin.destroy()
