"""The caller whom AWS has identified: by IAM, or by an authorizer of API Gateway."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# arn:aws:iam::123456789012:user/jo, arn:aws:sts::123456789012:assumed-role/Reader/session
_ARN = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):(.+)")
_ACCOUNT = re.compile(r"\d{12}")
KINDS = ("iam", "jwt", "authorizer")


def read_trusted(text: str) -> frozenset[str]:
    """Parse AWS_CALLERS. Raises ValueError for a word that is neither a kind nor an account number."""
    words = frozenset(word for word in (w.strip() for w in text.split(",")) if word)
    if unknown := sorted(word for word in words if word not in KINDS and not _ACCOUNT.fullmatch(word)):
        raise ValueError(
            f"AWS_CALLERS: {unknown[0]!r} is not one of {', '.join(KINDS)} or an account of twelve digits"
        )
    return words


def identify(context: Mapping[str, Any], own_account: str, trusted: frozenset[str]) -> str | None:
    """The caller in a `requestContext` if AWS has identified a trusted one, or None.

    Its name is `iam:123456789012:role/Reader`, `jwt:<issuer>#<subject>` or `authorizer:<principal>`. AWS
    writes the `requestContext` itself, and an authorizer's part only after it has accepted the request.
    """
    authorizer = _part(context, "authorizer")
    # A function URL and an HTTP API report IAM's answer under `authorizer.iam`, a REST API under `identity`.
    iam = _part(authorizer, "iam") or _part(context, "identity")
    if caller := _iam(str(iam.get("userArn") or ""), own_account, trusted):
        return caller
    if "jwt" in trusted:
        claims = _part(_part(authorizer, "jwt"), "claims") or _part(authorizer, "claims")
        subject = claims.get("sub") or claims.get("client_id")
        if subject:
            return f"jwt:{claims.get('iss', '')}#{subject}"
    if "authorizer" in trusted:
        # A Lambda authorizer of a REST API names the principal; one of an HTTP API may return its own fields.
        principal = authorizer.get("principalId") or _part(authorizer, "lambda").get("principalId")
        if principal:
            return f"authorizer:{principal}"
    return None


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object of the event; empty where there is none.

    A Lambda authorizer of a REST API chooses the names of its own values beside `principalId`, all of them
    texts, so AWS's names may hold a text.
    """
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def _iam(arn: str, own_account: str, trusted: frozenset[str]) -> str | None:
    """A user or role of a trusted account.

    CloudFront signs every viewer's request with an identity of an AWS account of its own when origin access
    control is on, so an identity of a foreign account says nothing about the viewer.
    """
    match = _ARN.fullmatch(arn)
    if match is None:
        return None
    account, resource = match.groups()
    if account not in trusted and not ("iam" in trusted and account == own_account):
        return None
    kind, _, name = resource.partition("/")
    if kind == "assumed-role":
        # Whoever assumes the role chooses the session's name, so only the role is known.
        return f"iam:{account}:role/{name.split('/')[0]}"
    return f"iam:{account}:{resource}"
