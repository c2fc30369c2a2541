"""What every stream is: an emitter with hooks that answers for its listeners' errors and can be destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sockstream.loop import current
from sockstream.stream import destroy as life
from sockstream.stream.blocks import Block, close
from sockstream.stream.event_types import StreamEvents
from sockstream.stream.hooks import async_hooks_of, with_callback

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from sockstream.abort import AbortSignal

__all__ = ["Stream"]


class Stream(StreamEvents):
    """The base of all streams.

    A hook is a method (or a function given by keyword) that takes Node's arguments and callback, or an `async def`
    without the callback: that runs as a task, and what it returns or raises is what the callback would get (a
    `_destroy` that just returns passes on the error it was given).  Destroying the stream cancels the hooks that run.

    Events:
        error (error): the stream failed.
        close: the stream is destroyed.
    """

    # `_rs` and `_ws` are the state of each side; a side that the class does not have is never set.
    __slots__ = ("_block", "_construct_callbacks", "_destroy_later", "_hook_tasks", "_rs", "_ws")

    # The hooks of this class that are coroutine functions.
    _async_hooks: ClassVar[tuple[str, ...]] = ()

    # The hook that makes the stream ready; nothing is read or written before it has called back.
    _construct: Callable[..., object] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._async_hooks = async_hooks_of(cls)

    def __init__(self) -> None:
        super().__init__()
        # What starts each side after `_construct`, and a destroy() that came before that.
        self._construct_callbacks: list[Callable[[], None]] | None = None
        self._destroy_later: Callable[[BaseException | None], None] | None = None
        # The coroutine hooks that run, with their names; destroying the stream cancels them.
        self._hook_tasks: dict[asyncio.Task[Any], str] | None = None
        # There while the stream is in an `async with` block.
        self._block: Block | None = None
        for name in self._async_hooks:
            setattr(self, name, with_callback(self, name, getattr(self, name)))

    def _tick(self, callback: Callable[..., object], *args: Any) -> None:
        """Call back on the next tick; this stream answers for what that raises."""
        current().tick(self, callback, *args)

    def _obey(self, signal: AbortSignal) -> None:
        """Destroy the stream when the signal is aborted."""
        from sockstream.stream.abort import add_abort_signal  # it stands on this class

        add_abort_signal(signal, self)

    # -- destroying ---------------------------------------------------------------------------------------------------

    def destroy(self, error: BaseException | None = None) -> Self:
        """Close the stream now and let go of what is buffered; a second call does nothing.

        Args:
            error: why; None for a plain close.

        Returns:
            The stream.

        Events: `'error'` if there was one, then `'close'`, neither before this call returns.
        Node: `stream.destroy`.
        """
        life.destroy(self, error)
        return self

    # To a type checker, hooks with a callback take anything: a subclass may have either form, with or without it.

    if TYPE_CHECKING:

        def _destroy(self, *args: Any, **kwargs: Any) -> object: ...

    else:

        def _destroy(self, error, callback):
            """Release what the stream holds, then call back: the hook of destroy()."""
            callback(error)

    @property
    def destroyed(self) -> bool:
        """Whether destroy() was called. Node: `stream.destroyed`."""
        return life.any_state(self).destroyed

    @property
    def closed(self) -> bool:
        """Whether the stream has let go of all that it held. Node: `stream.closed`."""
        return life.any_state(self).closed

    @property
    def errored(self) -> BaseException | None:
        """The error that ended the stream, or None. Node: `stream.errored`."""
        return life.any_state(self).errored

    def _listener_failed(self, error: BaseException, event: str | None = None, args: tuple[Any, ...] = ()) -> None:
        if event == "error" or life.any_state(self).destroyed:
            # The stream has had its end: nobody could hear of this through it.
            self._error_unheard(error)
        else:
            self.destroy(error)

    def _error_unheard(self, error: BaseException) -> None:
        """Take an error that no 'error' listener is there for."""
        if self._block is not None:
            # Raised where the block is left.
            self._block.error = self._block.error or error
        else:
            self._fail_unheard(error)

    def _fail_unheard(self, error: BaseException) -> None:
        """Tell of an error that nobody will hear of otherwise."""
        current().fail(error)

    # -- async with ---------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Return the stream; it is closed when the block is left.

        An error that comes while nothing in the block waits for it is raised at the block's end.
        """
        if self._block is None:
            self._block = Block()
        self._block.depth += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what can be written, destroy what can only be read, and wait until it is closed.

        When the block raised, the stream is destroyed.
        """
        block = self._block
        assert block is not None
        block.depth -= 1
        if not block.depth:
            self._block = None
        if error is not None:
            self.destroy()
            return
        if block.error is not None:
            raise block.error
        if self.destroyed:
            return
        try:
            await self._close_after_block()
        except BaseException:
            self.destroy()
            raise

    async def _close_after_block(self) -> None:
        await close(self)
