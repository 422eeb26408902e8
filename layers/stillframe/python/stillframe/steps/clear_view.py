"""Hide what the filter lists name, and the banners and pop-ups that lie over the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..page.assets import run_page_script
from ..page.session import PageSession
from .block import Blocking, BlockOptions
from .consent import ConsentWatch

if TYPE_CHECKING:
    from ..filters import FilterEngine

# A document may have any number of classes; the lists' rules need only those of its elements.
_MAX_NAMES = 20_000
# Rules of this list hide only what lies over the page: a page about cookies has elements named after them.
_ONLY_OVERLAYS = "cookie_notices"
# Rules that apply here apply to every site.
_NO_SITE = "https://site.invalid/"


async def hide_listed(session: PageSession, blocking: Blocking) -> list[str]:
    """Hide the elements that the filter lists name; returns the selectors that are for overlays only.

    Call it after the page has loaded and again before the capture, because elements come late.
    """
    engine = blocking.engine
    if not engine:
        return []
    names = await _run(session, "steps/assets/collect_names.js", _MAX_NAMES)
    if names is None:
        return []
    rules, overlays = _rules(engine, session.page.url, names)
    if rules:
        await _run(session, "steps/assets/hide_listed.js", rules)
    return overlays


def _rules(engine: FilterEngine, url: str, names: dict[str, list[str]]) -> tuple[list[str], list[str]]:
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


async def clear_view(session: PageSession, options: BlockOptions, blocking: Blocking) -> None:
    """Hide what the lists name, and the banners and pop-ups that still lie over the page.

    A button is pressed only in a banner that autoconsent did not answer. The page's clock may stand still, so
    whatever the press does not do at once is hidden.
    """
    consent, overlays = blocking.consent, await hide_listed(session, blocking)
    if options.block_cookie_banners or options.block_popups:
        found = await _clear(session, options, consent, overlays)
        if found:
            session.report.note("cleared", {name: found[name] for name in ("banners", "popups", "listed")})
        if consent is not None and found and (report := consent.report(found)):
            session.report.note("consent", report)


async def press_accept(session: PageSession, options: BlockOptions, blocking: Blocking) -> None:
    """Press the button of an unknown banner that accepts; autoconsent does so only where it cannot reject."""
    if options.block_cookie_banners == "accept" and blocking.consent is not None:
        found = await _clear(session, options, blocking.consent, [], only_press=True)
        if found and found["pressed"]:
            blocking.consent.note_answer()


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
