"""DuckDuckGo's autoconsent: its content script, its rules, and which of them a document could match.

All come with the package duckduckgo-autoconsent-py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..page.selectors import alternatives, name_in

# autoconsent rejects an evaluation that has no answer after a second. A second of virtual time can pass
# before an answer arrives (steps/settle), so this timer is left out; the answer always comes.
_TIMER = "this.timer = window.setTimeout("
_MAX_URL = 2000
# Parts of a rule that nothing asks for: the self-test, hiding before the page has loaded, and remarks.
_UNUSED = ("test", "prehideSelectors", "comment", "_metadata")

# What the managers that autoconsent knows by code of their own show in a document, or the script that brings
# them. tests/unit/steps/test_consent_rules.py compares the list with the package's.
CODED: dict[str, tuple[str, ...]] = {
    "TrustArc-top": ("#truste-show-consent", "#truste-consent-track"),
    "Cybotcookiebot": (
        "#CybotCookiebotDialog",
        "#CybotCookiebotDialogBodyUnderlay",
        "#dtcookie-container",
        "#cookiebanner",
        "#cb-cookieoverlay",
        ".modal--cookie-banner",
        "#cookiebanner_outer",
        "#CookieBanner",
        "script[src*='cookiebot.' i]",
    ),
    "Sourcepoint-frame": ("[class*=sp_choice_type_]", ".priv-save-btn", "[id^=sp_message_container_]"),
    "consentmanager.net": ("#cmpbox", "#cmpbox2", "#cmpwrapper", "script[src*='consentmanager.' i]"),
    "Evidon": ("#_evidon_banner",),
    "Onetrust": ("#onetrust-banner-sdk", "#onetrust-pc-sdk"),
    "Klaro": (".klaro > .cookie-modal", ".klaro > .cookie-notice"),
    "Uniconsent": (".unic .unic-box", ".unic .unic-bar", ".unic .unic-modal"),
    "Conversant": (".cmp-root .cmp-receptacle",),
    "tiktok.com": ("tiktok-cookie-banner",),
    "Admiral": ("div[class*=Card] > div[class*=Frame] > div[class*=Pills] > button",),
}
# Documents of Sourcepoint are known by their address alone.
_SOURCEPOINT = re.compile(
    r"^https?://(ccpa-(notice|pm)\.sp-prod\.net/|[^/]+/((privacy-manager|ccpa_pm|us_pm)/)?index\.html\?"
    r".*(message_id|requestUUID|consentUUID)=)"
)


@cache
def content_script(binding: str) -> str:
    """The script for every frame; it sends its messages as JSON to the function `binding`."""
    from duckduckgo_autoconsent import bundle

    script = bundle().replace(_TIMER, "this.timer = ((late) => 0)(")
    return (
        f"if (window.{binding}) {{ window.autoconsentSendMessage = (message) =>"
        f" {{ {binding}(JSON.stringify(message)); return Promise.resolve(); }};\n{script}\n}}"
    )


@cache
def banner_pattern() -> str:
    """A JavaScript expression for the text of unknown banners: what autoconsent tries one by one."""
    from duckduckgo_autoconsent import bundle

    script = bundle()
    start = script.index("var DETECT_PATTERNS = [")
    listed = script[start : script.index("\n  ];", start)]
    return "|".join(re.findall(r"^ *(?<!/)/(?!/)(.+)/gi,?$", listed, re.MULTILINE))


class _Sites:
    """The rules for certain addresses."""

    def __init__(self, rules: list[dict[str, Any]]) -> None:
        import re2

        options = re2.Options()
        options.log_errors, options.never_capture, options.max_mem = False, True, 64 << 20
        self._set, self._rules = re2.Set.SearchSet(options), []
        for rule in rules:
            try:
                self._set.Add(rule["runContext"]["urlPattern"])
            except re2.error:
                continue
            self._rules.append(rule)
        self._set.Compile()

    def rules_for(self, url: str) -> list[dict[str, Any]]:
        return [self._rules[n] for n in sorted(self._set.Match(url[:_MAX_URL]) or ())]


@cache
def _rules() -> tuple[list[dict[str, Any]], list[dict[str, Any]], _Sites]:
    """autoconsent's rules: for the main document, for frames, and for certain addresses."""
    from duckduckgo_autoconsent import rules_json

    main, frames, sites = [], [], []
    for whole in json.loads(rules_json()):
        rule = {key: value for key, value in whole.items() if key not in _UNUSED}
        where = rule.get("runContext") or {}
        if where.get("urlPattern"):
            sites.append(rule)
            continue
        if where.get("main", True):
            main.append(rule)
        if where.get("frame", False):
            frames.append(rule)
    return main, frames, _Sites(sites)


def rules_for(url: str, is_main: bool) -> list[dict[str, Any]]:
    """The rules that can apply to a document, so that a frame does not parse all of them."""
    main, frames, sites = _rules()
    return (main if is_main else frames) + sites.rules_for(url)


@dataclass(frozen=True, slots=True)
class Signs:
    """What has to be in a document for a rule to match it.

    `named`: the rules for each class or id in lower case, `unnamed`: the rule of each selector without one.
    """

    named: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    unnamed: dict[str, dict[str, Any]] = field(default_factory=dict)


@cache
def signs() -> Signs:
    """The signs of all rules that are not for certain addresses only."""
    main, frames, _ = _rules()
    coded = [{"name": name, "detectCmp": [{"exists": ",".join(found)}]} for name, found in CODED.items()]
    found = Signs()
    for rule in [*coded, *main, *(rule for rule in frames if rule not in main)]:
        # A rule that asks the page's scripts asks for a layer in the end.
        for selector in _required(rule["detectCmp"]) or _required(rule.get("detectPopup", [])):
            for one in alternatives(_as_css(selector)):
                if name := name_in(one):
                    found.named.setdefault(name, []).append(rule)
                else:
                    found.unnamed[one] = rule
    return found


def candidates(url: str, names: Iterable[str], unnamed: Iterable[str]) -> list[dict[str, Any]]:
    """The rules that could match a document with these classes and ids and these selectors of `signs`."""
    known = signs()
    rules = _rules()[2].rules_for(url)
    for name in known.named.keys() & {name.lower() for name in names}:
        rules += known.named[name]
    rules += [known.unnamed[selector] for selector in unnamed if selector in known.unnamed]
    return [
        {"name": rule["name"], "steps": rule["detectCmp"]} for rule in {r["name"]: r for r in rules}.values()
    ]


def is_banner_address(url: str) -> bool:
    """Whether a document is a banner for its address alone."""
    return _SOURCEPOINT.search(url[:_MAX_URL]) is not None


def _required(steps: list[dict[str, Any]]) -> list[str]:
    """Selectors of which one has to match for the steps to succeed: those of the first step that has any."""
    for step in steps:
        if step.get("negated") or step.get("optional"):
            continue
        if "any" in step:
            if all(found := [_required([one]) for one in step["any"]]):
                return [selector for one in found for selector in one]
            continue
        selector = step.get("exists") or step.get("visible")
        if selector:
            # Each selector of a chain is looked for inside of the one before.
            return [selector if isinstance(selector, str) else selector[0]]
    return []


def _as_css(selector: str) -> str:
    """The selector, or for XPath the id that it names."""
    if not selector.startswith("xpath/"):
        return selector
    named = re.search(r"@id=[\"']([\w-]+)", selector)
    return f"#{named[1]}" if named else "html"
