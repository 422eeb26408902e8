"""The upstream proxy, which the guard connects through; set by the operator or by a request."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import unquote, urlsplit

from ..settings import SettingNotValid, Settings
from .authority import read_authority
from .policy import Policy, Verdict

# Common ports of HTTP proxies: a caller's proxy may use them in addition to the ports of the policy.
PROXY_PORTS = frozenset({3128, 8888})

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Upstream:
    """An HTTP proxy that tunnels to addresses which the guard has resolved and vetted.

    User name and password are held without any URL encoding; `username` is None when the proxy needs no
    authentication. `trusted` marks the operator's proxy, which may have an internal address. A caller's
    proxy is vetted like any destination; otherwise it would be a way around the guard.
    """

    scheme: str
    host: str
    port: int
    username: str | None = None
    password: str = field(default="", repr=False)
    trusted: bool = False

    @classmethod
    def from_url(cls, url: str, default_port: int | None = None) -> Self:
        """A caller's proxy; the scheme defaults to http, the port to `default_port` or the scheme's.

        User name and password are percent-decoded once. Raises ValueError, which never quotes the URL.
        """
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            if parts.path not in ("", "/") or parts.query or parts.fragment:
                raise ValueError("more than an origin")
            userinfo, _, authority = parts.netloc.rpartition("@")
            host, port = read_authority(authority, default_port or _DEFAULT_PORTS[parts.scheme])
            username, _, password = (_decoded(text) for text in userinfo.partition(":"))
            _check_username(username)
        except (KeyError, ValueError):
            raise ValueError(
                "not the address of an HTTP proxy; use http[s]://[user:password@]host[:port]"
                " with user and password percent-encoded"
            ) from None
        return cls(parts.scheme, host, port, username if userinfo else None, password)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self | None:
        """The operator's proxy; None when PROXY_SERVER is empty.

        A port or credentials in PROXY_SERVER take precedence over PROXY_PORT, PROXY_USERNAME and
        PROXY_PASSWORD. Raises SettingNotValid, which names the variable and never quotes a secret.
        """
        server = settings.proxy_server.strip()
        if not server:
            return None
        if not 0 <= settings.proxy_port <= 65_535:
            raise SettingNotValid(f"PROXY_PORT: {settings.proxy_port} is not a port; use 1 to 65535.")
        try:
            upstream = cls.from_url(server, settings.proxy_port or None)
        except ValueError as error:
            raise SettingNotValid(
                f"PROXY_SERVER: {error}, or set PROXY_USERNAME and PROXY_PASSWORD, which need no encoding."
            ) from None
        username, password = upstream.username, upstream.password
        if username is None and settings.proxy_username:
            username, password = settings.proxy_username, settings.proxy_password
            try:
                _check_username(username)
            except ValueError as error:
                raise SettingNotValid(f"PROXY_USERNAME: {error}.") from None
        return replace(upstream, username=username, password=password, trusted=True)

    def policy(self, base: Policy) -> Policy:
        """The policy for the connection to this proxy; `base` is the policy for destinations."""
        return _Trusting() if self.trusted else _WithProxyPorts(base)

    def connect(self, address: str, port: int) -> bytes:
        """The CONNECT request for a tunnel to a vetted address."""
        target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self.username is not None:
            # surrogateescape: os.environ holds bytes that are not UTF-8 in this way.
            credentials = f"{self.username}:{self.password}".encode("utf-8", "surrogateescape")
            lines.append(f"Proxy-Authorization: Basic {base64.b64encode(credentials).decode()}")
        return "\r\n".join([*lines, "", ""]).encode("ascii")


def _decoded(text: str) -> str:
    return unquote(text, errors="surrogateescape")


def _check_username(username: str) -> None:
    # RFC 7617, section 2: the first colon separates the user name from the password.
    if ":" in username:
        raise ValueError("Basic authentication cannot send a user name that contains a colon")


class _Trusting:
    """Allows every address: the operator decides where the proxy of the settings is."""

    def decide(self, host: str, port: int, addresses: Sequence[str]) -> Verdict:
        return Verdict(True, addresses=tuple(addresses))


class _WithProxyPorts:
    """The base policy, with the common proxy ports treated as port 80."""

    def __init__(self, base: Policy) -> None:
        self._base = base

    def decide(self, host: str, port: int, addresses: Sequence[str]) -> Verdict:
        verdict = self._base.decide(host, port, addresses)
        if verdict.reason == "port_not_allowed" and port in PROXY_PORTS:
            return self._base.decide(host, 80, addresses)
        return verdict
