"""What a `lookup` function may give, and how addresses are ordered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sockstream.errors import LookupFailedError, SockstreamError
from sockstream.net.connect import interleave
from sockstream.net.lookup import LookupAddress, LookupOptions, look_up, resolve, start_custom_lookup

OPTIONS = LookupOptions(family=0, hints=0, all=True)
V4 = LookupAddress("127.0.0.1", 4)
V6 = LookupAddress("::1", 6)

FOUND = [
    (("127.0.0.1", 4), [V4]),
    (("::1",), [V6]),
    (("::1", 0), [V6]),
    (([{"address": "127.0.0.1", "family": 4}, {"address": "::1", "family": 6}],), [V4, V6]),
    (([("127.0.0.1", 4), ("::1", 6)],), [V4, V6]),
    ((["127.0.0.1", "::1"],), [V4, V6]),
    (({"address": "::1"},), [V6]),
    ((V4,), [V4]),
]


@pytest.mark.parametrize(("given", "expected"), FOUND)
def test_a_callback_lookup_may_give(given: tuple[Any, ...], expected: list[LookupAddress]) -> None:
    results: list[Any] = []
    start_custom_lookup(
        lambda host, options, callback: callback(None, *given), "h", OPTIONS, lambda *a: results.append(a)
    )
    assert results == [(None, expected)]


@pytest.mark.parametrize(
    ("given", "expected"), [*[(found[0] if len(found) == 1 else found, wanted) for found, wanted in FOUND]]
)
async def test_a_coroutine_lookup_may_return(given: Any, expected: list[LookupAddress]) -> None:
    asked: list[Any] = []

    async def lookup(host: str, options: LookupOptions) -> Any:
        asked.append((host, options))
        return given

    assert await look_up(asyncio.get_running_loop(), "h", OPTIONS, lookup) == expected
    assert asked == [("h", OPTIONS)]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("nope", 4), "ERR_INVALID_IP_ADDRESS"),
        (("127.0.0.1", 5), "ERR_INVALID_ADDRESS"),
        (([],), "ENOTFOUND"),
        ((), "ENOTFOUND"),
    ],
)
def test_a_lookup_may_not_give(given: tuple[Any, ...], code: str) -> None:
    results: list[Any] = []
    start_custom_lookup(
        lambda host, options, callback: callback(None, *given), "h", OPTIONS, lambda *a: results.append(a)
    )
    ((error, addresses),) = results
    assert isinstance(error, SockstreamError)
    assert (error.code, addresses) == (code, [])


def test_a_lookups_second_answer_does_not_count() -> None:
    results: list[Any] = []

    def lookup(host: str, options: LookupOptions, callback: Any) -> None:
        failure = OSError("first")
        callback(failure)
        callback(None, "127.0.0.1", 4)

    start_custom_lookup(lookup, "h", OPTIONS, lambda *a: results.append(a))
    assert [str(error) for error, _ in results] == ["first"]


async def test_the_system_resolves_numbers_and_names() -> None:
    loop = asyncio.get_running_loop()
    assert await resolve(loop, "127.0.0.1") == [V4]
    assert V4 in await resolve(loop, "localhost", 4)


async def test_a_name_there_is_none_of() -> None:
    with pytest.raises(LookupFailedError) as caught:
        await resolve(asyncio.get_running_loop(), "nohost.invalid")
    assert (caught.value.syscall, caught.value.hostname) == ("getaddrinfo", "nohost.invalid")


def test_families_take_turns() -> None:
    four = [LookupAddress(f"10.0.0.{n}", 4) for n in range(3)]
    six = [LookupAddress(f"fe80::{n}", 6) for n in range(2)]
    assert interleave([*six, *four]) == [six[0], four[0], six[1], four[1], four[2]]
    assert interleave([*four, *six]) == [four[0], six[0], four[1], six[1], four[2]]
    assert interleave(four) == four
