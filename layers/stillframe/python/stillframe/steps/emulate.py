"""What the page believes it runs on: viewport, device, user agent, place, time and taste."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import Field

from ..lease import PageLease
from ..options import Options, option
from . import useragent


class Geolocation(Options):
    """A position in degrees; accuracy in metres."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    accuracy: Annotated[float, Field(ge=0)] = 0


class EmulateOptions(Options):
    window_width: Annotated[int, option("Width of the window in CSS pixels.", aliases=("viewport_width", "width"), pixashot=True, group="viewport", ge=16)] = 1920  # fmt: skip
    window_height: Annotated[int, option("Height of the window in CSS pixels.", aliases=("viewport_height", "height"), pixashot=True, group="viewport", ge=16)] = 1080  # fmt: skip
    pixel_density: Annotated[float, option("Device pixels per CSS pixel.", aliases=("device_scale_factor", "dpr", "scale_factor"), pixashot=True, group="viewport", ge=0.5, le=4)] = 1.0  # fmt: skip
    device: Annotated[str | None, option("A device of Playwright's registry, such as `iPhone 13`: size, density, user agent and touch; explicit options win.", aliases=("viewport_device", "emulate_device"), group="viewport")] = None  # fmt: skip
    is_mobile: Annotated[bool, option("Lay out as a mobile browser does (viewport meta tag, overlay scroll bars).", aliases=("viewport_mobile", "mobile"), group="viewport")] = False  # fmt: skip
    has_touch: Annotated[bool, option("Offer touch events.", aliases=("viewport_has_touch", "touch"), group="viewport")] = False  # fmt: skip
    landscape: Annotated[bool, option("Turn the window on its side: width and height change places where the height is larger.", aliases=("viewport_landscape", "is_landscape"), group="viewport")] = False  # fmt: skip
    use_random_user_agent: Annotated[bool, option("Choose a common user agent at random, within the three `user_agent_…` choices.", pixashot=True, group="emulation")] = False  # fmt: skip
    user_agent_device: Annotated[Literal["desktop", "mobile"] | None, option("Kind of device of the user agent.", pixashot=True, group="emulation")] = None  # fmt: skip
    user_agent_platform: Annotated[Literal["windows", "macos", "linux", "android", "ios"] | None, option("Platform of the user agent.", pixashot=True, group="emulation")] = None  # fmt: skip
    user_agent_browser: Annotated[Literal["chrome", "edge", "firefox", "safari"] | None, option("Browser of the user agent.", pixashot=True, group="emulation")] = None  # fmt: skip
    user_agent: Annotated[str | None, option("User agent, word for word; seen in the header and in `navigator`, with client hints that agree.", group="emulation", min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]+$")] = None  # fmt: skip
    locale: Annotated[str | None, option("Locale such as `de-DE`: `navigator.language`, `Accept-Language` and number formats.", aliases=("accept_lang", "accept_language"), group="emulation", pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")] = None  # fmt: skip
    timezone: Annotated[str | None, option("IANA time zone such as `Europe/Berlin`.", aliases=("tz", "time_zone", "timezone_id"), group="emulation", pattern=r"^[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*$", max_length=64)] = None  # fmt: skip
    geolocation: Annotated[Geolocation | None, option("Position that the page is told, with the permission granted.", pixashot=True, group="emulation")] = None  # fmt: skip
    dark_mode: Annotated[bool, option("Ask for the page's dark colour scheme (`prefers-color-scheme`).", pixashot=True, group="emulation")] = False  # fmt: skip
    reduced_motion: Annotated[bool, option("Ask the page to move less (`prefers-reduced-motion`).", group="emulation")] = False  # fmt: skip
    media_type: Annotated[Literal["screen", "print"] | None, option("CSS media type; a PDF uses `print` when none is named.", aliases=("emulate_media_type", "media"), group="emulation")] = None  # fmt: skip
    javascript: Annotated[bool, option("Run the page's scripts.", aliases=("javascript_enabled", "set_java_script_enabled"), group="emulation")] = True  # fmt: skip
    bypass_csp: Annotated[bool, option("Ignore the page's Content-Security-Policy, so that injected scripts and styles run.", group="emulation")] = False  # fmt: skip
    ignore_https_errors: Annotated[bool, option("Go on when the target's certificate is not valid.", aliases=("ignore_ssl_errors", "accept_insecure_certs"), pixashot=True, group="emulation")] = True  # fmt: skip
    proxy: Annotated[str | None, option("Upstream proxy `http://[user:password@]host:port` of this capture; never in a signed link.", group="emulation", secret=True, pattern=r"^https?://[^\s/]+/?$", max_length=500)] = None  # fmt: skip


@cache
def devices() -> dict[str, dict[str, Any]]:
    """Playwright's device registry, frozen into the package so that a request is validated without a browser."""
    return dict(json.loads(files("stillframe.steps").joinpath("assets/devices.json").read_text("utf-8")))


def find_device(name: str) -> dict[str, Any] | None:
    """The descriptor of a device, however its name is spelt (`iPhone 13`, `iphone_13`)."""
    plain = _plain(name)
    return next((d for n, d in devices().items() if _plain(n) == plain), None)


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum() or c == "+")


def context_options(options: EmulateOptions, chromium_version: str) -> dict[str, Any]:
    """The options that only a context of its own can carry; empty when the shared one will do."""
    own: dict[str, Any] = {}
    if options.locale:
        own["locale"] = options.locale.replace("_", "-")
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
    if (agent := useragent.choose(options, chromium_version)) is not None:
        own["user_agent"] = agent.string
    return own


async def emulate(lease: PageLease, options: EmulateOptions, chromium_version: str) -> None:
    """Dress the page before it navigates; every command is page-level, so nothing stays behind in the context."""
    width, height = window(options)
    metrics = {
        "width": width,
        "height": height,
        "screenWidth": width,
        "screenHeight": height,
        "deviceScaleFactor": options.pixel_density,
        "mobile": options.is_mobile,
        "screenOrientation": {"type": "landscapePrimary", "angle": 90}
        if options.is_mobile and width > height
        else {"type": "portraitPrimary", "angle": 0},
    }
    agent = useragent.choose(options, chromium_version) or useragent.default(chromium_version)
    override: dict[str, Any] = {"userAgent": agent.string, "platform": agent.navigator_platform}
    if agent.metadata is not None:
        override["userAgentMetadata"] = agent.metadata
    if options.locale:
        override["acceptLanguage"] = options.locale.replace("_", "-")
    commands = [
        ("Emulation.setDeviceMetricsOverride", metrics),
        ("Emulation.setUserAgentOverride", override),
    ]
    if options.has_touch:
        commands.append(("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 5}))
    # Sent together: they do not depend on each other, and each answer is a trip through the driver.
    await asyncio.gather(
        *(lease.cdp.send(name, value) for name, value in commands), choose_media(lease, options)
    )


async def choose_media(lease: PageLease, options: EmulateOptions) -> None:
    """Set media type, colour scheme and motion; once more after another session has detached, which resets the type.

    Sent by the session that dresses the page: on navigation the empty media type of a later session would win.
    """
    features = [
        {"name": name, "value": value}
        for name, value, wanted in (
            ("prefers-color-scheme", "dark", options.dark_mode),
            ("prefers-reduced-motion", "reduce", options.reduced_motion),
        )
        if wanted
    ]
    if features or options.media_type:
        chosen = {"media": options.media_type or "", "features": features}
        seconds = lease.deadline.timeout(5_000, "emulate") / 1000
        await lease.within(lease.cdp.send("Emulation.setEmulatedMedia", chosen), seconds, "emulate")


def window(options: EmulateOptions) -> tuple[int, int]:
    """Width and height of the window, turned when `landscape` asks for it."""
    width, height = options.window_width, options.window_height
    return (height, width) if options.landscape and height > width else (width, height)
