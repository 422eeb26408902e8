"""What is kept out of the page: kinds of resources, hosts of ads and trackers, and what gets in the way."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Literal
from urllib.parse import urlsplit

from pydantic import field_validator

from ..errors import RequestNotValid
from ..option_checks import selector_texts
from ..options import Flag, Options, option
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
        "Let no request for an image, video or sound leave.",
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
        "Answer consent banners: `reject` (true), `accept` or `hide` them.",
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
        "Block and hide chat widgets.",
        shareable=True,
        linkable=True,
    )
    block_resources: list[Kind] | None = option(
        None,
        "Kinds of requests to block.",
        aliases=("reject_resource_types",),
        shareable=True,
        linkable=True,
    )
    block_urls: list[str] | None = option(
        None,
        "Requests to block: wildcards (`*://ads.example/*`) or `/regular expressions/`, as RE2 knows them.",
        aliases=("reject_request_pattern", "block_requests"),
        max_length=100,
        shareable=True,
        linkable=True,
    )
    hide_selectors: list[str] | None = option(
        None,
        "Elements made invisible; their room stays.",
        aliases=("hide_selector",),
        max_length=100,
        shareable=True,
        linkable=True,
        check=selector_texts,
    )
    remove_selectors: list[str] | None = option(
        None,
        "Elements taken out of the layout.",
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
    """The registrable hosts of one packaged list: `ads`, `trackers` or `chats`."""
    lists = json.loads(files("stillframe.steps").joinpath("assets/hosts.json").read_text("utf-8"))
    return frozenset(lists[name])


def on_list(url: str, hosts: frozenset[str]) -> bool:
    """Whether the URL's host or one of its parents is listed."""
    labels = (urlsplit(url).hostname or "").lower().split(".")
    return any(".".join(labels[i:]) in hosts for i in range(len(labels)))


def blockers(options: BlockOptions) -> list[Blocker]:
    """The request rules that the options ask for, each answering why a request is blocked or None."""
    rules: list[Blocker] = []
    kinds = set(options.block_resources or ())
    if options.block_media:
        kinds |= {"image", "media"}
    if kinds & {"xhr", "fetch"}:
        # Where requests are paused, Chromium calls both by one name.
        kinds |= {"xhr", "fetch"}
    if kinds:
        rules.append(lambda url, kind: kind.lower() if kind.lower() in kinds else None)
    for wanted, name in (
        (options.block_ads, "ads"),
        (options.block_trackers, "trackers"),
        (options.block_chats, "chats"),
    ):
        if wanted:
            rules.append(_listed(name))
    if options.block_urls:
        matches = compile_patterns(tuple(options.block_urls))
        rules.append(lambda url, _: "block_urls" if matches(url) else None)
    return rules


def _listed(name: str) -> Blocker:
    hosts = host_list(name)
    return lambda url, kind: name if kind != "Document" and on_list(url, hosts) else None


async def clear_view(session: PageSession, options: BlockOptions) -> None:
    """Take out of the way what was asked: banners, pop-ups, chat widgets, selectors. Raises RequestNotValid."""
    await hide(session, options)
    if not (options.block_cookie_banners or options.block_popups or options.block_chats):
        return
    script = files("stillframe.steps").joinpath("assets/clear_view.js").read_text("utf-8")
    wanted = {
        "banners": options.block_cookie_banners,
        "popups": options.block_popups,
        "chats": options.block_chats,
    }
    cap = session.deadline.share(0.2, 3000)
    try:
        found = await session.within(session.page.evaluate(script, wanted), cap / 1000, "block")
    except Exception:
        session.report.warn("block_failed", "Banners and pop-ups could not be looked for.")
    else:
        session.report.note("cleared", found)


async def hide(session: PageSession, options: BlockOptions) -> None:
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
                        f"{name}: {selector!r} is not a CSS selector.", details=[{"field": name}]
                    ) from error
                raise
    await session.page.add_style_tag(content="\n".join(rules))
