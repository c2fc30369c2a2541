"""What the library keeps for each asyncio loop: the tick queue, the references that keep `run` alive, and `run`.

Theory of operation.  Node empties its next-tick queue each time a native callback returns, so "next tick" means: when
the callback that runs now is over, before the loop's next I/O event.  Here every call out of the loop into this library
(a protocol method, a timer, an executor's result) is an *entry*: `Runtime.enter` runs it and then empties the queue.  A
tick that is asked for outside any entry (in a user's task, say) schedules one entry of its own with `call_soon`.

An exception that leaves a callback belongs to somebody.  Each entry and each tick names its *owner*, the emitter whose
I/O it serves: `owner._listener_failed(error)` decides.  Without an owner the error is nobody's: `Runtime.fail` stops
`run` with it, or hands it to the exception handler of a loop that is not ours.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections import deque
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Protocol, TypeVar, TypeVarTuple, overload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

__all__ = ["COMPILED", "Owner", "Resource", "Runtime", "current", "next_tick", "run"]

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


class Owner(Protocol):
    """An emitter that answers for the exceptions of the callbacks its I/O calls."""

    def _listener_failed(self, error: BaseException, event: str | None = None, args: tuple[Any, ...] = ()) -> None: ...


class Resource(Protocol):
    """Something open that `run` closes when it is interrupted: a server, a socket, a file stream, a timer."""

    def _close_now(self) -> None: ...


class Runtime:
    """What the library keeps for one loop.

    `inside` is true while an entry runs; the hot paths set it and empty `ticks` by hand, everything else uses `enter`.
    """

    __slots__ = (
        "__weakref__",
        "_failure",
        "_last",
        "_scheduled",
        "_wake",
        "inside",
        "loop",
        "references",
        "resources",
        "tasks",
        "ticks",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        # (owner, callback, args), oldest first.
        self.ticks: deque[tuple[Owner | None, Callable[..., object], tuple[Any, ...]]] = deque()
        # What waits until all ticks have run.
        self._last: list[tuple[Owner | None, Callable[..., object], tuple[Any, ...]]] = []
        self.inside = False
        # A drain of our own waits in the loop's queue.
        self._scheduled = False
        # How many active, ref'ed things keep `run` alive.
        self.references = 0
        # All that is open, ref'ed or not: closed when `run` is interrupted.
        self.resources: set[Resource] = set()
        # The tasks of coroutine listeners: the loop itself holds tasks weakly.
        self.tasks: set[asyncio.Task[Any]] = set()
        # Set while `run` owns the loop: failed by an error nobody listens to.
        self._failure: asyncio.Future[None] | None = None
        # Resolved when the last reference goes, while `run` waits for that.
        self._wake: asyncio.Future[None] | None = None

    # -- ticks ----------------------------------------------------------------------------------------------------

    def tick(self, owner: Owner | None, callback: Callable[..., object], *args: Any) -> None:
        """Call `callback(*args)` when the current entry's callback has returned; `owner` answers for its errors."""
        self.ticks.append((owner, callback, args))
        if not self.inside and not self._scheduled:
            self._scheduled = True
            self.loop.call_soon(self._drain_scheduled)

    def tick_last(self, owner: Owner | None, callback: Callable[..., object], *args: Any) -> None:
        """Call `callback(*args)` when all ticks have run, as an entry of its own, before the loop looks for I/O.

        What libuv reports at the start of its next turn (a shutdown that is done) is in time there; `call_soon` is not,
        on a loop that looks for I/O between two rounds of callbacks.
        """
        self._last.append((owner, callback, args))
        if len(self._last) == 1:
            self.tick(None, self._run_last)

    def _run_last(self) -> None:
        if self.ticks:
            self.tick(None, self._run_last)
            return
        waiting, self._last = self._last, []
        for owner, callback, args in waiting:
            self._call(owner, callback, args)
            self.drain()

    def enter(self, owner: Owner | None, callback: Callable[..., object], *args: Any) -> None:
        """Run one entry from the loop: the callback, then every tick it asked for.

        Called inside another entry (a transport that reports while it is being written to) it is a plain call: the
        outer entry drains.
        """
        if self.inside:
            self._call(owner, callback, args)
            return
        self.inside = True
        try:
            if self.ticks:  # asked for outside any entry: they come before whatever the loop brings
                self.drain()
            self._call(owner, callback, args)
            self.drain()
        except BaseException:
            self._break_off()
            raise
        self.inside = False

    def leave(self) -> None:
        """End an entry: run its ticks."""
        try:
            self.drain()
        except BaseException:
            self._break_off()
            raise
        self.inside = False

    def fail_entry(self, owner: Owner, error: BaseException) -> None:
        """Deal with what was raised within an entry that a hot path made by hand; the entry goes on."""
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            self._break_off()
            raise error
        self.blame(owner, error)

    def _break_off(self) -> None:
        """End an entry that a KeyboardInterrupt or SystemExit leaves: its ticks run in one of their own."""
        self.inside = False
        if self.ticks:
            self.reschedule()

    def drain(self) -> None:
        """Run ticks until none is left, those that ticks ask for included."""
        ticks = self.ticks
        while ticks:
            owner, callback, args = ticks.popleft()
            try:
                callback(*args)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:
                self.blame(owner, error)

    def _call(self, owner: Owner | None, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        try:
            callback(*args)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            self.blame(owner, error)

    def blame(self, owner: Owner | None, error: BaseException) -> None:
        """Give an exception that left a callback to whom it belongs."""
        if owner is None:
            self.fail(error)
            return
        try:
            owner._listener_failed(error)
        except Exception as second:
            self.fail(second)

    def _drain_scheduled(self) -> None:
        self._scheduled = False
        self.enter(None, self.drain)

    def reschedule(self) -> None:
        """See that the ticks run that were asked for outside any entry."""
        if not self._scheduled:
            self._scheduled = True
            self.loop.call_soon(self._drain_scheduled)

    # -- references -----------------------------------------------------------------------------------------------

    def ref(self) -> None:
        """Count one more thing that keeps `run` alive."""
        self.references += 1

    def unref(self) -> None:
        """Count one thing less; `run` returns some time after the last has gone."""
        self.references -= 1
        if self.references == 0 and self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def start(
        self,
        owner: Owner | None,
        coroutine: Coroutine[Any, Any, Any],
        done: Callable[[BaseException | None, Any], object],
    ) -> asyncio.Task[Any]:
        """Run a coroutine as a referenced task; `done(error, result)` is the entry that ends it."""
        task = self.loop.create_task(coroutine)
        self.tasks.add(task)
        self.ref()

        def finished(task: asyncio.Task[Any]) -> None:
            self.tasks.discard(task)
            if task.cancelled():
                error: BaseException | None = asyncio.CancelledError()
            else:
                error = task.exception()
            self.enter(owner, done, error, None if error is not None else task.result())
            self.unref()

        task.add_done_callback(finished)
        return task

    def spawn(self, owner: Owner, event: str, args: tuple[Any, ...], coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run what a coroutine listener returned; its failure is the owner's, for that event."""

        def done(error: BaseException | None, _: object) -> None:
            if error is not None and not isinstance(error, asyncio.CancelledError):
                owner._listener_failed(error, event, args)

        self.start(None, coroutine, done)

    # -- run ------------------------------------------------------------------------------------------------------

    def fail(self, error: BaseException) -> None:
        """Take an error nobody listens to: stop `run` with it, or tell the loop's exception handler."""
        if self._failure is not None and not self._failure.done():
            self._failure.set_exception(_for_future(error))
            return
        self.loop.call_exception_handler(
            {"message": f"sockstream: an error nobody listens to: {error!r}", "exception": error}
        )

    async def serve(self, main: Callable[..., Any] | None, args: tuple[Any, ...]) -> Any:
        """Return main's result once nothing referenced is left; close everything first if anything fails."""
        failure = self._failure = self.loop.create_future()
        try:
            result = None if main is None else await self._run_main(main, args)
            while True:
                # What the last reference did as it went (a tick, a callback of the loop) may open something yet.
                for _ in range(2):
                    await asyncio.sleep(0)
                if failure.done():
                    failure.result()
                if not self.references and not self.ticks:
                    return result
                wake = self._wake = self.loop.create_future()
                if self.references:
                    await asyncio.wait((wake, failure), return_when=asyncio.FIRST_COMPLETED)
        except BaseException as error:
            unheard = failure.exception() if failure.done() else None
            if unheard is not None and unheard is not error:
                self._failure = None
                self.fail(unheard)
            raise
        finally:
            self._failure = self._wake = None
            failure.cancel()
            await self._close_everything()

    async def _run_main(self, main: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Call main; an error nobody listens to cancels it and is raised in its place."""
        assert self._failure is not None
        failure = self._failure
        result: Any = main(*args)
        if not inspect.isawaitable(result):
            return result
        task = asyncio.ensure_future(result)
        try:
            await asyncio.wait((task, failure), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))
        if failure.done():
            failure.result()
        return task.result()

    async def _close_everything(self) -> None:
        """Close what is open, also what is opened meanwhile, and wait until the loop has seen it go."""
        closing = self.resources = _Closing(self.resources, self.loop)
        for task in tuple(self.tasks):
            task.cancel()
        while True:
            closing.close_new()
            if closing or self.tasks:
                await asyncio.wait((closing.changed(), *self.tasks), return_when=asyncio.FIRST_COMPLETED)
                continue
            # What was closed at once may have left ticks.
            await asyncio.sleep(0)
            if not (closing or self.tasks or self.ticks):
                return


class _Closing(set["Resource"]):
    """The open resources while everything is being closed: it wakes who waits for one to come or go."""

    def __init__(self, resources: set[Resource], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(resources)
        self._loop = loop
        # What nobody has told to close, and what of it came while the rest was being closed.
        self._new = list(resources)
        self._opened_meanwhile: set[Resource] = set()
        self._change: asyncio.Future[None] | None = None

    def close_new(self) -> None:
        """Tell each resource once to close."""
        while self._new:
            resource = self._new.pop(0)
            if resource not in self:
                continue
            if resource in self._opened_meanwhile:
                # Else a listener of 'close' that connects again would go on for ever.
                self._opened_meanwhile.discard(resource)
                getattr(resource, "remove_all_listeners", _nothing)()
            resource._close_now()

    def changed(self) -> asyncio.Future[None]:
        """Return what is done when a resource has come or gone."""
        self._change = self._loop.create_future()
        return self._change

    def _wake(self) -> None:
        if self._change is not None and not self._change.done():
            self._change.set_result(None)

    def add(self, resource: Resource, /) -> None:
        super().add(resource)
        self._new.append(resource)
        self._opened_meanwhile.add(resource)
        self._wake()

    def discard(self, resource: object, /) -> None:
        super().discard(resource)
        self._wake()


def _nothing() -> None:
    """Do nothing."""


def _for_future(error: BaseException) -> BaseException:
    """Return the error, or what stands for it where a future cannot hold it."""
    if not isinstance(error, StopIteration):
        return error
    stand_in = RuntimeError("a callback raised StopIteration")
    stand_in.__cause__ = error
    return stand_in


# Not weak: a runtime holds its loop, so that a weak key would never go. Closed loops leave when the next one comes.
_runtimes: dict[asyncio.AbstractEventLoop, Runtime] = {}
# The runtime used last in each thread: nearly always the right one, and one comparison to know.
_last = threading.local()


def current() -> Runtime:
    """Return the running loop's `Runtime`.

    Raises:
        RuntimeError: no loop is running.
    """
    loop = asyncio.get_running_loop()
    runtime: Runtime | None = getattr(_last, "runtime", None)
    if runtime is None or runtime.loop is not loop:
        runtime = _runtimes.get(loop)
        if runtime is None:
            for closed in [each for each in tuple(_runtimes) if each.is_closed()]:
                _runtimes.pop(closed, None)
            runtime = _runtimes[loop] = Runtime(loop)
        _last.runtime = runtime
    return runtime


def next_tick(callback: Callable[_P, object], /, *args: _P.args, **kwargs: _P.kwargs) -> None:
    """Call `callback` when the current callback has returned, before the loop's next I/O event.

    Args:
        callback: a plain function; what it raises is an error nobody listens to.
        *args: its arguments.
        **kwargs: its keyword arguments.

    Node: `process.nextTick`.
    """
    if kwargs:
        current().tick(None, lambda: callback(*args, **kwargs))
    else:
        current().tick(None, callback, *args)


COMPILED: Final[bool] = not isinstance(current, FunctionType)
"""Whether the hot modules of this installation are compiled; the same sources run in pure Python where they are not."""


def _new_loop() -> asyncio.AbstractEventLoop:
    """Make uvloop's loop where it is installed, asyncio's otherwise."""
    try:
        # Not `import uvloop`: compiled, that would take what is barred by None in `sys.modules` for a module.
        from uvloop import new_event_loop
    except ImportError:
        return asyncio.new_event_loop()
    return new_event_loop()


@overload
def run(
    main: Callable[[*_Ts], Awaitable[_T]],
    /,
    *args: *_Ts,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
    debug: bool | None = None,
) -> _T: ...
@overload
def run(
    main: Callable[[*_Ts], _T],
    /,
    *args: *_Ts,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
    debug: bool | None = None,
) -> _T: ...
@overload
def run(
    main: None = None,
    /,
    *,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
    debug: bool | None = None,
) -> None: ...
def run(  # type: ignore[misc]  # mypy: `*args: Any` does not take what `*args: *_Ts` takes
    main: Callable[..., Any] | None = None,
    /,
    *args: Any,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
    debug: bool | None = None,
) -> Any:
    """Run a program until nothing referenced is left, as `node` does.

    Args:
        main: called in a new loop; a plain function or a coroutine function.
        *args: its arguments.
        loop_factory: makes the loop; uvloop's where it is installed, asyncio's otherwise.
        debug: the loop's debug mode.

    Returns:
        What `main` returned, once no referenced server, socket, file stream, timer or listener task is left.

    Raises:
        KeyboardInterrupt: Ctrl-C, after everything open was closed.
        RuntimeError: a loop is running in this thread already.
        BaseException: what `main` raised, or an error nobody listens to.
    """
    if asyncio._get_running_loop() is not None:
        raise RuntimeError("run() cannot be called from a running event loop: there, everything works without it")

    async def program() -> Any:
        return await current().serve(main, args)

    with asyncio.Runner(debug=debug, loop_factory=loop_factory or _new_loop) as runner:
        return runner.run(program())
