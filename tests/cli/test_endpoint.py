"""cli/endpoint.py: what may be typed, and how addresses are written."""

from __future__ import annotations

import pytest

from sockstream.cli.endpoint import Endpoint, format_address, parse_endpoint


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("8431", Endpoint(port=8431)),
        ("0", Endpoint(port=0)),
        (":8431", Endpoint(port=8431)),
        ("localhost:8431", Endpoint(port=8431, host="localhost")),
        ("127.0.0.1:65535", Endpoint(port=65535, host="127.0.0.1")),
        ("[::1]:80", Endpoint(port=80, host="::1")),
        ("[fe80::1%eth0]:80", Endpoint(port=80, host="fe80::1%eth0")),
        ("/run/chat.sock", Endpoint(path="/run/chat.sock")),
        ("./8431", Endpoint(path="./8431")),
        ("./a:80", Endpoint(path="./a:80")),
        ("chat.sock", Endpoint(path="chat.sock")),
        ("@chat", Endpoint(path="\0chat")),
    ],
)
def test_what_may_be_typed(text: str, endpoint: Endpoint) -> None:
    assert parse_endpoint(text) == endpoint


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "an endpoint is"),
        ("@", "needs a name"),
        ("65536", "65536"),
        ("localhost:http", "'http' in 'localhost:http' is no port"),
        ("localhost:", "'' in 'localhost:' is no port"),
        ("localhost:-1", "'-1'"),
        ("::1:80", r"brackets: \[::1\]:PORT"),
        ("localhost:٣", "no port"),
        ("[::1]", "no port"),
    ],
)
def test_what_may_not(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_endpoint(text)


@pytest.mark.parametrize(
    ("endpoint", "options"),
    [
        (Endpoint(port=1), {"port": 1}),
        (Endpoint(port=1, host="h"), {"port": 1, "host": "h"}),
        (Endpoint(path="/p"), {"path": "/p"}),
    ],
)
def test_as_options(endpoint: Endpoint, options: dict[str, object]) -> None:
    assert endpoint.options() == options


@pytest.mark.parametrize("text", ["localhost:80", "[::1]:80", "[fe80::1%eth0]:80", "/p", "@name", ":80"])
def test_written_as_it_is_typed(text: str) -> None:
    assert str(parse_endpoint(text)) == text


def test_an_ipv4_client_of_a_dual_stack_server_is_written_as_ipv4() -> None:
    assert format_address("::ffff:10.0.0.1", 80) == "10.0.0.1:80"
