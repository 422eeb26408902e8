"""Block requests by kind, host or URL, and hide elements, banners, pop-ups and chat widgets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pydantic import field_validator

from ..errors import RequestNotValid
from ..option_checks import selector_texts
from ..options import option
from ..page import world
from ..page.interception import Blocker
from ..page.session import PageSession
from ..page.styles import insert_style
from ..page.url_patterns import compile_patterns
from .consent import ConsentOptions, ConsentWatch, watch

if TYPE_CHECKING:
    from ..filters import FilterEngine, ListName
    from .look import Seen

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
_IS_SELECTOR = """(selector) => {
  try {
    DocumentFragment.prototype.querySelector.call(new DocumentFragment(), selector);
    return true;
  } catch {
    return false;
  }
}"""


class BlockOptions(ConsentOptions, group="block"):
    block_media: bool = option(
        False,
        "Block image, video and audio requests.",
        pixashot=True,
        shareable=True,
        linkable=True,
    )
    block_ads: bool = option(
        False,
        "Block advertisements by EasyList: their requests, and the elements that they would fill.",
        shareable=True,
        linkable=True,
    )
    block_trackers: bool = option(
        False,
        "Block analytics and trackers by EasyPrivacy.",
        shareable=True,
        linkable=True,
    )
    block_popups: bool = option(
        False,
        "Block newsletter and other pop-ups by AdGuard's list, and close dialogs that cover the page.",
        aliases=("use_popup_blocker", "kill_popups"),
        shareable=True,
        linkable=True,
        operator_default="use_popup_blocker",
    )
    block_chats: bool = option(
        False,
        "Block chat and support widgets by AdGuard's list and one of this service.",
        shareable=True,
        linkable=True,
    )
    block_annoyances: bool = option(
        False,
        "Block pop-ups, banners of mobile applications and other annoyances by AdGuard's lists.",
        shareable=True,
        linkable=True,
    )
    block_socials: bool = option(
        False,
        "Block buttons and widgets of social networks by AdGuard's list.",
        aliases=("block_social",),
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
        max_length=100,
        shareable=True,
        linkable=True,
    )
    hide_selectors: list[str] | None = option(
        None,
        "Selectors of elements to make invisible; their layout space is kept.",
        max_length=100,
        shareable=True,
        linkable=True,
        check=selector_texts,
        brief="Elements to hide; may be repeated.",
    )
    remove_selectors: list[str] | None = option(
        None,
        "Selectors of elements to remove from the layout.",
        aliases=("remove_selector", "hide_selector"),
        max_length=100,
        shareable=True,
        linkable=True,
        check=selector_texts,
    )

    @field_validator("block_resources", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return [v.lower() if isinstance(v, str) else v for v in value] if isinstance(value, list) else value

    @field_validator("block_urls")
    @classmethod
    def _patterns_compile(cls, patterns: list[str] | None) -> list[str] | None:
        compile_patterns(tuple(patterns or ()))
        return patterns


# The lists of each option.
_LISTS: dict[str, tuple[ListName, ...]] = {
    "block_ads": ("easylist",),
    "block_trackers": ("easyprivacy",),
    "block_cookie_banners": ("cookie_notices",),
    "block_popups": ("popups",),
    "block_chats": ("widgets", "chats"),
    "block_socials": ("social",),
    "block_annoyances": ("popups", "app_banners", "other_annoyances"),
}


def filter_lists(options: BlockOptions) -> tuple[ListName, ...]:
    """The packaged filter lists that the options ask for, each once."""
    return tuple(
        dict.fromkeys(n for option, names in _LISTS.items() if getattr(options, option) for n in names)
    )


@dataclass(slots=True)
class Blocking:
    """What blocks and hides during one capture: its filter lists, and the watch for consent banners.

    `hidden` are the rules of the lists that the page has been given; `seen` is what the page looked like when
    the clock stood still after the settle, with the number of its document.
    """

    engine: FilterEngine | None = None
    consent: ConsentWatch | None = None
    hidden: set[str] = field(default_factory=set)
    seen: tuple[int, Seen] | None = None


async def prepare(
    session: PageSession, options: BlockOptions, own_lists: str, *, scripts: bool = True
) -> Blocking:
    """Load the filter lists and watch for banners, before the page is loaded.

    A list that cannot be used is a warning, and the page is captured without it. `scripts`: False when
    JavaScript is off, so that no banner can be answered.
    """
    names, engine = filter_lists(options), None
    if names:
        from .. import filters

        engine = await asyncio.to_thread(filters.load, names, own_lists)
        for name in engine.missing:
            session.report.warn("filter_list_missing", f"The filter list {name} could not be used.")
    return Blocking(engine, watch(session, options) if scripts else None)


def blockers(options: BlockOptions, engine: FilterEngine | None = None) -> list[Blocker]:
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
        rules.append(lambda request: request.kind if request.kind in kinds else None)
    if engine:
        rules.append(
            lambda request: (
                None if request.is_page else engine.blocks(request.url, request.page, request.kind)
            )
        )
    if options.block_urls:
        matches = compile_patterns(tuple(options.block_urls))
        rules.append(lambda request: "block_urls" if matches(request.url) else None)
    return rules


async def hide_elements(session: PageSession, options: BlockOptions) -> None:
    """Apply `hide_selectors` and `remove_selectors`. Raises RequestNotValid for an invalid selector."""
    rules = [f"{s} {{ visibility: hidden !important }}" for s in options.hide_selectors or ()]
    rules += [f"{s} {{ display: none !important }}" for s in options.remove_selectors or ()]
    if not rules:
        return
    for name in ("hide_selectors", "remove_selectors"):
        for selector in getattr(options, name) or ():
            if not await session.deadline.run(world.call(session, _IS_SELECTOR, selector), name):
                raise RequestNotValid(
                    f"{name}: {selector!r} is not a valid CSS selector.", details=[{"field": name}]
                )
    await session.deadline.run(insert_style(session, "hide_selectors", "\n".join(rules)), "hide_selectors")
