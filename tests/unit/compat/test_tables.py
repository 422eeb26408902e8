"""Every row of every table: what its option means here, or the words that say what to write instead."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from stillframe import compat
from stillframe.compat.service import Route, Service, translate
from stillframe.errors import RequestNotValid
from stillframe.request import CaptureRequest, parse
from stillframe.request.reading import validate

from . import (
    cases_browserless,
    cases_cloudflare,
    cases_gotenberg,
    cases_pixashot,
    cases_screenshotone,
    cases_urlbox,
)

CASES: dict[str, ModuleType] = {
    "pixashot": cases_pixashot,
    "screenshotone": cases_screenshotone,
    "urlbox": cases_urlbox,
    "browserless": cases_browserless,
    "cloudflare": cases_cloudflare,
    "gotenberg": cases_gotenberg,
}
# Cases of an option that two routes have begin with the name of the route.
PATHS = {
    "pdf": "pdf",
    "screenshot": "screenshot",
    "snapshot": "snapshot",
    "shot": "forms/chromium/screenshot/url",
}
URL = {"url": "https://example.com/"}
NOTHING: dict[str, Any] = {"url": None}


def route_of(service: Service, case: str) -> tuple[Route, str]:
    path, mark, name = case.partition(":")
    if mark and path in PATHS:
        found = service.route(PATHS[path])
        assert found is not None
        return found, name
    return next((r for r in service.routes if case.partition("[]")[0] in r.rows), service.routes[0]), case


def joined(*bodies: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for more in bodies:
        for key, content in more.items():
            body[key] = {**body.get(key, {}), **content} if isinstance(content, dict) else content
    return body


def body_of(name: str, value: Any, *companions: dict[str, Any]) -> dict[str, Any]:
    """A body with one option at its path, and what it needs."""
    body = joined(URL, *companions)
    *parents, last = name.partition("[]")[0].split(".") if not name.endswith(".html") else [name]
    place = body
    for parent in parents:
        place[parent] = {**place.get(parent, {})}
        place = place[parent]
    place[last] = value
    return body


def meaning(service: Service, route: Route, body: dict[str, Any]) -> dict[str, Any]:
    request: CaptureRequest = validate(translate(service, route, body)[0])
    return request.canonical()


ROWS = [(name, case) for name, cases in CASES.items() for case in cases.MEANT]


@pytest.mark.parametrize(("name", "case"), ROWS, ids=[f"{n}-{c}" for n, c in ROWS])
def test_an_option_means_what_it_means_there(name: str, case: str) -> None:
    cases, service = CASES[name], compat.service(name)
    value, expected, *needs = cases.MEANT[case]
    companions = [_companion(cases, need) for need in needs]
    route, option = route_of(service, case)
    html = "html_content" if name == "pixashot" else "html"
    before = meaning(service, route, joined(URL, *companions, {html: "<i>"} if "no url" in needs else {}))
    after = meaning(service, route, body_of(option, value, *companions))
    changed = {k: after.get(k) for k in {*before, *after} if before.get(k) != after.get(k)}
    if "no url" in needs and option != html:
        changed.pop("html_content")
    assert {k: _plain(v) for k, v in changed.items()} == expected


def _companion(cases: ModuleType, need: Any) -> dict[str, Any]:
    found: dict[str, Any] = NOTHING if need == "no url" else need
    return cases.GROUPS[need] if isinstance(need, str) and need != "no url" else found


def _plain(value: Any) -> Any:
    """A value without what is None, so that a case names only what is set."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if v is not None}
    return [_plain(v) for v in value] if isinstance(value, list) else value


REFUSED = [(name, case) for name, cases in CASES.items() for case in cases.REFUSED]


@pytest.mark.parametrize(("name", "case"), REFUSED, ids=[f"{n}-{c}" for n, c in REFUSED])
def test_an_option_without_a_counterpart_says_what_to_write(name: str, case: str) -> None:
    service = compat.service(name)
    route, option = route_of(service, case)
    field = option.rpartition("].")[2] if "[]" in option else ""
    with pytest.raises(RequestNotValid) as refusal:
        translate(service, route, body_of(option, [{field: "x"}] if field else "x"))
    assert CASES[name].REFUSED[case] in refusal.value.message
    assert refusal.value.details[0]["field"] == option.partition("[]")[0]


BAD = [(name, *bad) for name, cases in CASES.items() for bad in cases.BAD]


@pytest.mark.parametrize(("name", "case", "value", "words"), BAD, ids=[f"{n}-{c}-{v}" for n, c, v, _ in BAD])
def test_a_value_that_cannot_be_meant_is_refused(name: str, case: str, value: Any, words: str) -> None:
    service = compat.service(name)
    route, option = route_of(service, case)
    with pytest.raises(RequestNotValid) as refusal:
        meaning(service, route, body_of(option, value))
    assert words in refusal.value.message
    assert refusal.value.message.startswith((option.partition("[]")[0], "unknown option", "pdf_", "options"))


@pytest.mark.parametrize("name", CASES)
def test_every_row_has_a_case_and_every_case_a_row(name: str) -> None:
    cases, service = CASES[name], compat.service(name)
    bare = {
        case.partition(":")[2] if case.partition(":")[0] in PATHS and ":" in case else case
        for case in (*cases.MEANT, *cases.REFUSED, *(bad[0] for bad in cases.BAD))
    }
    rows = {row.name for row in service.rows()}
    missing = rows - bare - getattr(cases, "FILES", set()) - getattr(cases, "ELSEWHERE", set())
    assert missing == set()
    assert {
        case for case in (*cases.MEANT, *cases.REFUSED) if case.partition(":")[2] not in rows | {""}
    } == set()


@pytest.mark.parametrize("name", CASES)
def test_a_row_says_how_it_is_understood(name: str) -> None:
    fields = {field.rstrip("_") for field in CaptureRequest.model_fields}
    for row in compat.service(name).rows():
        assert {option.partition(".")[0] for option in row.options} <= fields, row.name
        assert row.options or row.note, row.name
        assert not (row.how == "refused" and row.options), row.name


@pytest.mark.parametrize("name", CASES)
def test_a_refused_switch_that_is_off_is_accepted(name: str) -> None:
    service = compat.service(name)
    for row in service.rows():
        route = next((r for r in service.routes if row.name in r.rows), None)
        if row.how == "refused" and row.apply is not None and route is not None:
            if row.name.startswith("proxy_") or row.name == "failOnResourceHttpStatusCodes":
                continue
            translate(service, route, body_of(row.name, False))


@pytest.mark.parametrize("name", CASES)
def test_the_example_of_the_documentation_is_accepted(name: str) -> None:
    service = compat.service(name)
    path, body = service.example
    route = service.route(path)
    assert route is not None
    parse(translate(service, route, body)[0])


PUPPETEERS = {"format": "pdf", "pdf_print_background": False, "pdf_tagged": True, "pdf_format": "Letter"}
LARGE = {"wait_for_timeout": 30_000}
SMALL = LARGE | {"window_width": 800, "window_height": 600}
FAILS = {"fail_on_status": ["4xx", "5xx"]}
ROOMY = LARGE | {"window_width": 1280, "window_height": 1024}
PRINTED = {
    "format": "pdf",
    "pdf_width": "8.5in",
    "pdf_height": "11in",
    "pdf_margin_top": "0.39in",
    "pdf_margin_right": "0.39in",
    "pdf_margin_bottom": "0.39in",
    "pdf_margin_left": "0.39in",
    "pdf_print_background": False,
}
TEXT = {"response_type": "json", "metadata": ["title"]}
DEFAULTS: list[tuple[str, str, dict[str, Any]]] = [
    ("pixashot", "capture", {}),
    (
        "screenshotone",
        "take",
        ROOMY | FAILS | {"format": "jpeg", "image_quality": 100, "pdf_print_background": False},
    ),
    ("urlbox", "v1/render/sync", ROOMY | {"image_quality": 80, "response_type": "url"}),
    ("urlbox", "v1/render/async", ROOMY | {"image_quality": 80, "async": True}),
    ("urlbox", "v1/key/png", ROOMY | {"image_quality": 80}),
    ("browserless", "screenshot", SMALL),
    ("browserless", "chromium/pdf", SMALL | PUPPETEERS),
    ("browserless", "chrome/content", SMALL | {"format": "html"}),
    ("cloudflare", "screenshot", LARGE),
    ("cloudflare", "accounts/1/browser-rendering/pdf", LARGE | PUPPETEERS),
    ("cloudflare", "content", LARGE | TEXT | {"format": "html"}),
    ("cloudflare", "client/v4/accounts/1/browser-rendering/markdown", LARGE | TEXT),
    ("gotenberg", "forms/chromium/convert/url", LARGE | FAILS | PRINTED),
    (
        "gotenberg",
        "forms/chromium/screenshot/url",
        SMALL | FAILS | {"image_quality": 100, "full_page": True},
    ),
]


@pytest.mark.parametrize(("name", "path", "expected"), DEFAULTS, ids=[f"{n}/{p}" for n, p, _ in DEFAULTS])
def test_what_is_left_out_has_the_services_default(name: str, path: str, expected: dict[str, Any]) -> None:
    service = compat.service(name)
    route = service.route(path)
    assert route is not None
    extra = {"format": "markdown"} if path.endswith("markdown") else {}
    assert meaning(service, route, URL) == URL | expected | extra


@pytest.mark.parametrize("name", ["browserless", "cloudflare"])
def test_puppeteers_waits_come_after_its_scripts(name: str) -> None:
    """Ours come before scripts, and a script may bring what is waited for."""
    service = compat.service(name)
    body = URL | {
        "addScriptTag": [{"content": "show()"}],
        "gotoOptions": {"timeout": 9000},
        "waitForSelector": {"selector": "#a"},
    }
    found = meaning(service, service.routes[0], body)
    (step,) = found["interactions"]
    assert (step["action"], "optional" in step and step["optional"]) == ("evaluate", False)
    assert step["text"] == (
        'const end = Date.now() + 9000; while (!(!!document.querySelector("#a"))) {'
        " if (Date.now() > end) throw new Error('the wait timed out');"
        " await new Promise((again) => setTimeout(again, 50)); }"
    )
    assert not {"wait_for_function", "wait_for_selector", "fail_on"} & set(found)
    patient = meaning(service, service.routes[0], body | {"bestAttempt": True})
    assert patient["interactions"][0]["optional"]
    seen = {"selector": "#a", "hidden": True}
    assert (
        "!"
        in meaning(service, service.routes[0], body | {"waitForSelector": seen})["interactions"][0]["text"]
    )


def test_a_full_page_of_urlbox_is_one_page_as_pdf() -> None:
    service = compat.service("urlbox")
    found = meaning(service, service.routes[0], URL | {"full_page": True, "format": "pdf"})
    assert found["pdf_single_page"]
    assert "full_page" not in found


def test_a_device_keeps_its_viewport() -> None:
    service = compat.service("screenshotone")
    route = service.routes[0]
    device, expected = cases_screenshotone.DEVICE
    request = validate(translate(service, route, URL | {"viewport_device": device})[0])
    assert {name: getattr(request, name) for name in expected} == expected


@pytest.mark.parametrize("name", [name for name in CASES if name != "pixashot"])
def test_no_option_is_dropped_in_silence(name: str) -> None:
    """Each name of a body changes the request, is listed as changing nothing, or is refused."""
    service = compat.service(name)
    for route in service.routes:
        for option in ("zzz", "zzz.url", "viewport.zzz", "URL", "gotoOptions.wait_until"):
            with pytest.raises(RequestNotValid) as refusal:
                translate(service, route, body_of(option, "x"))
            assert option.split(".")[0] in refusal.value.message


@pytest.mark.parametrize("name", CASES)
def test_only_rows_that_say_so_change_nothing(name: str) -> None:
    service = compat.service(name)
    unchanged = {
        case.rpartition(":")[2] for case, (_, expected, *_) in CASES[name].MEANT.items() if not expected
    }
    # `encoding` decides the response, and its value in the cases is the default.
    said = {row.name for row in service.rows() if row.how in ("no effect", "in part")}
    assert {option for option in unchanged - said if not option.endswith(".encoding")} == set()
    silent = {row.name for row in service.rows() if row.how == "mapped" and not row.options}
    assert silent == set()


def test_interactions_have_an_order_of_their_own() -> None:
    service = compat.service("screenshotone")
    body = URL | {"scroll_into_view": "#c", "click": "#b", "hover": "#a"}
    options, _ = translate(service, service.routes[0], body)
    assert [step["action"] for step in options["interactions"]] == ["hover", "click", "scroll"]


def test_faults_are_reported_together() -> None:
    service = compat.service("screenshotone")
    with pytest.raises(RequestNotValid) as refusal:
        translate(service, service.routes[0], URL | {"delay": "x", "ip_country_code": "de", "fullpage": 1})
    assert [d["field"] for d in refusal.value.details] == ["delay", "ip_country_code", "fullpage"]
    assert refusal.value.details[2]["suggestion"] == "full_page"


def test_two_names_of_one_option_must_agree() -> None:
    service = compat.service("urlbox")
    assert translate(service, service.routes[0], URL | {"retina": True, "dpr": 2})[0]["pixel_density"] == 2
    with pytest.raises(RequestNotValid, match="dpr: contradicts retina"):
        translate(service, service.routes[0], URL | {"retina": True, "dpr": 3})
