"""keep_alive.py: what the kernel says of its connection."""

from __future__ import annotations

from tests.examples.conftest import EXAMPLES, port_of
from tests.support.kernel import inspected, keep_alive_options
from tests.support.programs import Program


def test_the_kernel_has_the_options(nc: str) -> None:
    with inspected(EXAMPLES / "keep_alive.py", "--port", "0", "--delay", "7") as server:
        with Program(nc, "-N", "localhost", port_of(server)) as client:
            assert server.out.line("probed").endswith("is probed after 7 s of silence")
            options = {"SO_KEEPALIVE": 1, "TCP_KEEPIDLE": 7, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 10}
            assert keep_alive_options(server) == options
            client.end_input()
            assert client.wait() == 0
        assert server.out.line("closed") == "closed"
