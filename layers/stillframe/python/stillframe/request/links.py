"""The signed link to a capture, as every maker of links writes it."""

from __future__ import annotations

import json

from ..signing import LINK_PATH, Keys, sign_query
from .facets import check_linkable
from .model import CaptureRequest


def signed_link(
    base: str, keys: Keys, request: CaptureRequest, expires: int, *, kid: str | None = None
) -> str:
    """A link to the capture at the service `base`, signed with the key `kid`, or with the first.

    expires: seconds since 1970. Raises SignatureInvalid for an option that a link may not set, KeyError for a
    key that does not exist.
    """
    check_linkable(request)
    pairs = [
        (name, value if isinstance(value, str) else json.dumps(value))
        for name, value in request.canonical().items()
    ]
    return f"{base.rstrip('/')}{LINK_PATH}?{sign_query(keys, LINK_PATH, pairs, expires, kid=kid)}"
