"""How every test here runs: both loops, a leak check after each, real peers, and no skips in CI.

An `async def` test runs once on asyncio and once on uvloop (`only_loop` picks one).  After its body the loop settles
for a few turns, and then nothing may be left: no task, timer, reference, tick, open resource; after the loop is closed,
no descriptor and no thread either; and the loop's exception handler must not have been called, unless the test asked
for `loop_errors` and so judges them itself.  Other tests are checked for descriptors and threads.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import io
import itertools
import os
import shutil
import subprocess
import tempfile
import threading
import traceback
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import settings

from tests.support.events import EventLog
from tests.support.loops import FACTORIES, fake_clock_loop, pending_timers

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

IN_CI = os.environ.get("CI") == "true"
# A guard against a test that waits for what never comes, not a way to wait.
GUARD_SECONDS = 30.0
# On a clock that jumps, waiting for nothing gets here at once.
FAKE_GUARD_SECONDS = 1_000_000.0
# Time is no property of what these tests are about, and machines have slow moments.
settings.register_profile("sockstream", deadline=None, max_examples=200)
settings.register_profile("nightly", deadline=None, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "sockstream"))
# How long a thread may take to be gone once its work is done.
ENDING_SECONDS = 0.5
# How many turns of the loop what was closed may take to be gone (uvloop needs one per handle's close).
SETTLE_TURNS = 20

_errors_key = pytest.StashKey[list[dict[str, Any]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--transports", action="store_true", help="have transports serve, as on systems without epoll")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the handles of connections."""
    if config.getoption("--transports"):
        from sockstream.net.handles import poller

        poller.is_available = False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about polled connections where transports serve."""
    from sockstream.net.handles import poller

    if not poller.is_available:
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("polled")])
        items[:] = [item for item in items if not item.get_closest_marker("polled")]


# -- which tests run how often ----------------------------------------------------------------------------------------


def _is_async(function: object) -> bool:
    """Tell whether a test function is a coroutine function, hypothesis's wrapper looked through."""
    inner = getattr(getattr(function, "hypothesis", None), "inner_test", function)
    return inspect.iscoroutinefunction(inner)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> None:
    """Give each async test the `loop_factory` fixture, whether or not it names it."""
    if inspect.isfunction(obj) and collector.funcnamefilter(name) and _is_async(obj):  # type: ignore[attr-defined]
        pytest.mark.usefixtures("loop_factory")(obj)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each async test on every loop it is for."""
    if "loop_factory" not in metafunc.fixturenames:
        return
    only = metafunc.definition.get_closest_marker("only_loop")
    names = [str(name) for name in only.args] if only else list(FACTORIES)
    factories = [FACTORIES[name] for name in names]
    if metafunc.definition.get_closest_marker("fake_clock"):
        names, factories = ["fake-clock"], [fake_clock_loop]
    metafunc.parametrize("loop_factory", factories, ids=names, indirect=True)


@pytest.fixture
def loop_factory(request: pytest.FixtureRequest) -> Callable[[], asyncio.AbstractEventLoop]:
    """The factory of the loop that an async test runs on; in a plain test, one of each for `run(loop_factory=...)`."""
    factory: Callable[[], asyncio.AbstractEventLoop] = request.param
    return factory


# -- running one ------------------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Run a test, async ones on their loop, and fail it if it left something behind."""
    descriptors, threads = _descriptors(), set(threading.enumerate())
    try:
        with _made_sync(pyfuncitem) if _is_async(pyfuncitem.obj) else nullcontext():
            result = yield
    finally:
        # What was forgotten warns when it is collected: let that be now, in the test it belongs to.
        gc.collect()
    left = [f"thread {thread.name}" for thread in set(threading.enumerate()) - threads if not _ends(thread)]
    left += [f"descriptor {number} -> {target}" for number, target in _descriptors() - descriptors]
    if left:
        pytest.fail("the test left behind: " + ", ".join(sorted(left)), pytrace=False)
    return result


@contextmanager
def _made_sync(item: pytest.Function) -> Iterator[None]:
    """Have a plain function in place of the item's coroutine function (for hypothesis: of the one it calls)."""
    holder, name = (item.obj.hypothesis, "inner_test") if hasattr(item.obj, "hypothesis") else (item, "obj")
    function = getattr(holder, name)

    def run_on_loop(*args: Any, **arguments: Any) -> None:
        _run_on_loop(item, lambda: function(*args, **arguments))

    setattr(holder, name, run_on_loop)
    try:
        yield
    finally:
        setattr(holder, name, function)


def _run_on_loop(item: pytest.Function, body: Callable[[], Any]) -> None:
    marker = item.get_closest_marker("guard")
    seconds = float(marker.args[0]) if marker else GUARD_SECONDS
    if item.get_closest_marker("fake_clock"):
        seconds = FAKE_GUARD_SECONDS
    errors: list[dict[str, Any]] = item.stash.setdefault(_errors_key, [])
    factory: Callable[[], asyncio.AbstractEventLoop] = cast("Any", item.funcargs["loop_factory"])
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.get_loop().set_exception_handler(lambda _, context: errors.append(context))
        runner.run(_guarded(body, seconds))
    if errors and "loop_errors" not in item.fixturenames:
        shown = "\n".join(f"{context['message']}: {context.get('exception')!r}" for context in errors)
        pytest.fail(f"the loop's exception handler was called:\n{shown}", pytrace=False)


async def _guarded(body: Callable[[], Any], seconds: float) -> None:
    guard = asyncio.timeout(seconds)
    try:
        async with guard:
            await body()
    except TimeoutError as error:
        if guard.expired():
            waited = "".join(traceback.format_exception(error.__cause__ or error.__context__))
            pytest.fail(f"still waiting after {seconds:g} s\n{waited}{_dump()}", pytrace=False)
        raise
    for _ in range(SETTLE_TURNS):
        left = _left_in_loop()
        if not left:
            return
        await asyncio.sleep(0)
    pytest.fail("the test left in its loop: " + ", ".join(left), pytrace=False)


def _left_in_loop() -> list[str]:
    """Describe what is still there though the test is over."""
    from sockstream.loop import current

    runtime = current()
    left = [repr(task) for task in asyncio.all_tasks() - {asyncio.current_task()}]
    left += [f"timer {timer!r}" for timer in pending_timers(runtime.loop)]
    left += [f"resource {resource!r}" for resource in runtime.resources]
    left += [f"tick {tick!r}" for tick in runtime.ticks]
    if runtime.references:
        left.append(f"{runtime.references} references")
    return left


def _dump() -> str:
    """Describe what a test that hangs waits for."""
    text = io.StringIO()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.print_stack(file=text)
    return text.getvalue() + "\n".join(_left_in_loop())


def _ends(thread: threading.Thread) -> bool:
    """Tell whether a thread that is through with its work is gone in a moment."""
    thread.join(ENDING_SECONDS)
    return not thread.is_alive()


def _descriptors() -> set[tuple[int, str]]:
    """Return the open descriptors with what they point to; where there is no /proc, none."""
    found: set[tuple[int, str]] = set()
    for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        try:
            found.add((int(name), os.readlink(f"/proc/self/fd/{name}")))
        except OSError:  # the listing's own descriptor
            continue
    return found


@pytest.fixture
def loop_errors(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """The contexts given to the loop's exception handler; asking for it makes them the test's own to judge."""
    return request.node.stash.setdefault(_errors_key, [])  # type: ignore[no-any-return]


# -- helpers ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def event_log() -> EventLog:
    """An empty list of what happened, in order: `event_log == [("connect",), ("data", b"hi")]`."""
    return EventLog()


@pytest.fixture
def tmp_socket_path() -> Iterator[str]:
    """A path for a Unix socket, short enough for `sun_path` (pytest's `tmp_path` is not always)."""
    with tempfile.TemporaryDirectory(prefix="ss-") as directory:
        yield f"{directory}/s"


def _peer(name: str, about: list[str], wanted: Callable[[str], bool]) -> str:
    """Return a program's path; without it the test is skipped, which CI counts as a failure."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run([path, *about], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
    if not wanted(done.stdout + done.stderr):
        pytest.skip(f"{path} is not the {name} that the tests talk to")
    return path


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node.js, 20 or newer."""
    return _peer("node", ["--version"], lambda text: int(text.strip("v\n").split(".")[0]) >= 20)


@pytest.fixture(scope="session")
def telnet() -> str:
    """The path of telnet."""
    return _peer("telnet", ["--version"], lambda _: True)


@pytest.fixture(scope="session")
def nc() -> str:
    """The path of OpenBSD's netcat, which knows `-U` and `-N`."""
    return _peer("nc", ["-h"], lambda text: "OpenBSD" in text)


# -- the session ------------------------------------------------------------------------------------------------------


def pytest_collection_finish() -> None:
    """Make what the checks of each test would see, or pay for, only once."""
    # libuv keeps one pipe for signals from the first loop on.
    for factory in FACTORIES.values():
        factory().close()
    _set_aside()


_logged = itertools.count(1)


def pytest_runtest_logfinish() -> None:
    """Set aside the reports, which pytest keeps: with those of thousands of tests a collection takes 0.1 s."""
    if next(_logged) % 50 == 0:
        _set_aside()


def _set_aside() -> None:
    """Leave what is there out of the collections after each test, which then take no time."""
    gc.collect()
    gc.freeze()


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failure in CI."""
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a skipped module into a failure in CI."""
    report = yield
    _fail_if_skipped(report)
    return report
