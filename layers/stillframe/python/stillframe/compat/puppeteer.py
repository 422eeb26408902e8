"""Options of Puppeteer that Browserless and Cloudflare Browser Rendering share, with its names and units."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, get_args

from ..steps.block import Kind
from .table import (
    Refused,
    Translation,
    applied,
    below,
    entry,
    listed,
    noted,
    part,
    refused,
    to,
)
from .values import boolean, few, integer, limit, mapping, milliseconds, number, one_of, text, texts
from .waits import STATES_NOTE, as_predicate, finish_predicates, patterns, wait_for_presence, wait_until

_NEVER_SEEN = ("signedexchange", "cspviolationreport", "preflight", "fedcm")


def kinds(value: Any) -> list[str]:
    """Resource types that the service can block. Raises ValueError."""
    known = get_args(Kind)
    found = [one.lower() for one in texts(value)]
    for one in found:
        if one in _NEVER_SEEN:
            raise ValueError(f"{one!r} cannot be told apart here; leave it out, or block its URL")
        if one not in known:
            raise ValueError(f"{one[:40]!r} is not one of {', '.join(known)}")
    return found


def script_tags(t: Translation, value: Any) -> None:
    """Script tags as `custom_js`; one with a URL, type or id becomes an element. Raises ValueError."""
    for tag in _tags(value, ("content", "url", "type", "id"), "addScriptTag"):
        if set(tag) == {"content"}:
            t.join("custom_js", tag["content"])
            continue
        names = {"src" if k == "url" else "textContent" if k == "content" else k: v for k, v in tag.items()}
        t.join("custom_js", _element("script", names, waits="src" in names))


def style_tags(t: Translation, value: Any) -> None:
    """Style tags: contents as `custom_css`, URLs as link elements. Raises ValueError."""
    for tag in _tags(value, ("content", "url"), "addStyleTag"):
        if "url" in tag:
            t.join("custom_js", _element("link", {"rel": "stylesheet", "href": tag["url"]}, waits=True))
        else:
            t.join("custom_css", tag["content"])


def _tags(value: Any, names: tuple[str, ...], option: str) -> list[dict[str, str]]:
    found = [value] if isinstance(value, dict) else value
    if not isinstance(found, list) or not all(isinstance(tag, dict) for tag in found):
        raise ValueError("must be a list of objects with `content` or `url`")
    few(found)
    for tag in found:
        if "path" in tag:
            raise ValueError(f"{option}[].path names a file of the server; send its text as `content`")
        if unknown := sorted(set(tag) - set(names)):
            raise ValueError(f"unknown option '{option}[].{unknown[0][:40]}'")
        if not all(isinstance(one, str) for one in tag.values()) or not {"content", "url"} & set(tag):
            raise ValueError("must be a list of objects with `content` or `url`")
    return found


def _element(name: str, properties: dict[str, str], *, waits: bool) -> str:
    """JavaScript that adds an element to the page and waits until it has loaded."""
    ready = "it.onload = done; it.onerror = () => fail(new Error('not loaded: ' + (it.src || it.href)));"
    return (
        f"await new Promise((done, fail) => {{ const it = document.createElement({json.dumps(name)});"
        f" Object.assign(it, {json.dumps(properties)}); {ready if waits else ''}"
        f" document.head.append(it); {'' if waits else 'done();'} }});"
    )


def wait_for_function(t: Translation, value: Any) -> None:
    """Add a predicate of the caller."""
    t.noted.setdefault("predicates", []).append(as_predicate(text(value)))


def finish_waits(t: Translation) -> None:
    """Settle what waits mean together: presence, and whether a wait that runs out is an error."""
    wait = t.noted.get
    if (selector := wait("waitForSelector.selector")) is not None:
        t.current = "waitForSelector.selector"
        if wait("waitForSelector.hidden"):
            t.set("wait_for_hidden", selector)
        elif wait("waitForSelector.visible"):
            t.set("wait_for_selector", selector)
        else:
            try:
                wait_for_presence(t, selector)
            except ValueError as error:
                raise Refused(f"waitForSelector.selector: {error}") from None
    finish_predicates(t)
    waits = [
        name for name in ("wait_for_selector", "wait_for_hidden", "wait_for_function") if name in t.options
    ]
    if waits and "custom_js" in t.options:
        _wait_after_scripts(t, waits)
    elif waits and not wait("bestAttempt"):
        t.current = "bestAttempt"
        t.extend("fail_on", ["wait_timeout"])
    if (
        wait("viewport.isLandscape")
        and t.options.get("window_height", 0) > t.options.get("window_width", 0) > 0
    ):
        raise Refused("viewport.isLandscape: does not turn an upright viewport; swap width and height")


def _wait_after_scripts(t: Translation, waits: Sequence[str]) -> None:
    """Turn waits into a step after the scripts; ours come before them, Puppeteer's wait for their effect."""
    true = []
    for name in waits:
        value = t.options.pop(name)
        t.sources.pop(name, None)
        shown = f"!!{_shown(value)}" if name == "wait_for_selector" else f"!{_shown(value)}"
        true.append(value if name == "wait_for_function" else shown)
    limit_ms = t.options.get("wait_for_timeout", 30_000)
    script = (
        f"const end = Date.now() + {limit_ms}; while (!({' && '.join(true)})) {{"
        " if (Date.now() > end) throw new Error('the wait timed out');"
        " await new Promise((again) => setTimeout(again, 50)); }"
    )
    t.current = "waitForSelector.selector" if "waitForSelector.selector" in t.noted else "waitForFunction.fn"
    t.step(0, action="evaluate", text=script, **({"optional": True} if t.noted.get("bestAttempt") else {}))


def _shown(selector: str) -> str:
    """JavaScript for the first match if it can be seen."""
    found = f"[document.querySelector({json.dumps(selector)})]"
    return f"{found}.find((it) => it?.checkVisibility({{visibilityProperty: true}}))"


def _cookie_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("must be a list of cookies")
    return few(value)


def _headers(t: Translation, value: Any) -> None:
    for name, content in mapping(value).items():
        t.put("custom_headers", name, content)


TAGS = (
    applied(
        "addScriptTag",
        ("custom_js",),
        script_tags,
        "a list of tags, run in their order, before the waits, as there",
    ),
    part("addScriptTag[].content", ("custom_js",), "in part", "runs as a function: `var` makes no global"),
    part("addScriptTag[].url", ("custom_js",), "mapped", "added as an element; waits until it has loaded"),
    part("addScriptTag[].type", ("custom_js",), "mapped", "added as an element"),
    part("addScriptTag[].id", ("custom_js",), "mapped", "added as an element"),
    part("addScriptTag[].path", (), "refused", "a file of the server; send its text as `content`"),
    applied("addStyleTag", ("custom_css", "custom_js"), style_tags, "a list of tags"),
    part("addStyleTag[].content", ("custom_css",)),
    part("addStyleTag[].url", ("custom_js",), "mapped", "added as a link; waits until it has loaded"),
    part("addStyleTag[].path", (), "refused", "a file of the server; send its text as `content`"),
)
_COOKIE = "name value url domain path expires httpOnly secure sameSite partitionKey"
_OF_THE_STORE = "priority sameParty sourceScheme sourcePort"
COOKIES = (
    listed("cookies", "cookies", _cookie_list),
    *(part(f"cookies[].{name}", ("cookies",)) for name in _COOKIE.split()),
    *(
        part(f"cookies[].{name}", (), "no effect", "Chromium keeps its default; the cookie is sent the same")
        for name in _OF_THE_STORE.split()
    ),
)


VIEWPORT = below(
    "viewport",
    (
        to("width", "window_width", integer),
        to("height", "window_height", integer),
        to("deviceScaleFactor", "pixel_density", number, "0.5 to 4"),
        to("isMobile", "is_mobile", boolean),
        to("hasTouch", "has_touch", boolean),
        noted("isLandscape", (), boolean, "only with a width of at least the height", "in part"),
    ),
)
PAGE = (
    to("url", "url", text),
    to("html", "html_content", text),
    *TAGS,
    entry("authenticate.username", "basic_auth", "username", text),
    entry("authenticate.password", "basic_auth", "password", text),
    noted(
        "bestAttempt",
        ("fail_on",),
        boolean,
        "without it, a wait that runs out fails: `fail_on: [wait_timeout]`; navigation errors always fail",
        "in part",
    ),
    *COOKIES,
    to("emulateMediaType", "media_type", one_of("screen", "print")),
    applied(
        "gotoOptions.timeout",
        ("wait_for_timeout",),
        lambda t, value: t.at_least("wait_for_timeout", limit(value)),
        "milliseconds; one limit for navigation and waits, the largest that is given; 0 is refused",
    ),
    applied("gotoOptions.waitUntil", ("wait_until", "wait_for_network"), wait_until, STATES_NOTE),
    entry("gotoOptions.referer", "custom_headers", "Referer", text),
    refused("gotoOptions.referrerPolicy", "the page's own policy applies; set `referer` instead"),
    listed(
        "rejectRequestPattern",
        "block_urls",
        patterns,
        "regular expressions, written `/…/` here; RE2 has no look-around",
    ),
    listed(
        "rejectResourceTypes", "block_resources", kinds, "without signedexchange and preflight", "in part"
    ),
    applied(
        "setExtraHTTPHeaders",
        ("custom_headers",),
        _headers,
        "sent to the target's origin only",
        "in part",
    ),
    to("setJavaScriptEnabled", "javascript", boolean),
    to("userAgent", "user_agent", text),
    *VIEWPORT,
    noted(
        "waitForSelector.selector",
        ("wait_for_function", "wait_for_selector", "wait_for_hidden"),
        text,
        "in the document; `visible` makes it `wait_for_selector`, `hidden` makes it `wait_for_hidden`",
    ),
    noted("waitForSelector.hidden", ("wait_for_hidden",), boolean),
    noted("waitForSelector.visible", ("wait_for_selector",), boolean),
    applied(
        "waitForSelector.timeout",
        ("wait_for_timeout",),
        lambda t, value: t.at_least("wait_for_timeout", limit(value)),
        "milliseconds, as `gotoOptions.timeout`",
    ),
    to("waitForTimeout", "delay_capture", milliseconds, "a pause in milliseconds, not a timeout"),
)
