"""Programs of their own: when they exit, and with which code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream import AbortController, AbortSignal, net
from sockstream.timers import next_tick, set_immediate, set_interval, set_timeout

if TYPE_CHECKING:
    from sockstream.net import Server, Socket
    from sockstream.timers import Timer
    from tests.node.lib import Role

LOCAL: dict[str, Any] = {"port": 0, "host": "127.0.0.1"}


def _port(server: Server) -> int:
    address: Any = server.address()
    port: int = address.port
    return port


def nothing_is_open(t: Role) -> None:
    t.log("main")


def unref_server(t: Role) -> None:
    server = t.watch(net.create_server(), "server")
    server.listen(**LOCAL, callback=lambda: t.log("same", server.unref() is server))


def unref_server_before_listen(t: Role) -> None:
    server = net.create_server()
    server.unref()
    server.listen(**LOCAL, callback=lambda: t.log("listening"))


def closed_server(t: Role) -> None:
    server = t.watch(net.create_server(), "server")
    server.listen(**LOCAL, callback=lambda: server.close())


def unref_server_with_a_client(t: Role) -> None:
    # The socket keeps the program alive, the server does not.
    def accepted(peer: Socket) -> None:
        peer.on("end", lambda: t.log("peer end"))
        peer.on("close", lambda _: t.log("peer close"))
        peer.resume()

    def listening() -> None:
        socket = net.connect(_port(server), "127.0.0.1")
        socket.on("close", lambda _: t.log("client close"))
        set_timeout(lambda: socket.end(), 0.03)

    server = net.create_server(accepted)
    server.unref()
    server.listen(**LOCAL, callback=listening)


def unref_sockets(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        peer.unref()
        t.log("accepted")

    def listening() -> None:
        def connected() -> None:
            t.log("connected")
            socket.unref()

        socket = net.connect(_port(server), "127.0.0.1", connected)

    server = net.create_server(accepted)
    server.unref()
    server.listen(**LOCAL, callback=listening)


def socket_that_never_connects(t: Role) -> None:
    socket = net.Socket()
    socket.on("close", lambda _: t.log("never"))
    socket.resume()


def idle_timeout_alone_keeps_nothing(t: Role) -> None:
    socket = net.Socket()
    socket.set_timeout(60, lambda: t.log("never"))


def timer_keeps_and_unref_timer_does_not(t: Role) -> None:
    set_timeout(lambda: t.log("kept"), 0.02)
    set_timeout(lambda: t.log("never"), 60).unref()


def interval_until_it_is_cleared(t: Role) -> None:
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        t.log("interval", count)
        if count == 3:
            interval.cancel()

    interval = set_interval(tick, 0.005)


def immediate_runs_before_the_exit(t: Role) -> None:
    def first() -> None:
        t.log("immediate")
        next_tick(lambda: t.log("next tick"))
        set_immediate(lambda: t.log("second immediate"))

    set_immediate(first)


def error_nobody_listens_to(t: Role) -> None:
    server = net.create_server()
    server.listen(**LOCAL, callback=lambda: net.create_server().listen(_port(server), "127.0.0.1"))


def refused_unheard(t: Role) -> None:
    def listening() -> None:
        port = _port(server)
        server.close(lambda *_: net.connect(port, "127.0.0.1"))

    server = net.create_server().listen(**LOCAL, callback=listening)


def listener_throws(t: Role) -> None:
    def listening() -> None:
        t.log("listening")
        raise Exception("mine")

    net.create_server().listen(**LOCAL, callback=listening)


def main_throws(t: Role) -> None:
    t.log("main")
    raise Exception("mine")


def half_closed_socket_keeps(t: Role) -> None:
    # The peer has said all it will; ours may still speak.
    def accepted(peer: Socket) -> None:
        def half() -> None:
            t.log("half")
            set_timeout(lambda: peer.end("bye"), 0.03)

        server.close()
        peer.resume()
        peer.on("end", half)

    def listening() -> None:
        socket = net.connect(_port(server), "127.0.0.1")
        socket.set_encoding("utf8")
        socket.on("data", lambda text: t.log("data", text))
        socket.on("close", lambda _: t.log("close"))
        socket.end()

    server = net.create_server(accepted, allow_half_open=True).listen(**LOCAL, callback=listening)


def socket_paused_before_connect_keeps_nothing(t: Role) -> None:
    # It was never read from, so the loop waits for nothing on its behalf.
    def accepted(peer: Socket) -> None:
        server.close()
        peer.resume()
        peer.unref()

    def listening() -> None:
        socket = net.connect(_port(server), "127.0.0.1", lambda: t.log("connected"))
        socket.pause()

    server = net.create_server(accepted).listen(**LOCAL, callback=listening)


def socket_paused_later_keeps(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        server.close()
        peer.unref()
        peer.write("x")
        set_timeout(lambda: peer.destroy(), 0.03).unref()

    def listening() -> None:
        socket = net.connect(_port(server), "127.0.0.1")

        @socket.on("data")
        def _(chunk: bytes) -> None:
            t.log("data")
            socket.pause()

        set_timeout(lambda: socket.resume(), 0.06).unref()
        socket.on("close", lambda _: t.log("close"))

    server = net.create_server(accepted).listen(**LOCAL, callback=listening)


# -- timers and ticks -------------------------------------------------------------------------------------------------


def unref_timer_beside_an_interval(t: Role) -> None:
    def fire() -> None:
        t.log("unref timer")
        interval.cancel()

    interval = set_interval(lambda: None, 0.005)
    set_timeout(fire, 0.03).unref()
    set_timeout(lambda: t.log("never"), 5).unref()


def unref_interval(t: Role) -> None:
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1

    def look() -> None:
        if count >= 2:
            t.log("ran")
            keeping.cancel()

    set_interval(tick, 0.005).unref()
    keeping = set_interval(look, 0.005)


def timer_refed_again(t: Role) -> None:
    timer: Timer = set_timeout(lambda: t.log("kept", timer.has_ref()), 0.02)
    t.log("ref", timer.has_ref(), timer.unref() is timer, timer.has_ref(), timer.ref() is timer, timer.has_ref())


def timer_unref_by_another(t: Role) -> None:
    def fire() -> None:
        timer.unref()
        t.log("unref")

    timer = set_timeout(lambda: t.log("never"), 60)
    set_timeout(fire, 0.01)


def timer_refreshed(t: Role) -> None:
    count = 0

    def fire() -> None:
        nonlocal count
        count += 1
        t.log("timer", count)
        if count < 3:
            timer.refresh()

    timer = set_timeout(fire, 0.005)


def cleared_timers_keep_nothing(t: Role) -> None:
    set_timeout(lambda: t.log("never"), 60).cancel()
    set_interval(lambda: t.log("never"), 60).cancel()
    set_immediate(lambda: t.log("never")).cancel()
    t.log("main")


def unref_immediate_beside_another(t: Role) -> None:
    set_immediate(lambda: t.log("unref")).unref()
    set_immediate(lambda: t.log("ref"))


def immediates_come_before_timers_of_the_same_data(t: Role) -> None:
    def listening() -> None:
        @net.connect(_port(server), "127.0.0.1").on("data")
        def _(chunk: bytes) -> None:
            set_timeout(lambda: t.log("timer"), 0)
            set_immediate(lambda: t.log("immediate"))
            next_tick(lambda: t.log("tick"))
            server.close()

    server = net.create_server(lambda peer: peer.end("x") and None).listen(**LOCAL, callback=listening)


def next_ticks_of_next_ticks(t: Role) -> None:
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        if count < 1000:
            next_tick(tick)
        else:
            t.log("ticks", count)

    set_immediate(lambda: t.log("immediate"))
    next_tick(tick)
    t.log("main")


def a_tick_of_the_last_callback_opens_a_server(t: Role) -> None:
    def tick() -> None:
        def listening() -> None:
            t.log("listening")
            server.close(lambda _: t.log("closed"))

        server = net.create_server().listen(**LOCAL, callback=listening)

    set_timeout(lambda: next_tick(tick), 0.001)


def close_opens_another(t: Role) -> None:
    def listening() -> None:
        t.log("listening")
        server.close(lambda _: t.log("closed"))

    server = net.create_server()
    server.listen(**LOCAL, callback=lambda: server.close())

    @server.once("close")
    def _() -> None:
        t.log("close")
        set_immediate(lambda: server.listen(**LOCAL, callback=listening))


def abort_signal_timeout_keeps_nothing(t: Role) -> None:
    AbortSignal.timeout(60).on("abort", lambda *_: t.log("never"))
    t.log("main")


def listen_with_a_signal_that_is_aborted(t: Role) -> None:
    def listening() -> None:
        t.log("listening")
        set_timeout(lambda: controller.abort(), 0.01)

    controller = AbortController()
    server = net.create_server().on("close", lambda: t.log("close"))
    server.listen(**LOCAL, signal=controller.signal, callback=listening)


# -- errors -----------------------------------------------------------------------------------------------------------


def destroyed_with_an_error_unheard(t: Role) -> None:
    socket: Socket = net.connect(lambda: socket.destroy(Exception("mine")), **t.mute)
    socket.on("close", lambda _: t.log("never"))


def reset_unheard_by_a_client(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        peer.on("data", lambda chunk: peer.reset_and_destroy() and None)
        peer.on("close", lambda _: t.log("reset"))

    server = net.create_server(accepted)
    server.listen(**LOCAL, callback=lambda: net.connect(_port(server), "127.0.0.1").write("x"))


def reset_unheard_by_a_server(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        def closed(had_error: bool) -> None:
            t.log("close", had_error)
            server.close()

        peer.on("close", closed)
        peer.write("x")

    def listening() -> None:
        socket = net.connect(_port(server), "127.0.0.1")
        socket.on("data", lambda chunk: socket.reset_and_destroy() and None)

    server = net.create_server(accepted).listen(**LOCAL, callback=listening)


def connection_listener_throws(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        server.close(lambda _: t.log("closed"))
        raise Exception("mine")

    def listening() -> None:
        socket = net.connect(_port(server), "127.0.0.1")
        socket.on("error", lambda error: None).on("close", lambda _: t.log("close"))

    server = net.create_server(accepted).listen(**LOCAL, callback=listening)


def data_listener_throws(t: Role) -> None:
    def listening() -> None:
        socket = net.connect(_port(server), "127.0.0.1")

        @socket.on("data")
        def _(chunk: bytes) -> None:
            t.log("data")
            raise Exception("mine")

        socket.on("close", lambda _: t.log("never"))

    server = net.create_server(lambda peer: peer.end("x") and None).listen(**LOCAL, callback=listening)


def timer_throws(t: Role) -> None:
    def fire() -> None:
        next_tick(lambda: t.log("never"))
        raise Exception("mine")

    net.create_server().listen(**LOCAL)
    set_timeout(fire, 0.01)


def tick_throws(t: Role) -> None:
    def tick() -> None:
        raise Exception("mine")

    next_tick(tick)
    set_immediate(lambda: t.log("never"))


def error_listener_throws(t: Role) -> None:
    socket = net.Socket()

    @socket.on("error")
    def _(error: BaseException) -> None:
        t.log("error", error)
        raise Exception("in the listener")

    socket.on("close", lambda _: t.log("never"))
    socket.destroy(Exception("mine"))
    set_timeout(lambda: t.log("never"), 60)
