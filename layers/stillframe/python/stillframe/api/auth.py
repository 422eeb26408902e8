"""Authentication by bearer token or signed link; every route that is not listed here requires one."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fastapi import Request

from .. import signing
from ..errors import AuthRequired, NotConfigured, RequestNotValid, SignatureInvalid, TokenInvalid
from ..settings import Settings
from .invocation import invocation_of

# Open always: health checks show nothing of a capture, and a link to a stored file carries its own signature.
PUBLIC_ROUTES = frozenset({"/health", "/health/live", "/health/ready", "/files/{key:path}"})
# Open where a token or signing key is configured; where none is, they answer 503 like every other route.
PAGE_ROUTES = frozenset({"/", "/docs", "/openapi.json", "/version", "/playground/{name:path}"})
SIGNED_LINK_PATH = "/capture"
# A random token of 24 characters cannot be guessed; a shorter one is usually a word.
MIN_TOKEN = 24


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """The configured secrets and rules; tokens are kept as digests, so that a memory dump discloses none."""

    token_digests: tuple[bytes, ...]
    signing_keys: signing.Keys
    # Whether requests without credentials are accepted.
    anonymous: bool
    # Whether links signed for Pixashot are accepted.
    pixashot_links: bool
    # How far ahead a signed link may expire, in seconds.
    max_link_age: int
    # Names that a request's Host header may have; empty if every name is accepted.
    allowed_hosts: frozenset[str] = field(default=frozenset())
    # Why the service refuses everybody although secrets are set.
    refusal: str = ""

    @classmethod
    def refusing(cls, reason: str) -> AccessPolicy:
        """Refuses every request with the reason; a function that fails to start answers 502 without one."""
        return cls((), signing.Keys({}), False, False, 0, refusal=reason)

    @classmethod
    def from_settings(cls, config: Settings, *, local: bool = False) -> AccessPolicy:
        """Read the secrets. Raises ValueError for one that is too weak."""
        tokens = [t.strip() for t in config.auth_token.split(",") if t.strip()]
        if any(len(token) < MIN_TOKEN for token in tokens):
            raise ValueError(
                f"AUTH_TOKEN: a token has fewer than {MIN_TOKEN} characters;"
                " make one with `openssl rand -hex 32`."
            )
        keys = signing.Keys.read(config.url_signing_secret, token=config.auth_token)
        without_secrets = not tokens and not keys
        return cls(
            tuple(_digest(t) for t in tokens),
            keys,
            without_secrets and (local or config.allow_anonymous),
            config.signing_compat == "pixashot",
            config.signing_max_age,
            frozenset({"localhost"}) if local and without_secrets else frozenset(),
        )

    @property
    def configured(self) -> bool:
        """Whether anybody can use the service."""
        return bool(self.token_digests or self.signing_keys) or self.anonymous


@dataclass(slots=True)
class Caller:
    """Who sent a request, and the options of a signed link.

    `name` is what rates are limited by. `identity` owns jobs, cached results and browser contexts: the links
    of one signing key belong together, from whatever address they are opened.
    """

    name: str
    identity: str
    signed_options: list[tuple[str, str]] | None = None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def authenticate(request: Request) -> Caller:
    """The dependency of every route; FastAPI would run a plain function in a thread.

    Raises NotConfigured, AuthRequired, TokenInvalid, SignatureInvalid, SignatureExpired.
    """
    access: AccessPolicy = request.app.state.access
    path = getattr(request.scope.get("route"), "path", request.url.path)
    address = invocation_of(request).client_address
    by_address = Caller(f"address:{address}", f"address:{address}")
    if path in PUBLIC_ROUTES:
        return by_address
    if not access.configured:
        raise NotConfigured(
            access.refusal
            or "The service has neither AUTH_TOKEN nor URL_SIGNING_SECRET, so it accepts no requests."
        )
    if access.anonymous:
        _check_host(request, access)
        if path not in PAGE_ROUTES:
            _check_same_origin(request)
        return by_address
    if path in PAGE_ROUTES:
        return by_address
    header = request.headers.get("authorization")
    if header is not None:
        token = _check_bearer(header, access)
        return Caller(token, token)
    if "signature" in request.query_params:
        options = _check_signature(request, path, access)
        return Caller(f"link:{address}", f"key:{request.query_params.get('kid', '')}", options)
    raise AuthRequired("Send `Authorization: Bearer <token>`, or use a signed link.")


def _check_bearer(header: str, access: AccessPolicy) -> str:
    """The caller's name, from the digest of its token. Raises AuthRequired, TokenInvalid."""
    scheme, _, token = header.partition(" ")
    if scheme != "Bearer":
        raise AuthRequired("Send `Authorization: Bearer <token>`; other schemes are not supported.")
    given = _digest(token)
    # Every token is compared, so that the time does not tell which one matches.
    matches = False
    for known in access.token_digests:
        matches |= hmac.compare_digest(known, given)
    if not matches or not token or " " in token:
        raise TokenInvalid("The bearer token is not valid.")
    return f"token:{given.hex()[:16]}"


def _check_signature(request: Request, path: str, access: AccessPolicy) -> list[tuple[str, str]]:
    """The options of a signed link. Raises SignatureInvalid, SignatureExpired."""
    if path != SIGNED_LINK_PATH:
        raise SignatureInvalid(f"Signed links are for {SIGNED_LINK_PATH} only.")
    if not access.signing_keys:
        raise SignatureInvalid("This service does not accept signed links.")
    return signing.verify_query(
        access.signing_keys,
        request.method,
        SIGNED_LINK_PATH,
        request.query_params.multi_items(),
        max_age=access.max_link_age,
        compat=access.pixashot_links,
    )


def _check_host(request: Request, access: AccessPolicy) -> None:
    """Accept only loopback names, or any web page could use an open local server by DNS rebinding."""
    if not access.allowed_hosts:
        return
    host = request.url.hostname or ""
    if host in access.allowed_hosts:
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise TokenInvalid("Without AUTH_TOKEN this server accepts requests for localhost only.")


def _check_same_origin(request: Request) -> None:
    """Refuse requests that a web page of another origin makes: an open local server would obey every page.

    Browsers send `Sec-Fetch-Site` with every request and `Origin` with every POST; programs send neither.
    A form of another page can post text/plain or form data, but neither JSON nor zip without a preflight.
    """
    site = request.headers.get("sec-fetch-site", "none")
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if site not in ("none", "same-origin") or foreign:
        raise TokenInvalid("Without AUTH_TOKEN this server does not answer pages of other origins.")
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and content_type not in ("application/json", "application/zip"):
        raise RequestNotValid(
            "Content-Type: without AUTH_TOKEN a body must be sent as application/json or application/zip.",
            details=[{"field": "Content-Type"}],
        )
