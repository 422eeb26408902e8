"""Decide whether a connection to a host, a port and its resolved addresses is allowed; no I/O."""

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
from .hosts import HostList

DEFAULT_PORTS = frozenset({80, 443, 8080, 8443})
# Variables with the addresses of AWS endpoints that serve credentials or invocations, or accept traces.
ENDPOINT_VARIABLES = (
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_METADATA_API",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_ADDRESS",
)
RUNTIME_API_PORT = 9001
LOOPBACK = "loopback address"  # any loopback address; the space keeps it from being a host name


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision: the addresses to connect to if allowed, else the reason, one of a fixed set."""

    allowed: bool
    reason: str = "allowed"
    addresses: tuple[str, ...] = ()


class Policy(Protocol):
    """The guard calls `decide` before every connection."""

    def decide(self, host: str, port: int, addresses: Sequence[str]) -> Verdict:
        """Decide about one destination; `addresses` are all addresses that the host resolved to."""
        ...


HostRule = tuple[str, int | None]
NetworkRule = tuple[Network, int | None]


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """Allow public addresses on `ports` and what the operator opened; never an endpoint with credentials."""

    ports: frozenset[int] = DEFAULT_PORTS
    open_hosts: frozenset[HostRule] = frozenset()
    open_networks: tuple[NetworkRule, ...] = ()
    protected: frozenset[HostRule] = field(default=frozenset())
    denied: HostList = field(default_factory=HostList)

    @classmethod
    def from_settings(
        cls, allow: str, ports: str, environ: Mapping[str, str], own_url: str = "", deny: str = ""
    ) -> Self:
        """The policy of EGRESS_ALLOW, EGRESS_DENY, EGRESS_PORTS and the AWS endpoints named in `environ`.

        `own_url` is the service's public address; it is protected, because a capture of a capture could
        recurse. Raises `ValueError`, which names the variable and the entry that cannot be parsed.
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
            raise ValueError(f"EGRESS_PORTS: {ports!r} is not a list of ports") from error
        protected = _endpoints(environ) | ({_endpoint("PUBLIC_URL", own_url)} if own_url else set())
        return cls(chosen, frozenset(hosts), tuple(networks), protected, HostList.read("EGRESS_DENY", deny))

    def decide(self, host: str, port: int, addresses: Sequence[str]) -> Verdict:
        """Decide about one destination; every address must be allowed.

        A mix of public and internal addresses is a sign of DNS rebinding.
        """
        if not addresses:
            return Verdict(False, "no_address")
        if not 1 <= port <= 65535:
            return Verdict(False, "port_not_allowed")
        name = host.lower().removesuffix(".")
        pinned = [read_address(text) for text in addresses]
        if self._names_endpoint(name, port):
            return Verdict(False, "protected_endpoint")
        if self.denied.matches(name, [a for a in pinned if a is not None]):
            return Verdict(False, "denied_by_operator")
        opened = (name, port) in self.open_hosts or (name, None) in self.open_hosts
        if not opened and _is_local(name) and all(a is not None and is_loopback(a) for a in pinned):
            # `localhost` resolves to both families; if only one address is open, connect to that one.
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
        for candidate in embedded_addresses(address):
            names = (str(candidate), LOOPBACK) if is_loopback(candidate) else (str(candidate),)
            if is_protected(candidate) or any(self._names_endpoint(name, port) for name in names):
                return True
        return False


def _is_local(name: str) -> bool:
    """Whether RFC 6761, section 6.3, reserves the name for this machine."""
    return name == "localhost" or name.endswith(".localhost")


def _entries(text: str) -> Iterable[str]:
    return (entry.strip() for entry in text.split(",") if entry.strip())


def _read_rule(entry: str) -> HostRule | NetworkRule:
    """Parse `host[:port]`, an address with or without a port, or a CIDR block."""
    try:
        if "/" in entry or read_address(entry) is not None:
            return ip_network(str(read_address(entry) or entry)), None
        try:
            host, port = read_authority(entry)
        except AuthorityNotValid:
            host, port = read_host(entry), None
    except ValueError as error:
        raise ValueError(f"EGRESS_ALLOW: {entry!r} is not host[:port] or a CIDR block") from error
    return (ip_network(host), port) if read_address(host) else (host, port)


def _endpoints(environ: Mapping[str, str]) -> frozenset[HostRule]:
    """Every AWS endpoint that the environment names: the whole host, on loopback only the port."""
    found: set[HostRule] = set()
    if environ.get("AWS_LAMBDA_FUNCTION_NAME") or environ.get("AWS_LAMBDA_RUNTIME_API"):
        found.add((LOOPBACK, RUNTIME_API_PORT))
    for variable in ENDPOINT_VARIABLES:
        # AWS_XRAY_DAEMON_ADDRESS may be "tcp:host:port udp:host:port".
        for item in environ.get(variable, "").split():
            found.add(_endpoint(variable, item))
    return frozenset(found)


def _endpoint(variable: str, item: str) -> HostRule:
    """The rule that protects the endpoint `item`, named by `variable`; on loopback only its port."""
    scheme, separator, rest = item.partition("://")
    port = {"http": 80, "https": 443}.get(scheme.lower()) if separator else None
    text = (rest if separator else item).removeprefix("tcp:").removeprefix("udp:").partition("/")[0]
    try:
        host = read_host(f"[{text}]" if read_address(text) and ":" in text else text)
    except AuthorityNotValid:
        try:
            host, port = read_authority(text)
        except AuthorityNotValid as error:
            raise ValueError(f"{variable}: {item!r} is not a URL or host[:port]") from error
    address = read_address(host)
    if (address and is_loopback(address)) or host == "localhost" or host.endswith(".localhost"):
        return LOOPBACK, port
    return host, None
