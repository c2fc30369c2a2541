"""Binding where a kernel lacks something."""

from __future__ import annotations

import errno
import socket
from typing import Any

import pytest

from sockstream.net.handles.binding import listen_tcp


def test_without_ipv6_every_interface_is_ipv4s(monkeypatch: pytest.MonkeyPatch) -> None:
    make = socket.socket

    def without_ipv6(family: int, *rest: Any) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return make(family, *rest)

    monkeypatch.setattr("sockstream.net.handles.binding.socket.socket", without_ipv6)
    with listen_tcp(None, 0, backlog=1) as made:
        assert made.getsockname()[0] == "0.0.0.0"
    with pytest.raises(OSError, match="Address family") as caught:
        listen_tcp(None, 0, backlog=1, ipv6_only=True)
    assert caught.value.filename == "::"
