"""`server.listen` in every form, and what it refuses: at once, or on the next tick."""

from __future__ import annotations

import os
import socket as kernel
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sockstream import AbortController, AbortSignal, net
from sockstream.timers import next_tick, set_immediate

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.net import Server, Socket
    from tests.node.lib import Role

LOCAL = "127.0.0.1"
Form = tuple[str, tuple[Any, ...], dict[str, Any]]


def _shown(address: Any) -> Any:
    """Show where a server listens without what is another each time."""
    return [address.address, address.family, address.port > 0] if isinstance(address, net.AddressInfo) else address


def _form(name: str, *values: Any, **options: Any) -> Form:
    return name, values, options


def _named(t: Role, name: str, failed: Callable[[], object]) -> Server:
    """Make a server that logs what becomes of it under a name."""
    server = net.create_server()
    server.on("listening", lambda: t.log(name, "listening", _shown(server.address())))

    @server.on("error")
    def _(error: Any) -> None:
        t.log(name, "error", error)
        t.state(name, error, "syscall", "address", "port")
        failed()

    server.on("close", lambda: t.log(name, "close"))
    return server


def _in_turn(t: Role, *forms: Form) -> None:
    """Listen in one form after another."""
    release = t.hold()
    left = list(forms)

    def following(*_: object) -> None:
        set_immediate(listen)

    def listen() -> None:
        if not left:
            release()
            return
        name, values, options = left.pop(0)
        server = _named(t, name, following)
        server.on("listening", lambda: server.close(following) and None)
        try:
            t.log(name, server.listen(*values, **options) is server, server.listening)
            next_tick(lambda: t.log(name, "tick"))
        except Exception as error:
            t.log(name, "throws", error, server.listening)
            following()

    listen()


# -- forms ------------------------------------------------------------------------------------------------------------


def forms_of_a_port(t: Role) -> None:
    _in_turn(
        t,
        _form("nothing"),
        _form("none", None),
        _form("number", 0),
        _form("text", "0"),
        _form("none as option", port=None),
        _form("number as option", port=0),
        _form("text as option", port="0"),
        _form("exclusive", port=0, exclusive=True),
    )


def forms_of_a_host(t: Role) -> None:
    _in_turn(
        t,
        _form("empty", 0, ""),
        _form("none", 0, None),
        _form("IPv4", 0, LOCAL),
        _form("IPv6", 0, "::1"),
        _form("all of IPv4", 0, "0.0.0.0"),
        _form("all", 0, "::"),
        _form("mapped", 0, "::ffff:127.0.0.1"),
        _form("name", 0, "localhost"),
        _form("short", 0, "127.1"),
        _form("text port", "0", LOCAL),
        _form("option", port=0, host=LOCAL),
        _form("name as option", port=0, host="localhost"),
        _form("empty as option", port=0, host=""),
    )


def forms_of_a_backlog(t: Role) -> None:
    _in_turn(
        t,
        _form("without host", 0, 5),
        _form("host none", 0, None, 5),
        _form("with host", 0, LOCAL, 5),
        _form("zero", 0, 0),
        _form("negative", 0, -1),
        _form("huge", 0, 10**9),
        _form("larger than an int", 0, 2**31),
        _form("option", port=0, backlog=5),
        _form("option zero", port=0, backlog=0),
        _form("option negative", port=0, backlog=-5),
        _form("path", f"{t.dir}/a", 5),
        _form("path as option", path=f"{t.dir}/a", backlog=5),
    )


def forms_of_a_path(t: Role) -> None:
    _in_turn(
        t,
        _form("text", f"{t.dir}/a"),
        _form("again", f"{t.dir}/a"),
        _form("option", path=f"{t.dir}/b"),
        _form("exclusive", path=f"{t.dir}/b", exclusive=True),
    )


def a_relative_path(t: Role) -> None:
    def listening() -> None:
        t.log("address", server.address(), os.path.exists(f"{t.dir}/relative"))
        server.close()
        t.log("there", os.path.exists(f"{t.dir}/relative"))
        os.chdir(before)

    before = os.getcwd()
    os.chdir(t.dir)
    server = t.watch(net.create_server(), "server").listen("relative", listening)


def callbacks(t: Role) -> None:
    def form(name: str, *values: Any, **options: Any) -> None:
        def listening() -> None:
            t.log(name, "callback", server.listening)
            server.close(release)

        release = t.hold()
        server: Any = net.create_server()
        server.on("listening", lambda: t.log(name, "listener"))
        server.listen(*values, listening, **options)

    form("alone")
    form("port", 0)
    form("path", f"{t.dir}/a")
    form("path and backlog", f"{t.dir}/b", 5)
    form("options", port=0)
    form("port and host", 0, LOCAL)
    form("port, host and backlog", 0, LOCAL, 5)
    form("port and backlog", 0, 5)


def a_callback_is_a_once_listener(t: Role) -> None:
    server = t.watch(net.create_server(), "server")
    server.listen(0, t.callback("first"))
    t.log("listeners", server.listener_count("listening"))

    @server.once("listening")
    def _() -> None:
        t.log("listeners", server.listener_count("listening"))
        server.close()

    server.once("close", lambda: server.listen(0, LOCAL, lambda: server.close() and None) and None)


def several_places(t: Role) -> None:
    """Of several places the first counts: a handle, a descriptor, a port, a path."""
    unused = f"{t.dir}/unused"
    _in_turn(
        t,
        _form("port and path", port=0, path=unused),
        _form("descriptor and port", fd=999, port=0),
        _form("descriptor and path", fd=999, path=unused),
        _form("handle and port", handle=SimpleNamespace(fd=999), port=0),
        _form("path and host", path=f"{t.dir}/used", host="nohost.invalid"),
    )
    t.log("there", os.path.exists(unused))


def ipv6_only(t: Role) -> None:
    def listening() -> None:
        port = server.address().port
        four = t.watch(net.connect(port, LOCAL), "four")

        @four.on("close")
        def _(_: bool) -> None:
            six = t.watch(net.connect(port, "::1"), "six").resume()
            six.on("connect", lambda: server.close() and None)

    server = t.watch(net.create_server(), "server")
    server.listen(port=0, host="::", ipv6_only=True, callback=listening)
    server.on("connection", lambda socket: socket.end() and None)


def ipv6_only_leaves_the_port_of_ipv4(t: Role) -> None:
    def listening() -> None:
        def both() -> None:
            t.log("same port", six.address().port == four.address().port)
            six.close()
            four.close()

        six = t.watch(net.create_server(), "six")
        six.listen(port=four.address().port, host="::", ipv6_only=True, callback=both)

    four = t.watch(net.create_server(), "four").listen(0, "0.0.0.0", listening)


def ipv6_only_of_an_ipv4_address(t: Role) -> None:
    _in_turn(
        t,
        _form("IPv4", port=0, host=LOCAL, ipv6_only=True),
        _form("mapped", port=0, host="::ffff:127.0.0.1", ipv6_only=True),
    )


def zones(t: Role) -> None:
    _in_turn(
        t,
        _form("its own", 0, "::1%lo"),
        _form("no zone", 0, "::1%nope"),
        _form("link-local elsewhere", 0, "fe80::1%lo"),
        _form("link-local nowhere", 0, "fe80::1%nope"),
    )


def modes_of_a_path(t: Role) -> None:
    def mode(name: str, **options: Any) -> None:
        before = os.umask(0o077)
        server = net.create_server().listen(path=where, **options)
        os.umask(before)
        t.log(name, f"{stat.S_IMODE(os.stat(where).st_mode):o}")
        server.close()

    where = f"{t.dir}/a"
    mode("neither")
    mode("readable", readable_all=True)
    mode("writable", writable_all=True)
    mode("both", readable_all=True, writable_all=True)


# -- refused at once --------------------------------------------------------------------------------------------------


def ports_that_are_none(t: Role) -> None:
    _in_turn(
        t,
        _form("negative", -1),
        _form("too large", 65536),
        _form("too large as text", "65536"),
        _form("fraction", 1.5),
        _form("not a number", float("nan")),
        _form("empty", ""),
        _form("true", True),
        _form("false", False),
        _form("negative as option", port=-1),
        _form("too large as option", port=65536),
        _form("fraction as option", port=1.5),
        _form("empty as option", port=""),
        _form("blank as option", port=" "),
        _form("word as option", port="x"),
        _form("true as option", port=True),
        _form("list as option", port=[]),
    )


def places_that_are_none(t: Role) -> None:
    _in_turn(
        t,
        _form("list", []),
        _form("path number", path=5),
        _form("path empty", path=""),
        _form("path true", path=True),
        _form("descriptor negative", fd=-1),
        _form("descriptor text", fd="x"),
        _form("descriptor of a handle negative", handle=SimpleNamespace(fd=-1)),
        _form("host number", port=0, host=5),
        _form("host true", port=0, host=True),
        _form("host list", port=0, host=[]),
        _form("signal number", port=0, signal=5),
        _form("signal text", port=0, signal="x"),
        _form("abstract and readable", path="\0sockstream-never", readable_all=True),
        _form("abstract and writable", path="\0sockstream-never", writable_all=True),
    )


def handles_that_have_nothing(t: Role) -> None:
    closed = net.create_server().listen(0)
    closed.close()
    socket = net.Socket()
    server = net.create_server()
    t.attempt("server that does not listen", lambda: net.create_server().listen(net.create_server()))
    t.attempt("server that is closed", lambda: net.create_server().listen(closed))
    t.attempt("itself", lambda: server.listen(server))
    t.attempt("socket without connection", lambda: net.create_server().listen(socket))


def what_raises_leaves_the_server_as_it_was(t: Role) -> None:
    server: Any = t.watch(net.create_server(), "server")
    t.attempt("port", lambda: server.listen(-1))
    t.attempt("signal", lambda: server.listen(port=0, signal=5))
    t.attempt("path", lambda: server.listen(path=5))
    t.state("server", server, "listening")
    t.log("address", server.address())
    server.listen(0, LOCAL, lambda: server.close())


def a_second_listen_is_refused_before_its_arguments_are(t: Role) -> None:
    def listening() -> None:
        t.attempt("port", lambda: server.listen(-1))
        t.attempt("descriptor", lambda: server.listen(fd=999))
        t.attempt("aborted", lambda: server.listen(port=0, signal=AbortSignal.abort()))
        t.attempt("path", lambda: server.listen(f"{t.dir}/a", t.callback("never")))
        t.log("there", os.path.exists(f"{t.dir}/a"), server.listener_count("listening"))
        server.close()

    server = t.watch(net.create_server(), "server").listen(0, listening)
    t.attempt("at once", lambda: server.listen(-1))


# -- refused by the system --------------------------------------------------------------------------------------------


def descriptors_that_cannot_listen(t: Role) -> None:
    def close() -> None:
        t.log("still open", stat.S_ISREG(os.fstat(file).st_mode))
        os.close(file)
        os.close(nothing)
        datagrams.close()
        release()

    release = t.hold()
    file = os.open(__file__, os.O_RDONLY)
    nothing = os.open(os.devnull, os.O_RDONLY)
    datagrams = kernel.socket(type=kernel.SOCK_DGRAM)
    _in_turn(
        t,
        _form("closed", fd=999),
        _form("file", fd=file),
        _form("device", fd=nothing),
        _form("datagrams", fd=datagrams.fileno()),
        _form("handle", handle=SimpleNamespace(fd=file)),
        _form("object", SimpleNamespace(fd=file), 5),
    )
    t.turns(40, close)


def a_connected_sockets_handle(t: Role) -> None:
    def listening() -> None:
        def connected() -> None:
            def failed(error: Any) -> None:
                t.state("other", other, "listening")
                socket.destroy()
                other.close()
                server.close()

            other = t.watch(net.create_server(), "other")
            socket.on("error", lambda error: None)
            other.on("error", failed)
            other.listen(socket)
            t.state("other", other, "listening")

        socket = net.connect(server.address().port, LOCAL, connected)

    server = t.watch(net.create_server(), "server").listen(0, LOCAL, listening)
    server.on("connection", lambda peer: peer.on("error", lambda error: None).destroy() and None)


def a_descriptor_that_another_server_has(t: Role) -> None:
    def listening() -> None:
        def failed(error: Any) -> None:
            t.state("listening", server, "listening")
            other.close()
            server.close()

        other = t.watch(net.create_server(), "other")
        other.on("error", failed)
        other.listen(fd=server._listener.socket.fileno())
        t.state("other", other, "listening")

    server = t.watch(net.create_server(), "server").listen(0, LOCAL, listening)


def another_servers_handle(t: Role) -> None:
    def listening() -> None:
        def taken() -> None:
            t.log("same", other.address().port == server.address().port)
            net.connect(server.address().port, LOCAL).resume()

        def connected(socket: Socket) -> None:
            def closed(had_error: bool) -> None:
                other.close()
                server.close()

            socket.end()
            socket.on("close", closed)

        other = t.watch(net.create_server(), "other").listen(server, 5, taken)
        t.state("other", other, "listening")
        other.on("connection", connected)

    server = t.watch(net.create_server(), "server").listen(0, LOCAL, listening)


def addresses_of_another(t: Role) -> None:
    _in_turn(
        t,
        _form("any port", 0, "192.0.2.77"),
        _form("a port", 8431, "192.0.2.77"),
        _form("IPv6", 0, "2001:db8::77"),
        _form("option", port=8431, host="192.0.2.77"),
    )


def names_that_are_none(t: Role) -> None:
    def failed() -> None:
        t.state("in error", server, "listening")
        t.log("address", server.address())
        server.remove_all_listeners("error")
        server.listen(0, LOCAL, lambda: server.close(release))

    release = t.hold()
    server = _named(t, "server", failed)
    server.listen(0, "nohost.invalid", t.callback("callback"))
    t.state("called", server, "listening")
    next_tick(lambda: t.log("tick"))


def ports_in_use(t: Role) -> None:
    def listening() -> None:
        def following() -> None:
            if not hosts:
                taken.close(release)
                return
            host = hosts.pop(0)
            name = host or "undefined"
            server = net.create_server()

            @server.on("error")
            def _(error: Any) -> None:
                t.log(name, error, str(error).replace(str(port), "<port>"), error.port == port)
                error.errno = -error.errno  # Node's are negative
                t.state(name, error, "errno", "syscall", "address", "port")
                following()

            server.listen(port, host)
            t.state("called", server, "listening")

        address: Any = taken.address()
        port = address.port
        hosts = [None, "::", "0.0.0.0", LOCAL, "::1", "localhost"]
        following()

    release = t.hold()
    taken = net.create_server().listen(0, "::", listening)


def two_at_once(t: Role) -> None:
    def failed(error: Any) -> None:
        second.close()
        first.close()

    first = t.watch(net.create_server(), "first").listen(0)
    second = t.watch(net.create_server(), "second").listen(first.address().port)
    t.log("listening", first.listening, second.listening)
    second.on("error", failed)


def abstract_name_in_use(t: Role) -> None:
    def failed(error: Any) -> None:
        t.log("address", error.address == name, error.port)
        second.close()
        first.close()

    name = f"\0sockstream-twice-{os.getpid()}"
    first = t.watch(net.create_server(), "first").listen(name)
    second = t.watch(net.create_server(), "second").listen(name)
    second.on("error", failed)


def paths_that_cannot_be(t: Role) -> None:
    os.mkdir(f"{t.dir}/directory")
    Path(f"{t.dir}/file").touch()
    _in_turn(
        t,
        _form("no directory", f"{t.dir}/no/a"),
        _form("a directory", f"{t.dir}/directory"),
        _form("a file", f"{t.dir}/file"),
        _form("below a file", f"{t.dir}/file/a"),
        _form("where nobody may", "/proc/sockstream"),
        _form("option", path=f"{t.dir}/no/a"),
    )


# -- paths come and go ------------------------------------------------------------------------------------------------


def stale_path(t: Role) -> None:
    def listening() -> None:
        # A second name of its file outlives the server.
        os.link(where, dead)
        server.close()

    def refused(error: Any) -> None:
        def taken(error: Any) -> None:
            t.log("still there", os.path.exists(dead))
            os.unlink(dead)
            other.listen(dead, lambda: other.close(release) and None)

        t.log("connect", error)
        other = t.watch(net.create_server(), "other").listen(dead)
        other.once("error", taken)

    release = t.hold()
    where, dead = f"{t.dir}/a", f"{t.dir}/b"
    server = t.watch(net.create_server(), "server").listen(where, listening)

    @server.once("close")
    def _() -> None:
        t.log("there", os.path.exists(where), os.path.exists(dead))
        net.connect(dead).on("error", refused)


def path_removed_meanwhile(t: Role) -> None:
    def listening() -> None:
        def failed(error: Any) -> None:
            t.log("connect", error)
            server.close(t.callback("closed"))

        os.unlink(where)
        t.state("server", server, "listening")
        t.log("address", server.address())
        net.connect(where).on("error", failed)

    where = f"{t.dir}/a"
    server = t.watch(net.create_server(), "server").listen(where, listening)


def path_taken_again_in_close(t: Role) -> None:
    def listening() -> None:
        def again() -> None:
            t.log("there", os.path.exists(where))
            other.close()
            t.log("there", os.path.exists(where))

        server.close()
        other = t.watch(net.create_server(), "other").listen(where, again)

    where = f"{t.dir}/a"
    server = t.watch(net.create_server(), "server").listen(where, listening)


# -- moments ----------------------------------------------------------------------------------------------------------


def address_at_each_moment(t: Role) -> None:
    def look(name: str) -> None:
        t.log(name, server.listening, _shown(server.address()))

    def listening() -> None:
        look("in listening")
        server.close()
        look("closing")

    server = t.watch(net.create_server(), "server")
    look("new")
    server.listen(0, LOCAL)
    look("called")
    next_tick(look, "tick")
    server.on("listening", listening)
    server.on("close", lambda: look("in close"))


def path_at_each_moment(t: Role) -> None:
    def look(name: str) -> None:
        t.log(name, server.listening, server.address())

    def listening() -> None:
        look("in listening")
        server.close()
        t.state("closing", server, "listening")

    server = t.watch(net.create_server(), "server")
    look("new")
    server.listen(f"{t.dir}/a")
    look("called")
    server.on("listening", listening)


def address_in_error(t: Role) -> None:
    def failed(error: Any) -> None:
        t.log("in error", server.listening, server.address())
        server.close(t.callback("closed"))

    server = t.watch(net.create_server(), "server").listen(8431, "192.0.2.77")
    server.on("error", failed)


def an_error_listener_may_come_late(t: Role) -> None:
    def failed(error: Any) -> None:
        t.log("error", error)
        release()

    release = t.hold()
    server = net.create_server().listen(f"{t.dir}/no/a")
    server.on("error", failed)
    t.log("called")


def listen_again_in_error(t: Role) -> None:
    server = t.watch(net.create_server(), "server")
    server.listen(f"{t.dir}/no/a", t.callback("first"))
    server.on("error", lambda error: server.listen(0, LOCAL, t.callback("second")) and None)
    server.on("listening", lambda: server.close() and None)


def listen_again_before_the_error_is_told(t: Role) -> None:
    server = t.watch(net.create_server(), "server")
    server.listen(f"{t.dir}/no/a", t.callback("first"))
    t.state("failed", server, "listening")
    server.listen(0, t.callback("second"))
    t.state("called", server, "listening")
    server.on("listening", lambda: server.close() and None)


def listen_again_in_close(t: Role) -> None:
    again = True

    def closed() -> None:
        nonlocal again
        if again:
            server.listen(f"{t.dir}/a", t.callback("again"))
        again = False

    server = t.watch(net.create_server(), "server")
    server.listen(0, LOCAL)
    server.on("listening", lambda: server.close(t.callback("closed")) and None)
    server.on("close", closed)


def listen_again_while_closing(t: Role) -> None:
    def listening() -> None:
        def again() -> None:
            t.log("again", server.listening)
            server.close()

        server.close(t.callback("closed"))
        server.listen(0, again)

    server = t.watch(net.create_server(), "server")
    server.listen(0, listening)


def listen_close_listen_at_once(t: Role) -> None:
    server = t.watch(net.create_server(), "server")
    server.listen(0, t.callback("first"))
    server.close(t.callback("closed"))
    server.listen(0, t.callback("second"))
    t.state("called", server, "listening")
    t.turns(4, lambda: server.close() and None)


def close_and_listen_in_the_callback(t: Role) -> None:
    def close_again() -> None:
        server.close(t.callback("closed again"))

    server = t.watch(net.create_server(), "server")
    server.listen(0, lambda: server.close(lambda _: server.listen(0, close_again) and None) and None)


def close_in_connection_drops_the_rest(t: Role) -> None:
    count = 0

    def connected(socket: Socket) -> None:
        nonlocal count
        count += 1
        t.log("connection", count)
        socket.end()
        server.close(t.callback("closed"))
        t.log("address", server.address())

    def listening() -> None:
        socket = t.watch(net.connect(server.address().port, LOCAL), "client", "-finish").resume()
        socket.on("close", lambda _: t.log("count", count))

    server = t.watch(net.create_server(), "server", "-connection")
    server.on("connection", connected)
    server.listen(0, LOCAL, listening)


def close_of_a_failed_server(t: Role) -> None:
    server = t.watch(net.create_server(), "server").listen(f"{t.dir}/no/a")
    server.close(t.callback("closed"))
    next_tick(lambda: t.log("tick"))


# -- signals ----------------------------------------------------------------------------------------------------------


def _signalled(t: Role, act: Callable[[Server, AbortController], object], **where: Any) -> None:
    controller = AbortController()
    server = t.watch(net.create_server(), "server")
    server.listen(**where, signal=controller.signal, callback=t.callback("callback"))
    act(server, controller)
    next_tick(lambda: t.log("tick", server.listening))


def a_signal_that_has_aborted(t: Role) -> None:
    server = t.watch(net.create_server(), "server")
    server.listen(port=0, signal=AbortSignal.abort(), callback=t.callback("callback"))
    t.state("called", server, "listening")
    next_tick(lambda: t.log("tick", server.listening))


def a_signal_that_has_aborted_and_a_host(t: Role) -> None:
    server = t.watch(net.create_server(), "server")
    server.listen(port=0, host=LOCAL, signal=AbortSignal.abort(), callback=t.callback("callback"))
    t.state("called", server, "listening")
    server.on("close", lambda: t.turns(6, lambda: t.state("later", server, "listening")))


def a_signal_that_has_aborted_and_a_path(t: Role) -> None:
    where = f"{t.dir}/a"
    server = t.watch(net.create_server(), "server")
    server.listen(path=where, signal=AbortSignal.abort(), callback=t.callback("callback"))
    t.log("there", os.path.exists(where))
    server.on("close", lambda: t.log("there", os.path.exists(where)))


def a_signal_that_has_aborted_and_a_bad_descriptor(t: Role) -> None:
    server = t.watch(net.create_server(), "server")
    server.listen(fd=999, signal=AbortSignal.abort(), callback=t.callback("callback"))


def a_signal_aborts_at_once(t: Role) -> None:
    def act(server: Server, controller: AbortController) -> None:
        controller.abort()
        t.state("aborted", server, "listening")

    _signalled(t, act, port=0)


def a_signal_aborts_before_the_host_is_known(t: Role) -> None:
    def act(server: Server, controller: AbortController) -> None:
        controller.abort()
        t.state("aborted", server, "listening")
        t.turns(6, lambda: t.state("later", server, "listening"))

    _signalled(t, act, port=0, host="localhost")


def a_signal_aborts_in_listening(t: Role) -> None:
    def act(server: Server, controller: AbortController) -> None:
        @server.on("listening")
        def _() -> None:
            controller.abort()
            t.state("aborted", server, "listening")

    _signalled(t, act, port=0, host=LOCAL)


def a_signal_aborts_after_close(t: Role) -> None:
    def act(server: Server, controller: AbortController) -> None:
        def listening_again() -> None:
            controller.abort()
            t.state("aborted", server, "listening")
            server.close()

        server.once("listening", lambda: server.close() and None)
        server.once("close", lambda: server.listen(0, LOCAL, listening_again) and None)

    _signalled(t, act, port=0)


def a_signal_outlives_a_failed_listen(t: Role) -> None:
    def act(server: Server, controller: AbortController) -> None:
        def again() -> None:
            controller.abort()
            t.state("aborted", server, "listening")

        server.on("error", lambda error: server.listen(0, again) and None)

    _signalled(t, act, path=f"{t.dir}/no/a")


def a_signal_closes_two_servers(t: Role) -> None:
    def listening() -> None:
        controller.abort()
        t.state("first", first, "listening")

    controller = AbortController()
    first = t.watch(net.create_server(), "first").listen(port=0, signal=controller.signal)
    t.watch(net.create_server(), "second").listen(port=0, signal=controller.signal, callback=listening)


def a_signal_leaves_the_connections(t: Role) -> None:
    def connected(socket: Socket) -> None:
        controller.abort()
        t.state("aborted", server, "listening")
        socket.on("data", lambda chunk: socket.end(chunk) and None)

    def listening() -> None:
        t.watch(net.connect(server.address().port, LOCAL), "client", "data").write("still served")

    controller = AbortController()
    server = t.watch(net.create_server(), "server", "-connection")
    server.on("connection", connected)
    server.listen(port=0, host=LOCAL, signal=controller.signal, callback=listening)


# -- the limit --------------------------------------------------------------------------------------------------------


def _dropped(t: Role, value: bool | None = None) -> None:
    def connected(socket: Socket) -> None:
        t.log("connection")
        socket.resume()

    def listening() -> None:
        def first_connected() -> None:
            def closed(had_error: bool) -> None:
                t.log("closed")
                first.end()
                server.close()

            second = net.connect(port, LOCAL).on("error", lambda error: None).resume()
            second.on("close", closed)

        port = server.address().port
        first = net.connect(port, LOCAL, first_connected)
        first.resume()

    server = t.watch(net.create_server(), "server", "-connection")
    server.max_connections = 1
    if value is not None:
        server.drop_max_connection = value
    server.on("connection", connected)
    server.on("drop", lambda info: t.log("drop"))
    server.listen(0, LOCAL, listening)


def over_the_limit(t: Role) -> None:
    _dropped(t)


def over_the_limit_with_drop_max_connection(t: Role) -> None:
    _dropped(t, True)


def over_the_limit_without_drop_max_connection(t: Role) -> None:
    _dropped(t, False)
