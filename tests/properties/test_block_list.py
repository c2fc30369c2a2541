"""Block lists against a model that looks at every rule, with the standard library's `ipaddress`."""

from __future__ import annotations

import ipaddress
from collections import Counter
from ipaddress import IPv4Address, IPv6Address
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sockstream.net import BlockList
from sockstream.net import block_rules as block_rules_module

Address: TypeAlias = IPv4Address | IPv6Address
ModelRule: TypeAlias = tuple[str, Address, Any]

# Few enough to meet, on both sides of the borders between what is IPv4, what is mapped and what is neither.
tails = st.one_of(st.integers(0, 15), st.integers(2**32 - 16, 2**32 - 1))
ipv4 = tails.map(IPv4Address)
ipv6 = st.builds(lambda high, low: IPv6Address(high << 32 | low), st.sampled_from([0, 0xFFFE, 0xFFFF, 0x10000]), tails)
addresses = st.one_of(ipv4, ipv6)
ranges = st.one_of(st.tuples(ipv4, ipv4), st.tuples(ipv6, ipv6)).map(sorted)
prefixes = st.sampled_from([0, 1, 8, 16, 27, 28, 30, 31, 32])


def family(address: Address) -> str:
    return f"ipv{address.version}"


def mapped(address: Address) -> IPv4Address | None:
    return address if isinstance(address, IPv4Address) else address.ipv4_mapped


def as_ipv6(address: Address) -> IPv6Address:
    return IPv6Address(f"::ffff:{address}") if isinstance(address, IPv4Address) else address


def meets(model_rule: ModelRule, address: Address) -> bool:
    """Tell whether a rule blocks an address, by what the documentation says of each kind."""
    kind, first, last = model_rule
    if kind == "Address":
        return as_ipv6(first) == as_ipv6(address)
    if kind == "Subnet":
        prefix = last + 96 if first.version == 4 else last
        return as_ipv6(address) in ipaddress.IPv6Network((as_ipv6(first), prefix), strict=False)
    if isinstance(address, IPv4Address) and (mapped(first) is None or mapped(last) is None):
        return False
    return as_ipv6(first) <= as_ipv6(address) <= as_ipv6(last)


class BlockLists(RuleBasedStateMachine):
    """Adds, removes and checks, on a list and on the model."""

    @initialize(bulk=st.sampled_from([0, 3, 512]))
    def begin(self, bulk: int) -> None:
        self.blocked = BlockList()
        self.model: list[ModelRule] = []
        self.usual = block_rules_module._BULK
        # From how many changes on everything is sorted again: both ways must find the same.
        block_rules_module._BULK = bulk  # type: ignore[misc]

    def teardown(self) -> None:
        if hasattr(self, "usual"):
            block_rules_module._BULK = self.usual  # type: ignore[misc]

    def _forget(self, model_rule: ModelRule) -> bool:
        """Remove the newest such rule from the model."""
        for at in range(len(self.model) - 1, -1, -1):
            kind, first, last = self.model[at]
            same_address = kind == model_rule[0] == "Address" and as_ipv6(first) == as_ipv6(model_rule[1])
            if same_address or (kind, first, last) == model_rule:
                del self.model[at]
                return True
        return False

    @rule(address=addresses)
    def add_address(self, address: Address) -> None:
        self.blocked.add_address(str(address), family(address))
        self._forget(("Address", address, None))
        self.model.append(("Address", address, None))

    @rule(several=st.lists(ipv4, max_size=8))
    def add_addresses(self, several: list[IPv4Address]) -> None:
        self.blocked.add_addresses(map(str, several))
        for address in several:
            self._forget(("Address", address, None))
            self.model.append(("Address", address, None))

    @rule(ends=ranges)
    def add_range(self, ends: list[Any]) -> None:
        self.blocked.add_range(str(ends[0]), str(ends[1]), family(ends[0]))
        self.model.append(("Range", ends[0], ends[1]))

    @rule(address=addresses, prefix=prefixes, wide=st.booleans())
    def add_subnet(self, address: Address, prefix: int, wide: bool) -> None:
        prefix += 96 * (address.version == 6 and not wide)
        self.blocked.add_subnet(str(address), prefix, family(address))
        self.model.append(("Subnet", address, prefix))

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def remove_one_that_is_there(self, data: st.DataObject) -> None:
        kind, first, last = model_rule = data.draw(st.sampled_from(self.model))
        arguments = [str(first), *([] if last is None else [str(last) if kind == "Range" else last]), family(first)]
        assert getattr(self.blocked, f"remove_{kind.lower()}")(*arguments)
        assert self._forget(model_rule)

    @rule(address=addresses)
    def remove_address(self, address: Address) -> None:
        assert self.blocked.remove_address(str(address), family(address)) == self._forget(("Address", address, None))

    @rule(ends=ranges)
    def remove_range(self, ends: list[Any]) -> None:
        removed = self.blocked.remove_range(str(ends[0]), str(ends[1]), family(ends[0]))
        assert removed == self._forget(("Range", ends[0], ends[1]))

    @rule(several=st.lists(addresses, max_size=8))
    def check(self, several: list[Address]) -> None:
        for address in several:
            blocked = any(meets(model_rule, address) for model_rule in self.model)
            assert self.blocked.check(str(address), family(address)) == blocked, (address, self.blocked.rules)

    @invariant()
    def shows_its_rules(self) -> None:
        if not hasattr(self, "blocked"):
            return
        kinds = Counter(f"{kind}: IPv{first.version}" for kind, first, _ in self.model)
        assert Counter(text.rpartition(" ")[0] for text in self.blocked.rules) == kinds
        assert self.blocked.size == len(self.model)


TestBlockLists = BlockLists.TestCase
TestBlockLists.settings = settings(max_examples=50, stateful_step_count=30)


@given(several=st.lists(st.one_of(addresses, ranges.map(tuple)), max_size=20))
def test_rules_come_back_from_json(several: list[Any]) -> None:
    blocked = BlockList()
    for each in several:
        if isinstance(each, tuple):
            blocked.add_range(str(each[0]), str(each[1]), family(each[0]))
        else:
            blocked.add_address(str(each), family(each))
    again = BlockList()
    again.from_json(blocked.to_json())
    assert again.rules == blocked.rules[::-1]
