"""A proxy of the operator's or the caller's, which the guard speaks to in place of the destination."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from .authority import AuthorityNotValid, read_authority
from .policy import Policy, Verdict

# Where proxies listen, beside the ports of the web.
PROXY_PORTS = frozenset({3128, 8888})


@dataclass(frozen=True, slots=True)
class Upstream:
    """An HTTP proxy to chain: the guard has resolved and vetted, this one only carries.

    `trusted` is for the operator's own, which may be an internal address; a caller's is vetted like
    any destination, or it would be the way round the guard.
    """

    host: str
    port: int
    tls: bool = False
    trusted: bool = False
    authorization: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, url: str, *, trusted: bool = False) -> Self:
        """The proxy of `http[s]://[user:password@]host[:port]`; raises `ValueError` for anything else."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or parts.path not in ("", "/") or parts.query:
            raise ValueError("a proxy is http[s]://[user:password@]host[:port]")
        userinfo, _, authority = parts.netloc.rpartition("@")
        try:
            host, port = read_authority(authority, 443 if parts.scheme == "https" else 80)
        except AuthorityNotValid as error:
            raise ValueError("a proxy is http[s]://[user:password@]host[:port]") from error
        user, _, password = userinfo.partition(":")
        token = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
        return cls(host, port, parts.scheme == "https", trusted, f"Basic {token}" if userinfo else None)

    def policy(self, base: Policy) -> Policy:
        """Who judges the way to this proxy."""
        return _Trusting() if self.trusted else _WithProxyPorts(base)

    def connect(self, address: str, port: int) -> bytes:
        """The request that asks this proxy for a tunnel to a vetted address."""
        target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self.authorization:
            lines.append(f"Proxy-Authorization: {self.authorization}")
        return "\r\n".join([*lines, "", ""]).encode("ascii")


class _Trusting:
    """The operator named this proxy in the settings; where it stands is the operator's business."""

    def decide(self, host: str, port: int, addresses: Sequence[str]) -> Verdict:
        return Verdict(True, addresses=tuple(addresses))


class _WithProxyPorts:
    """The base policy, asked as if the usual proxy ports were web ports."""

    def __init__(self, base: Policy) -> None:
        self._base = base

    def decide(self, host: str, port: int, addresses: Sequence[str]) -> Verdict:
        verdict = self._base.decide(host, port, addresses)
        if verdict.reason == "port_not_allowed" and port in PROXY_PORTS:
            return self._base.decide(host, 80, addresses)
        return verdict
