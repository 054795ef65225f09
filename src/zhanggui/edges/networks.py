"""Who is counted behind an address: one IPv4 address, or the network of an IPv6 one, in which a subscriber chooses as he likes."""

from functools import lru_cache
from ipaddress import IPv4Address, ip_address, ip_network

NETWORK_PREFIX = 64
"""Bits of an IPv6 address that are one subscriber's."""


SITE_PREFIX = 48
"""Bits of one that are a site's: so many networks a subscriber may have."""


@lru_cache(maxsize=4_096)
def network_of(address: str, prefix: int = NETWORK_PREFIX) -> str:
    """The name under which an address is counted.

    >>> network_of("10.0.0.7"), network_of("2001:db8:1:2:3::4"), network_of("::ffff:10.0.0.7"), network_of("unknown")
    ('10.0.0.7', '2001:db8:1:2::/64', '10.0.0.7', 'unknown')
    >>> network_of("10.0.0.7", SITE_PREFIX), network_of("2001:db8:1:2:3::4", SITE_PREFIX)
    ('10.0.0.7', '2001:db8:1::/48')
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, prefix), strict=False))
