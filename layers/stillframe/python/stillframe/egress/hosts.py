"""Lists of hosts in settings: names, wildcards such as `*.example.com`, and CIDR blocks."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Self

from .addresses import Address, Network, embedded_addresses, read_address
from .authority import AuthorityNotValid, read_host


class HostList:
    """Matches a host by its name or by an address; a wildcard matches every name below its domain."""

    def __init__(
        self, names: Iterable[str] = (), domains: Iterable[str] = (), networks: Iterable[Network] = ()
    ) -> None:
        self.names, self.domains, self.networks = frozenset(names), frozenset(domains), tuple(networks)

    @classmethod
    def read(cls, variable: str, text: str) -> Self:
        """From entries separated by commas. Raises ValueError naming the variable and the entry."""
        names: set[str] = set()
        domains: set[str] = set()
        networks: list[Network] = []
        for entry in filter(None, (part.strip() for part in text.split(","))):
            try:
                if "/" in entry or read_address(entry.strip("[]")) is not None:
                    networks.append(
                        ip_network(entry if "/" in entry else str(read_address(entry.strip("[]"))))
                    )
                elif entry.startswith("*."):
                    domains.add(read_host(ascii_host(entry[2:])))
                else:
                    names.add(read_host(ascii_host(entry)))
            except (AuthorityNotValid, ValueError, UnicodeError) as error:
                raise ValueError(f"{variable}: {entry!r} is not a host, *.domain or CIDR block") from error
        return cls(names, domains, networks)

    def __bool__(self) -> bool:
        return bool(self.names or self.domains or self.networks)

    def matches(self, host: str, addresses: Iterable[Address] = ()) -> bool:
        """Whether the host's name, or one of its addresses, is listed."""
        name = host.lower().strip("[]").removesuffix(".")
        literal = read_address(name)
        found = [*addresses, *([literal] if literal is not None else [])]
        if any(a in network for one in found for a in embedded_addresses(one) for network in self.networks):
            return True
        if name in self.names:
            return True
        labels = name.split(".")
        return any(".".join(labels[i:]) in self.domains for i in range(1, len(labels)))


def ascii_host(host: str) -> str:
    """A host name as DNS and browsers write it, with Punycode for labels beyond ASCII."""
    if host.isascii():
        return host
    return ".".join(
        label if label.isascii() else "xn--" + label.lower().encode("punycode").decode()
        for label in host.split(".")
    )
