"""Classify IP addresses: public, loopback, or protected.

`ipaddress.is_global` is not used: it returns True for multicast, NAT64, IPv4-compatible and, in older
releases, 6to4 addresses. IPv6 is therefore an allow list (2000::/3 without the exceptions), IPv4 a deny
list. Sources: https://www.iana.org/assignments/iana-ipv4-special-registry and
https://www.iana.org/assignments/iana-ipv6-special-registry.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NOT_PUBLIC_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
PUBLIC_V6 = IPv6Network("2000::/3")
NOT_PUBLIC_V6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# No setting opens these: instance metadata and credential endpoints are link-local (EC2 also serves them
# at fd00:ec2::254, ECS at 169.254.170.2).
LINK_LOCAL_V4 = IPv4Network("169.254.0.0/16")
PROTECTED_V6 = (IPv6Network("fe80::/10"), IPv6Network("fd00:ec2::/32"))
# 0.0.0.0 and :: reach the loopback interface on Linux.
LOOPBACK_V4 = (IPv4Network("127.0.0.0/8"), IPv4Network("0.0.0.0/8"))
LOOPBACK_V6 = IPv6Network("::/127")

_COMPATIBLE = IPv6Network("::/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")


def read_address(text: str) -> Address | None:
    """Parse `text`, without its IPv6 zone; an IPv4-mapped address becomes IPv4. None if it is no address."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(address: Address) -> bool:
    """Whether `address` is globally routable unicast."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_V4)
    return address in PUBLIC_V6 and not any(address in network for network in NOT_PUBLIC_V6)


def is_loopback(address: Address) -> bool:
    """Whether a connection to `address` stays on this machine."""
    if isinstance(address, IPv4Address):
        return any(address in network for network in LOOPBACK_V4)
    return address in LOOPBACK_V6


def is_protected(address: Address) -> bool:
    """Whether `address` is link-local or serves instance metadata; EGRESS_ALLOW cannot open it."""
    if isinstance(address, IPv4Address):
        return address in LINK_LOCAL_V4
    return any(address in network for network in PROTECTED_V6)


def embedded_addresses(address: Address) -> tuple[Address, ...]:
    """`address`, followed by the IPv4 address that a gateway would extract from it, if there is one.

    6to4 (RFC 3056) embeds it in bits 16 to 47, NAT64 (RFC 6052) and IPv4-compatible addresses (RFC 4291) in
    the last 32 bits.
    """
    if isinstance(address, IPv6Address):
        if address in _SIX_TO_FOUR:
            return address, IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
        if address in _NAT64 or (address in _COMPATIBLE and address not in LOOPBACK_V6):
            return address, IPv4Address(int(address) & 0xFFFFFFFF)
    return (address,)
