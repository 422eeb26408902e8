"""Parsing a request: names, values, limits, rules and templates."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillframe.errors import RequestNotValid
from stillframe.request import CaptureRequest, parse, parse_pairs
from stillframe.request.names import snake, table
from stillframe.request.templates import templates
from stillframe.steps.devices import devices
from stillframe.steps.viewport import window

URL = {"url": "https://example.com/"}


def refused(options: Any) -> RequestNotValid:
    with pytest.raises(RequestNotValid) as caught:
        parse(options)
    return caught.value


def test_defaults_are_the_documented_ones() -> None:
    r = parse(URL)
    assert (r.window_width, r.window_height, r.pixel_density) == (1920, 1080, 1.0)
    assert (r.format, r.image_quality, r.response_type) == ("png", 90, "by_format")
    assert (r.wait_until, r.wait_for_timeout, r.delay_capture) == ("settled", 8000, 0)
    assert r.ignore_https_errors
    assert r.pdf_print_background
    assert r.pdf_format is None  # A4, but for a single page
    assert r.canonical() == URL


ALIASES = [
    ("uri", "https://example.com/", "url"),
    ("viewport_width", 800, "window_width"),
    ("width", 800, "window_width"),
    ("viewportHeight", 600, "window_height"),
    ("device_scale_factor", 2, "pixel_density"),
    ("dpr", 2, "pixel_density"),
    ("fullPage", True, "full_page"),
    ("full_page_scroll", True, "scroll_page"),
    ("max_height", 900, "full_page_max_height"),
    ("quality", 50, "image_quality"),
    ("transparent", True, "omit_background"),
    ("bg_color", "red", "background_color"),
    ("element", "#a", "selector"),
    ("wait_for", "#a", "wait_for_selector"),
    ("wait_to_leave", "#a", "wait_for_hidden"),
    ("delay", 5, "delay_capture"),
    ("waitDelay", 5, "delay_capture"),
    ("use_popup_blocker", True, "block_popups"),
    ("rejectResourceTypes", ["image"], "block_resources"),
    ("accept_lang", "de-DE", "locale"),
    ("tz", "Europe/Berlin", "timezone"),
    ("emulateMediaType", "print", "media_type"),
    ("headers", {"a": "b"}, "custom_headers"),
    ("setExtraHTTPHeaders", {"a": "b"}, "custom_headers"),
    ("scripts", "1", "custom_js"),
    ("js", "1", "custom_js"),
    ("styles", "a{}", "custom_css"),
    ("css", "a{}", "custom_css"),
    ("pdf_page_size", "A5", "pdf_format"),
    ("paperWidth", "10cm", "pdf_width"),
    ("singlePage", True, "pdf_single_page"),
    ("generateDocumentOutline", True, "pdf_outline"),
    ("attachment_name", "x", "filename"),
    ("external_identifier", "x", "external_id"),
    ("ttl", 9, "cache_ttl"),
    ("preset", "mobile", "template"),
    ("type", "jpeg", "format"),
    ("viewport_device", "iPhone 13", "device"),
]


@pytest.mark.parametrize(("alias", "value", "name"), ALIASES, ids=[a for a, _, _ in ALIASES])
def test_an_alias_means_the_option(alias: str, value: Any, name: str) -> None:
    base = {} if name == "url" else URL
    assert parse(base | {alias: value}) == parse(base | {name: value})


CONVERTED = [
    ({"retina": True}, {"pixel_density": 2.0}),
    ({"disable_js": True}, {"javascript": False}),
    ({"colorScheme": "dark"}, {"dark_mode": True}),
    ({"force": True, "cache": True}, {"cache_mode": "refresh", "cache": True}),
    ({"fail_on_4xx": True}, {"fail_on_status": ["4xx"]}),
    ({"ignore_host_errors": False}, {"fail_on_status": ["4xx", "5xx"]}),
    (
        {"viewport": {"width": 800, "height": 600, "deviceScaleFactor": 2, "isMobile": True}},
        {"window_width": 800, "window_height": 600, "pixel_density": 2, "is_mobile": True},
    ),
    ({"image_width": 100, "image_height": 50}, {"resize": {"width": 100, "height": 50}}),
    ({"addScriptTag": [{"content": "a()"}, {"content": "b()"}]}, {"custom_js": "a()\nb()"}),
    ({"format": "JPG"}, {"format": "jpeg"}),
    ({"format": "md"}, {"format": "markdown"}),
    ({"waitUntil": "networkidle0"}, {"wait_until": "networkidle"}),
    ({"waitUntil": ["load"]}, {"wait_until": "load"}),
    ({"waitUntil": "networkidle2"}, {"wait_until": "load", "wait_for_network": "mostly_idle"}),
    ({"rejectRequestPattern": [".css"]}, {"block_urls": ["/.css/"]}),
    ({"fail_on_4xx": True, "fail_on_5xx": True}, {"fail_on_status": ["4xx", "5xx"]}),
    ({"failOnHttpStatusCodes": [404, 499, 599]}, {"fail_on_status": ["404", "4xx", "5xx"]}),
    ({"hide_selector": [".a"]}, {"remove_selectors": [".a"]}),
    ({"hide_cookie_banners": True}, {"block_cookie_banners": "hide"}),
    ({"block_cookie_banners": "accept"}, {"block_cookie_banners": "accept"}),
    ({"cookies": ["a=1"]}, {"cookies": [{"name": "a", "value": "1"}]}),
    ({"outputs": ["png"]}, {"outputs": [{"format": "png"}]}),
    ({"window_width": None}, {}),
]


@pytest.mark.parametrize(("given", "meant"), CONVERTED, ids=[json.dumps(g)[:40] for g, _ in CONVERTED])
def test_values_of_other_services_are_converted(given: dict[str, Any], meant: dict[str, Any]) -> None:
    assert parse(URL | given) == parse(URL | meant)


def test_no_alias_hides_another_option() -> None:
    fields = {name.rstrip("_") for name in CaptureRequest.model_fields}
    seen: dict[str, str] = {}
    for field, info in CaptureRequest.model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        for alias in extra.get("x-aliases", ()):  # type: ignore[union-attr]
            assert alias not in fields, alias
            assert alias not in seen, (alias, field, seen.get(alias))
            seen[alias] = field
    assert set(table(CaptureRequest)) == fields | set(seen)


def test_camel_case_becomes_snake_case() -> None:
    assert [snake(n) for n in ("waitUntil", "setExtraHTTPHeaders", "already_snake", "URL")] == [
        "wait_until",
        "set_extra_http_headers",
        "already_snake",
        "url",
    ]


UNKNOWN = [
    ("window_widht", "window_width"),
    ("fulPage", "full_page"),
    ("formatt", "format"),
    ("wait_for_selektor", "wait_for_selector"),
    ("pdf_formt", "pdf_format"),
]


@pytest.mark.parametrize(("name", "nearest"), UNKNOWN)
def test_an_unknown_option_is_refused_with_the_nearest(name: str, nearest: str) -> None:
    error = refused(URL | {name: 1})
    assert error.status == 400
    assert error.details[0] == {
        "field": name,
        "message": error.message,
        "type": "unknown_option",
        "suggestion": nearest,
    }
    assert f"did you mean '{nearest}'" in error.message


NEAREST = [
    ({"format": "pngg"}, "format", "png"),
    ({"wait_until": "network_idle"}, "wait_until", "networkidle"),
    ({"response_type": "by-format"}, "response_type", "by_format"),
    ({"device": "iphone 14 prro"}, "device", "iPhone 14 Pro"),
    ({"template": "moblie"}, "template", "mobile"),
    ({"block_resources": ["images"]}, "block_resources.0", "image"),
]


@pytest.mark.parametrize(("options", "field", "nearest"), NEAREST, ids=[" ".join(o) for o, _, _ in NEAREST])
def test_a_word_that_does_not_exist_names_the_nearest(
    options: dict[str, Any], field: str, nearest: str
) -> None:
    error = refused(URL | options)
    assert (error.details[0]["field"], error.details[0]["suggestion"]) == (field, nearest)
    assert f"did you mean '{nearest}'?" in error.message


def test_a_word_like_none_gets_no_suggestion() -> None:
    for options in ({"format": "zzzz"}, {"format": "x" * 5000}, {"device": "zzzzqqq"}, {"template": "zzzz"}):
        error = refused(URL | options)
        assert "did you mean" not in error.message
        assert "suggestion" not in error.details[0]


TRAPS = [
    ({"user_agent": "mobile"}, "user_agent", "user_agent_device: mobile"),
    ({"user_agent": "Random"}, "user_agent", "use_random_user_agent: true"),
    ({"extraHttpHeaders": {"X-A": "1;scope=https://a.b"}}, "custom_headers", "target's origin only"),
]


@pytest.mark.parametrize(("options", "field", "words"), TRAPS, ids=[" ".join(o) for o, _, _ in TRAPS])
def test_a_value_of_another_service_is_not_taken_as_it_is(
    options: dict[str, Any], field: str, words: str
) -> None:
    error = refused(URL | options)
    assert error.details[0]["field"] == field
    assert words in error.message


def test_an_unknown_option_near_nothing_is_refused() -> None:
    assert "unknown option 'zzzzqqq'" in refused(URL | {"zzzzqqq": 1}).message


def test_a_viewport_must_be_an_object() -> None:
    assert refused(URL | {"viewport": "x"}).message == "viewport: must be an object"


def test_an_option_given_by_two_names_must_agree() -> None:
    assert parse(URL | {"width": 800, "window_width": 800}).window_width == 800
    assert "window_width" in refused(URL | {"width": 800, "window_width": 900}).message


BAD = [
    ({}, "url"),
    ({"url": "https://a.b", "html_content": "x"}, "html_content"),
    ({"html_content": ""}, "html_content"),
    ({"url": "ftp://a.b"}, "url"),
    ({"url": "example.com"}, "url"),
    ({"url": "http://"}, "url"),
    ({"url": "https://a b/"}, "url"),
    ({"url": "javascript:alert(1)"}, "url"),
    ({"url": "file:///etc/passwd"}, "url"),
    ({"url": "https://a.b:99999/"}, "url"),
    ({"url": "https://a.b/" + "x" * 5000}, "url"),
    ({"url": 7}, "url"),
    ({"url": ["https://a.b"]}, "url"),
    *[
        (URL | bad, field)
        for bad, field in (
            ({"format": "gif"}, "format"),
            ({"window_width": 15}, "window_width"),
            ({"window_width": 5001}, "window_width"),
            ({"window_width": "wide"}, "window_width"),
            ({"window_width": 1.5}, "window_width"),
            ({"window_height": 20001}, "window_height"),
            ({"pixel_density": 0.4}, "pixel_density"),
            ({"pixel_density": 4.1}, "pixel_density"),
            ({"pixel_density": "nan"}, "pixel_density"),
            ({"window_width": 5000, "window_height": 5000, "pixel_density": 2}, "pixel_density"),
            ({"window_width": 5000, "window_height": 20000}, "window_height"),
            ({"image_quality": 101}, "image_quality"),
            ({"image_quality": -1}, "image_quality"),
            ({"full_page": "maybe"}, "full_page"),
            ({"clip": {"x": 0, "y": 0, "width": 0, "height": 5}}, "clip.width"),
            ({"clip": {"x": 0}}, "clip.y"),
            ({"clip": [1]}, "clip"),
            ({"selector": "#a", "clip": {"x": 0, "y": 0, "width": 5, "height": 5}}, "clip"),
            ({"selector": "#a", "full_page": True}, "full_page"),
            ({"selector": " "}, "selector"),
            ({"selector": "x" * 1001}, "selector"),
            ({"selector": "internal:control=x"}, "selector"),
            ({"padding": 5}, "padding"),
            ({"omit_background": True, "format": "jpeg"}, "omit_background"),
            ({"omit_background": True, "background_color": "red"}, "background_color"),
            ({"background_color": "url(x)"}, "background_color"),
            ({"resize": {"width": 0}}, "resize.width"),
            ({"resize": {"width": 5, "fit": "stretch"}}, "resize.fit"),
            ({"resize": {"w": 5}}, "resize.w"),
            ({"wait_until": "never"}, "wait_until"),
            ({"wait_for_network": "busy"}, "wait_for_network"),
            ({"wait_for_timeout": 0}, "wait_for_timeout"),
            ({"delay_capture": -1}, "delay_capture"),
            ({"delay_capture": 300_001}, "delay_capture"),
            ({"timeout": 300_001}, "timeout"),
            ({"device": "Nokia 3310"}, "device"),
            ({"template": "absent"}, "template"),
            ({"user_agent_platform": "amiga"}, "user_agent_platform"),
            ({"user_agent_platform": "linux", "user_agent_browser": "safari"}, "user_agent_browser"),
            ({"user_agent_device": "mobile", "user_agent_platform": "windows"}, "user_agent_browser"),
            ({"user_agent": "a\r\nb"}, "user_agent"),
            ({"locale": "not a locale"}, "locale"),
            ({"timezone": "Mars/Olympus"}, "timezone"),
            ({"geolocation": {"latitude": 91, "longitude": 0}}, "geolocation.latitude"),
            ({"geolocation": {"latitude": 1}}, "geolocation.longitude"),
            ({"proxy": "socks5://a:1"}, "proxy"),
            ({"custom_headers": {"Host": "x"}}, "custom_headers"),
            ({"custom_headers": {"a": "b\r\nc: d"}}, "custom_headers"),
            ({"custom_headers": {"bad name": "x"}}, "custom_headers"),
            ({"custom_headers": {"Sec-Fetch-Mode": "x"}}, "custom_headers"),
            ({"custom_headers": {f"h{i}": "" for i in range(33)}}, "custom_headers"),
            ({"custom_headers": {"a": "x" * 4096}}, "custom_headers"),
            ({"cookies": ["nonsense"]}, "cookies"),
            ({"cookies": [{"name": "a"}]}, "cookies.0.value"),
            ({"cookies": [{"name": "a", "value": "1", "same_site": "maybe"}]}, "cookies.0.same_site"),
            ({"basic_auth": {"username": "a"}}, "basic_auth.password"),
            ({"interactions": [{"action": "dance"}]}, "interactions.0.action"),
            ({"interactions": [{"action": "click"}]}, "interactions.0"),
            ({"interactions": [{"action": "type", "selector": "#a"}]}, "interactions.0"),
            ({"interactions": [{"action": "scroll"}]}, "interactions.0"),
            ({"interactions": [{"action": "goto", "url": "file:///etc/passwd"}]}, "interactions[0]"),
            ({"interactions": [{"action": "click", "selector": "#a"}] * 51}, "interactions"),
            (
                {"interactions": [{"action": "wait_for", "wait_for": {"type": "time", "value": "long"}}]},
                "interactions.0.wait_for",
            ),
            ({"block_resources": ["sounds"]}, "block_resources.0"),
            ({"block_urls": ["/[/"]}, "block_urls"),
            ({"block_cookie_banners": "eat"}, "block_cookie_banners"),
            ({"pdf_format": "A9"}, "pdf_format"),
            ({"pdf_scale": 3}, "pdf_scale"),
            ({"pdf_width": "10 ells"}, "pdf_width"),
            ({"pdf_page_ranges": "one"}, "pdf_page_ranges"),
            ({"pdf_margin": "-1cm"}, "pdf_margin"),
            ({"pdf_metadata": {"producer": "x"}}, "pdf_metadata.producer"),
            ({"response_type": "xml"}, "response_type"),
            ({"filename": "../x"}, "filename"),
            ({"filename": 'a"b'}, "filename"),
            ({"metadata": ["weight"]}, "metadata"),
            ({"presign_ttl": 0}, "presign_ttl"),
            ({"presign_ttl": 604_801}, "presign_ttl"),
            ({"outputs": []}, "outputs"),
            ({"outputs": ["gif"]}, "format"),
            ({"outputs": [{"selector": "#a"}]}, "outputs[0]"),
            ({"outputs": ["png"], "format": "png"}, "format"),
            ({"outputs": [{"format": "png", "url": "https://a.b"}]}, "outputs[0].url"),
            ({"store": "some/key"}, "store"),
            ({"cache_key": "a b"}, "cache_key"),
            ({"cache_mode": "maybe"}, "cache_mode"),
            ({"fail_if_contains": [""]}, "fail_if_contains"),
            ({"fail_on": ["rain"]}, "fail_on.0"),
            ({"webhook_url": "ftp://a.b"}, "webhook_url"),
            ({"base_url": "https://a.b"}, "base_url"),
            ({"custom_js": "x" * 65_537}, "custom_js"),
            ({"s3_uri": "s3://b"}, "s3_uri"),
        )
    ],
    *[
        (URL | bad, field)
        for bad, field in (
            ({"resize": "x", "image_width": 5}, "resize"),
            ({"image_width": 5, "resize": "x"}, "resize"),
            ({"resize": [], "image_width": 5}, "resize"),
            ({"resize": {"width": 5}, "image_width": "x"}, "resize.width"),
            ({"viewport": "x"}, "viewport"),
            ({"viewport": []}, "viewport"),
            ({"addScriptTag": [{"path": "/a.js"}]}, "addScriptTag"),
            ({"addScriptTag": ["x"]}, "addScriptTag"),
            ({"addStyleTag": [{"href": "x"}]}, "addStyleTag"),
            ({"outputs": [{"format": "png", "resize": "x", "image_width": 5}]}, "resize"),
            ({"proxy": "http://host:99999"}, "proxy"),
            ({"proxy": "http://host:port"}, "proxy"),
            ({"proxy": "http://user@:80"}, "proxy"),
            ({"proxy": "http://[::1:80"}, "proxy"),
            ({"cookies": [{"name": "a", "value": "b", "expires": -5}]}, "cookies.0.expires"),
            ({"cookies": [{"name": "a", "value": "b", "expires": 1e18}]}, "cookies.0.expires"),
            ({"clip": {"x": 0, "y": 0, "width": 1e9, "height": 1e9}}, "clip"),
            ({"clip": {"x": 0, "y": 0, "width": 5e7, "height": 10}}, "clip"),
            ({"clip": {"x": 0, "y": 0, "width": float("inf"), "height": 5}}, "clip.width"),
            ({"resize": {"width": 20_000, "height": 20_000}}, "resize"),
            ({"resize": {"width": 20_000, "height": 20_000, "fit": "contain"}, "pixel_density": 2}, "resize"),
            (
                {"geolocation": {"latitude": 1, "longitude": 1, "accuracy": float("inf")}},
                "geolocation.accuracy",
            ),
            (
                {
                    "interactions": [
                        {
                            "action": "wait_for",
                            "wait_for": {"type": "selector", "value": "internal:control=x"},
                        }
                    ]
                },
                "interactions[0]",
            ),
            (
                {"interactions": [{"action": "wait_for", "wait_for": {"type": "selector", "value": " "}}]},
                "interactions[0]",
            ),
        )
    ],
    ({"html_content": "x" * 2_000_001}, "html_content"),
    ({"html_content": "<p>", "cookies": ["a=1"]}, "cookies"),
    ({"html_content": "<p>", "custom_headers": {"a": "b"}}, "custom_headers"),
]


@pytest.mark.parametrize(("options", "field"), BAD, ids=[f"{i}-{f}" for i, (_, f) in enumerate(BAD)])
def test_bad_input_is_refused_naming_the_field(options: dict[str, Any], field: str) -> None:
    error = refused(options)
    fields = [d["field"] for d in error.details]
    assert any(f == field or f.startswith(f"{field}.") for f in fields), (fields, error.message)
    assert field.split(".")[0].split("[")[0] in error.message


@pytest.mark.parametrize("value", [None, 7, "text", [], [{}], True])
def test_a_request_is_an_object(value: Any) -> None:
    assert refused(value).code == "request_not_valid"


def test_secrets_are_not_repeated_in_errors() -> None:
    error = refused(
        URL
        | {
            "custom_headers": {"Authorization": "Bearer s3cret\n"},
            "basic_auth": {"username": "s3cret:", "password": 1},
        }
    )
    assert "s3cret" not in error.message + json.dumps(error.details)


def test_several_faults_are_reported_at_once() -> None:
    assert {d["field"] for d in refused(URL | {"window_width": 1, "image_quality": 900}).details} == {
        "window_width",
        "image_quality",
    }


QUERIES = [
    ([("url", "https://a.b/"), ("full_page", "true")], {"full_page": True}),
    ([("url", "https://a.b/"), ("full_page", "0")], {"full_page": False}),
    ([("url", "https://a.b/"), ("fullPage", "yes")], {"full_page": True}),
    ([("url", "https://a.b/"), ("window_width", "800")], {"window_width": 800}),
    ([("url", "https://a.b/"), ("hide_selectors", ".a,.b")], {"hide_selectors": [".a", ".b"]}),
    (
        [("url", "https://a.b/"), ("hide_selectors", ".a"), ("hide_selectors", ".b")],
        {"hide_selectors": [".a", ".b"]},
    ),
    ([("url", "https://a.b/"), ("hide_selectors", '[".a", ".b, .c"]')], {"hide_selectors": [".a", ".b, .c"]}),
    (
        [("url", "https://a.b/"), ("clip", '{"x":0,"y":0,"width":5,"height":6}')],
        {"clip": {"x": 0, "y": 0, "width": 5, "height": 6}},
    ),
    (
        [("url", "https://a.b/"), ("interactions", '[{"action":"click","selector":"#a"}]')],
        {"interactions": [{"action": "click", "selector": "#a"}]},
    ),
    ([("url", "https://a.b/"), ("viewport", '{"width":700}')], {"window_width": 700}),
    ([("url", "https://a.b/"), ("outputs", "png,pdf")], {"outputs": ["png", "pdf"]}),
    ([("url", "https://a.b/"), ("async", "off")], {}),
]


@pytest.mark.parametrize(("pairs", "meant"), QUERIES, ids=[str(p[1:]) for p, _ in QUERIES])
def test_a_query_string_means_the_same_as_json(pairs: list[tuple[str, str]], meant: dict[str, Any]) -> None:
    assert parse_pairs(pairs).canonical() == parse({"url": "https://a.b/"} | meant).canonical()


COMMAS = [
    ("fail_if_missing", "Hello, world", ["Hello, world"]),
    ("fail_if_contains", '["a, b", "c"]', ["a, b", "c"]),
    ("hide_selectors", ".a, .b", [".a", ".b"]),
    ("hide_selectors", ":is(.a, .b), .c", [":is(.a, .b)", ".c"]),
    ("hide_selectors", '[data-x="a,b"]', ['[data-x="a,b"]']),
    ("hide_selectors", "[data-ad], .b", ["[data-ad]", ".b"]),
    ("hide_selectors", '["a","b"]', ["a", "b"]),
    ("remove_selectors", ":not(:has(a, b), c)", [":not(:has(a, b), c)"]),
    ("block_urls", "/ads{1,2}/, b.js", ["/ads{1,2}/", "b.js"]),
    ("block_urls", "/a,b/,c", ["/a,b/", "c"]),
    ("block_urls", "/path,c", ["/path", "c"]),
    ("block_urls", "it's.js,c", ["it's.js", "c"]),
    ("block_resources", "image,font", ["image", "font"]),
    ("fail_on_status", "4xx,500-599", ["4xx", "500-599"]),
    ("cookies", "a=1,2,b=3", [{"name": "a", "value": "1,2"}, {"name": "b", "value": "3"}]),
]


@pytest.mark.parametrize(("name", "text", "meant"), COMMAS, ids=[f"{n} {t}" for n, t, _ in COMMAS])
def test_a_comma_within_an_item_of_a_list_belongs_to_it(name: str, text: str, meant: list[Any]) -> None:
    found = parse_pairs([("url", "https://a.b/"), (name, text)])
    assert found == parse({"url": "https://a.b/", name: meant})


@pytest.mark.parametrize("text", ['["a", "b"', '[{"name"', "["])
def test_a_broken_json_list_is_refused(text: str) -> None:
    with pytest.raises(RequestNotValid, match="not valid JSON"):
        parse_pairs([("url", "https://a.b/"), ("hide_selectors", text)])


def test_a_long_list_is_split_in_linear_time() -> None:
    text = ",".join(["(["] * 200_000)
    with pytest.raises(RequestNotValid):
        parse_pairs([("url", "https://a.b/"), ("hide_selectors", text)])


@pytest.mark.parametrize(
    "pairs",
    [
        [("url", "https://a.b/"), ("url", "https://c.d/")],
        [("url", "https://a.b/"), ("clip", "{")],
        [("url", "https://a.b/"), ("full_page", "perhaps")],
    ],
)
def test_a_bad_query_string_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(RequestNotValid):
        parse_pairs(pairs)


def test_explicit_values_override_template_and_device() -> None:
    r = parse(URL | {"template": "mobile", "window_width": 500})
    assert (r.window_width, r.window_height, r.is_mobile, r.user_agent_platform) == (500, 667, True, "ios")
    assert parse(URL | {"device": "iphone_13"}) == parse(URL | {"device": "iPhone 13"})
    assert parse(URL | {"device": "iPhone 13", "pixel_density": 1}).pixel_density == 1


def test_templates_of_the_operator_override_packaged_ones(
    tmp_path: Path, configure: Callable[..., Any]
) -> None:
    file = tmp_path / "templates.json"
    file.write_text(json.dumps({"mobile": {"width": 400}, "mine": {"fullPage": True}}))
    configure(TEMPLATES_FILE=str(file))
    assert parse(URL | {"template": "mobile"}).window_width == 400
    assert parse(URL | {"template": "mine"}).full_page
    assert set(templates(str(file))) >= {"mobile", "mine", "desktop_full", "article_pdf", "iphone_13"}


@pytest.mark.parametrize("name", ["mobile", "desktop_full", "article_pdf", "iphone_13"])
def test_every_packaged_template_is_valid(name: str) -> None:
    assert parse(URL | {"template": name})


def test_operators_defaults_for_blockers(configure: Callable[..., Any]) -> None:
    configure(USE_POPUP_BLOCKER="true", USE_COOKIE_BLOCKER="1")
    r = parse(URL)
    assert (r.block_popups, r.block_cookie_banners) == (True, "reject")
    assert parse(URL | {"block_popups": False}).block_popups is False


def test_limits_follow_the_settings(configure: Callable[..., Any]) -> None:
    configure(MAX_WIDTH="640")
    assert "window_width" in refused(URL | {"window_width": 641}).message


def test_canonical_is_a_fixed_point() -> None:
    r = parse(
        URL
        | {"quality": 50, "cookies": ["a=1"], "outputs": ["png"], "block_cookie_banners": True, "async": True}
    )
    assert parse(r.canonical()) == r
    assert json.loads(json.dumps(r.canonical())) == r.canonical()


# Options that a template or a device changes, with their built-in defaults.
PLAIN = {
    "window_width": 1920,
    "window_height": 1080,
    "pixel_density": 1,
    "is_mobile": False,
    "has_touch": False,
    "full_page": False,
    "block_media": False,
}


@pytest.mark.parametrize("blockers", ["false", "true"])
def test_the_canonical_form_parses_to_an_equal_request(blockers: str, configure: Callable[..., Any]) -> None:
    configure(USE_POPUP_BLOCKER=blockers, USE_COOKIE_BLOCKER=blockers)
    sets = [{"template": name} for name in templates()] + [{"device": name} for name in devices()]
    off = {"block_popups": False, "block_cookie_banners": False}
    for chosen in [{}, *sets]:
        for explicit in ({}, PLAIN, off, PLAIN | off):
            r = parse(URL | chosen | explicit)
            assert {k: getattr(r, k) for k in explicit} == explicit
            assert parse(json.loads(json.dumps(r.canonical()))) == r, (chosen, explicit)


def test_an_output_inherits_the_options_of_a_template() -> None:
    r = parse(URL | PLAIN | {"template": "mobile", "outputs": ["png"]})
    assert {k: getattr(r.variants()[0], k) for k in PLAIN} == PLAIN


def test_an_option_of_an_output_overrides_the_shared_one_by_any_alias() -> None:
    r = parse(URL | {"image_quality": 50, "outputs": [{"format": "jpeg", "quality": 80}, "webp"]})
    assert [v.image_quality for v in r.variants()] == [80, 50]
    assert parse(URL | {"outputs": [{"type": "jpg", "attachment_name": "a"}]}).outputs == [
        {"format": "jpeg", "filename": "a"}
    ]


def test_outputs_share_the_load_and_differ_in_the_rest() -> None:
    r = parse(
        URL | {"dark_mode": True, "outputs": ["png", {"format": "jpg", "selector": "#a", "quality": 10}]}
    )
    first, second = r.variants()
    assert (first.format, second.format, second.selector, second.image_quality) == ("png", "jpeg", "#a", 10)
    assert first.dark_mode
    assert second.dark_mode


@pytest.mark.parametrize(("width", "height", "turned"), [(300, 800, (800, 300)), (800, 300, (800, 300))])
def test_landscape_turns_an_upright_window(width: int, height: int, turned: tuple[int, int]) -> None:
    assert window(parse(URL | {"window_width": width, "window_height": height, "landscape": True})) == turned
