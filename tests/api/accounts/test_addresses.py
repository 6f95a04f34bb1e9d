"""From where a call comes: a proxy of ours is believed, whoever stands before it is not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from api.accounts.addresses import caller, group, networks, within

PROXIES = networks("10.0.0.0/24, 2001:db8::5")


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.168.1.9", [], "192.168.1.9"),
        ("192.168.1.9", ["1.2.3.4"], "192.168.1.9"),  # no proxy of ours: its word counts nothing
        ("10.0.0.1", ["192.168.1.9"], "192.168.1.9"),
        ("10.0.0.1", ["1.2.3.4, 192.168.1.9"], "192.168.1.9"),  # the caller has invented 1.2.3.4
        ("10.0.0.1", ["1.2.3.4", "192.168.1.9"], "192.168.1.9"),  # in a header of its own
        ("10.0.0.1", ["192.168.1.9, 10.0.0.2"], "192.168.1.9"),  # two proxies
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),  # a caller on a proxy
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["1.2.3.4, nonsense"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["1.2.3.4:5678"], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["192.168.1.9"], "192.168.1.9"),
        ("2001:db8::5", ["::ffff:192.168.1.9"], "192.168.1.9"),
        ("testclient", ["1.2.3.4"], "testclient"),
        ("", ["1.2.3.4"], ""),
    ],
)
def test_the_first_hop_that_is_not_ours_is_the_caller(peer: str, forwarded: Sequence[str], expected: str) -> None:
    assert caller(peer, forwarded, PROXIES) == expected


def test_without_proxies_of_ours_nobody_is_believed() -> None:
    assert caller("10.0.0.1", ["1.2.3.4"], ()) == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "expected"),
    [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("10.1.3.3", False), ("2001:db8::1", False), ("x", False)],
)
def test_an_address_is_within_a_network_or_not(address: str, expected: bool) -> None:
    assert within(address, networks("10.1.2.0/24, 2001:db9::/32")) is expected


@pytest.mark.parametrize("text", ["10.1.2.3/24", "10.1.2", "hospital.local", "10.1.2.0/24;10.1.3.0/24"])
def test_what_is_no_network_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"10\.1\.2\.0/24"):
        networks(text)


def test_a_subscriber_with_many_ipv6_addresses_is_counted_as_one() -> None:
    assert group("2001:db8:1:2::3") == group("2001:db8:1:2:ffff::4") != group("2001:db8:1:3::3")
    assert group("10.1.2.3") == "10.1.2.3"
