"""What moves the bytes of a pipe from a socket in the kernel, in the place of the socket's handle.

Nobody looks at the bytes, so a chunk is a length and no more.  All else is as on the general path: what is counted,
which timers are touched, what `write` would have returned and what the pipe does then.  Before each chunk the mover
asks anew whether anybody could tell the difference; if so it steps aside, and the handle reads on.  So nothing has
to tell it of listeners, decoders and the like that come and go.

When the destination has enough, the source stands still as it does with a full buffer; but the buffer is the kernel's.
Where less waits there than a stream would have buffered, the stream would have gone on reading, and would have seen an
end or a reset: after a moment the mover steps aside then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sockstream.net import moving
from sockstream.net.handles.outflows import PipedOutflow
from sockstream.net.handles.splicing import bytes_waiting, is_refusal, join

if TYPE_CHECKING:
    import asyncio

    from sockstream.fs.write_stream import WriteStream
    from sockstream.net.handle_stream import HandleStream
    from sockstream.net.handles.diverting import DivertibleHandle
    from sockstream.net.handles.splicing import KernelPipe, PipePool

__all__ = ["FileMover", "Mover", "SocketMover"]

# What one connection moves in one turn of the loop: the others want theirs.
_TURN: Final = 1 << 20


class Mover:
    """Moves what comes to a socket; where to is the subclass's."""

    __slots__ = (
        "handle",
        "is_over",
        "is_standing",
        "listeners",
        "pipe",
        "pool",
        "small",
        "source",
        "source_descriptor",
        "stands_since",
        "timer",
    )

    def __init__(self, pipe: Any, handle: DivertibleHandle) -> None:
        """Move for a pipe; nothing happens before `begin`.

        Args:
            pipe: from the socket.
            handle: the socket's connection; it may come to have another one.
        """
        self.pool: PipePool
        self.pipe = pipe
        self.source: HandleStream = pipe.source
        self.handle = handle
        self.source_descriptor = handle.fileno()
        # Those of 'data': the pipe's alone.
        self.listeners = self.source._events["data"]
        self.is_over = False
        # How many small chunks came in a row.
        self.small = 0
        # It waits for the destination; since when, and what looks at that after a moment.
        self.is_standing = False
        self.stands_since = 0.0
        self.timer: asyncio.TimerHandle | None = None

    # -- the destination ----------------------------------------------------------------------------------------------

    def sink_goes_unseen(self) -> bool:
        """Return whether nobody could see a chunk that is written now, and whether it would be written."""
        raise NotImplementedError

    def is_sink_idle(self) -> bool:
        """Return whether nothing is in flight."""
        raise NotImplementedError

    def is_own_in_flight(self) -> bool:
        """Return whether what is in flight was moved."""
        raise NotImplementedError

    def give(self, pipe: KernelPipe, size: int) -> None:
        """Write a chunk, and go on or wait."""
        raise NotImplementedError

    # -- reading ------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Read in the handle's place."""
        self.pool = join(self.source._runtime.loop)
        self.handle.divert(self)

    def read(self) -> None:
        """Move what has come: there is something, or was a moment ago."""
        runtime = self.source._runtime
        if runtime.ticks:  # asked for outside any entry: they come before whatever the loop brings
            runtime.enter(self.source, self.go_on)
        else:
            self.go_on()

    def cease(self) -> None:
        """Read no more: the handle reads again, or the connection is gone."""
        self.is_over = True
        if self.timer is not None:
            self.timer.cancel()
        self.pool.leave()

    def step_aside(self) -> None:
        """Let the handle read what comes next."""
        self.handle.undivert()

    # -- moving -------------------------------------------------------------------------------------------------------

    def goes_unseen(self) -> bool:
        """Return whether nobody could see the next chunk, or do anything about it, but the pipe."""
        source, reading = self.source, self.source._rs
        return (
            source._events.get("data") is self.listeners
            and len(reading.pipes) == 1
            and reading.decoder is None
            and moving.SOURCE_HOOKS.isdisjoint(source.__dict__)
            and self.sink_goes_unseen()
        )

    def go_on(self) -> None:
        """Move chunk after chunk until there is no more, or others are to have their turn."""
        moved = 0
        while self.can_move():
            size = self.move()
            if not size:
                return
            moved += size
            if moved >= _TURN:
                self.handle.read_again()
                return

    def can_move(self) -> bool:
        """Return whether the next chunk can be moved now; if not, stand still or step aside."""
        if self.is_over or not self.handle.reading:
            return False
        reading = self.source._rs
        if not self.goes_unseen() or reading.length:
            self.step_aside()
        elif not reading.flowing and reading.await_drain_writers:
            self.stand_still()
        elif not reading.flowing or reading.await_drain_writers:
            self.step_aside()
        elif self.is_sink_idle():
            return True
        elif self.is_own_in_flight():
            self.wait()
        else:
            self.step_aside()
        return False

    def move(self) -> int:
        """Take what has come, and write it; return how much that is, 0 when there is no more to do."""
        try:
            size, pipe = self.pool.take_in(self.source_descriptor, _TURN)
        except BlockingIOError:
            self.handle.has_read_all()
            return 0
        except OSError as error:
            self.source_failed(error)
            return 0
        if pipe is None:  # the handle has to see the end for itself
            self.step_aside()
            return 0
        self.is_standing = False
        source = self.source
        source._bytes_read += size
        source._rs.data_emitted = True
        if source._idle is not None:
            source._idle.touch()
        self.give(pipe, size)
        return size

    def count_small(self, size: int) -> None:
        """Step aside if one more chunk that was taken at once is one of many small ones."""
        if size >= moving.SMALL:
            self.small = 0
            return
        self.small += 1
        if self.small >= moving.many_small:
            self.step_aside()

    def source_failed(self, error: OSError) -> None:
        """Do without the kernel, or let the connection die."""
        if is_refusal(error):
            self.pipe.large_chunks = moving.REFUSED
            self.step_aside()
        else:
            self.handle.fail(error, "read")

    # -- standing still -----------------------------------------------------------------------------------------------

    def leave_in_flight(self, has_room: bool) -> None:
        """Do what the pipe does when `write` has not written it all, and wait."""
        if has_room:
            self.wait()
        else:
            self.pipe.pause()
            self.stand_still()

    def stand_still(self) -> None:
        """Do as if the source's buffer were full: it asks again when it is not."""
        if self.is_over:
            return
        self.source._rs.reading = False
        self.handle.read_stop()
        self.handle.read_again()
        self.source._update_reference()
        self.look_later()

    def wait(self) -> None:
        """Do as if nothing had come yet, until the destination has taken all."""
        if not self.is_over:
            self.look_later()

    def on_taken(self) -> None:
        """Go on: the destination has taken all."""
        self.is_standing = False
        if not self.is_over:
            self.read()

    def is_full(self) -> bool:
        """Return whether as much waits in the kernel as the source would have buffered."""
        return bytes_waiting(self.source_descriptor) >= self.source._rs.high_water_mark

    def look_later(self) -> None:
        """Look after a moment whether it stands still yet."""
        if self.is_standing:
            return
        loop = self.source._runtime.loop
        self.is_standing = True
        self.stands_since = loop.time()
        if self.timer is None:
            self.timer = loop.call_later(moving.moment, self.look)

    def look(self) -> None:
        """See whether the source stands still as it should."""
        self.timer = None
        if not self.is_standing:
            return
        loop = self.source._runtime.loop
        rest = self.stands_since + moving.moment - loop.time()
        if rest > 0.001:  # it moved again meanwhile
            self.timer = loop.call_later(rest, self.look)
        elif self.handle.reading:
            self.step_aside()
        elif not self.is_full():
            self.step_aside()
            self.source._runtime.enter(self.source, self.source.read, 0)


class SocketMover(Mover):
    """Moves what comes from one socket to another."""

    __slots__ = ("destination", "destination_descriptor", "target")

    def __init__(self, pipe: Any, handle: DivertibleHandle, target: DivertibleHandle) -> None:
        """Move to the connection that the destination has now; see `Mover`."""
        super().__init__(pipe, handle)
        self.destination: HandleStream = pipe.destination
        self.target = target
        self.destination_descriptor = target.fileno()

    def sink_goes_unseen(self) -> bool:
        destination, writing = self.destination, self.destination._ws
        return (
            destination._handle is self.target
            and not (writing.corked or writing.ending or self.target.is_lost())
            and writing.errored is None
            and moving.DESTINATION_HOOKS.isdisjoint(destination.__dict__)
        )

    def is_sink_idle(self) -> bool:
        return not self.destination._ws.writing and not self.target.busy

    def is_own_in_flight(self) -> bool:
        return self.target.outflow is not None

    def give(self, pipe: KernelPipe, size: int) -> None:
        destination, target = self.destination, self.target
        destination._bytes_dispatched += size
        if destination._idle is not None:
            destination._idle.touch()
        left = 0
        try:
            left = self.pool.give_out(pipe, self.destination_descriptor, size)
        except OSError as error:
            self.destination_failed(error, pipe, size)
        if left:
            target.hold(PipedOutflow(self.pool, self.destination_descriptor, pipe, left, self.on_taken))
        if target.busy or target.is_lost():
            self.source._runtime.enter(self.source, self.fly, size)
        else:
            self.count_small(size)

    def fly(self, size: int) -> None:
        """Leave a chunk in flight."""
        self.leave_in_flight(self.destination._leave_in_flight(self.target, size))

    def destination_failed(self, error: OSError, pipe: KernelPipe, size: int) -> None:
        """Do without the kernel, or let the connection die."""
        if is_refusal(error):
            self.pipe.large_chunks = moving.REFUSED
            self.target.write(self.pool.read_out(pipe, size))
            self.step_aside()
        else:
            pipe.close()
            self.target.fail(error, "write")


class FileMover(Mover):
    """Moves what comes from a socket to a file.

    The kernel copies it into the file's cache, and may wait for a disk when that is full: so it happens in the
    executor, a pipe's contents at a time.  More comes to the socket meanwhile, and more is in the pipe the next time.
    """

    __slots__ = ("destination", "is_flying")

    def __init__(self, pipe: Any, handle: DivertibleHandle) -> None:
        """See `Mover`."""
        super().__init__(pipe, handle)
        self.destination: WriteStream = pipe.destination
        # A chunk is being written.
        self.is_flying = False

    def sink_goes_unseen(self) -> bool:
        return self.destination._can_take_pipe()

    def is_sink_idle(self) -> bool:
        return not self.destination._ws.writing

    def is_own_in_flight(self) -> bool:
        return self.is_flying

    def give(self, pipe: KernelPipe, size: int) -> None:
        self.is_flying = True
        # Until the pipe is back.
        self.pool.users += 1

        def written(count: int) -> None:
            self.is_flying = False
            if count == size:
                self.pool.give_back(pipe)
            else:
                pipe.close()
            self.pool.leave()
            self.source._tick(self.on_taken)

        has_room = self.destination._write_pipe(pipe.reading, size, written)
        self.source._runtime.enter(self.source, self.leave_in_flight, has_room)
