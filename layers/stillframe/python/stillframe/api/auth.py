"""Who may come in: bearer tokens and signed links; everything is closed unless a route is named public."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass, field

from fastapi import Request

from .. import signing
from ..errors import AuthRequired, NotConfigured, SignatureInvalid, TokenInvalid
from ..settings import Settings

# The only routes that need no token; each shows nothing of anybody's captures.
PUBLIC = frozenset({"/health", "/health/live", "/health/ready", "/files/{key:path}"})
# Pages for people: open where the service is configured, closed with everything else where it is not.
PAGES = frozenset({"/", "/docs", "/openapi.json", "/version", "/playground/{name:path}"})
SIGNABLE = "/capture"


@dataclass(frozen=True, slots=True)
class Access:
    """The configured secrets, digested, so that a leak of the process does not disclose a token."""

    tokens: tuple[bytes, ...]
    keys: signing.Keys
    open: bool
    compat: bool
    max_age: int
    hosts: frozenset[str] = field(default=frozenset())

    @classmethod
    def read(cls, config: Settings, *, local: bool = False) -> Access:
        """From the settings. Raises ValueError for a secret that is too weak to accept."""
        tokens = [t.strip() for t in config.auth_token.split(",") if t.strip()]
        keys = signing.Keys.read(config.url_signing_secret, token=config.auth_token)
        unguarded = not tokens and not keys
        return cls(
            tuple(_digest(t) for t in tokens),
            keys,
            unguarded and (local or config.allow_anonymous),
            config.signing_compat == "pixashot",
            config.signing_max_age,
            frozenset({"localhost"}) if local and unguarded else frozenset(),
        )

    @property
    def configured(self) -> bool:
        return bool(self.tokens or self.keys) or self.open


@dataclass(slots=True)
class Caller:
    """Who asks: `signed` links carry their options with them."""

    name: str
    signed: list[tuple[str, str]] | None = None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def authenticate(request: Request) -> Caller:
    """The router's one dependency; a coroutine, because FastAPI starts a thread for anything else. Raises NotConfigured, AuthRequired, TokenInvalid, Signature…"""
    access: Access = request.app.state.access
    path = getattr(request.scope.get("route"), "path", request.url.path)
    address = request.client.host if request.client else "unknown"
    if path in PUBLIC:
        return Caller(f"address:{address}")
    if not access.configured:
        raise NotConfigured(
            "The service has neither AUTH_TOKEN nor URL_SIGNING_SECRET, so it answers nobody."
        )
    if access.open:
        _check_host(request, access)
        return Caller(f"address:{address}")
    if path in PAGES:
        return Caller(f"address:{address}")
    header = request.headers.get("authorization")
    if header is not None:
        return Caller(_bearer(header, access))
    if "signature" in request.query_params:
        if path != SIGNABLE:
            raise SignatureInvalid(f"Signed links are for {SIGNABLE} only.")
        if not access.keys:
            raise SignatureInvalid("This service takes no signed links.")
        pairs = request.query_params.multi_items()
        options = signing.verify_query(
            access.keys, request.method, SIGNABLE, pairs, max_age=access.max_age, compat=access.compat
        )
        return Caller(f"link:{address}", options)
    raise AuthRequired("Send `Authorization: Bearer <token>`, or use a signed link.")


def _bearer(header: str, access: Access) -> str:
    scheme, _, token = header.partition(" ")
    given = _digest(token)
    good = False
    for known in access.tokens:
        good |= hmac.compare_digest(known, given)
    if not good or scheme != "Bearer" or not token or " " in token:
        raise TokenInvalid("The bearer token is not valid.")
    return f"token:{given.hex()[:16]}"


def _check_host(request: Request, access: Access) -> None:
    """An open server on loopback answers only to its own name, or any web page could use it by DNS rebinding."""
    if not access.hosts:
        return
    host = request.url.hostname or ""
    if host in access.hosts:
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise TokenInvalid("Without AUTH_TOKEN this server answers on localhost only.")
