"""Emulation: viewport, device, user agent, location, time zone and preferences that the page sees."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from functools import cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field

from ..option_checks import at_most, fail
from ..options import Options, option
from ..page import user_agents
from ..page.assets import asset_text
from ..page.session import PageSession
from ..settings import Settings
from .media import MediaOptions, emulate_media

# Chromium's own without a locale of the system.
DEFAULT_LOCALE = "en-US"
# Pixels of a window that is prepared ahead; its surface has four bytes for each.
_PREPARED_PIXELS = 4_000_000


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


class EmulateOptions(MediaOptions, group="emulation"):
    window_width: int = option(
        1920,
        "Width of the viewport in CSS pixels.",
        aliases=("viewport_width", "width"),
        pixashot=True,
        group="viewport",
        ge=16,
        shareable=True,
        linkable=True,
        check=at_most("max_width", "px"),
        brief="Width of the window, in pixels.",
    )
    window_height: int = option(
        1080,
        "Height of the viewport in CSS pixels.",
        aliases=("viewport_height", "height"),
        pixashot=True,
        group="viewport",
        ge=16,
        shareable=True,
        linkable=True,
        check=at_most("max_height", "px"),
        brief="Height of the window, in pixels.",
    )
    pixel_density: float = option(
        1.0,
        "Device pixels per CSS pixel.",
        aliases=("device_scale_factor", "dpr", "scale_factor"),
        pixashot=True,
        group="viewport",
        ge=0.5,
        le=4,
        shareable=True,
        linkable=True,
        brief="2 for twice the pixels.",
    )
    device: str | None = option(
        None,
        "A device of Playwright's registry, such as `iPhone 13`: sets size, density, user agent and touch;"
        " explicit options take precedence.",
        aliases=("viewport_device", "emulate_device"),
        group="viewport",
        shareable=True,
        linkable=True,
        brief="Such as 'iPhone 13'; see `stillframe devices`.",
        hints={"prominent": 3, "choices-from": "devices"},
    )
    is_mobile: bool = option(
        False,
        "Lay out the page as a mobile browser does (viewport meta tag, overlay scroll bars).",
        aliases=("viewport_mobile", "mobile"),
        group="viewport",
        shareable=True,
        linkable=True,
    )
    has_touch: bool = option(
        False,
        "Enable touch events.",
        aliases=("viewport_has_touch", "touch"),
        group="viewport",
        shareable=True,
        linkable=True,
    )
    landscape: bool = option(
        False,
        "Swap width and height when the height is larger.",
        aliases=("viewport_landscape", "is_landscape"),
        group="viewport",
        shareable=True,
        linkable=True,
    )
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


@cache
def devices() -> dict[str, dict[str, Any]]:
    """Playwright's device registry, packaged so that a request can be validated without Playwright."""
    return dict(json.loads(asset_text("steps/assets/devices.json")))


def find_device(name: str) -> dict[str, Any] | None:
    """The descriptor of a device; case, spaces and punctuation of the name do not matter (`iphone_13`)."""
    plain = _plain(name)
    return next((d for n, d in devices().items() if _plain(n) == plain), None)


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum() or c == "+")


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
    width, height = window(options)
    metrics = {
        "width": width,
        "height": height,
        "screenWidth": width,
        "screenHeight": height,
        "deviceScaleFactor": options.pixel_density,
        "mobile": options.is_mobile,
        # A desktop's screen is not turned; a phone's is upright at 0 degrees.
        "screenOrientation": (
            {"type": "landscapePrimary", "angle": 90 if options.is_mobile else 0}
            if width > height
            else {"type": "portraitPrimary", "angle": 0}
        ),
    }
    agent = user_agents.choose(options, chromium_version) or user_agents.default(chromium_version)
    override: dict[str, Any] = {"userAgent": agent.string, "platform": agent.navigator_platform}
    if agent.metadata is not None:
        override["userAgentMetadata"] = agent.metadata
    override["acceptLanguage"] = ",".join(languages(options.locale or DEFAULT_LOCALE))
    work: list[Awaitable[Any]] = [
        _send_once(session, "Emulation.setDeviceMetricsOverride", metrics),
        # Sent in any case: the answer also shows that the browser does not hang.
        session.cdp.send("Emulation.setUserAgentOverride", override),
        emulate_media(session, options),
    ]
    if options.has_touch:
        touch = {"enabled": True, "maxTouchPoints": 5}
        work.append(session.cdp.send("Emulation.setTouchEmulationEnabled", touch))
    # Sent together: they do not depend on each other, and each answer is a round trip through the driver.
    await asyncio.gather(*work)


async def _send_once(session: PageSession, command: str, value: dict[str, Any]) -> None:
    """Send a command that every capture needs, unless the page was prepared with just this value."""
    if session.emulated.get(command) != value:
        await session.cdp.send(command, value)
        session.emulated[command] = value


def worth_preparing(emulated: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the page of the next capture is given ahead; a large window has a large surface and waits."""
    metrics = emulated.get("Emulation.setDeviceMetricsOverride", {"width": 0, "height": 0})
    pixels = metrics["width"] * metrics["height"] * metrics.get("deviceScaleFactor", 1) ** 2
    return dict(emulated) if pixels <= _PREPARED_PIXELS else {}


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


def window(options: EmulateOptions) -> tuple[int, int]:
    """Width and height of the viewport in CSS pixels, swapped when `landscape` asks for it."""
    width, height = options.window_width, options.window_height
    return (height, width) if options.landscape and height > width else (width, height)
