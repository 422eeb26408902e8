"""What `Client` and `AsyncClient` share: the address, the token, and how a request is written and read."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx

from .. import __version__
from ..errors import CaptureError
from .errors import ServiceUnreachable, UnexpectedAnswer, raise_for
from .flows import Ask
from .links import SignedLink
from .retrying import Retries

_CONNECT_SECONDS = 10.0
# Visible characters of ASCII, which are all that a header may hold of a token.
_TOKEN = re.compile(r"[!-~]+")


class Connection:
    """The endpoint and how it is asked."""

    def __init__(
        self,
        endpoint: str,
        token: str | None,
        *,
        timeout: float,
        retries: int | Retries,
        signing_secret: str | None,
    ) -> None:
        parts = _parts(endpoint)
        if parts is None or parts.query or parts.fragment:
            raise ValueError(f"endpoint: {_shown(endpoint)!r} is not an http or https address.")
        if parts.username is not None:
            raise ValueError("endpoint: give the token as `token`, not in the address.")
        if token and not _TOKEN.fullmatch(token):
            # The HTTP library would quote the token in its error.
            raise ValueError("token: holds a character that no token has, such as a space or a line break.")
        self.endpoint = endpoint.rstrip("/")
        self.timeout = timeout
        self.retries = retries if isinstance(retries, Retries) else Retries(retries)
        self.signing_secret = signing_secret
        self._headers = {"User-Agent": f"stillframe-python/{__version__}", "Accept": "*/*"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.endpoint}>"

    def written(self, ask: Ask, http: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """The request. A link to a stored result is followed without any credentials, whatever its host."""
        timeout = httpx.Timeout(max(self.timeout, ask.seconds), connect=_CONNECT_SECONDS)
        if ask.is_ours:
            headers = self._headers | ask.headers
            url = self.endpoint + ask.url
            return http.build_request(ask.method, url, json=ask.json, headers=headers, timeout=timeout)
        if _parts(ask.url) is None:
            raise _no_link(_shown(ask.url))
        headers = {"User-Agent": self._headers["User-Agent"]}
        return httpx.Request(ask.method, ask.url, headers=headers, extensions={"timeout": timeout.as_dict()})

    def sending(self, ask: Ask) -> dict[str, Any]:
        """The arguments of httpx's `send`; `auth` of a caller's own client is for the service only."""
        return {"follow_redirects": False} if ask.is_ours else {"auth": None, "follow_redirects": True}

    def lost(self, error: httpx.TransportError, ask: Ask) -> CaptureError:
        """A failure of the connection as an error of the client."""
        if isinstance(error, httpx.UnsupportedProtocol):
            return _no_link(f"an address that {urlsplit(ask.url).hostname} redirects to")
        host = self.endpoint if ask.is_ours else urlsplit(ask.url).hostname
        return ServiceUnreachable(f"{host}: {type(error).__name__}: {error}".rstrip(": "))


def _no_link(where: str) -> UnexpectedAnswer:
    """The error for a stored result that is at no http or https address; another request changes nothing."""
    return UnexpectedAnswer(
        f"The link of the stored result leads to {where}, which is not http or https.", 200
    )


def _parts(address: str) -> SplitResult | None:
    """The parts of an http or https address; None for anything else."""
    try:
        parts = urlsplit(address)
        return parts if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 else None
    except ValueError:  # an unfinished IPv6 address, or a port that is no number
        return None


def _shown(address: str) -> str:
    """What is no address, for an error: without what may be a password or a token."""
    if "@" in address:
        return f"{address.partition('://')[0][:20]}://…" if "://" in address else "…"
    return re.split(r"[?#]", address)[0][:100]


def checked(response: httpx.Response) -> httpx.Response:
    """The response. Raises the error that it tells."""
    raise_for(response)
    return response


def sign_body(options: dict[str, Any], expires_in: int, kid: str | None) -> dict[str, Any]:
    """The body of `POST /sign`."""
    return options | {"expires_in": expires_in} | ({"kid": kid} if kid else {})


def link_of(answer: dict[str, Any]) -> SignedLink:
    """The link of an answer of `POST /sign`."""
    return SignedLink(str(answer["url"]), int(answer["expires"]))
