"""Headers, cookies, credentials and storage, sent to the target's origin and to no other."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import Field, field_validator

from ..option_checks import check_size, utf8_bytes
from ..options import Options, option
from ..page.assets import page_script
from ..page.session import PageSession
from ..settings import Settings
from ..urls import origin_of
from .cookies import Cookie, from_text, set_cookies
from .storage_state import StorageState

_TOKEN = re.compile(r"^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$")
# Headers that belong to the connection or that the browser sets itself.
_REFUSED = {
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "keep-alive",
    "te",
    "trailer",
}
_REFUSED_PREFIXES = ("sec-", "proxy-")


class BasicAuth(Options):
    """A user name and password for HTTP authentication."""

    username: Annotated[str, Field(max_length=1000, pattern=r"^[^:\x00-\x1f\x7f]*$")]
    password: Annotated[str, Field(max_length=1000)]


def _check_header_sizes(field: str, headers: dict[str, str], settings: Settings) -> None:
    check_size(field, len(headers), settings.max_headers, "headers")
    for name, value in headers.items():
        check_size(field, len(name) + utf8_bytes(value), settings.max_header_bytes, "bytes in one header")


class AccessOptions(Options, group="target access"):
    custom_headers: dict[str, str] | None = option(
        None,
        "Request headers, sent to the target's origin only.",
        aliases=("headers", "set_extra_http_headers", "extra_http_headers"),
        pixashot=True,
        secret=True,
        linkable=True,
        check=_check_header_sizes,
    )
    cookies: list[Cookie] | None = option(
        None,
        "Cookies as Playwright or a browser extension exports them: `{name, value, url | domain, path,"
        ' expires, secure, http_only, same_site}`, or `"name=value"` for the target\'s origin.',
        secret=True,
        max_length=100,
        linkable=True,
        brief="`name=value`; may be repeated.",
    )
    basic_auth: BasicAuth | None = option(
        None,
        "Credentials `{username, password}` for HTTP authentication, sent to the target's origin only.",
        aliases=("authenticate", "http_credentials"),
        secret=True,
        linkable=True,
    )
    local_storage: dict[str, str] | None = option(
        None,
        "`localStorage` entries of the target's origin.",
        secret=True,
        max_length=100,
        linkable=True,
    )

    session_storage: dict[str, str] | None = option(
        None,
        "`sessionStorage` entries of the target's origin.",
        secret=True,
        max_length=100,
        linkable=True,
    )
    storage_state: StorageState | None = option(
        None,
        "Cookies and local storage as Playwright's `storageState` exports them: `{cookies, origins}`.",
        secret=True,
        linkable=True,
    )

    @field_validator("custom_headers")
    @classmethod
    def _headers_are_sendable(cls, headers: dict[str, str] | None) -> dict[str, str] | None:
        for name, value in (headers or {}).items():
            lowered = name.lower()
            if not _TOKEN.match(name):
                raise ValueError(f"{name!r} is not a valid header name")
            if lowered in _REFUSED or lowered.startswith(_REFUSED_PREFIXES):
                raise ValueError(
                    f"the header {name!r} belongs to the connection or the browser and cannot be set"
                )
            if any(c in value for c in "\r\n\0"):
                raise ValueError(f"the value of {name!r} contains a line break or NUL")
            if not value.isprintable() and value.strip("\t").isprintable() is False:
                raise ValueError(f"the value of {name!r} contains a control character")
        return headers

    @field_validator("cookies", mode="before")
    @classmethod
    def _cookie_strings(cls, cookies: Any) -> Any:
        if isinstance(cookies, str):
            return from_text(cookies)
        if not isinstance(cookies, list):
            return cookies
        return [one for c in cookies for one in (from_text(c) if isinstance(c, str) else [c])]


def credentials(options: AccessOptions, url: str | None) -> dict[str, str] | None:
    """Playwright's `http_credentials` for the target's origin, from `basic_auth` or from the URL."""
    if url is None:
        return None
    parts = urlsplit(url)
    if options.basic_auth:
        return {**options.basic_auth.model_dump(), "origin": origin_of(url)}
    if parts.username is not None:
        return {
            "username": unquote(parts.username),
            "password": unquote(parts.password or ""),
            "origin": origin_of(url),
        }
    return None


async def grant_access(session: PageSession, options: AccessOptions, url: str | None) -> None:
    """Set cookies and storage before the first request. Raises RequestNotValid for a refused cookie."""
    state = options.storage_state
    if state is not None:
        if state.cookies:
            await set_cookies(session, "storage_state", state.cookies, url)
        for origin in state.origins:
            await _fill(session, "localStorage", origin.normalised, origin.entries)
    if url is None:
        return
    if options.cookies:
        await set_cookies(session, "cookies", options.cookies, url)
    if options.local_storage:
        await _fill(session, "localStorage", origin_of(url), options.local_storage)
    if options.session_storage:
        await _fill(session, "sessionStorage", origin_of(url), options.session_storage)


async def _fill(session: PageSession, kind: str, origin: str, entries: dict[str, str]) -> None:
    fill = page_script("steps/assets/fill_storage.js")
    arguments = ", ".join(json.dumps(value) for value in (kind, origin, entries))
    await session.page.add_init_script(f"({fill})({arguments})")
