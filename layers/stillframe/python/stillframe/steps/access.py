"""Headers, cookies, credentials and local storage, sent to the target's origin and to no other."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal, cast
from urllib.parse import unquote, urlsplit

from pydantic import ConfigDict, Field, field_validator

from ..option_checks import check_size, utf8_bytes
from ..options import Options, option
from ..page.assets import page_script
from ..page.session import PageSession
from ..settings import Settings
from ..urls import origin_of

_TOKEN = re.compile(r"^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$")
# The end of the year 9999: Chromium accepts no later expiry.
_LAST_SECOND = 253_402_300_799
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


class Cookie(Options):
    """A cookie in Playwright's form; without `url` or `domain` it belongs to the target's origin."""

    model_config = ConfigDict(populate_by_name=True)
    name: Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[^\s;,=\x00-\x1f\x7f]+$")]
    value: Annotated[str, Field(max_length=4096, pattern=r"^[^;\x00-\x1f\x7f]*$")]
    url: Annotated[str | None, Field(pattern=r"^https?://")] = None
    domain: Annotated[str | None, Field(pattern=r"^\.?[A-Za-z0-9.\-\[\]:]+$")] = None
    path: Annotated[str | None, Field(pattern=r"^/[^;\x00-\x1f\x7f]*$")] = None
    expires: float | None = None
    secure: bool | None = None
    http_only: Annotated[bool | None, Field(alias="httpOnly")] = None
    same_site: Annotated[Literal["Strict", "Lax", "None"] | None, Field(alias="sameSite")] = None

    @field_validator("expires")
    @classmethod
    def _in_time(cls, value: float | None) -> float | None:
        if value is not None and value != -1 and not 0 <= value <= _LAST_SECOND:
            raise ValueError("must be seconds since 1970, or -1 for a session cookie")
        return value

    @field_validator("same_site", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.capitalize() if isinstance(value, str) else value


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
        "Cookies: `{name, value, url | domain, path, expires, secure, http_only, same_site}`, or"
        ' `"name=value"` for the target\'s origin.',
        secret=True,
        max_length=100,
        linkable=True,
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
        if not isinstance(cookies, list):
            return cookies
        return [_from_string(c) if isinstance(c, str) else c for c in cookies]


def _from_string(text: str) -> dict[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ValueError(f"{text!r} does not have the form `name=value`")
    return {"name": name.strip(), "value": value.strip()}


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
    """Set cookies and local storage before the first request is sent."""
    if url is None:
        return
    if options.cookies:
        await session.page.context.add_cookies([cast(Any, _to_playwright(c, url)) for c in options.cookies])
    if options.local_storage:
        fill = page_script("steps/assets/local_storage.js")
        origin, entries = json.dumps(origin_of(url)), json.dumps(options.local_storage)
        await session.page.add_init_script(f"({fill})({origin}, {entries})")


def _to_playwright(cookie: Cookie, url: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": cookie.name, "value": cookie.value}
    if cookie.domain:
        entry |= {"domain": cookie.domain, "path": cookie.path or "/"}
    else:
        entry["url"] = cookie.url or f"{origin_of(url)}{cookie.path or '/'}"
    named = {
        "expires": cookie.expires,
        "secure": cookie.secure,
        "httpOnly": cookie.http_only,
        "sameSite": cookie.same_site,
    }
    return entry | {k: v for k, v in named.items() if v is not None}
