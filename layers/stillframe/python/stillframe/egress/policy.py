"""The pure decision: may this host, at this port, with these resolved addresses be connected to?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Protocol, Self

from .addresses import (
    Address,
    Network,
    embedded_addresses,
    is_loopback,
    is_protected,
    is_public,
    read_address,
)
from .authority import AuthorityNotValid, read_authority, read_host, read_port

DEFAULT_PORTS = frozenset({80, 443, 8080, 8443})
# Variables in which AWS names what answers with credentials, invocations or traces.
ENDPOINT_VARIABLES = (
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_METADATA_API",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_ADDRESS",
)
RUNTIME_API_PORT = 9001
LOOPBACK = "loopback address"  # stands for every address of this machine; no host name has a space


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision, with the addresses to dial when it is yes and a reason of a fixed set when it is no."""

    allowed: bool
    reason: str = "allowed"
    addresses: tuple[str, ...] = ()


class Policy(Protocol):
    """What the guard asks before it connects anywhere."""

    def decide(self, host: str, port: int, addresses: Sequence[str]) -> Verdict:
        """Judge one destination by name, port and every address the name resolved to."""
        ...


HostRule = tuple[str, int | None]
NetworkRule = tuple[Network, int | None]


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """Public addresses on few ports, what the operator opened, and never what holds credentials."""

    ports: frozenset[int] = DEFAULT_PORTS
    open_hosts: frozenset[HostRule] = frozenset()
    open_networks: tuple[NetworkRule, ...] = ()
    protected: frozenset[HostRule] = field(default=frozenset())

    @classmethod
    def from_settings(cls, allow: str, ports: str, environ: Mapping[str, str], own_url: str = "") -> Self:
        """The policy of EGRESS_ALLOW, EGRESS_PORTS and the AWS endpoints named in `environ`.

        `own_url` is the service's own address: a capture of a capture of a capture would multiply.
        Raises `ValueError` naming the entry that cannot be read: a guard that guesses is no guard.
        """
        hosts: set[HostRule] = set()
        networks: list[NetworkRule] = []
        for entry in _entries(allow):
            rule = _read_rule(entry)
            if isinstance(rule[0], str):
                hosts.add((rule[0], rule[1]))
            else:
                networks.append((rule[0], rule[1]))
        try:
            chosen = frozenset(read_port(entry) for entry in _entries(ports)) or DEFAULT_PORTS
        except AuthorityNotValid as error:
            raise ValueError(f"EGRESS_PORTS is not a list of ports: {ports!r}") from error
        protected = _endpoints(environ) | ({_endpoint(own_url)} if own_url else set())
        return cls(chosen, frozenset(hosts), tuple(networks), protected)

    def decide(self, host: str, port: int, addresses: Sequence[str]) -> Verdict:
        """Judge one destination; one bad address among several refuses it (a mixed answer is an attack)."""
        if not addresses:
            return Verdict(False, "no_address")
        if not 1 <= port <= 65535:
            return Verdict(False, "port_not_allowed")
        name = host.lower().removesuffix(".")
        pinned = [read_address(text) for text in addresses]
        if self._names_endpoint(name, port):
            return Verdict(False, "protected_endpoint")
        opened = (name, port) in self.open_hosts or (name, None) in self.open_hosts
        if not opened and _is_local(name) and all(a is not None and is_loopback(a) for a in pinned):
            # `localhost` has an address of each family; who opened one of them is taken to that one.
            pinned = [a for a in pinned if a is not None and self._is_open(a, port)] or pinned
        for address in pinned:
            if address is None:
                return Verdict(False, "address_not_valid")
            if self._is_endpoint(address, port):
                return Verdict(False, "protected_endpoint")
            if opened or self._is_open(address, port):
                continue
            if not is_public(address):
                return Verdict(False, "address_not_public")
            if port not in self.ports:
                return Verdict(False, "port_not_allowed")
        return Verdict(True, addresses=tuple(dict.fromkeys(map(str, pinned))))

    def _is_open(self, address: Address, port: int) -> bool:
        return any(address in network for network, only in self.open_networks if only is None or only == port)

    def _names_endpoint(self, name: str, port: int) -> bool:
        return (name, None) in self.protected or (name, port) in self.protected

    def _is_endpoint(self, address: Address, port: int) -> bool:
        for face in embedded_addresses(address):
            names = (str(face), LOOPBACK) if is_loopback(face) else (str(face),)
            if is_protected(face) or any(self._names_endpoint(name, port) for name in names):
                return True
        return False


def _is_local(name: str) -> bool:
    """Whether a name means this machine by definition (RFC 6761), whoever answers for it."""
    return name == "localhost" or name.endswith(".localhost")


def _entries(text: str) -> Iterable[str]:
    return (entry.strip() for entry in text.split(",") if entry.strip())


def _read_rule(entry: str) -> HostRule | NetworkRule:
    """`host[:port]`, an address with or without a port, or a CIDR; an address is a network of one."""
    try:
        if "/" in entry or read_address(entry) is not None:
            return ip_network(str(read_address(entry) or entry)), None
        try:
            host, port = read_authority(entry)
        except AuthorityNotValid:
            host, port = read_host(entry), None
    except ValueError as error:
        raise ValueError(f"EGRESS_ALLOW entry is not host[:port] or CIDR: {entry!r}") from error
    return (ip_network(host), port) if read_address(host) else (host, port)


def _endpoints(environ: Mapping[str, str]) -> frozenset[HostRule]:
    """Every destination that AWS names in the environment: whole hosts, on loopback the exact port."""
    found: set[HostRule] = set()
    if environ.get("AWS_LAMBDA_FUNCTION_NAME") or environ.get("AWS_LAMBDA_RUNTIME_API"):
        found.add((LOOPBACK, RUNTIME_API_PORT))
    for variable in ENDPOINT_VARIABLES:
        # The X-Ray variable may hold "tcp:host:port udp:host:port".
        for item in environ.get(variable, "").split():
            found.add(_endpoint(item))
    return frozenset(found)


def _endpoint(item: str) -> HostRule:
    scheme, separator, rest = item.partition("://")
    port = {"http": 80, "https": 443}.get(scheme.lower()) if separator else None
    text = (rest if separator else item).removeprefix("tcp:").removeprefix("udp:").partition("/")[0]
    try:
        host = read_host(f"[{text}]" if read_address(text) and ":" in text else text)
    except AuthorityNotValid:
        try:
            host, port = read_authority(text)
        except AuthorityNotValid as error:
            raise ValueError(f"an AWS endpoint variable cannot be read: {item!r}") from error
    address = read_address(host)
    if (address and is_loopback(address)) or host == "localhost" or host.endswith(".localhost"):
        return LOOPBACK, port
    return host, None
