"""What may go on beside a handle: bytes that come and go without passing through it.

A `Diversion` reads in its place, and an `Outflow` is what is left to be written; the connection's owner cannot tell.
Both end with the connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sockstream.net.handles.kernel import KernelHandle
from sockstream.net.handles.poller import WRITABLE

if TYPE_CHECKING:
    from sockstream.net.handles.base import BufferOwner, HandleOwner

__all__ = ["Diversion", "DivertibleHandle", "Outflow"]


class Diversion(Protocol):
    """What reads a connection in its handle's place."""

    def read(self) -> None:
        """Read: there is something, or was a moment ago."""

    def cease(self) -> None:
        """Read no more: the handle reads again, or the connection is gone."""


class Outflow(Protocol):
    """What a connection's kernel has not taken yet of the bytes that were given to it beside the handle."""

    unsent: int

    def give(self) -> None:
        """Give the kernel what it takes."""

    def taken(self) -> None:
        """Tell that nothing is left."""

    def rescue(self, error: OSError) -> bytes | None:
        """Return what is to be written by the handle, if it is not the connection that has failed."""

    def drop(self) -> None:
        """Forget it."""


class DivertibleHandle(KernelHandle):
    """A handle that others may stand in for."""

    __slots__ = ("_is_readable", "_taker", "diversion", "outflow")

    # The subclass's.
    _buffer_owner: BufferOwner | None
    _eof_told: bool
    _held: list[bytes] | None
    _owner: HandleOwner | None
    _watched: int | None

    # There may be something to read that no event will tell of.
    _is_readable: bool
    # The owner while it reads and an edge can bring it nothing but chunks.
    _taker: HandleOwner | None
    # What reads in the handle's place, and what waits beside it to be written.
    diversion: Diversion | None
    outflow: Outflow | None

    def _read_on(self) -> None:
        raise NotImplementedError

    def _watch(self, events: int) -> None:
        raise NotImplementedError

    def _lose(self, error: OSError, call: str | None) -> None:
        raise NotImplementedError

    def _report_loss(self) -> None:
        raise NotImplementedError

    def _report_loss_soon(self) -> None:
        raise NotImplementedError

    # -- reading ------------------------------------------------------------------------------------------------------

    def can_divert(self) -> bool:
        """Return whether somebody else could read what comes next: nothing that was read is here."""
        return not (self._held or self._eof_told or self._buffer_owner or self.diversion or self.is_lost())

    def divert(self, diversion: Diversion) -> None:
        """Leave what comes to somebody else, until `undivert` or the end of the connection."""
        self.diversion = diversion
        self._taker = None

    def undivert(self) -> None:
        """Read again."""
        diversion, self.diversion = self.diversion, None
        if diversion is not None:
            diversion.cease()
        self.read_again()

    def read_again(self) -> None:
        """See in the next turn of the loop what there is to read, if it is to be read then."""
        self._is_readable = True
        if self.reading:
            self._read_on()

    def has_read_all(self) -> None:
        """Note that an event will tell of what comes next."""
        self._is_readable = False

    def fail(self, error: OSError, call: str) -> None:
        """Let the connection die of what was found beside the handle."""
        self._lose(error, call)
        self._report_loss_soon()

    # -- writing ------------------------------------------------------------------------------------------------------

    def hold(self, outflow: Outflow) -> None:
        """Be busy with an outflow until the kernel has room for it."""
        self.outflow = outflow
        self.busy = True
        watched = self._watched or 0
        if not watched & WRITABLE:
            self._watch(watched | WRITABLE)

    def _flow_out(self) -> None:
        outflow = self.outflow
        assert outflow is not None
        try:
            outflow.give()
        except BlockingIOError:
            return
        except OSError as error:
            self._save(outflow, error)
            return
        if not outflow.unsent:
            self.outflow = None
            self._report_drained()
            outflow.taken()

    def _save(self, outflow: Outflow, error: OSError) -> None:
        """Write by hand what cannot be moved, unless the connection has died."""
        data = outflow.rescue(error)
        if data is None:
            self._lose(error, "write")
            self._report_loss()
            return
        self.outflow = None
        self.busy = False
        if not data or self.write(data):
            self._report_drained()

    def _report_drained(self) -> None:
        self.busy = False
        if self._owner is not None:
            self._runtime.enter(self._owner, self._owner.handle_drained)

    # -- the end ------------------------------------------------------------------------------------------------------

    def _let_go(self) -> None:
        """End all that goes on beside the handle."""
        diversion, self.diversion = self.diversion, None
        if diversion is not None:
            diversion.cease()
        outflow, self.outflow = self.outflow, None
        if outflow is not None:
            outflow.drop()
