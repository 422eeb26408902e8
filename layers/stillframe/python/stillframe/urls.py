"""Parts of URLs: the origin, and a URL without its credentials."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit


def origin_of(url: str) -> str:
    """The origin as browsers compare it: scheme, host in lower case, port unless it is the default."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return f"{parts.scheme}://{host}{port}"


def without_userinfo(url: str | None) -> str | None:
    """The URL without user name and password."""
    if url is None:
        return None
    parts = urlsplit(url)
    _, at, host = parts.netloc.rpartition("@")
    # Splitting and joining changes some URLs (`http://h?` loses its `?`): leave the others as they are.
    return urlunsplit(parts._replace(netloc=host)) if at else url


# Parameters whose values are credentials by their name. Compiled at first use, as few captures report a URL.
_CREDENTIAL = (
    r"(?i)((?:^|[?&;#])(?:[\w.~-]*(?:token|secret|passw|signature|credential|api[_-]?key|session|auth|jwt)[\w.~-]*"
    r"|key|sig|pwd|code|state)=)[^&;#]+"
)
_ANY_URL = r"(?i)\b(?:https?|wss?|ftp)://[^\s'\"<>)\]]+"


def without_credentials(url: str, longest: int = 500) -> str:
    """The URL for a report: no user name, no password, no credentials in its query, of bounded length."""
    if url[:5].lower() == "data:":
        return url.partition(",")[0][:100] + ",…"
    try:
        bare = without_userinfo(url[:8192]) or ""
    except ValueError:  # such as an unfinished IPv6 address
        bare = url.rpartition("@")[2]
    bare = re.sub(_CREDENTIAL, r"\1…", bare)
    return bare if len(bare) <= longest else f"{bare[:longest]}…"


def text_without_credentials(text: str) -> str:
    """A text of the page with every URL in it as `without_credentials` leaves it."""
    return re.sub(_ANY_URL, lambda found: without_credentials(found[0]), text)
