"""Cookies in the forms in which people have them: Playwright's, those of browser extensions, `name=value`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Annotated, Any, Literal, cast

from pydantic import ConfigDict, Field, field_validator, model_validator

from ..errors import RequestNotValid
from ..options import Options
from ..page.session import PageSession, is_playwright
from ..urls import origin_of

# The end of the year 9999: Chromium accepts no later expiry.
_LAST_SECOND = 253_402_300_799
# RFC 6265bis, section 5.7: name and value together.
_MAX_PAIR = 4096
# Fields of exports that say nothing about the cookie itself, or that follow from the others.
_OF_EXPORTS = frozenset(
    (
        "creation",
        "firstPartyDomain",
        "hostOnly",
        "host_only",
        "id",
        "lastAccessed",
        "partitionKeyOpaque",
        "priority",
        "sameParty",
        "session",
        "size",
        "sourcePort",
        "sourceScheme",
        "storeId",
        "store_id",
    )
)
_ATTRIBUTES = ("domain", "path", "expires", "max-age", "samesite", "priority")
_OTHER_NAMES = {
    "expirationDate": "expires",
    "expiration_date": "expires",
    "expiry": "expires",
    "httponly": "http_only",
    "samesite": "same_site",
}
_SAME_SITE = {"no_restriction": "None", "none": "None", "lax": "Lax", "strict": "Strict"}
_NO_SAME_SITE = ("unspecified", "", "default", "no restriction unspecified")


class Cookie(Options):
    """One cookie; without `url` or `domain` it belongs to the target's origin."""

    model_config = ConfigDict(populate_by_name=True)
    name: Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[^\s;,=\x00-\x1f\x7f]+$")]
    value: Annotated[str, Field(max_length=4096, pattern=r"^[^;\x00-\x1f\x7f]*$")]
    url: Annotated[str | None, Field(pattern=r"^https?://")] = None
    domain: Annotated[str | None, Field(pattern=r"^\.?[A-Za-z0-9._\-\[\]:]+$")] = None
    path: Annotated[str | None, Field(pattern=r"^/[^;\x00-\x1f\x7f]*$")] = None
    expires: float | None = None
    secure: bool | None = None
    http_only: Annotated[bool | None, Field(alias="httpOnly")] = None
    same_site: Annotated[Literal["Strict", "Lax", "None"] | None, Field(alias="sameSite")] = None
    partition_key: Annotated[str | None, Field(alias="partitionKey", max_length=4096)] = None

    @model_validator(mode="before")
    @classmethod
    def _of_an_export(cls, value: Any) -> Any:
        """Read the fields of an export (chrome.cookies.Cookie, Firefox, Selenium) as ours."""
        if not isinstance(value, dict):
            return value
        cookie = {_OTHER_NAMES.get(str(name), name): content for name, content in value.items()}
        host_only = cookie.get("hostOnly", cookie.get("host_only"))
        if cookie.get("session") is True:
            cookie.pop("expires", None)
        domain = cookie.get("domain")
        if isinstance(domain, str) and isinstance(host_only, bool):
            bare = domain.removeprefix(".")
            cookie["domain"] = bare if host_only or _is_address(bare) else f".{bare}"
        key = cookie.get("partitionKey")
        if isinstance(key, dict):
            cookie["partitionKey"] = key.get("topLevelSite") or None
        return {name: content for name, content in cookie.items() if name not in _OF_EXPORTS}

    @field_validator("expires")
    @classmethod
    def _in_time(cls, value: float | None) -> float | None:
        if value is not None and value != -1 and not 0 <= value <= _LAST_SECOND:
            raise ValueError("must be seconds since 1970, or -1 for a session cookie")
        return value

    @field_validator("same_site", mode="before")
    @classmethod
    def _any_spelling(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        lowered = value.lower()
        return None if lowered in _NO_SAME_SITE else _SAME_SITE.get(lowered, value)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def from_text(text: str) -> list[dict[str, str]]:
    """The cookies of `name=value`, or of a whole `Cookie` header."""
    found: list[dict[str, str]] = []
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            if not part.strip() and found:
                continue
            raise ValueError(f"{text!r} does not have the form `name=value`")
        # This is the line of a response: its attributes are no cookies.
        if found and name.strip().lower() in _ATTRIBUTES:
            raise ValueError(f"the attribute {name.strip()!r} of a cookie must be a field of an object")
        found.append({"name": name.strip(), "value": value.strip()})
    return found


async def set_cookies(session: PageSession, field: str, cookies: Iterable[Cookie], url: str | None) -> None:
    """Set the cookies. Raises RequestNotValid, which names the first one that the browser refuses.

    A cookie that has expired is a warning.
    """
    context, now = session.page.context, time.time()
    wanted = []
    for cookie in cookies:
        if cookie.expires is not None and cookie.expires != -1 and cookie.expires <= now:
            session.report.warn("cookie_expired", f"The cookie {cookie.name!r} has expired and is not sent.")
        else:
            wanted.append((cookie, _for_browser(field, cookie, url)))
    try:
        await context.add_cookies([cast(Any, entry) for _, entry in wanted])
    except Exception as error:
        if not is_playwright(error) or session.page.is_closed():
            raise
        for cookie, entry in wanted:
            await _set_one(session, field, cookie, entry)
    kept = {(c["name"], c["domain"].removeprefix(".").lower()) for c in await context.cookies()}
    for cookie, entry in wanted:
        domain = entry.get("domain") or origin_of(entry["url"]).split("://", 1)[1]
        host = re.sub(r":[0-9]+$", "", domain.removeprefix(".")).lower()
        if (cookie.name, host) not in kept:
            raise _refused(field, cookie)


async def _set_one(session: PageSession, field: str, cookie: Cookie, entry: dict[str, Any]) -> None:
    try:
        await session.page.context.add_cookies([cast(Any, entry)])
    except Exception as error:
        if not is_playwright(error) or session.page.is_closed():
            raise
        raise _refused(field, cookie) from error


def _for_browser(field: str, cookie: Cookie, url: str | None) -> dict[str, Any]:
    """The cookie as Playwright takes it."""
    entry: dict[str, Any] = {"name": cookie.name, "value": cookie.value}
    if cookie.domain:
        entry |= {"domain": cookie.domain, "path": cookie.path or "/"}
    elif cookie.url or url:
        entry["url"] = cookie.url or f"{origin_of(url or '')}{cookie.path or '/'}"
    else:
        raise RequestNotValid(
            f"{field}: the cookie {cookie.name!r} has neither a domain nor a url.", details=[{"field": field}]
        )
    named = {
        "expires": cookie.expires,
        "secure": cookie.secure,
        "httpOnly": cookie.http_only,
        "sameSite": cookie.same_site,
        "partitionKey": cookie.partition_key,
    }
    return entry | {k: v for k, v in named.items() if v is not None}


def _refused(field: str, cookie: Cookie) -> RequestNotValid:
    return RequestNotValid(
        f"{field}: the browser refuses the cookie {cookie.name!r}: {_rule(cookie)}.",
        details=[{"field": field, "cookie": cookie.name}],
    )


def _rule(cookie: Cookie) -> str:
    """The rule that the cookie breaks, as far as it can be told."""
    if cookie.same_site == "None" and not cookie.secure:
        return "SameSite=None requires secure"
    if cookie.name.startswith("__Host-"):
        return "a name that starts with __Host- requires secure, the path / and no domain for subdomains"
    if cookie.name.startswith("__Secure-") and not cookie.secure:
        return "a name that starts with __Secure- requires secure"
    if len(cookie.name.encode()) + len(cookie.value.encode()) > _MAX_PAIR:
        return f"name and value have more than {_MAX_PAIR} bytes"
    if cookie.partition_key and not cookie.secure:
        return "a partitioned cookie requires secure"
    if cookie.domain and "." not in cookie.domain.strip("."):
        return f"{cookie.domain!r} is not a domain that may have cookies"
    return "its domain, path or attributes do not fit together"
