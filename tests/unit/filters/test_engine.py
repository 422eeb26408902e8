"""Filter lists: rules and exceptions of several lists, element hiding, and lists that cannot be used."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from stillframe import filters
from stillframe.filters import FilterEngine, lists

PAGE = "https://news.example/a"
ROOT = Path(__file__).parents[3]


def engine(**texts: str) -> FilterEngine:
    return FilterEngine({name: lists.compile_text(text) for name, text in texts.items()})


@pytest.mark.parametrize(
    ("rule", "blocked", "passed"),
    [
        ("||ads.example^", "https://cdn.ads.example/x.js", "https://ads.example.org/x.js"),
        ("||ads.example^$third-party", "https://ads.example/x", "https://notads.example/x"),
        ("/banner/*$script", "https://a.example/banner/1", "https://a.example/baner/1"),
        ("|https://a.example/x|", "https://a.example/x", "https://a.example/xy"),
        ("/ad[0-9]+\\.js/", "https://a.example/ad12.js", "https://a.example/ad.js"),
        ("||a.example^$domain=news.example", "https://a.example/x", "https://b.example/x"),
    ],
)
def test_a_rule_blocks_what_it_describes(rule: str, blocked: str, passed: str) -> None:
    one = engine(list=rule)
    assert one.blocks(blocked, PAGE, "Script") == "list"
    assert one.blocks(passed, PAGE, "Script") is None


@pytest.mark.parametrize(
    ("option", "kind", "expected"),
    [
        ("image", "Image", True),
        ("image", "Script", False),
        ("subdocument", "Document", True),
        ("xmlhttprequest", "Fetch", True),
        ("xmlhttprequest", "XHR", True),
        ("websocket", "WebSocket", True),
        ("ping", "Ping", True),
        ("stylesheet", "Stylesheet", True),
        ("font", "Font", True),
        ("media", "Media", True),
        ("other", "Manifest", True),
        ("script", "Image", False),
    ],
)
def test_the_kinds_of_devtools_are_those_of_the_lists(option: str, kind: str, expected: bool) -> None:
    found = engine(list=f"||ads.example^${option}").blocks("https://ads.example/x", PAGE, kind)
    assert (found == "list") is expected


def test_first_party_is_decided_by_the_registrable_domain() -> None:
    one = engine(list="/x.js$third-party")
    assert one.blocks("https://b.site.co.uk/x.js", "https://a.site.co.uk/", "Script") is None
    assert one.blocks("https://b.other.co.uk/x.js", "https://a.site.co.uk/", "Script") == "list"


@pytest.mark.parametrize("order", [("block", "except"), ("except", "block")])
def test_an_exception_of_one_list_wins_over_a_rule_of_another(order: tuple[str, str]) -> None:
    texts = {"block": "||ads.example^", "except": "@@||ads.example/ok^"}
    one = engine(**{name: texts[name] for name in order})
    assert one.blocks("https://ads.example/ok/1", PAGE, "Script") is None
    assert one.blocks("https://ads.example/no/1", PAGE, "Script") == "block"


@pytest.mark.parametrize("order", [("block", "except"), ("except", "block")])
def test_an_important_rule_wins_over_an_exception(order: tuple[str, str]) -> None:
    texts = {"block": "||ads.example^$important", "except": "@@||ads.example/ok^"}
    one = engine(**{name: texts[name] for name in order})
    assert one.blocks("https://ads.example/ok/1", PAGE, "Script") == "block"


@pytest.mark.parametrize(
    "url", ["data:image/png;base64,ads.example", "blob:https://ads.example/1", "about:blank"]
)
def test_only_requests_of_the_network_are_decided(url: str) -> None:
    assert engine(list="ads.example").blocks(url, PAGE, "Image") is None


def test_elements_are_hidden_by_site_by_name_and_by_style() -> None:
    one = engine(
        list="news.example##.ad\nother.example##.elsewhere\nnews.example##div:-sf-has(> .sponsored)\n"
        "##.generic\n##.excepted\nnews.example#@#.excepted\n"
        "news.example##body:style(overflow: auto !important)"
    )
    found = one.hidden(PAGE)
    assert found.selectors == {".ad", "div:has(> .sponsored)"}
    assert found.styles == {"body": ["overflow: auto !important"]}
    assert found.generic
    assert one.hidden_by_name(["generic", "excepted", "none"], [], found.exceptions, lists=["list"]) == [
        ".generic"
    ]
    assert one.hidden_by_name(["generic"], [], (), lists=["another"]) == []


def test_a_list_may_switch_off_its_rules_for_every_site() -> None:
    assert not engine(list="@@||news.example^$generichide\n##.x").hidden(PAGE).generic


@pytest.mark.parametrize("name", filters.LISTS)
def test_every_packaged_list_can_be_used_and_says_what_it_is(name: filters.ListName) -> None:
    assert filters.load((name,)).names == [name]
    if name == "chats":
        return  # this project's own
    source = filters.sources()[name]
    assert source["rules"] > 500
    assert source["license"]
    assert source["updated"] >= "2025"


def test_the_packaged_lists_block_the_well_known_hosts() -> None:
    one = filters.load(("easylist", "easyprivacy", "widgets", "chats", "social"))
    for url, kind in {
        "https://securepubads.g.doubleclick.net/tag/js/gpt.js": "Script",
        "https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js": "Script",
        "https://www.google-analytics.com/analytics.js": "Script",
        "https://static.hotjar.com/c/hotjar-1.js": "Script",
        "https://widget.intercom.io/widget/abc": "Script",
        "https://embed.tawk.to/1/default": "Script",
    }.items():
        assert one.blocks(url, PAGE, kind), url
    for url in (
        "https://news.example/app.js",
        "https://cdn.jsdelivr.net/npm/vue",
        "https://fonts.gstatic.com/x",
    ):
        assert one.blocks(url, PAGE, "Script") is None, url


def test_an_operators_list_is_read_plain_or_compressed(tmp_path: Path) -> None:
    plain, packed = tmp_path / "own.txt", tmp_path / "own.gz"
    plain.write_text("! my list\n||intra.example^\nnews.example##div:has(.x)\n")
    packed.write_bytes(gzip.compress(b"||other.example^\n"))
    one = filters.load((), f"{plain}, {packed}")
    assert one.blocks("https://intra.example/", PAGE, "Image") == "own:own.txt"
    assert one.blocks("https://other.example/", PAGE, "Image") == "own:own.gz"
    assert one.hidden(PAGE).selectors == {"div:has(.x)"}


def test_a_list_that_cannot_be_read_is_named_and_the_others_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.gz"
    broken.write_bytes(b"\x1f\x8bnot gzip")
    one = filters.load(("widgets",), f"{tmp_path}/none.txt,{broken}")
    assert one.missing == ["own:broken.gz", "own:none.txt"]
    assert one.names == ["widgets"]
    (tmp_path / "easylist.txt.gz").write_bytes(b"\x1f\x8bbroken")
    monkeypatch.setattr(lists, "_directory", lambda: tmp_path)
    lists.packaged.cache_clear()
    try:
        assert filters.load(("easylist",)).missing == ["easylist"]
    finally:
        lists.packaged.cache_clear()


def test_a_compiled_list_decides_like_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"||ads.example^\nnews.example##.ad"
    packed = gzip.compress(text)
    (tmp_path / "easylist.txt.gz").write_bytes(packed)
    monkeypatch.setattr(lists, "_directory", lambda: tmp_path)
    monkeypatch.setattr(lists, "LISTS", ("easylist",))
    lists.compile_packaged()
    compiled = tmp_path / lists.compiled_name("easylist", packed)
    assert compiled.is_file()
    monkeypatch.setattr(lists, "compile_text", None)  # the compiled form alone is read
    lists.packaged.cache_clear()
    try:
        one = filters.load(("easylist",))
        assert one.blocks("https://ads.example/x", PAGE, "Image") == "easylist"
        assert one.hidden(PAGE).selectors == {".ad"}
    finally:
        lists.packaged.cache_clear()


@pytest.fixture(scope="module")
def renew() -> ModuleType:
    spec = importlib.util.spec_from_file_location("renew_filters", ROOT / "scripts/renew_filters.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["renew_filters"] = module
    spec.loader.exec_module(module)
    return module


def test_renewal_keeps_what_the_engine_can_apply(renew: ModuleType) -> None:
    kept = list(
        renew.supported(
            [
                "! comment",
                "[Adblock Plus 2.0]",
                "||ads.example^",
                "a.example##.x:has(.y)",
                "a.example#$#body { overflow: auto!important; }",
                "a.example#@$#body { overflow: auto!important; }",
                "a.example#?#.x:contains(y)",
                "a.example#%#//scriptlet('x')",
                "a.example$$script[id=x]",
                "a.example##.x:upward(2)",
            ]
        )
    )
    assert kept == [
        "||ads.example^",
        "a.example##.x:-sf-has(.y)",
        "a.example##body:style(overflow: auto!important)",
        "a.example#@#body:style(overflow: auto!important)",
    ]
