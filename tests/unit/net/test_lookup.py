"""What a `lookup` function may give, and how addresses are ordered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sockstream.errors import InvalidArgValueError, LookupFailedError, SockstreamError
from sockstream.net.families import interleave
from sockstream.net.lookup import (
    LookupAddress,
    LookupOptions,
    check_hints,
    look_up,
    resolve,
    start_custom_lookup,
    usable,
)

OPTIONS = LookupOptions(family=0, hints=0, all=True)
V4 = LookupAddress("127.0.0.1", 4)
V6 = LookupAddress("::1", 6)

FOUND: list[tuple[tuple[Any, ...], list[Any]]] = [
    (("127.0.0.1", 4), [V4]),
    (("::1",), [V6]),
    (("::1", 0), [V6]),
    (([{"address": "127.0.0.1", "family": 4}, {"address": "::1", "family": 6}],), [V4, V6]),
    (([("127.0.0.1", 4), ("::1", 6)],), [V4, V6]),
    ((("127.0.0.1", "::1"),), [V4, V6]),
    ((["127.0.0.1", "::1"],), [V4, V6]),
    (({"address": "::1"},), [V6]),
    ((V4,), [V4]),
    (([V4, V6],), [V4, V6]),
    ((iter(["::1"]),), [V6]),
    ((["127.0.0.1"], None), [V4]),
    # What is no address is an entry, too: the event tells it.
    (("127.0.0.1", 7), [("127.0.0.1", 7)]),
    (("127.0.0.1", "IPv4"), [("127.0.0.1", "IPv4")]),
    (("nope",), [("nope", None)]),
    ((5, 4), [(5, 4)]),
    ((b"::1",), [(b"::1", None)]),
    (([5, None, {}, "::1"],), [(5, None), (None, None), (None, None), V6]),
    (({},), [(None, None)]),
    ((), [(None, None)]),
    (([],), []),
]


@pytest.mark.parametrize(("given", "expected"), FOUND)
def test_a_callback_lookup_may_give(given: tuple[Any, ...], expected: list[Any]) -> None:
    results: list[Any] = []
    start_custom_lookup(
        lambda host, options, callback: callback(None, *given), "h", OPTIONS, lambda *a: results.append(a)
    )
    assert results == [(None, expected)]


@pytest.mark.parametrize(
    ("given", "expected"), [(found[0] if len(found) == 1 else found, wanted) for found, wanted in FOUND[:10]]
)
async def test_a_coroutine_lookup_may_return(given: Any, expected: list[Any]) -> None:
    asked: list[Any] = []

    async def lookup(host: str, options: LookupOptions) -> Any:
        asked.append((host, options))
        return given

    assert await look_up(asyncio.get_running_loop(), "h", OPTIONS, lookup) == expected
    assert asked == [("h", OPTIONS)]


@pytest.mark.parametrize("error", [ValueError("mine"), "mine", 5])
def test_a_lookup_may_fail(error: object) -> None:
    results: list[Any] = []
    start_custom_lookup(
        lambda host, options, callback: callback(error, "::1", 6), "h", OPTIONS, lambda *a: results.append(a)
    )
    assert results == [(error, [])]


@pytest.mark.parametrize("nothing", [None, False, 0, ""])
def test_what_is_no_error(nothing: object) -> None:
    results: list[Any] = []
    start_custom_lookup(
        lambda host, options, callback: callback(nothing, "::1", 6), "h", OPTIONS, lambda *a: results.append(a)
    )
    assert results == [(None, [V6])]


def test_what_is_usable_is_used_once() -> None:
    assert usable([("nope", 4), V6, ("127.0.0.1", 7), V4, V6, (None, 4), ("127.0.0.1", 6)]) == [
        V6,
        V4,
        LookupAddress("127.0.0.1", 6),
    ]


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([("nope", 4), ("127.0.0.1", 5)], "ERR_INVALID_IP_ADDRESS"),
        ([("127.0.0.1", 5), ("nope", 4)], "ERR_INVALID_ADDRESS"),
        ([("127.0.0.1", "IPv4")], "ERR_INVALID_ADDRESS"),
        ([(None, None)], "ERR_INVALID_IP_ADDRESS"),
        ([(5, 4)], "ERR_INVALID_IP_ADDRESS"),
    ],
)
def test_a_lookup_may_not_give(entries: list[Any], code: str) -> None:
    with pytest.raises(ValueError, match="Invalid") as caught:
        usable(entries)
    assert isinstance(caught.value, SockstreamError)
    assert caught.value.code == code


@pytest.mark.parametrize("hints", [0, 8, 16, 32, 56])
def test_hints_for_the_system(hints: int) -> None:
    check_hints(hints)


@pytest.mark.parametrize("hints", [1, 4, 64, 1024, 33, -1])
def test_no_hints_for_the_system(hints: int) -> None:
    with pytest.raises(InvalidArgValueError, match="hints"):
        check_hints(hints)


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


@pytest.mark.parametrize("name", ["nohost.invalid", "localhost\0.invalid"])
async def test_a_name_there_is_none_of(name: str) -> None:
    with pytest.raises(LookupFailedError) as caught:
        await resolve(asyncio.get_running_loop(), name)
    assert (caught.value.code, caught.value.syscall, caught.value.hostname) == ("ENOTFOUND", "getaddrinfo", name)


def test_families_take_turns() -> None:
    four = [LookupAddress(f"10.0.0.{n}", 4) for n in range(3)]
    six = [LookupAddress(f"fe80::{n}", 6) for n in range(2)]
    assert interleave([*six, *four]) == [six[0], four[0], six[1], four[1], four[2]]
    assert interleave([*four, *six]) == [four[0], six[0], four[1], six[1], four[2]]
    assert interleave(four) == four
