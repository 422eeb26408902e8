"""Every rule of the package has a sign, and the signs that a document shows lead to its rules."""

from __future__ import annotations

import re

import pytest
from duckduckgo_autoconsent import bundle

from stillframe.steps import consent_rules


def names_of(rules: list[dict[str, object]]) -> list[object]:
    return [rule["name"] for rule in rules]


def test_the_managers_that_autoconsent_knows_by_code_are_known_here() -> None:
    listed = re.search(r"var dynamicCMPs = \[(.*?)\];", bundle(), re.DOTALL)
    assert listed is not None
    assert len(re.findall(r"\w+", listed[1])) == len(consent_rules.CODED)
    for name in consent_rules.CODED:
        assert f'this.name = "{name}"' in bundle()


def test_every_rule_for_any_site_has_a_sign() -> None:
    main, frames, _ = consent_rules._rules()
    signs = consent_rules.signs()
    found = {rule["name"] for rules in signs.named.values() for rule in rules}
    found |= {rule["name"] for rule in signs.unnamed.values()}
    assert [rule["name"] for rule in main + frames if rule["name"] not in found] == []
    # A sign that every document has would be none.
    assert not {"html", "body", "div", "*"} & set(signs.unnamed)


def test_every_expression_for_unknown_banners_is_read() -> None:
    script = bundle()
    listed = script[script.index("var DETECT_PATTERNS") :].split("\n  ];", 1)[0]
    lines = [line for line in listed.splitlines()[1:] if line.strip() and not line.strip().startswith("//")]
    for line in lines:
        source = line.strip().rstrip(",").removeprefix("/").removesuffix("/gi")
        assert f"|{source}|" in f"|{consent_rules.banner_pattern()}|"


def test_a_path_is_found_by_the_id_that_it_names() -> None:
    assert consent_rules._as_css('xpath///*[@id="modal"]/div/header') == "#modal"


def test_a_document_leads_to_the_rules_that_could_match_it() -> None:
    plain = consent_rules.candidates("https://example.com/", ["card", "price"], [])
    assert plain == []
    # A document in quirks mode has no regard to case.
    for spelling in ("onetrust-banner-sdk", "OneTrust-Banner-SDK"):
        named = consent_rules.candidates("https://example.com/", [spelling], [])
        assert names_of(named) == ["Onetrust"]
    unnamed = consent_rules.candidates("https://example.com/", [], ["tiktok-cookie-banner"])
    assert names_of(unnamed) == ["tiktok.com"]
    assert "bahn-de" in names_of(consent_rules.candidates("https://www.bahn.de/a", [], []))


@pytest.mark.parametrize(
    ("url", "banner"),
    [
        ("https://cdn.example.com/index.html?message_id=1", True),
        ("https://cdn.example.com/privacy-manager/index.html?x=1&consentUUID=2", True),
        ("https://ccpa-pm.sp-prod.net/?a=1", True),
        ("https://example.com/index.html", False),
        ("https://example.com/a/index.html?message_id=1", False),
    ],
)
def test_a_banner_of_sourcepoint_is_known_by_its_address(url: str, banner: bool) -> None:
    assert consent_rules.is_banner_address(url) is banner
