"""Block requests by kind, host or URL, and hide elements, banners, pop-ups and chat widgets."""

from __future__ import annotations

import json
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

from pydantic import field_validator

from ..errors import RequestNotValid
from ..option_checks import selector_texts
from ..options import Flag, Options, option
from ..page.assets import asset_text, page_script
from ..page.interception import Blocker
from ..page.session import PageSession, is_playwright
from ..page.url_patterns import compile_patterns

Kind = Literal[
    "document",
    "stylesheet",
    "image",
    "media",
    "font",
    "script",
    "texttrack",
    "xhr",
    "fetch",
    "prefetch",
    "eventsource",
    "websocket",
    "manifest",
    "ping",
    "other",
]
Banner = Literal["reject", "accept", "hide"]


class BlockOptions(Options, group="block"):
    block_media: bool = option(
        False,
        "Block image, video and audio requests.",
        pixashot=True,
        shareable=True,
        linkable=True,
    )
    block_ads: bool = option(
        False,
        "Block requests to advertising hosts.",
        shareable=True,
        linkable=True,
    )
    block_trackers: bool = option(
        False,
        "Block requests to analytics and tracking hosts.",
        shareable=True,
        linkable=True,
    )
    block_cookie_banners: Banner | Literal[False] = option(
        False,
        "Dismiss cookie consent banners: `reject` (the same as true), `accept` or `hide`.",
        aliases=("use_cookie_blocker", "hide_cookie_banners"),
        shareable=True,
        linkable=True,
        operator_default="use_cookie_blocker",
        cli=Flag(value="reject"),
    )
    block_popups: bool = option(
        False,
        "Close dialogs and overlays that cover the page, such as newsletter pop-ups.",
        aliases=("use_popup_blocker", "kill_popups"),
        shareable=True,
        linkable=True,
        operator_default="use_popup_blocker",
    )
    block_chats: bool = option(
        False,
        "Block requests to chat services and hide their widgets.",
        shareable=True,
        linkable=True,
    )
    block_resources: list[Kind] | None = option(
        None,
        "Resource types to block.",
        aliases=("reject_resource_types",),
        shareable=True,
        linkable=True,
    )
    block_urls: list[str] | None = option(
        None,
        "URLs to block: a substring, wildcards (`*://ads.example/*`) or a `/regular expression/` of RE2.",
        aliases=("reject_request_pattern", "block_requests"),
        max_length=100,
        shareable=True,
        linkable=True,
    )
    hide_selectors: list[str] | None = option(
        None,
        "Selectors of elements to make invisible; their layout space is kept.",
        aliases=("hide_selector",),
        max_length=100,
        shareable=True,
        linkable=True,
        check=selector_texts,
    )
    remove_selectors: list[str] | None = option(
        None,
        "Selectors of elements to remove from the layout.",
        aliases=("remove_selector",),
        max_length=100,
        shareable=True,
        linkable=True,
        check=selector_texts,
    )

    @field_validator("block_cookie_banners", mode="before")
    @classmethod
    def _banner_words(cls, value: object) -> object:
        words: dict[object, object] = {
            "true": "reject",
            "1": "reject",
            "yes": "reject",
            "on": "reject",
            "false": False,
            "0": False,
            "no": False,
            "off": False,
            "": False,
            "none": False,
        }
        if value is True or value == 1:
            return "reject"
        return words.get(value.lower(), value.lower()) if isinstance(value, str) else value

    @field_validator("block_resources", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return [v.lower() if isinstance(v, str) else v for v in value] if isinstance(value, list) else value

    @field_validator("block_urls")
    @classmethod
    def _patterns_compile(cls, patterns: list[str] | None) -> list[str] | None:
        compile_patterns(tuple(patterns or ()))
        return patterns


@cache
def host_list(name: str) -> frozenset[str]:
    """The host names of one packaged list: `ads`, `trackers` or `chats`."""
    return frozenset(json.loads(asset_text("steps/assets/hosts.json"))[name])


def is_listed(url: str, hosts: frozenset[str]) -> bool:
    """Whether the URL's host or one of its parent domains is in the list."""
    labels = (urlsplit(url).hostname or "").lower().split(".")
    return any(".".join(labels[i:]) in hosts for i in range(len(labels)))


def blockers(options: BlockOptions) -> list[Blocker]:
    """The blocking rules of the options; each returns the reason to block a request, or None."""
    rules: list[Blocker] = []
    kinds = set(options.block_resources or ())
    if options.block_media:
        kinds |= {"image", "media"}
    if kinds & {"xhr", "fetch"}:
        # The DevTools Fetch domain calls both XHR (Chromium 156); the Network domain tells them apart.
        # Shown by the `block_resources` cases of tests/e2e/cases_page.py.
        kinds |= {"xhr", "fetch"}
    if kinds:
        rules.append(lambda url, kind: kind.lower() if kind.lower() in kinds else None)
    for is_set, name in (
        (options.block_ads, "ads"),
        (options.block_trackers, "trackers"),
        (options.block_chats, "chats"),
    ):
        if is_set:
            rules.append(_by_host_list(name))
    if options.block_urls:
        matches = compile_patterns(tuple(options.block_urls))
        rules.append(lambda url, _: "block_urls" if matches(url) else None)
    return rules


def _by_host_list(name: str) -> Blocker:
    hosts = host_list(name)
    return lambda url, kind: name if kind != "Document" and is_listed(url, hosts) else None


async def dismiss_overlays(session: PageSession, options: BlockOptions) -> None:
    """Hide the listed elements and dismiss banners, pop-ups and chat widgets. Raises RequestNotValid."""
    await hide_elements(session, options)
    if not (options.block_cookie_banners or options.block_popups or options.block_chats):
        return
    kinds = {
        "banners": options.block_cookie_banners,
        "popups": options.block_popups,
        "chats": options.block_chats,
    }
    cap = session.deadline.share(0.2, 3_000)
    script = page_script("steps/assets/dismiss_overlays.js")
    try:
        found = await session.deadline.run(session.page.evaluate(script, kinds), "block", cap)
    except Exception:
        session.report.warn("block_failed", "The search for banners, pop-ups and chat widgets failed.")
    else:
        session.report.note("cleared", found)


async def hide_elements(session: PageSession, options: BlockOptions) -> None:
    """Apply `hide_selectors` and `remove_selectors`. Raises RequestNotValid for an invalid selector."""
    rules = [f"{s} {{ visibility: hidden !important }}" for s in options.hide_selectors or ()]
    rules += [f"{s} {{ display: none !important }}" for s in options.remove_selectors or ()]
    if not rules:
        return
    for name in ("hide_selectors", "remove_selectors"):
        for selector in getattr(options, name) or ():
            try:
                await session.page.evaluate(
                    "s => { document.createDocumentFragment().querySelector(s) }", selector
                )
            except Exception as error:
                if is_playwright(error) and "not a valid selector" in str(error):
                    raise RequestNotValid(
                        f"{name}: {selector!r} is not a valid CSS selector.", details=[{"field": name}]
                    ) from error
                raise
    await session.page.add_style_tag(content="\n".join(rules))
