"""From where a call comes, and whether that is allowed.

X-Forwarded-For is believed only as far as our own proxies wrote it: read from the right, each entry was appended by
the hop after it; the first hop that is not one of ``trusted`` is the caller. What stands left of it the caller may have
invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Networks from ``10.0.0.0/8, 2001:db8::1``. Raises ValueError, naming the entry that is none."""
    found: list[Network] = []
    for part in (part.strip() for part in text.split(",")):
        if part:
            try:
                found.append(ip_network(part))
            except ValueError:
                raise ValueError(f"{part!r} is not an address or network like 10.1.2.0/24") from None
    return tuple(found)


def within(address: str, allowed: Sequence[Network]) -> bool:
    """Whether the address lies in one of the networks; what is no address lies in none."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed.version == one.version and parsed in one for one in allowed)


def caller(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The caller's address. ``peer`` is the other end of the connection, ``forwarded`` the X-Forwarded-For headers in
    the order they came."""
    hops = [hop.strip() for line in forwarded for hop in line.split(",")]
    nearest = _plain(peer)
    while hops and within(nearest, trusted):
        parsed = _parsed(hops.pop())
        if parsed is None:  # not written by a proxy of ours: do not look further left
            break
        nearest = str(parsed)
    return nearest


def group(address: str) -> str:
    """What counts as one address when failures are counted: of IPv6 a /64, which one subscriber has."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return address


def _parsed(text: str) -> Address | None:
    try:
        parsed = ip_address(text.strip())
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed  # ::ffff:10.0.0.1 is 10.0.0.1


def _plain(text: str) -> str:
    parsed = _parsed(text)
    return str(parsed) if parsed is not None else text


def address_of(connection: HTTPConnection, trusted: Sequence[Network]) -> str:
    """The address of whoever made this call."""
    peer = connection.client.host if connection.client else ""
    return caller(peer, connection.headers.getlist("x-forwarded-for"), trusted)
