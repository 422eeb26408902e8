"""Signed links, made without the service by whoever has its signing key."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from .. import signing


class SignedLink(NamedTuple):
    """A link that captures without a token until `expires`, in seconds since 1970."""

    url: str
    expires: int


def signed_link(
    endpoint: str,
    secret: str,
    options: Mapping[str, Any],
    *,
    expires_in: int = 3600,
    kid: str | None = None,
) -> SignedLink:
    """A link to a capture, signed with a key of `URL_SIGNING_SECRET`: `secret` or `kid=secret,kid=secret`.

    Raises RequestNotValid or SignatureInvalid for options that a link may not have, ValueError for the key.
    """
    from ..request import links, parse

    keys = signing.Keys.read(secret)
    if not keys:
        raise ValueError("The signing key is empty.")
    if kid is not None and kid not in keys.by_id:
        raise ValueError(f"There is no signing key '{kid}'.")
    expires = int(time.time()) + expires_in
    return SignedLink(links.signed_link(endpoint, keys, parse(dict(options)), expires, kid=kid), expires)
