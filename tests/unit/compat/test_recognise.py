"""Bodies on `/capture`: ours, another service's beyond doubt, or refused with both spellings."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from stillframe import compat
from stillframe.compat.service import translate
from stillframe.errors import RequestNotValid
from stillframe.request import parse, parse_pairs
from stillframe.request.foreign import AMBIGUOUS
from stillframe.request.model import CaptureRequest
from stillframe.request.names import snake, table

URL = {"url": "https://example.com/"}


def refused(body: dict[str, Any]) -> RequestNotValid:
    with pytest.raises(RequestNotValid) as refusal:
        parse(URL | body)
    return refusal.value


THEIRS = [
    # Puppeteer's shape, which Browserless and Cloudflare share.
    (
        {
            "gotoOptions": {"waitUntil": "networkidle2", "timeout": 20_000},
            "viewport": {"width": 800, "height": 600},
        },
        {
            "wait_until": "load",
            "wait_for_network": "mostly_idle",
            "wait_for_timeout": 20_000,
            "window_width": 800,
            "window_height": 600,
        },
    ),
    (
        {"viewport": {"width": 700, "height": 500}, "waitForTimeout": 3000},
        {"window_width": 700, "delay_capture": 3000},
    ),
    ({"options": {"fullPage": True, "type": "jpeg"}}, {"full_page": True, "format": "jpeg"}),
    ({"screenshotOptions": {"fullPage": True}}, {"full_page": True}),
    ({"pdfOptions": {"format": "a5"}}, {"format": "pdf", "pdf_format": "A5"}),
    (
        {"waitForSelector": {"selector": "#a", "hidden": True}},
        {"wait_for_hidden": "#a", "fail_on": ["wait_timeout"]},
    ),
    (
        {"addScriptTag": [{"content": "a()"}], "waitForTimeout": 500},
        {"custom_js": "a()", "delay_capture": 500},
    ),
    # Names of ScreenshotOne alone: its seconds count.
    (
        {"full_page": True, "full_page_scroll_delay": 400, "delay": 3},
        {"full_page": True, "delay_capture": 3000},
    ),
    (
        {"viewport_width": 800, "geolocation_latitude": 1, "geolocation_longitude": 2, "timeout": 60},
        {"timeout": 60_000},
    ),
    ({"headers": ["X-A:1"], "viewport_width": 800}, {"custom_headers": {"X-A": "1"}, "window_width": 800}),
    ({"navigation_timeout": 30}, {"wait_for_timeout": 30_000}),
    ({"block_requests": ["*/a.js"]}, {"block_urls": ["/a.js"]}),
    # Browserless and Cloudflare pass over a viewport that is null.
    ({"viewport": None, "gotoOptions": {"timeout": 5000}}, {"wait_for_timeout": 5000}),
    # Names of Urlbox alone.
    ({"thumb_width": 300, "delay": 1500}, {"resize": {"width": 300}, "delay_capture": 1500}),
    ({"retina": True, "tz": "Europe/Berlin", "click_accept": True}, {"block_cookie_banners": "accept"}),
    ({"latitude": 1, "longitude": 2, "timeout": 30_000}, {"wait_for_timeout": 30_000}),
]


@pytest.mark.parametrize(("body", "expected"), THEIRS, ids=[" ".join(b) for b, _ in THEIRS])
def test_a_body_that_can_only_be_theirs_is_translated(body: dict[str, Any], expected: dict[str, Any]) -> None:
    found = parse(URL | body).canonical()
    for name, value in expected.items():
        plain = (
            {k: v for k, v in found[name].items() if v is not None}
            if isinstance(value, dict)
            else found[name]
        )
        assert plain == value
    # Without the service's path its defaults do not count.
    if "window_width" not in expected and "viewport_width" not in body:
        assert "window_width" not in found


EITHER = [
    (
        {"viewport_width": 1280, "delay": 3},
        "delay",
        "delay_capture: 3",
        "delay_capture: 3000",
        "screenshotone/take",
    ),
    (
        {"viewport_width": 1280, "timeout": 60},
        "timeout",
        "timeout: 60",
        "timeout: 60000",
        "screenshotone/take",
    ),
    ({"dpr": 2, "timeout": 60_000}, "timeout", "timeout: 60000", "wait_for_timeout: 60000", "urlbox/v1"),
    (
        {"waitForTimeout": 3000},
        "waitForTimeout",
        "wait_for_timeout: 3000",
        "delay_capture: 3000",
        "browserless/",
    ),
    ({"paperWidth": 8.27}, "paperWidth", "pdf_width: '8.27px'", "pdf_width: '8.27in'", "gotenberg/forms"),
    ({"marginTop": "1"}, "marginTop", "pdf_margin_top: '1px'", "pdf_margin_top: '1in'", "gotenberg/forms"),
    (
        {"printBackground": "true", "landscape": "true"},
        "landscape",
        "landscape: True",
        "pdf_landscape",
        "gotenberg",
    ),
    (
        {"viewport_width": 900, "hide_selectors": [".a"]},
        "hide_selectors",
        "hide_sel",
        "remove_sel",
        "screenshotone",
    ),
    ({"dpr": 2, "block_urls": ["*.a.example"]}, "block_urls", "block_urls", "block_urls", "urlbox"),
]


@pytest.mark.parametrize(
    ("body", "field", "here", "there", "path"), EITHER, ids=[" ".join(b[0]) for b in EITHER]
)
def test_a_body_with_two_meanings_is_refused(
    body: dict[str, Any], field: str, here: str, there: str, path: str
) -> None:
    error = refused(body)
    assert error.details[0]["field"] == field
    assert error.details[0]["type"] == "ambiguous"
    for words in (field, here, there, f"/compat/{path}"):
        assert words in error.message


OURS = [
    ({"timeout": 60}, {"timeout": 60}),
    ({"delay": 5}, {"delay_capture": 5}),
    (
        {"window_width": 800, "timeout": 60, "delay": 5},
        {"window_width": 800, "timeout": 60, "delay_capture": 5},
    ),
    ({"fullPage": True, "timeout": 60}, {"timeout": 60, "full_page": True}),
    ({"wait_for_timeout": 5000}, {"wait_for_timeout": 5000}),
    ({"hide_selectors": [".a"]}, {"hide_selectors": [".a"]}),
    ({"paperWidth": "210mm"}, {"pdf_width": "210mm"}),
    ({"waitDelay": 5}, {"delay_capture": 5}),
    ({"viewport": {"width": 800, "height": 600}}, {"window_width": 800, "window_height": 600}),
    # Null stands for the default, under every name.
    ({"viewport": None, "skipScroll": None, "ignoreHostErrors": None, "imageWidth": None}, {}),
]


@pytest.mark.parametrize(("body", "expected"), OURS, ids=[" ".join(b) for b, _ in OURS])
def test_a_body_of_ours_is_ours(body: dict[str, Any], expected: dict[str, Any]) -> None:
    assert parse(URL | body).canonical() == URL | expected


def test_the_services_reason_is_given_where_only_it_knows_the_names() -> None:
    message = refused({"viewport_width": 800, "ip_country_code": "de"}).message
    assert (
        message
        == "Read as a request of ScreenshotOne: ip_country_code: set `proxy` to a proxy in that country"
    )


def test_a_foreign_name_among_ours_is_explained() -> None:
    error = refused({"window_width": 800, "full_page_scroll_delay": 400})
    assert "unknown option 'full_page_scroll_delay'" in error.message
    assert "ScreenshotOne (/compat/screenshotone/)" in error.message
    assert "proxy in that country" in refused({"window_width": 800, "ip_country_code": "de"}).message


def test_a_body_that_means_different_things_to_several_services_is_refused() -> None:
    error = refused({"waitDelay": "2s", "userAgent": "A"})
    assert (
        "/compat/gotenberg/forms/chromium/convert/url or /compat/gotenberg/forms/chromium/screenshot/url"
        in (error.message)
    )


def test_a_secret_is_not_repeated_in_a_refusal() -> None:
    body = {
        "viewport_width": 800,
        "delay": 3,
        "styles": "a{}",
        "scripts": "s3cret()",
        "cookies": ["a=s3cret"],
    }
    assert "s3cret" not in refused(body).message
    for body in ({"hover": "#a", "headers": ["s3cret"]}, {"retina": True, "cookie": "s3cret", "tz": "UTC"}):
        assert "s3cret" not in refused(body).message


def test_a_query_string_is_recognised_too() -> None:
    pairs = [("url", "https://example.com/"), ("header", "X-A=1"), ("header", "X-B=2"), ("retina", "true")]
    found = parse_pairs(pairs)
    assert (found.custom_headers, found.pixel_density) == ({"X-A": "1", "X-B": "2"}, 2.0)


def test_every_name_with_another_meaning_is_known_to_have_it() -> None:
    """Each of our names, alone with a typical value, means the same at every service or is listed."""
    values: list[Any] = [5, "5", True, "x", ["x"], ["*.a.example"], "1in", "https://a.example/"]
    known = table(CaptureRequest)
    differing = set()
    for name in ("screenshotone", "urlbox", "browserless", "cloudflare", "gotenberg"):
        service = compat.service(name)
        for group, value in itertools.product(service.plain, values):
            for path in group:
                route = service.route(path)
                assert route is not None
                for option in route.rows:
                    if (ours := known.get(snake(option))) is None:
                        continue
                    try:
                        theirs = parse(translate(service, route, URL | {option: value}, defaults=False)[0])
                        mine = parse(URL | {ours: value})
                    except RequestNotValid:
                        continue
                    if any(theirs.canonical().get(k) != v for k, v in mine.canonical().items()):
                        differing.add(option)
    # imageQuality is for optimizeImages there, which is refused; waitForExpression is put in parentheses.
    assert differing - AMBIGUOUS == {"imageQuality", "waitForExpression"}


def test_sizes_without_a_prefix_say_nothing_of_a_service() -> None:
    request = parse({"url": "https://a.example/", "width": 900, "height": 700, "timeout": 20_000})
    assert (request.window_width, request.window_height, request.timeout) == (900, 700, 20_000)
    assert request.wait_for_timeout != 20_000
