"""Parts of URLs: the origin, and a URL without its credentials."""

from __future__ import annotations

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
