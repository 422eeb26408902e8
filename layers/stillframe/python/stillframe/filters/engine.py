"""Decide about requests and elements by several filter lists at once, as one list of all of them would."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import adblock

# The names of the DevTools protocol (Network.ResourceType) and those of filter lists.
_KINDS = {
    "stylesheet": "stylesheet",
    "image": "image",
    "media": "media",
    "font": "font",
    "script": "script",
    "xhr": "xmlhttprequest",
    "fetch": "xmlhttprequest",
    "websocket": "websocket",
    "ping": "ping",
    "cspviolationreport": "csp_report",
    "document": "sub_frame",
}


@dataclass(slots=True)
class Hidden:
    """What the lists hide at one address: selectors, style rules, and the selectors that they except.

    `generic` is False where a list has switched its rules for every site off.
    """

    selectors: set[str] = field(default_factory=set)
    styles: dict[str, list[str]] = field(default_factory=dict)
    exceptions: set[str] = field(default_factory=set)
    generic: bool = True


class FilterEngine:
    """The lists of one capture. A list that could not be read is None and decides nothing."""

    def __init__(self, engines: dict[str, adblock.Engine | None]) -> None:
        self._engines: dict[str, Any] = {name: engine for name, engine in engines.items() if engine}
        self.missing = sorted(name for name, engine in engines.items() if engine is None)

    def __bool__(self) -> bool:
        return bool(self._engines)

    def blocks(self, url: str, page: str, kind: str) -> str | None:
        """The list that blocks a request of `page`, or None; `kind` is a resource type of DevTools.

        A rule of one list and an exception of another meet as in a browser: the exception wins, unless the
        rule is `important`.
        """
        if not url.startswith(("http:", "https:", "ws:", "wss:")):
            return None
        host, page_host = urlsplit(url).hostname or "", urlsplit(page).hostname or ""
        # The engine itself tells whether both belong to one site; a page without an address has none.
        third_party = None if page_host else True
        where = (url, host, page_host, _KINDS.get(kind.lower(), "other"), third_party)
        found: str | None = None
        excepted = False
        for name, engine in self._engines.items():
            result = engine.check_network_urls_with_hostnames_subset(*where, found is not None, True)
            if result.matched and result.important:
                return name
            if result.matched and found is None:
                found = name
            excepted = excepted or result.exception is not None
        return None if excepted else found

    def hidden(self, url: str, lists: Iterable[str] | None = None) -> Hidden:
        """What is hidden in a document at `url`, whatever it contains; `lists`: by these lists only."""
        found = Hidden()
        for name in self._engines if lists is None else lists:
            engine = self._engines[name]
            one = engine.url_cosmetic_resources(url)
            found.selectors |= one.hide_selectors
            found.exceptions |= one.exceptions
            found.generic = found.generic and not one.generichide
            for selector, styles in one.style_selectors.items():
                found.styles.setdefault(_with_has(selector), []).extend(styles)
        found.selectors = {_with_has(s) for s in found.selectors - found.exceptions}
        return found

    def hidden_by_name(
        self, classes: Sequence[str], ids: Sequence[str], exceptions: Iterable[str], *, lists: Iterable[str]
    ) -> list[str]:
        """The selectors of rules for every site that begin with one of these classes and ids."""
        excepted, found = set(exceptions), set[str]()
        for name in lists:
            if name in self._engines:
                found.update(
                    self._engines[name].hidden_class_id_selectors(list(classes), list(ids), excepted)
                )
        return sorted(_with_has(s) for s in found)

    @property
    def names(self) -> list[str]:
        """The lists that can be used."""
        return list(self._engines)


def _with_has(selector: str) -> str:
    # scripts/renew_filters.py hides the name from the engine's parser.
    return selector.replace(":-sf-has(", ":has(")
