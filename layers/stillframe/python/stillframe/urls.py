"""Parts of addresses: the origin, and an address without its credentials."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def origin_of(url: str) -> str:
    """Scheme, host and port as a browser compares them, without a default port."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return f"{parts.scheme}://{host}{port}"


def without_userinfo(url: str | None) -> str | None:
    """An address without user name and password."""
    if url is None:
        return None
    parts = urlsplit(url)
    _, at, host = parts.netloc.rpartition("@")
    # Taken apart and put together, an address is not always the same.
    return urlunsplit(parts._replace(netloc=host)) if at else url
