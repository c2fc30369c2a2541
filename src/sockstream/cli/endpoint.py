"""Where to listen or connect, as it is typed: `PORT`, `HOST:PORT`, `[::1]:PORT`, a path, or `@name`."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from sockstream import net

__all__ = ["Endpoint", "EndpointOptions", "format_address", "listening_name", "parse_endpoint", "peer_name"]

HIGHEST_PORT = 65535


class EndpointOptions(TypedDict, total=False):
    """The options of `Server.listen` and `net.connect` that say where."""

    port: int
    host: str
    path: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A TCP port, with or without a host, or the path of a Unix socket.

    Attributes:
        port: the TCP port, None for a Unix socket.
        host: the host; None listens everywhere and connects to localhost.
        path: the path; a leading NUL means Linux's abstract namespace.
    """

    port: int | None = None
    host: str | None = None
    path: str | None = None

    def options(self) -> EndpointOptions:
        """Return the keyword arguments that say the same to `Server.listen` and `net.connect`."""
        if self.path is not None:
            return {"path": self.path}
        assert self.port is not None
        return {"port": self.port} if self.host is None else {"port": self.port, "host": self.host}

    def __str__(self) -> str:
        """Write it as it would be typed."""
        if self.path is not None:
            return format_path(self.path)
        return format_address(self.host or "", self.port or 0)


def parse_endpoint(text: str) -> Endpoint:
    """Understand an endpoint as it is typed.

    Args:
        text: `8431`, `:8431`, `localhost:8431`, `[::1]:8431`, `/run/chat.sock`, `chat.sock` or `@name`.

    Raises:
        ValueError: it is none of these; the message says what is wrong.
    """
    if text.startswith("@"):
        return _named(text)
    if "/" in text or (":" not in text and not text.isdecimal()):
        return _path(text)
    host, _, port = text.rpartition(":")
    return Endpoint(port=_port(port, text), host=_host(host))


def _named(text: str) -> Endpoint:
    """Take `@name` for a socket in Linux's abstract namespace, as `ss` and `netstat` write it."""
    if len(text) == 1:
        raise ValueError("'@' needs a name")
    return Endpoint(path="\0" + text[1:])


def _path(text: str) -> Endpoint:
    if not text:
        raise ValueError("an endpoint is [HOST:]PORT or a path")
    return Endpoint(path=text)


def _port(digits: str, text: str) -> int:
    if not (digits.isascii() and digits.isdecimal()) or int(digits) > HIGHEST_PORT:
        raise ValueError(f"{digits!r} in {text!r} is no port: a port is a number from 0 to {HIGHEST_PORT}")
    return int(digits)


def _host(host: str) -> str | None:
    if host.startswith("[") and host.endswith("]"):
        return host[1:-1]
    if ":" in host:
        raise ValueError(f"write the IPv6 address in brackets: [{host}]:PORT")
    return host or None


def format_address(host: str, port: int) -> str:
    """Write an address as it would be typed; an IPv4 client of a dual-stack server as the IPv4 address it is."""
    address, _, scope = host.partition("%")
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return f"{host}:{port}"
    if ip.version == 4:
        return f"{ip}:{port}"
    return f"{ip.ipv4_mapped}:{port}" if ip.ipv4_mapped else f"[{ip}{'%' if scope else ''}{scope}]:{port}"


def format_path(path: str) -> str:
    """Write a path as it would be typed."""
    return "@" + path[1:] if path.startswith("\0") else path


def listening_name(server: net.Server) -> str:
    """Name the place where a server listens, with the port it was given."""
    address = server.address()
    if address is None or isinstance(address, str):
        return format_path(address or "")
    return format_address(address.address, address.port)


def peer_name(peer: net.Socket | net.DropInfo, otherwise: str) -> str:
    """Name the other end: its address, or what is given where it has none (a Unix socket's client)."""
    if peer.remote_address is None or peer.remote_port is None:
        return otherwise
    return format_address(peer.remote_address, peer.remote_port)
