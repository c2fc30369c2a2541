"""Which of a name's addresses are tried, in which order, and what is told of each."""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream import AbortController, net, timers

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role

# At the silent port: nobody answers at HANG and HANG6, nobody listens at the others; `_with_listener` listens at GOOD.
HANG = "127.0.0.1"
HANG6 = "::ffff:127.0.0.1"
REFUSED = "127.0.0.2"
GOOD = "127.0.0.3"
REFUSED_TOO = "127.0.0.4"
REFUSED6 = "::ffff:127.0.0.5"
REFUSED6_TOO = "::ffff:127.0.0.6"
# Long enough for a refusal to come first, and no time for silence.
LONG = 0.4
SHORT = 0.015


def _entry(address: str | tuple[str, int]) -> dict[str, Any]:
    text, family = (address, net.is_ip(address)) if isinstance(address, str) else address
    return {"address": text, "family": family}


def _answering(*addresses: str | tuple[str, int]) -> Callable[..., None]:
    """Return a `lookup` that gives these addresses: texts, or with a family that may be wrong."""
    entries = [_entry(each) for each in addresses]

    def lookup(host: str, options: net.LookupOptions, callback: Callable[..., None]) -> None:
        if options["all"]:
            callback(None, entries)
        else:
            callback(None, entries[0]["address"], entries[0]["family"])

    return lookup


def _options(t: Role, *addresses: str | tuple[str, int], **options: Any) -> dict[str, Any]:
    return {
        "port": t.silent["port"],
        "host": "many.test",
        "lookup": _answering(*addresses),
        "auto_select_family": "sequential",
        "auto_select_family_attempt_timeout": LONG,
        **options,
    }


def _said(error: Any) -> list[Any]:
    return [error, *([each, each.address] for each in getattr(error, "exceptions", ()))]


def _watch(t: Role, socket: net.Socket, *also: str) -> net.Socket:
    """Log what a socket says on its way to a connection."""

    def failed(ip: str, port: int, family: int, error: Any) -> None:
        t.log("failed", ip, family, error, error.address)

    socket.on("lookup", lambda error, address, family, host: t.log("lookup", error, address, family, host))
    socket.on("connection_attempt", lambda ip, port, family: t.log("attempt", ip, family))
    socket.on("connection_attempt_failed", failed)
    socket.on("connection_attempt_timeout", lambda ip, port, family: t.log("given up", ip, family))
    t.watch(socket, "client", "-error", *also)
    socket.on("error", lambda error: t.log("error", *_said(error)))
    return socket


def _log_attempted(t: Role, socket: net.Socket, label: str = "attempted") -> None:
    attempted = socket.auto_select_family_attempted_addresses
    t.log(label, None if attempted is None else [re.sub(r":\d+$", ":port", each) for each in attempted])


def _connect(
    t: Role,
    addresses: list[str | tuple[str, int]],
    prepare: Callable[[net.Socket], object] = lambda socket: None,
    **options: Any,
) -> net.Socket:
    """Connect, and destroy the socket when that is done."""
    socket = _watch(t, net.Socket())

    @socket.on("connect")
    def connected() -> None:
        t.log("connected to", socket.remote_address)
        socket.destroy()

    socket.on("close", lambda _: _log_attempted(t, socket))
    prepare(socket)
    socket.connect(**_options(t, *addresses, **options))
    t.state("called", socket, "connecting", "destroyed")
    timers.next_tick(t.log, "tick")
    return socket


def _with_listener(
    t: Role, body: Callable[[], net.Socket], accepted: Callable[..., object] = lambda peer: peer.resume()
) -> None:
    """Run `body` while GOOD accepts at the silent port, until the socket that it returns has closed."""
    release = t.hold()

    def listening() -> None:
        body().on("close", lambda _: server.close(release))

    server = net.create_server(accepted).listen(t.silent["port"], GOOD, listening)


# -- one after another ------------------------------------------------------------------------------------------------


def the_first_of_two_connects(t: Role) -> None:
    _with_listener(t, lambda: _connect(t, [GOOD, REFUSED]))


def the_next_after_a_refusal(t: Role) -> None:
    _with_listener(t, lambda: _connect(t, [REFUSED, GOOD]))


def the_third_after_two_refusals(t: Role) -> None:
    _with_listener(t, lambda: _connect(t, [REFUSED, REFUSED6, GOOD]))


def all_refuse(t: Role) -> None:
    _connect(t, [REFUSED, REFUSED_TOO])


def families_take_turns(t: Role) -> None:
    _connect(t, ["127.0.0.7", REFUSED, REFUSED_TOO, REFUSED6, REFUSED6_TOO, "127.0.0.8"])


def the_first_family_is_the_first_addresses(t: Role) -> None:
    _connect(t, [REFUSED6, REFUSED, REFUSED_TOO, "127.0.0.7", REFUSED6_TOO])


def an_address_is_tried_once(t: Role) -> None:
    _connect(t, [REFUSED, REFUSED_TOO, REFUSED, REFUSED_TOO])


def one_address_twice(t: Role) -> None:
    _connect(t, [REFUSED, REFUSED])


def a_list_of_one(t: Role) -> None:
    _connect(t, [REFUSED])


def a_list_of_one_that_connects(t: Role) -> None:
    _with_listener(t, lambda: _connect(t, [GOOD]))


# -- given up ---------------------------------------------------------------------------------------------------------


def the_next_after_silence(t: Role) -> None:
    _with_listener(t, lambda: _connect(t, [HANG, GOOD], auto_select_family_attempt_timeout=SHORT))


def refused_after_silence(t: Role) -> None:
    _connect(t, [HANG, REFUSED], auto_select_family_attempt_timeout=SHORT)


def two_silences_and_one_that_connects(t: Role) -> None:
    _with_listener(t, lambda: _connect(t, [HANG, HANG6, GOOD], auto_select_family_attempt_timeout=SHORT))


def two_silences_and_a_refusal(t: Role) -> None:
    _connect(t, [HANG, HANG6, REFUSED], auto_select_family_attempt_timeout=SHORT)


def a_timeout_under_the_floor(t: Role) -> None:
    _connect(t, [HANG, REFUSED], auto_select_family_attempt_timeout=0.001)


def the_default_timeout(t: Role) -> None:
    before = net.get_default_auto_select_family_attempt_timeout()
    net.set_default_auto_select_family_attempt_timeout(SHORT)
    socket = _connect(t, [HANG, REFUSED], auto_select_family_attempt_timeout=None)
    socket.on("close", lambda _: net.set_default_auto_select_family_attempt_timeout(before))


def the_idle_timeout_comes_while_attempts_are_under_way(t: Role) -> None:
    _connect(t, [HANG6, HANG], lambda socket: socket.set_timeout(SHORT, socket.destroy))


# -- refused at once --------------------------------------------------------------------------------------------------

# An address of the other family: the system does not even try.
NONSENSE = (REFUSED, 6)
NONSENSE_TOO = ("::1", 4)


def refused_at_once_alone(t: Role) -> None:
    _connect(t, [NONSENSE])


def refused_at_once_then_connected(t: Role) -> None:
    _with_listener(t, lambda: _connect(t, [NONSENSE, GOOD]))


def refused_at_once_then_refused(t: Role) -> None:
    _connect(t, [NONSENSE, REFUSED])


def all_refused_at_once(t: Role) -> None:
    _connect(t, [NONSENSE, NONSENSE_TOO])


def refused_then_refused_at_once(t: Role) -> None:
    _connect(t, [REFUSED, NONSENSE])


def refused_at_once_by_an_address(t: Role) -> None:
    socket = _watch(t, net.Socket())
    socket.connect(t.silent["port"], "255.255.255.255")
    t.state("called", socket, "connecting", "destroyed")
    timers.next_tick(t.state, "tick", socket, "connecting", "destroyed")


# -- where there is nothing to choose ---------------------------------------------------------------------------------


def without_selection_the_first_is_all(t: Role) -> None:
    _connect(t, [REFUSED, GOOD], auto_select_family=False)


def without_selection_by_default(t: Role) -> None:
    before = net.get_default_auto_select_family()
    net.set_default_auto_select_family(False)
    socket = _connect(t, [REFUSED, GOOD], auto_select_family=None)
    socket.on("close", lambda _: net.set_default_auto_select_family(before))


def with_a_family_the_first_is_all(t: Role) -> None:
    _connect(t, [REFUSED, GOOD], family=4)


def with_a_local_address_the_first_is_all(t: Role) -> None:
    _connect(t, [REFUSED, GOOD], local_address="127.0.0.9")


# -- local ports ------------------------------------------------------------------------------------------------------


def a_local_port_that_is_taken(t: Role) -> None:
    def prepare(socket: net.Socket) -> None:
        taken = t.silent["port"]
        socket.on("error", lambda error: t.log("port", *(each.port == taken for each in error.exceptions)))

    _connect(t, [REFUSED, REFUSED_TOO], prepare, local_port=t.silent["port"])


def a_local_port_for_each_attempt(t: Role) -> None:
    def body() -> net.Socket:
        socket = _watch(t, net.Socket())

        def listening() -> None:
            address = probe.address()
            assert isinstance(address, net.AddressInfo)
            port = address.port
            probe.close(lambda _: socket.connect(**_options(t, REFUSED, GOOD, local_port=port)))

            @socket.on("connect")
            def connected() -> None:
                t.log("local port", socket.local_port == port)
                socket.destroy()

        probe = net.create_server().listen(0, GOOD, listening)
        return socket

    _with_listener(t, body)


def port_zero(t: Role) -> None:
    _connect(t, [REFUSED, REFUSED_TOO], port=0)


# -- destroyed on the way ---------------------------------------------------------------------------------------------


def destroyed_while_one_hangs(t: Role) -> None:
    _connect(t, [HANG], lambda socket: timers.set_timeout(socket.destroy, 0.005))


def destroyed_while_the_first_hangs(t: Role) -> None:
    _connect(t, [HANG, GOOD], lambda socket: timers.set_timeout(socket.destroy, 0.005))


def destroyed_with_an_error_while_the_second_hangs(t: Role) -> None:
    def prepare(socket: net.Socket) -> None:
        enough = Exception("enough")
        socket.on("connection_attempt_failed", lambda *_: timers.set_immediate(socket.destroy, enough) and None)

    _connect(t, [REFUSED, HANG], prepare)


def destroyed_in_lookup(t: Role) -> None:
    _connect(t, [REFUSED, GOOD], lambda socket: socket.on("lookup", lambda *_: socket.destroy()))


def destroyed_when_one_failed(t: Role) -> None:
    _connect(t, [REFUSED, GOOD], lambda socket: socket.on("connection_attempt_failed", lambda *_: socket.destroy()))


def destroyed_when_one_is_given_up(t: Role) -> None:
    def prepare(socket: net.Socket) -> None:
        socket.on("connection_attempt_timeout", lambda *_: socket.destroy())

    _connect(t, [HANG, GOOD], prepare, auto_select_family_attempt_timeout=SHORT)


def destroyed_right_after_the_call(t: Role) -> None:
    _connect(t, [GOOD, REFUSED]).destroy()


def aborted_while_the_first_hangs(t: Role) -> None:
    controller = AbortController()
    socket = _watch(t, net.Socket(signal=controller.signal))
    socket.connect(**_options(t, HANG, REFUSED))
    timers.set_timeout(controller.abort, 0.005)


def aborted_when_the_first_is_given_up(t: Role) -> None:
    controller = AbortController()
    socket = _watch(t, net.Socket(signal=controller.signal))
    socket.on("connection_attempt_timeout", lambda *_: controller.abort())
    socket.connect(**_options(t, HANG, REFUSED, auto_select_family_attempt_timeout=SHORT))


def aborted_when_connected(t: Role) -> None:
    def body() -> net.Socket:
        controller = AbortController()
        socket = _watch(t, net.Socket(signal=controller.signal))
        socket.on("connect", controller.abort)
        return socket.connect(**_options(t, REFUSED, GOOD))

    _with_listener(t, body)


# -- what waits -------------------------------------------------------------------------------------------------------


def writes_wait_for_the_one_that_connects(t: Role) -> None:
    def body() -> net.Socket:
        socket = _watch(t, net.Socket(), "data")
        socket.connect(**_options(t, REFUSED, GOOD))
        socket.write("hello", t.callback("written"))
        # Node: the end that is asked for before never comes when the first attempt fails.
        socket.on("data", lambda _: socket.end() and None)
        return socket

    _with_listener(t, body, lambda peer: peer.pipe(peer))


def writes_fail_when_all_fail(t: Role) -> None:
    def prepare(socket: net.Socket) -> None:
        socket.on("connection_attempt", lambda *_: t.log("bytes", socket.bytes_written))

    _connect(t, [REFUSED, REFUSED_TOO], prepare).write("lost", t.callback("written"))


# -- what was attempted -----------------------------------------------------------------------------------------------


def what_was_attempted_and_when(t: Role) -> None:
    def prepare(socket: net.Socket) -> None:
        def then(*_: object) -> None:
            _log_attempted(t, socket, "then")

        _log_attempted(t, socket, "before")
        socket.on("lookup", then).on("connection_attempt", then).on("connection_attempt_failed", then)
        socket.on("connection_attempt_timeout", then).on("connect", then)

    _with_listener(t, lambda: _connect(t, [REFUSED, HANG6, GOOD], prepare, auto_select_family_attempt_timeout=0.1))


def a_second_connect_chooses_anew(t: Role) -> None:
    socket = _connect(t, [REFUSED, REFUSED_TOO])

    @socket.once("close")
    def closed(had_error: bool) -> None:
        t.log("again")
        socket.connect(**_options(t, REFUSED6, REFUSED_TOO, host="other.test"))


# -- settings ---------------------------------------------------------------------------------------------------------


def default_selection(t: Role) -> None:
    before = net.get_default_auto_select_family()
    t.log("default", before)
    for value in (True, False):
        t.attempt(f"set {str(value).lower()}", partial(net.set_default_auto_select_family, value))
        t.log("now", net.get_default_auto_select_family())
    values: dict[str, Any] = {"null": None, "number": 1, "text": "yes", "list": []}
    for name, value in values.items():
        t.attempt(f"set {name}", partial(net.set_default_auto_select_family, value))
    net.set_default_auto_select_family(before)


def default_attempt_timeout(t: Role) -> None:
    before = net.get_default_auto_select_family_attempt_timeout()
    for value in (0.02, 0.01, 0.005, 0.001, 0, -0.001, -1, math.nan, math.inf):
        t.attempt("set", partial(net.set_default_auto_select_family_attempt_timeout, value))
        t.log("now", t.seconds(net.get_default_auto_select_family_attempt_timeout()))
    values: dict[str, Any] = {"null": None, "true": True, "text": "5", "list": []}
    for name, value in values.items():
        t.attempt(f"set {name}", partial(net.set_default_auto_select_family_attempt_timeout, value))
    net.set_default_auto_select_family_attempt_timeout(before)


def selection_options(t: Role) -> None:
    def attempt(name: str, **options: Any) -> None:
        def run() -> None:
            socket = net.Socket()
            socket.on("error", lambda error: None)
            socket.connect(**{**t.mute, **options})
            socket.destroy()

        t.attempt(name, run)

    for name, choice in {"true": True, "false": False, "null": None}.items():
        attempt(f"select {name}", auto_select_family=choice)
    values: dict[str, Any] = {"number": 1, "list": []}
    for name, value in values.items():
        attempt(f"select {name}", auto_select_family=value)
    for seconds in (0.02, 0.01, 0.001, None, 0, -0.001, math.nan, math.inf):
        attempt("timeout", auto_select_family_attempt_timeout=seconds)
    values = {"true": True, "text": "5", "list": []}
    for name, value in values.items():
        attempt(f"timeout {name}", auto_select_family_attempt_timeout=value)
