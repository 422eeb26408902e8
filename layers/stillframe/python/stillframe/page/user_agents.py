"""User agents whose header, client hints and `navigator` properties agree."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Protocol


class UserAgentChoices(Protocol):
    """The options that choose a user agent; a protocol, because the options belong to a step."""

    @property
    def user_agent(self) -> str | None: ...
    @property
    def use_random_user_agent(self) -> bool: ...
    @property
    def user_agent_device(self) -> str | None: ...
    @property
    def user_agent_platform(self) -> str | None: ...
    @property
    def user_agent_browser(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class UserAgent:
    """The header's string, `navigator.platform`, and client hints (None for browsers that send none)."""

    string: str
    navigator_platform: str
    metadata: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class _Platform:
    device: str
    token: str
    navigator: str
    hint: str
    hint_version: str
    architecture: str
    model: str = ""


# Chromium's reduced user agent has these tokens frozen: https://www.chromium.org/updates/ua-reduction/
_PLATFORMS = {
    "windows": _Platform("desktop", "Windows NT 10.0; Win64; x64", "Win32", "Windows", "15.0.0", "x86"),
    "macos": _Platform("desktop", "Macintosh; Intel Mac OS X 10_15_7", "MacIntel", "macOS", "15.0.0", "arm"),
    "linux": _Platform("desktop", "X11; Linux x86_64", "Linux x86_64", "Linux", "6.5.0", "x86"),
    "android": _Platform("mobile", "Linux; Android 10; K", "Linux armv81", "Android", "15.0.0", "", "K"),
    "ios": _Platform(
        "mobile", "iPhone; CPU iPhone OS 18_5 like Mac OS X", "iPhone", "iOS", "18.5.0", "", "iPhone"
    ),
}
_BROWSERS = {
    "windows": ("chrome", "edge", "firefox"),
    "macos": ("chrome", "safari", "edge", "firefox"),
    "linux": ("chrome", "firefox"),
    "android": ("chrome", "edge", "firefox"),
    "ios": ("safari", "chrome"),
}
_FIREFOX = 140


def combinations(device: str | None, platform: str | None, browser: str | None) -> list[tuple[str, str]]:
    """Every (platform, browser) pair that matches the three choices; None matches all."""
    return [
        (p, b)
        for p, browsers in _BROWSERS.items()
        for b in browsers
        if platform in (None, p) and browser in (None, b) and device in (None, _PLATFORMS[p].device)
    ]


def default(chromium_version: str) -> UserAgent:
    """Chromium's own user agent, without the word Headless."""
    return _build("linux", "chrome", chromium_version)


def resolve_random(options: UserAgentChoices) -> dict[str, Any]:
    """The options that replace `use_random_user_agent` by one random choice; {} when it is off.

    Resolved once per request, so that the page, its pop-ups and a retry have the same user agent.
    """
    if options.user_agent or not options.use_random_user_agent:
        return {}
    pairs = combinations(options.user_agent_device, options.user_agent_platform, options.user_agent_browser)
    platform, browser = random.choice(pairs)  # noqa: S311
    return {
        "use_random_user_agent": False,
        "user_agent_device": None,
        "user_agent_platform": platform,
        "user_agent_browser": browser,
    }


def choose(options: UserAgentChoices, chromium_version: str) -> UserAgent | None:
    """The user agent that the request asks for, or None for the default one."""
    if options.user_agent:
        return _parse(options.user_agent, chromium_version)
    chosen = (options.user_agent_device, options.user_agent_platform, options.user_agent_browser)
    if chosen == (None, None, None):
        return None
    pairs = combinations(*chosen)
    return _build(*pairs[0], chromium_version)


def _build(platform: str, browser: str, chromium_version: str) -> UserAgent:
    p = _PLATFORMS[platform]
    major = chromium_version.split(".", 1)[0]
    mobile = p.device == "mobile"
    if browser == "firefox":
        token = f"Android 15; Mobile; rv:{_FIREFOX}.0" if mobile else f"{p.token}; rv:{_FIREFOX}.0"
        gecko = f"{_FIREFOX}.0" if mobile else "20100101"
        return UserAgent(f"Mozilla/5.0 ({token}) Gecko/{gecko} Firefox/{_FIREFOX}.0", p.navigator, None)
    webkit = "605.1.15" if platform == "ios" or browser == "safari" else "537.36"
    base = f"Mozilla/5.0 ({p.token}) AppleWebKit/{webkit} (KHTML, like Gecko)"
    if browser == "safari":
        tail = " Mobile/15E148" if mobile else ""
        safari = "604.1" if mobile else "605.1.15"
        return UserAgent(f"{base} Version/18.5{tail} Safari/{safari}", p.navigator, None)
    if platform == "ios":
        return UserAgent(f"{base} CriOS/{major}.0.0.0 Mobile/15E148 Safari/604.1", p.navigator, None)
    string = f"{base} Chrome/{major}.0.0.0{' Mobile' if mobile else ''} Safari/537.36"
    if browser == "edge":
        string += f" Edg{'A' if mobile else ''}/{major}.0.0.0"
    return UserAgent(string, p.navigator, _hints(p, browser, major, mobile))


def _hints(p: _Platform, browser: str, major: str, mobile: bool) -> dict[str, Any]:
    names = ["Chromium", "Microsoft Edge" if browser == "edge" else "Google Chrome"]
    brands = [{"brand": name, "version": major} for name in names]
    brands.append({"brand": "Not/A)Brand", "version": "24"})
    return {
        "brands": brands,
        "fullVersionList": [{**b, "version": f"{b['version']}.0.0.0"} for b in brands],
        "platform": p.hint,
        "platformVersion": p.hint_version,
        "architecture": p.architecture,
        "model": p.model,
        "mobile": mobile,
        "bitness": "64" if p.architecture else "",
    }


def _parse(string: str, chromium_version: str) -> UserAgent:
    """The user agent of a caller's string; client hints are derived from it if it is Chromium's."""
    platform = next(
        (
            name
            for word, name in (
                ("iPhone", "ios"),
                ("iPad", "ios"),
                ("Android", "android"),
                ("Windows", "windows"),
                ("Macintosh", "macos"),
                ("Linux", "linux"),
            )
            if word in string
        ),
        "linux",
    )
    p = _PLATFORMS[platform]
    if "Chrome/" not in string or platform == "ios":
        return UserAgent(string, p.navigator, None)
    major = string.split("Chrome/", 1)[1].split(".", 1)[0].split(" ", 1)[0]
    if not major.isdigit():
        major = chromium_version.split(".", 1)[0]
    browser = "edge" if "Edg" in string else "chrome"
    return UserAgent(string, p.navigator, _hints(p, browser, major, "Mobile" in string))
