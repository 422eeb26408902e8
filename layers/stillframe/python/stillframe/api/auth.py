"""Authentication by token, AWS identity or signed link; every route not listed here requires one."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request

from .. import signing
from ..errors import AuthRequired, NotConfigured, RequestNotValid, SignatureInvalid, TokenInvalid
from ..settings import Settings
from . import aws_identity, tokens
from .invocation import invocation_of
from .limits import Rate

# Open always: health checks show nothing of a capture, and a link to a stored file carries its own signature.
PUBLIC_ROUTES = frozenset({"/health", "/health/live", "/health/ready", "/files/{key:path}"})
# Open where a token or signing key is configured; where none is, they answer 503 like every other route.
PAGE_ROUTES = frozenset({"/", "/docs", "/llms.txt", "/openapi.json", "/version", "/playground/{name:path}"})


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """The configured secrets and rules."""

    tokens: tuple[tokens.Token, ...]
    signing_keys: signing.Keys
    # Whether requests without credentials are accepted.
    anonymous: bool
    # Whether links signed for Pixashot are accepted.
    pixashot_links: bool
    # How far ahead a signed link may expire, in seconds.
    max_link_age: int
    # Names that a request's Host header may have; empty if every name is accepted.
    allowed_hosts: frozenset[str] = field(default=frozenset())
    # Which of the callers that AWS identifies are accepted (AWS_CALLERS).
    aws_callers: frozenset[str] = field(default=frozenset())
    # Why the service refuses everybody although secrets are set.
    refusal: str = ""

    @classmethod
    def refusing(cls, reason: str) -> AccessPolicy:
        """Refuses every request with the reason; a function that fails to start answers 502 without one."""
        return cls((), signing.Keys({}), False, False, 0, refusal=reason)

    @classmethod
    def from_settings(cls, config: Settings, *, local: bool = False) -> AccessPolicy:
        """Read the secrets. Raises ValueError for one that is too weak."""
        known, secrets = tokens.read_tokens(config.auth_token)
        keys = signing.Keys.read(config.url_signing_secret, token=",".join(secrets))
        without_secrets = not known and not keys
        return cls(
            tuple(known),
            keys,
            without_secrets and (local or config.allow_anonymous),
            config.signing_compat == "pixashot",
            config.signing_max_age,
            frozenset({"localhost"}) if local and without_secrets else frozenset(),
            aws_identity.read_trusted(config.aws_callers),
        )

    @property
    def rates(self) -> dict[str, Rate]:
        """The callers whose token has a rate of its own."""
        return {token.caller: token.rate for token in self.tokens if token.rate is not None}

    @property
    def configured(self) -> bool:
        """Whether anybody can use the service."""
        return bool(self.tokens or self.signing_keys) or self.anonymous


@dataclass(slots=True)
class Caller:
    """Who sent a request, and the options of a signed link.

    `name` is what rates are limited by. `identity` owns jobs, cached results and browser contexts: the links
    of one signing key belong together, from whatever address they are opened.
    """

    name: str
    identity: str
    signed_options: list[tuple[str, str]] | None = None


async def authenticate(request: Request) -> Caller:
    """The dependency of every route; FastAPI would run a plain function in a thread.

    Raises NotConfigured, AuthRequired, TokenInvalid, SignatureInvalid, SignatureExpired.
    """
    return identify(request)


def identify(request: Request, carried: str | None = None) -> Caller:
    """The caller of a request; `carried` is a token that came another way than by our headers.

    Raises as `authenticate` does.
    """
    access: AccessPolicy = request.app.state.access
    path = getattr(request.scope.get("route"), "path", request.url.path)
    address = invocation_of(request).client_address
    by_address = Caller(f"address:{address}", f"address:{address}")
    if path in PUBLIC_ROUTES:
        return by_address
    identity = _aws_identity(request, access)
    known = Caller(identity, identity) if identity else None
    if not access.configured and known is None:
        raise NotConfigured(
            access.refusal
            or "The service has neither AUTH_TOKEN nor URL_SIGNING_SECRET, so it accepts no requests."
        )
    if access.anonymous:
        _check_host(request, access)
        if path not in PAGE_ROUTES:
            _check_same_origin(request)
        return known or by_address
    if path in PAGE_ROUTES:
        return by_address
    token = _check_token(request, access, carried)
    if token is not None:
        return Caller(token.caller, token.caller)
    if "signature" in request.query_params:
        options = _check_signature(request, path, access)
        return Caller(f"link:{address}", f"key:{request.query_params.get('kid', '')}", options)
    if known is None:
        raise AuthRequired(
            "Send `Authorization: Bearer <token>` or `X-Api-Key: <token>`, or use a signed link."
        )
    return known


def _check_token(request: Request, access: AccessPolicy, carried: str | None) -> tokens.Token | None:
    """The token of `X-Api-Key` or `Authorization`, or the one that is carried; None where there is none.

    A request that is signed for IAM has its signature in `Authorization`, so its token is in `X-Api-Key`.
    Raises AuthRequired, TokenInvalid.
    """
    given = request.headers.get("x-api-key") or None
    context, authorized = _request_context(request), False
    if given is not None and given == (context.get("identity") or {}).get("apiKey"):
        given = None  # the key of a usage plan, which API Gateway itself has checked
    if given is None:
        given = carried
    if given is None:
        header = request.headers.get("authorization")
        if header is None or header.startswith("AWS4-"):
            return None
        # What an authorizer of API Gateway has accepted need not be a token of ours.
        authorized = bool(context.get("authorizer"))
        scheme, _, given = header.partition(" ")
        if scheme != "Bearer" and not authorized:
            raise AuthRequired("Send `Authorization: Bearer <token>`; other schemes are not supported.")
    token = tokens.find(access.tokens, given)
    if token is None and not authorized:
        raise TokenInvalid("The bearer token is not valid.")
    return token


def _request_context(request: Request) -> dict[str, Any]:
    """What AWS says of the request; empty on a server."""
    return (request.scope.get("aws.event") or {}).get("requestContext") or {}


def _aws_identity(request: Request, access: AccessPolicy) -> str | None:
    """The caller whom AWS identified, if AWS_CALLERS trusts it."""
    context = _request_context(request)
    if not context or not access.aws_callers:
        return None
    arn = str(getattr(request.scope.get("aws.context"), "invoked_function_arn", "")).split(":")
    return aws_identity.identify(context, arn[4] if len(arn) > 4 else "", access.aws_callers)


def _check_signature(request: Request, path: str, access: AccessPolicy) -> list[tuple[str, str]]:
    """The options of a signed link. Raises SignatureInvalid, SignatureExpired."""
    if path != signing.LINK_PATH:
        raise SignatureInvalid(f"Signed links are for {signing.LINK_PATH} only.")
    if not access.signing_keys:
        raise SignatureInvalid("This service does not accept signed links.")
    return signing.verify_query(
        access.signing_keys,
        request.method,
        signing.LINK_PATH,
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
