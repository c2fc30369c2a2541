"""What a look-up is asked and may answer, and what a local address may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream import net, timers

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role

    Callback = Callable[..., None]

# At the mute port: 127.0.0.1 connects, nobody listens at the others.
GOOD = "127.0.0.1"
REFUSED = "127.0.0.2"
ONE: dict[str, Any] = {"auto_select_family": False}


def _watch(t: Role, socket: net.Socket) -> net.Socket:
    """Log what a socket says on its way to a connection, and destroy it there."""
    port = t.mute["port"]

    def failed(ip: str, at: int, family: int, error: Any) -> None:
        t.log("failed", ip, at == port, family, error)

    socket.on("lookup", lambda error, address, family, host: t.log("lookup", error, address, family, host))
    socket.on("connection_attempt", lambda ip, at, family: t.log("attempt", ip, at == port, family))
    socket.on("connection_attempt_failed", failed)
    t.watch(socket, "client", "-error")
    socket.on("error", lambda error: t.log("error", error))

    @socket.on("connect")
    def connected() -> None:
        t.log("connected to", socket.remote_address)
        socket.destroy()

    return socket


def _start(t: Role, socket: net.Socket, **options: Any) -> net.Socket:
    """Connect to the mute port."""
    where = {"port": t.mute["port"], "host": "some.test", "auto_select_family": "sequential"}
    return socket.connect(**{**where, **options})


def _connect(t: Role, prepare: Callable[[net.Socket], object] = lambda socket: None, **options: Any) -> net.Socket:
    socket = _watch(t, net.Socket())
    prepare(socket)
    t.attempt("connect", lambda: _start(t, socket, **options) and None)
    t.state("called", socket, "destroyed")
    timers.next_tick(t.log, "tick")
    return socket


def _giving(*found: Any) -> Callback:
    """Return a `lookup` that gives this, in the callback's arguments."""
    return lambda host, options, callback: callback(None, *found)


def _failing(error: BaseException) -> Callback:
    return lambda host, options, callback: callback(error)


def _raising(error: BaseException) -> Callback:
    def lookup(host: str, options: net.LookupOptions, callback: Callback) -> None:
        raise error

    return lookup


def _entry(address: Any, family: Any) -> dict[str, Any]:
    return {"address": address, "family": family}


class _MineError(Exception):
    code = "EMINE"


# -- what it is asked -------------------------------------------------------------------------------------------------


def _asks(t: Role, **options: Any) -> None:
    def lookup(host: str, asked: net.LookupOptions, callback: Callback) -> None:
        t.log("asked", host, asked["family"], asked["hints"], asked["all"], callable(callback))
        callback(None, [_entry(GOOD, 4)] if asked["all"] else GOOD, 4)

    socket = net.Socket()
    socket.on("error", lambda error: None)
    socket.on("lookup", lambda error, address, family, host: t.log("lookup", address, family, host))
    t.attempt("connect", lambda: _start(t, socket, **{"lookup": lookup, **options}) and None)
    t.state("socket", socket, "connecting")
    socket.destroy()


def what_a_lookup_is_asked(t: Role) -> None:
    _asks(t)
    _asks(t, **ONE)
    _asks(t, host="Other.Test")
    _asks(t, host=None)
    _asks(t, host=None)
    _asks(t, host="")
    _asks(t, host=" 127.0.0.1")
    _asks(t, host="127.1")
    _asks(t, host="[::1]")


def which_family_a_lookup_is_asked_for(t: Role) -> None:
    for family in (0, 4, 6, "IPv4", "IPv6", None, None):
        _asks(t, family=family)
    for family in (4, 6):
        _asks(t, family=family, **ONE)


def which_hints_a_lookup_is_asked_for(t: Role) -> None:
    for hints in (0, 1, 8, 32, 1024, None, None):
        _asks(t, hints=hints)
    for hints in (0, 8):
        _asks(t, hints=hints, family=4)


def a_local_address_asks_for_one(t: Role) -> None:
    _asks(t, local_address="127.0.0.9")
    _asks(t, local_address="")
    _asks(t, local_address=None)
    _asks(t, local_port=0)


def an_address_is_not_looked_up(t: Role) -> None:
    for host in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "::", "0.0.0.0", "fe80::1%lo"):
        _asks(t, host=host)


# -- what it may answer -----------------------------------------------------------------------------------------------


def one_address(t: Role) -> None:
    _connect(t, lookup=_giving(GOOD, 4), **ONE)


def one_address_later(t: Role) -> None:
    def lookup(host: str, options: net.LookupOptions, callback: Callback) -> None:
        timers.set_immediate(callback, None, GOOD, 4)

    _connect(t, lookup=lookup, **ONE)


def a_list_later(t: Role) -> None:
    def lookup(host: str, options: net.LookupOptions, callback: Callback) -> None:
        timers.set_immediate(callback, None, [_entry(GOOD, 4)])

    _connect(t, lookup=lookup)


def a_list_on_the_next_tick(t: Role) -> None:
    def lookup(host: str, options: net.LookupOptions, callback: Callback) -> None:
        timers.next_tick(callback, None, [_entry(REFUSED, 4)])

    _connect(t, lookup=lookup)


def no_error_in_other_words(t: Role) -> None:
    _connect(t, lookup=lambda host, options, callback: callback(False, GOOD, 4), **ONE)


def no_address(t: Role) -> None:
    _connect(t, lookup=_giving("nonsense", 4), **ONE)


def nothing_at_all(t: Role) -> None:
    _connect(t, lookup=_giving(), **ONE)


def a_number_for_an_address(t: Role) -> None:
    _connect(t, lookup=_giving(5, 4), **ONE)


def an_address_of_no_family(t: Role) -> None:
    _connect(t, lookup=_giving(GOOD, 5), **ONE)


def a_family_in_words(t: Role) -> None:
    _connect(t, lookup=_giving(GOOD, "IPv4"), **ONE)


def the_other_family(t: Role) -> None:
    _connect(t, lookup=_giving(GOOD, 6), **ONE)


def a_list_with_some_that_are_no_addresses(t: Role) -> None:
    _connect(t, lookup=_giving([_entry("nonsense", 4), _entry(GOOD, 5), _entry(GOOD, 4)]))


def a_list_with_one_that_is_refused(t: Role) -> None:
    _connect(t, lookup=_giving([_entry("nonsense", 4), _entry(REFUSED, 4)]))


def a_list_of_no_addresses(t: Role) -> None:
    _connect(t, lookup=_giving([_entry("nonsense", 4), _entry(GOOD, 5)]))


def a_list_of_no_families(t: Role) -> None:
    _connect(t, lookup=_giving([_entry(GOOD, 5), _entry("nonsense", 4)]))


def a_list_of_empty_entries(t: Role) -> None:
    _connect(t, lookup=_giving([{}, {}]))


# -- how it may fail --------------------------------------------------------------------------------------------------


def an_error_of_one(t: Role) -> None:
    _connect(t, lookup=_failing(_MineError()), **ONE)


def an_error_of_all(t: Role) -> None:
    _connect(t, lookup=_failing(_MineError()))


def an_error_later(t: Role) -> None:
    def lookup(host: str, options: net.LookupOptions, callback: Callback) -> None:
        timers.set_immediate(callback, _MineError())

    _connect(t, lookup=lookup)


def it_throws(t: Role) -> None:
    _connect(t, lookup=_raising(_MineError())).destroy()


def it_throws_after_its_answer(t: Role) -> None:
    def lookup(host: str, options: net.LookupOptions, callback: Callback) -> None:
        callback(None, [_entry(GOOD, 4)])
        raise _MineError

    _connect(t, lookup=lookup)


def a_second_connect_after_it_threw(t: Role) -> None:
    socket = _connect(t, lookup=_raising(_MineError()))
    socket.connect(**t.mute)


def it_never_answers(t: Role) -> None:
    socket = _connect(t, lookup=lambda host, options, callback: None)

    def later() -> None:
        t.state("later", socket, "connecting", "pending", "ready_state")
        socket.destroy()

    t.turns(3, later)


def no_function(t: Role) -> None:
    def attempt(name: str, lookup: Any) -> None:
        def run() -> None:
            socket = net.Socket()
            socket.on("error", lambda error: None)
            socket.connect(port=t.mute["port"], host="some.test", lookup=lookup)

        t.attempt(name, run)

    values: dict[str, Any] = {"number": 5, "text": "x", "empty": "", "false": False, "true": True, "list": []}
    for name, value in values.items():
        attempt(name, value)


# -- destroyed meanwhile ----------------------------------------------------------------------------------------------


def destroyed_in_the_function(t: Role) -> None:
    def lookup(host: str, options: net.LookupOptions, callback: Callback) -> None:
        socket.destroy()
        callback(None, [_entry(GOOD, 4)])

    socket = _watch(t, net.Socket())
    _start(t, socket, lookup=lookup)


def _keeping(answers: list[Callback]) -> Callback:
    return lambda host, options, callback: answers.append(callback)


def destroyed_before_the_answer(t: Role) -> None:
    answers: list[Callback] = []
    socket = _connect(t, lookup=_keeping(answers))
    socket.on("close", t.hold())
    socket.on("close", lambda _: answers[0](None, [_entry(GOOD, 4)]))
    timers.set_immediate(socket.destroy)


def destroyed_before_the_error(t: Role) -> None:
    answers: list[Callback] = []
    socket = _connect(t, lookup=_keeping(answers))
    socket.on("close", lambda _: answers[0](_MineError()))
    timers.set_immediate(socket.destroy)


def destroyed_in_the_event(t: Role) -> None:
    _connect(t, lambda socket: socket.on("lookup", lambda *_: socket.destroy()), lookup=_giving(GOOD, 4), **ONE)


def destroyed_in_the_event_of_an_error(t: Role) -> None:
    _connect(t, lambda socket: socket.on("lookup", lambda *_: socket.destroy()), lookup=_failing(_MineError()))


# -- the system's -----------------------------------------------------------------------------------------------------


def a_name_there_is_none_of(t: Role) -> None:
    socket = _watch(t, net.Socket())
    socket.on("error", lambda error: t.state("fields", error, "code", "syscall", "hostname"))
    _start(t, socket, host="nohost.invalid")


def a_name_there_is_none_of_alone(t: Role) -> None:
    _start(t, _watch(t, net.Socket()), host="nohost.invalid", **ONE)


def a_name_nobody_can_have(t: Role) -> None:
    _start(t, _watch(t, net.Socket()), host="a\0b", **ONE)


def destroyed_while_the_system_looks(t: Role) -> None:
    socket = _start(t, _watch(t, net.Socket()), host="nohost.invalid")
    timers.set_immediate(socket.destroy)


def the_systems_answers(t: Role) -> None:
    _start(t, _watch(t, net.Socket()), host="localhost", family=4, **ONE)


def _attempts_options(t: Role, name: str, **options: Any) -> None:
    def run() -> None:
        socket = net.Socket()
        socket.on("error", lambda error: None)
        try:
            socket.connect(**{"port": t.mute["port"], "host": "localhost", **options})
        finally:
            socket.destroy()

    t.attempt(name, run)


def hints_the_system_does_not_take(t: Role) -> None:
    for hints in (0, 8, 16, 32, 56, 1, 2, 4, 64, 1024, -1):
        _attempts_options(t, f"hints {hints}", hints=hints)


def families_the_system_does_not_take(t: Role) -> None:
    families: list[Any] = [0, 4, 6, "IPv4", "IPv6", 5, 10, -1, "x", "4", True]
    for family in families:
        _attempts_options(t, f"family {'true' if family is True else family}", family=family)


# -- local addresses --------------------------------------------------------------------------------------------------


def _binds(t: Role, **options: Any) -> None:
    port = t.mute["port"]
    socket = _watch(t, net.Socket())

    @socket.on("error")
    def failed(error: Any) -> None:
        t.state("error", error, "code", "syscall", "address", "port")
        t.log("message", str(error).replace(str(port), "port"))

    socket.connect(**{"port": port, "host": REFUSED, **options})
    t.state("called", socket, "connecting", "destroyed")


def a_local_address_of_the_other_family(t: Role) -> None:
    _binds(t, local_address="::1")


def a_local_address_of_the_other_family_of_a_name(t: Role) -> None:
    _binds(t, host="some.test", lookup=_giving(REFUSED, 4), local_address="::1")


def a_local_address_that_is_not_ours(t: Role) -> None:
    _binds(t, local_address="203.0.113.1")


def a_local_address_that_is_taken(t: Role) -> None:
    _binds(t, local_address=GOOD, local_port=t.mute["port"])


def a_local_port_that_is_taken(t: Role) -> None:
    _binds(t, local_port=t.mute["port"])


def a_local_port_that_is_taken_in_the_other_family(t: Role) -> None:
    _binds(t, host="::ffff:127.0.0.2", local_address="::ffff:127.0.0.1", local_port=t.mute["port"])


def a_local_address_that_is_ours(t: Role) -> None:
    socket = _watch(t, net.Socket())
    socket.prepend_listener("connect", lambda: t.log("from", socket.local_address))
    socket.connect(**t.mute, local_address="127.0.0.9")


# -- addresses --------------------------------------------------------------------------------------------------------


def port_zero(t: Role) -> None:
    socket = _watch(t, net.Socket())
    socket.on("error", lambda error: t.log("message", str(error)))
    socket.connect(0, REFUSED)


def a_zone_there_is_not(t: Role) -> None:
    socket = _watch(t, net.Socket())
    socket.on("error", lambda error: t.state("error", error, "code", "syscall", "address"))
    socket.connect(t.mute["port"], "fe80::1%nozone")


def a_mapped_address(t: Role) -> None:
    _watch(t, net.Socket()).connect(t.mute["port"], "::ffff:127.0.0.1")


def an_address_and_the_other_family(t: Role) -> None:
    _watch(t, net.Socket()).connect(**t.mute, family=6)
