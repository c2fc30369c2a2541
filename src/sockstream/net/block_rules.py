"""What a block list is made of: its rules, and the intervals that answer whether an address is blocked.

**Which rule meets which address.**  A rule becomes an interval of IPv4 numbers, of IPv6 numbers, or one of each.  The
IPv4 addresses inside IPv6 (`::ffff:1.2.3.4`) are looked up among the IPv4 numbers first: so they meet the IPv4 rules,
and an IPv6 rule about them meets plain IPv4 addresses.

**How one look-up finds it.**  The intervals stand in the order of their starts, and beside each stands its *reach*: the
highest end up to there.  Of the intervals that start at or before an address, one holds it if and only if the reach of
the last of them gets that far: one bisection, however many rules there are and however they overlap.  Adding and
removing an interval changes the reach from its place on, and only as far as nothing reaches further anyway.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from operator import itemgetter
from typing import Final, Literal, NamedTuple, TypeAlias

from sockstream.errors import InvalidArgTypeError, InvalidArgValueError, OutOfRangeError
from sockstream.net.ip_numbers import MAPPED, to_text

__all__ = ["Interval", "IntervalIndex", "Rule", "RuleKind", "check_prefix", "split_cidr", "split_rule"]

RuleKind: TypeAlias = Literal["Address", "Range", "Subnet"]
Interval: TypeAlias = tuple[int, int]

_BITS: Final = {4: 32, 6: 128}
_LAST_IPV4: Final = 0xFFFFFFFF
# Measured: putting them in their places one by one costs more than sorting everything from about here on, whatever the
# size, for both grow with it.
_BULK: Final = 512

# As Node writes a number: without leading zeros, and `-` only before one.
_PREFIX: Final = re.compile(r"0|-?[1-9][0-9]{0,18}")
_RULE: Final = re.compile(r"(Address|Range|Subnet): IPv([46]) (\S+)")


class Rule(NamedTuple):
    """One rule; equal rules are the same.

    Attributes:
        kind: what it was made by.
        version: 4 or 6.
        first: the number of the address, of the range's start, or of the subnet's address as it was given.
        last: that of the range's end; the subnet's prefix; 0 for an address.
        copy_number: how many of the same were there before it.
    """

    kind: RuleKind
    version: int
    first: int
    last: int = 0
    copy_number: int = 0

    @property
    def text(self) -> str:
        """The rule as Node shows it: `Subnet: IPv4 10.0.0.0/8`."""
        what = to_text(self.first, self.version)
        if self.kind == "Range":
            what += f"-{to_text(self.last, self.version)}"
        elif self.kind == "Subnet":
            what += f"/{self.last}"
        return f"{self.kind}: IPv{self.version} {what}"

    @property
    def interval(self) -> Interval:
        """The first and the last number that it blocks, in its own version."""
        if self.kind == "Address":
            return self.first, self.first
        if self.kind == "Range":
            return self.first, self.last
        hosts = (1 << (_BITS[self.version] - self.last)) - 1
        return self.first & ~hosts, self.first | hosts

    @property
    def twin(self) -> Rule | None:
        """The same address in the other version's spelling, None if it has none there."""
        if self.version == 4:
            return self._replace(version=6, first=MAPPED | self.first)
        if self.first >> 32 == 0xFFFF:
            return self._replace(version=4, first=self.first & _LAST_IPV4)
        return None

    def intervals(self) -> tuple[Interval | None, Interval | None]:
        """Return what it blocks: the interval of IPv4 numbers and that of IPv6 numbers, None for nothing."""
        low, high = self.interval
        if self.version == 4:
            return (low, high), None
        if low >= MAPPED and high <= MAPPED | _LAST_IPV4:
            return (low & _LAST_IPV4, high & _LAST_IPV4), None
        # Node: a plain IPv4 address meets a wider subnet, and no range with an end outside the IPv4 addresses.
        covers_ipv4 = self.kind == "Subnet" and low <= MAPPED <= high
        return (0, _LAST_IPV4) if covers_ipv4 else None, (low, high)


class IntervalIndex:
    """Intervals that may overlap and be there several times; says whether one of them holds a number."""

    __slots__ = ("_ends", "_new", "_reach", "_starts")

    def __init__(self) -> None:
        # The intervals, by start and then by end: three lists, for bisecting one of numbers is fastest.
        self._starts: list[int] = []
        self._ends: list[int] = []
        # The highest end of this interval and those before it.
        self._reach: list[int] = []
        # Added and not yet in their places: many at once are cheaper.
        self._new: list[Interval] = []

    def __len__(self) -> int:
        return len(self._starts) + len(self._new)

    def holds(self, number: int) -> bool:
        """Return whether an interval holds the number."""
        if self._new:
            self._settle()
        at = bisect_right(self._starts, number)
        return at > 0 and self._reach[at - 1] >= number

    def add(self, interval: Interval) -> None:
        """Add an interval, once more if it is there."""
        self._new.append(interval)

    def remove(self, interval: Interval) -> None:
        """Remove one interval like this, which must be there."""
        self._settle()
        start, end = interval
        at = self._place(start, end)
        del self._starts[at], self._ends[at], self._reach[at]
        reach = self._reach[at - 1] if at else -1
        for later in range(at, len(self._ends)):
            reach = max(reach, self._ends[later])
            if self._reach[later] == reach:
                break  # all that follows was made of the same numbers
            self._reach[later] = reach

    def _settle(self) -> None:
        """Put what is new in its place."""
        new, self._new = self._new, []
        if len(new) < _BULK:
            for start, end in new:
                self._insert(start, end)
            return
        new.extend(zip(self._starts, self._ends, strict=True))
        new.sort()
        self._starts = list(map(itemgetter(0), new))
        self._ends = list(map(itemgetter(1), new))
        self._reach = list(accumulate(self._ends, max))

    def _insert(self, start: int, end: int) -> None:
        at = self._place(start, end)
        self._starts.insert(at, start)
        self._ends.insert(at, end)
        self._reach.insert(at, max(end, self._reach[at - 1]) if at else end)
        for later in range(at + 1, len(self._reach)):
            if self._reach[later] >= end:
                break
            self._reach[later] = end

    def _place(self, start: int, end: int) -> int:
        """Return where the interval stands, the first of them if there are several, or where it is to stand."""
        low = bisect_left(self._starts, start)
        high = bisect_right(self._starts, start, low)
        return bisect_left(self._ends, end, low, high)


# -- texts ------------------------------------------------------------------------------------------------------------


def check_prefix(prefix: object, version: int) -> int:
    """Return the length of a subnet's prefix.

    Raises:
        InvalidArgTypeError: it is no number.
        OutOfRangeError: it is no whole one, negative, or longer than an address.
    """
    if isinstance(prefix, float):
        raise OutOfRangeError("prefix", "an integer", prefix)
    if isinstance(prefix, bool) or not isinstance(prefix, int):
        raise InvalidArgTypeError("prefix", "an int", prefix)
    if not 0 <= prefix <= _BITS[version]:
        raise OutOfRangeError("prefix", f">= 0 and <= {_BITS[version]}", prefix)
    return prefix


def split_cidr(cidr: object, name: str = "cidr") -> tuple[str, int, str]:
    """Return the address, the prefix and the family of `'10.0.0.0/8'`; the first two are still to be checked.

    Raises:
        InvalidArgTypeError: it is no text.
        InvalidArgValueError: it has no prefix.
    """
    if not isinstance(cidr, str):
        raise InvalidArgTypeError(name, "a str", cidr)
    net, slash, prefix = cidr.rpartition("/")
    if not slash:
        raise InvalidArgValueError(name, cidr, "must have a prefix length, as '10.0.0.0/8' has")
    if not _PREFIX.fullmatch(prefix):
        raise InvalidArgValueError(name, cidr, "must end with a prefix length, a whole number without leading zeros")
    return net, int(prefix), "ipv6" if ":" in net else "ipv4"


def split_rule(text: str, name: str) -> tuple[RuleKind, str, str]:
    """Return the kind, the family and the rest of a rule's text.

    Raises:
        InvalidArgValueError: it is no rule's text.
    """
    match = _RULE.fullmatch(text)
    if match is None:
        raise InvalidArgValueError(name, text, "must be a rule as BlockList.rules has them: 'Subnet: IPv4 10.0.0.0/8'")
    kind, version, rest = match.groups()
    return kind, f"ipv{version}", rest  # type: ignore[return-value]  # one of the three
