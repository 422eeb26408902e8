"""Emulation: the user agent, languages, time zone and position that a page sees, and how it is loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field

from ..option_checks import fail
from ..options import Options, option
from ..page import user_agents
from ..page.session import PageSession
from ..settings import Settings
from . import viewport
from .media import MediaOptions, emulate_media

# Chromium's own without a locale of the system.
DEFAULT_LOCALE = "en-US"


class Geolocation(Options):
    """A position in degrees; accuracy in metres."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    accuracy: Annotated[float, Field(ge=0)] = 0


def _check_timezone(field: str, name: str, settings: Settings) -> None:
    if name not in available_timezones():
        raise fail(field, f"{name!r} is not an IANA time zone")


def _check_proxy(field: str, address: str, settings: Settings) -> None:
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise fail(field, "must have the form http://[user:password@]host:port")


class EmulateOptions(viewport.ViewportOptions, MediaOptions, group="emulation"):
    use_random_user_agent: bool = option(
        False,
        "Choose a common user agent at random, among those that match the `user_agent_…` options.",
        pixashot=True,
        linkable=True,
    )
    user_agent_device: Literal["desktop", "mobile"] | None = option(
        None,
        "Device type of the user agent.",
        pixashot=True,
        linkable=True,
    )
    user_agent_platform: Literal["windows", "macos", "linux", "android", "ios"] | None = option(
        None,
        "Platform of the user agent.",
        pixashot=True,
        linkable=True,
    )
    user_agent_browser: Literal["chrome", "edge", "firefox", "safari"] | None = option(
        None,
        "Browser of the user agent.",
        pixashot=True,
        linkable=True,
    )
    user_agent: str | None = option(
        None,
        "User agent string of the header and of `navigator`; client hints are derived from it.",
        min_length=1,
        max_length=1000,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        linkable=True,
    )
    locale: str | None = option(
        None,
        "Locale such as `de-DE`: sets `navigator.language`, `Accept-Language` and number formats.",
        aliases=("accept_lang", "accept_language"),
        pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$",
        linkable=True,
    )
    timezone: str | None = option(
        None,
        "IANA time zone such as `Europe/Berlin`.",
        aliases=("tz", "time_zone", "timezone_id"),
        pattern=r"^[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*$",
        max_length=64,
        linkable=True,
        check=_check_timezone,
    )
    geolocation: Geolocation | None = option(
        None,
        "Position `{latitude, longitude, accuracy}` that the page is given; the permission is granted.",
        pixashot=True,
        linkable=True,
    )
    javascript: bool = option(
        True,
        "Run the page's scripts.",
        aliases=("javascript_enabled", "set_java_script_enabled"),
        linkable=True,
    )
    bypass_csp: bool = option(
        False,
        "Ignore the page's Content-Security-Policy, also for what injected scripts and styles load.",
        linkable=True,
    )
    ignore_https_errors: bool = option(
        True,
        "Accept invalid TLS certificates of the target.",
        aliases=("ignore_ssl_errors", "accept_insecure_certs"),
        pixashot=True,
        linkable=True,
    )
    proxy: str | None = option(
        None,
        "Upstream proxy of this capture, `http://[user:password@]host:port`; not allowed in a signed link.",
        secret=True,
        pattern=r"^https?://[^\s/]+/?$",
        max_length=500,
        check=_check_proxy,
    )


def context_options(options: EmulateOptions, chromium_version: str) -> dict[str, Any]:
    """The options that need a browser context of their own; empty when the shared context will do."""
    own: dict[str, Any] = {}
    if options.locale:
        own["locale"] = options.locale.replace("_", "-")
        # Playwright's locale sends one language; browsers send a list with q values.
        own["extra_http_headers"] = {"Accept-Language": accept_language(options.locale)}
    if options.timezone:
        own["timezone_id"] = options.timezone
    if options.geolocation:
        own["geolocation"] = options.geolocation.model_dump()
        own["permissions"] = ["geolocation"]
    if not options.javascript:
        own["java_script_enabled"] = False
    if options.bypass_csp:
        own["bypass_csp"] = True
    if not options.ignore_https_errors:
        own["ignore_https_errors"] = False
    if (agent := user_agents.choose(options, chromium_version)) is not None:
        own["user_agent"] = agent.string
    return own


async def emulate(session: PageSession, options: EmulateOptions, chromium_version: str) -> None:
    """Configure the page before it navigates, with page-level commands that do not change the context."""
    agent = user_agents.choose(options, chromium_version) or user_agents.default(chromium_version)
    override: dict[str, Any] = {"userAgent": agent.string, "platform": agent.navigator_platform}
    if agent.metadata is not None:
        override["userAgentMetadata"] = agent.metadata
    override["acceptLanguage"] = ",".join(languages(options.locale or DEFAULT_LOCALE))
    work: list[Awaitable[Any]] = [
        viewport.set_viewport(session, options),
        # Sent in any case: the answer also shows that the browser does not hang.
        session.cdp.send("Emulation.setUserAgentOverride", override),
        emulate_media(session, options),
    ]
    if options.has_touch:
        work.append(viewport.enable_touch(session))
    # Sent together: they do not depend on each other, and each answer is a round trip through the driver.
    await asyncio.gather(*work)


def languages(locale: str) -> list[str]:
    """The languages that a browser of this locale asks for: `de-DE` → `de-DE`, `de`.

    Chromium adds the q values to the header, and shows the list as `navigator.languages`.
    """
    tag = locale.replace("_", "-")
    language = tag.split("-", 1)[0]
    return [tag] if tag == language else [tag, language]


def accept_language(locale: str) -> str:
    """The header that browsers send for a locale: `de-DE,de;q=0.9`."""
    first, *others = languages(locale)
    return ",".join([first, *(f"{language};q=0.9" for language in others)])
