"""Hide what the filter lists name, and the banners and pop-ups that lie over the page."""

from __future__ import annotations

import contextlib
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from ..page.assets import run_page_script
from ..page.session import PageSession
from .block import Blocking, BlockOptions
from .consent import ConsentWatch

if TYPE_CHECKING:
    from ..filters import FilterEngine
    from .look import Seen

# Rules of this list hide only what lies over the page: a page about cookies has elements named after them.
_ONLY_OVERLAYS = "cookie_notices"
# Rules that apply here apply to every site.
_NO_SITE = "https://site.invalid/"
# What clear_overlays.js returns for a page over which nothing lies.
_NOTHING = {"banners": 0, "popups": 0, "listed": 0, "pressed": 0, "left": 0}


async def first_look(session: PageSession, options: BlockOptions, blocking: Blocking) -> None:
    """Hide what the filter lists name, and begin to answer a banner, as soon as the page has loaded.

    A button that accepts is pressed at once; autoconsent does so only where it cannot reject.
    """
    consent = blocking.consent
    if not (blocking.engine or consent):
        return
    seen = await _look(session, options)
    await _hide_listed(session, blocking, seen)
    if consent is None:
        return
    if options.block_cookie_banners == "accept" and seen is not None and seen["layers"]:
        found = await _clear(session, options, consent, [], only_press=True)
        if found and found["pressed"]:
            consent.note_press()
    await consent.consider(seen)


def while_waiting(
    session: PageSession, options: BlockOptions, blocking: Blocking
) -> AbstractAsyncContextManager[None]:
    """Look for banners while the caller's waits and scripts run."""
    if blocking.consent is None:
        return contextlib.nullcontext()
    # A page that navigates meanwhile does not answer, which is nothing to warn of.
    return blocking.consent.looking(lambda: _look(session, options, warn=False))


async def is_answering(session: PageSession, options: BlockOptions, blocking: Blocking) -> bool:
    """Whether a consent banner is about to be answered; looks for one that has come since."""
    if (consent := blocking.consent) is None:
        return False
    if not consent.running:
        documents, seen = session.network.documents, await _look(session, options)
        blocking.seen = (documents, seen) if seen else None
        await consent.consider(seen)
    return consent.busy


def _seen_in_stillness(session: PageSession, blocking: Blocking) -> Seen | None:
    """What the page looked like when its clock was stopped, if nothing has changed it since."""
    still = session.report.facts.get("settle", {}).get("mode") == "virtual"
    running = blocking.consent is not None and blocking.consent.running
    if not still or running or blocking.seen is None or blocking.seen[0] != session.network.documents:
        return None
    return blocking.seen[1]


async def _look(session: PageSession, options: BlockOptions, *, warn: bool = True) -> Seen | None:
    # Filter lists need nothing of the document but its names.
    from .look import look

    banners = bool(options.block_cookie_banners)
    return await look(session, banners=banners, layers=banners or options.block_popups, warn=warn)


async def _hide_listed(session: PageSession, blocking: Blocking, seen: Seen | None) -> list[str]:
    """Hide the elements that the filter lists name; returns the selectors that are for overlays only."""
    engine = blocking.engine
    if not engine or seen is None:
        return []
    rules, overlays = _rules(engine, session.page.url, seen)
    if rules and (seen["unstyled"] or not blocking.hidden.issuperset(rules)):
        await _run(session, "steps/assets/hide_listed.js", "\n".join(rules))
        blocking.hidden.update(rules)
    return overlays


def _rules(engine: FilterEngine, url: str, names: Seen) -> tuple[list[str], list[str]]:
    """The CSS rules for a document with these classes and ids, and the selectors for overlays only."""
    hidden = engine.hidden(url)
    selectors, overlays = set(hidden.selectors), set[str]()
    if _ONLY_OVERLAYS in engine.names:
        overlays |= engine.hidden(_NO_SITE, [_ONLY_OVERLAYS]).selectors
        selectors -= overlays
    if hidden.generic:
        lists = [name for name in engine.names if name != _ONLY_OVERLAYS]
        found = names["classes"], names["ids"], hidden.exceptions
        selectors.update(engine.hidden_by_name(*found, lists=lists))
        overlays.update(engine.hidden_by_name(*found, lists=[_ONLY_OVERLAYS]))
    # One rule for each selector: an unknown one would void a common rule.
    rules = [f"{selector} {{ display: none !important }}" for selector in sorted(selectors)]
    rules += [f"{selector} {{ {'; '.join(css)} }}" for selector, css in sorted(hidden.styles.items())]
    return rules, sorted(overlays)


async def clear_view(
    session: PageSession, options: BlockOptions, blocking: Blocking, *, expanded: bool
) -> None:
    """Hide what the lists name, and the banners and pop-ups that still lie over the page.

    A button is pressed only in a banner that autoconsent did not answer. The page's clock may stand still, so
    whatever the press does not do at once is hidden. `expanded`: time may have passed since the settle looked
    for banners.
    """
    overlay_options = options.block_cookie_banners or options.block_popups
    if not (blocking.engine or overlay_options):
        return
    consent = blocking.consent
    seen = None if expanded else _seen_in_stillness(session, blocking)
    seen = seen or await _look(session, options)
    overlays = await _hide_listed(session, blocking, seen)
    if not overlay_options:
        return
    found = dict(_NOTHING)
    if seen is None or seen["layers"] or (consent is not None and consent.running):
        found = await _clear(session, options, consent, overlays)
    if found:
        session.report.note("cleared", {name: found[name] for name in ("banners", "popups", "listed")})
    if consent is not None and found and (report := consent.report(found)):
        session.report.note("consent", report)


async def _clear(
    session: PageSession,
    options: BlockOptions,
    consent: ConsentWatch | None,
    overlays: list[str],
    *,
    only_press: bool = False,
) -> Any:
    what = {
        "banners": bool(options.block_cookie_banners),
        "mode": options.block_cookie_banners or "hide",
        "popups": options.block_popups and not only_press,
        "selectors": overlays,
        "known": consent is not None and consent.manager is not None,
        "answered": consent is not None and consent.answered,
        "onlyPress": only_press,
    }
    return await _run(session, "steps/assets/clear_overlays.js", what)


async def _run(session: PageSession, path: str, argument: Any) -> Any:
    return await run_page_script(session, path, argument, session.deadline.share(0.2, 3_000))
