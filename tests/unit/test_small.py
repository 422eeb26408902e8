"""Deadline, keys, settings, user agents, limits and delivery: the decisions without a browser."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from stillframe import service
from stillframe.api.headers import disposition, header_safe
from stillframe.api.limits import Limiter, read_rate
from stillframe.deadline import Deadline
from stillframe.delivery.cache import is_cacheable
from stillframe.delivery.deliver import DeliveryTarget, fits
from stillframe.doors import LAMBDA_INLINE_BYTES, LAMBDA_RESPONSE_BYTES
from stillframe.errors import DeadlineExceeded, NotConfigured, RateLimited, ResultTooLarge
from stillframe.keys import cache_key, new_request_id, object_key
from stillframe.page import user_agents
from stillframe.request import parse
from stillframe.result import Artifact, CaptureReport, CaptureResult, Target
from stillframe.service import filename
from stillframe.settings import SettingNotValid, Settings, rows
from stillframe.steps.access import credentials, origin_of
from stillframe.steps.emulate import context_options
from stillframe.steps.load import matches
from stillframe.storage.memory import MemoryStorage

URL = {"url": "https://example.com/"}


# -- deadline -----------------------------------------------------------------------------------------------------


def test_a_deadline_gives_the_cap_or_what_is_left() -> None:
    deadline = Deadline(time.monotonic() + 10)
    assert deadline.timeout(500, "load") == 500
    assert 9_000 < deadline.timeout(60_000, "load") <= 10_000
    assert 9_000 < deadline.timeout(None, "load") <= 10_000
    assert deadline.share(0.5, 60_000) <= 5_000
    assert deadline.share(0.5, 100) == 100
    assert deadline.earlier(1).remaining() <= 1


def test_a_deadline_that_has_passed_names_the_phase() -> None:
    gone = Deadline(time.monotonic() - 1)
    assert gone.remaining() == 0
    with pytest.raises(DeadlineExceeded) as caught:
        gone.timeout(500, "settle")
    assert caught.value.phase == "settle"


def test_storing_has_time_kept_for_it_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_MIN_SECONDS", 0.01)
    with pytest.raises(DeadlineExceeded) as caught:
        asyncio.run(service._in_time(Deadline(time.monotonic() - 1), asyncio.sleep(60), "store"))
    assert caught.value.phase == "store"
    deadline = Deadline(time.monotonic() + 60)
    assert service._before_storing(parse(URL), deadline) is deadline
    assert deadline.at - service._before_storing(parse(URL | {"store": True}), deadline).at == pytest.approx(
        1, abs=0.1
    )


# -- keys ---------------------------------------------------------------------------------------------------------

SAME = [
    ({"width": 800}, {"window_width": 800}),
    ({"format": "png"}, {}),
    ({"fullPage": True}, {"full_page": True}),
    ({"response_type": "json"}, {}),
    ({"filename": "x"}, {}),
    ({"timeout": 5000}, {}),
    ({"cache": True, "cache_ttl": 7}, {}),
    ({"external_id": "a"}, {}),
    ({"store": True}, {}),
    ({"window_width": 375}, {"window_width": 375.0}),
]
OTHER = [
    {"format": "jpeg"},
    {"window_width": 801},
    {"cache_key": "b"},
    {"dark_mode": True},
    {"custom_js": "1"},
    {"cookies": ["a=1"]},
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=str)
def test_equal_wishes_have_one_key(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert cache_key(parse(URL | one)) == cache_key(parse(URL | other))


@pytest.mark.parametrize("other", OTHER, ids=str)
def test_other_wishes_have_other_keys(other: dict[str, Any]) -> None:
    assert cache_key(parse(URL | other)) != cache_key(parse(URL))


def test_a_template_and_what_it_says_have_one_key() -> None:
    from stillframe.request.templates import templates

    assert cache_key(parse(URL | {"template": "mobile"})) == cache_key(parse(URL | templates()["mobile"]))


def test_object_keys_are_dated_and_never_the_same() -> None:
    key = object_key("png", datetime(2026, 3, 4, tzinfo=UTC))
    assert re.fullmatch(r"2026/03/[0-9a-f-]{36}\.png", key)
    assert key != object_key("png", datetime(2026, 3, 4, tzinfo=UTC))


def test_request_ids_sort_by_time() -> None:
    first, second = new_request_id(), new_request_id()
    assert len(first) == len(second) == 27
    assert first[:11] <= second[:11]
    assert first != second


# -- settings -----------------------------------------------------------------------------------------------------


def test_every_setting_is_read_from_its_variable() -> None:
    values = {str: "x", int: "7", bool: "yes"}
    read = Settings.from_env({row.env: values[row.type] for row in rows()})
    for row in rows():
        assert getattr(read, row.name) == {str: "x", int: 7, bool: True}[row.type]
        assert row.sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "text"), [("PORT", "eighty"), ("RATE_LIMIT_ENABLED", "perhaps"), ("MAX_WIDTH", "1.5")]
)
def test_a_setting_of_the_wrong_type_names_its_variable(name: str, text: str) -> None:
    with pytest.raises(SettingNotValid, match=name):
        Settings.from_env({name: text})


def test_pixashots_variables_are_kept() -> None:
    kept = {row.env for row in rows() if row.pixashot}
    assert {
        "AUTH_TOKEN",
        "URL_SIGNING_SECRET",
        "PROXY_SERVER",
        "PROXY_PORT",
        "WORKERS",
        "MAX_REQUESTS",
        "KEEP_ALIVE",
        "PORT",
        "LOG_LEVEL",
        "CACHE_TTL",
        "RATE_LIMIT_ENABLED",
        "USE_POPUP_BLOCKER",
        "USE_COOKIE_BLOCKER",
    } <= kept


# -- user agents --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("platform", "browser"), user_agents.combinations(None, None, None))
def test_a_user_agent_agrees_with_itself(platform: str, browser: str) -> None:
    request = parse(URL | {"user_agent_platform": platform, "user_agent_browser": browser})
    agent = user_agents.choose(request, "156.0.1.2")
    assert agent is not None
    assert "Headless" not in agent.string
    chromium = browser in ("chrome", "edge") and platform != "ios"
    assert (agent.metadata is not None) == chromium
    if agent.metadata is not None:
        assert "Chrome/156.0.0.0" in agent.string
        assert ("Mobile" in agent.string) == agent.metadata["mobile"]
        assert (
            agent.metadata["platform"]
            == {"windows": "Windows", "macos": "macOS", "linux": "Linux", "android": "Android"}[platform]
        )
        assert {b["brand"] for b in agent.metadata["brands"]} >= {
            "Chromium",
            "Microsoft Edge" if browser == "edge" else "Google Chrome",
        }


def test_an_agent_is_drawn_once() -> None:
    """The context, whose agent pop-ups have, and the page must not draw apart."""
    wish = parse(URL | {"use_random_user_agent": True, "user_agent_device": "mobile"})
    seen = set()
    for _ in range(50):
        request = wish.model_copy(update=user_agents.drawn(wish))
        agents = {user_agents.choose(request, "156.0").string for _ in range(5)}  # type: ignore[union-attr]
        assert len(agents) == 1
        seen |= agents
    assert len(seen) > 1
    assert all("Mobile" in agent for agent in seen)
    assert user_agents.drawn(parse(URL | {"use_random_user_agent": True, "user_agent": "Robot/1.0"})) == {}


def test_a_context_has_the_browsers_own_version() -> None:
    request = parse(URL | {"user_agent_platform": "windows"})
    assert "Chrome/156.0.0.0" in context_options(request, "156.0.1.2")["user_agent"]


def test_no_choice_is_the_default_agent() -> None:
    assert user_agents.choose(parse(URL), "156.0") is None
    assert user_agents.default("156.0").string.startswith("Mozilla/5.0 (X11; Linux x86_64)")


@pytest.mark.parametrize(
    ("string", "platform", "mobile"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36", "Windows", False),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.1 Mobile Safari/537.36",
            "Android",
            True,
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/x Safari", "Linux", False),
        ("Robot/1.0", None, None),
        ("Mozilla/5.0 (iPhone) CriOS/120 Mobile", None, None),
    ],
)
def test_hints_follow_a_callers_own_string(string: str, platform: str | None, mobile: bool | None) -> None:
    agent = user_agents.choose(parse(URL | {"user_agent": string}), "156.0")
    assert agent is not None
    assert agent.string == string
    found = agent.metadata and (agent.metadata["platform"], agent.metadata["mobile"])
    assert found == ((platform, mobile) if platform else None)


# -- target access ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://User:pw@Example.com:443/a", "https://example.com"),
        ("http://a.b:8080/?x", "http://a.b:8080"),
        ("http://[::1]:80/", "http://[::1]"),
        ("https://a.b:80", "https://a.b:80"),
    ],
)
def test_origins_are_compared_as_a_browser_does(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_credentials_belong_to_the_origin() -> None:
    named = parse(URL | {"basic_auth": {"username": "a", "password": "b"}})
    assert credentials(named, named.url) == {
        "username": "a",
        "password": "b",
        "origin": "https://example.com",
    }
    inside = parse({"url": "https://a%40b:c%3A@example.com/"})
    assert credentials(inside, inside.url) == {
        "username": "a@b",
        "password": "c:",
        "origin": "https://example.com",
    }
    assert credentials(parse(URL), "https://example.com/") is None


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a%40b:c@example.com:8443/x?y#z", "https://example.com:8443/x?y#z"),
        ("https://a@[::1]/", "https://[::1]/"),
        ("https://example.com/@a?#", "https://example.com/@a?#"),
        (None, None),
    ],
)
def test_a_target_shows_no_credentials_whoever_sets_it(url: str | None, kept: str | None) -> None:
    target = Target(url=url)
    target.final_url = url
    assert target.to_json() == {"url": kept, "final_url": kept, "status": None}


@pytest.mark.parametrize(
    ("status", "patterns", "hit"),
    [
        (404, ["404"], True),
        (404, ["4xx"], True),
        (404, ["400-499"], True),
        (404, ["500-599", "403"], False),
        (503, ["5XX"], True),
        (200, ["4xx", "5xx"], False),
        (404, ["40"], False),
        (404, ["4-x"], False),
    ],
)
def test_statuses_match_patterns(status: int, patterns: list[str], hit: bool) -> None:
    assert matches(status, patterns) is hit


# -- rates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("1 per second", (1, 1)),
        ("5 per minute", (5, 60)),
        ("100/hour", (100, 3600)),
        ("2 per days", (2, 86400)),
    ],
)
def test_rates_are_read(text: str, rate: tuple[int, int]) -> None:
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["", "0 per second", "fast", "5 per year"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        read_rate(text)


def test_a_bucket_empties_and_fills() -> None:
    limiter = Limiter(replace(Settings(), rate_limit_enabled=True, rate_limit_capture="2 per minute"))
    assert limiter.take("token:a", now=0).headers() == {
        "X-RateLimit-Limit": "2",
        "X-RateLimit-Remaining": "1",
        "X-RateLimit-Reset": "30",
    }  # type: ignore[union-attr]
    assert limiter.take("token:a", now=0).remaining == 0  # type: ignore[union-attr]
    with pytest.raises(RateLimited) as caught:
        limiter.take("token:a", now=0)
    assert caught.value.retry_after == 30
    assert caught.value.rate_limit_status is not None
    assert caught.value.rate_limit_status["X-RateLimit-Remaining"] == "0"
    assert limiter.take("token:b", now=0) is not None
    assert limiter.take("token:a", now=31) is not None
    assert Limiter(Settings()).take("token:a") is None


# -- delivery -----------------------------------------------------------------------------------------------------


def result(size: int, format: str = "png") -> CaptureResult:
    return CaptureResult(
        "id", Artifact(format, b"x" * size, "image/png", format), CaptureReport(), f"screenshot.{format}"
    )


def deliver(found: CaptureResult, options: dict[str, Any], way: DeliveryTarget) -> CaptureResult:
    import asyncio

    from stillframe.delivery import deliver as send

    return asyncio.run(send(found, parse(URL | options), way, Settings()))


def test_the_inline_limit_leaves_room_for_base64_and_envelope() -> None:
    assert LAMBDA_INLINE_BYTES * 4 / 3 < LAMBDA_RESPONSE_BYTES


def test_small_results_stay_in_the_answer() -> None:
    store = MemoryStorage()
    assert deliver(result(100), {}, DeliveryTarget(100, store, "http://h")).stored is None
    assert deliver(result(101), {}, DeliveryTarget(None, store, "http://h")).stored is None


def test_large_results_are_stored() -> None:
    store = MemoryStorage()
    found = deliver(result(101), {}, DeliveryTarget(100, store, "http://h"))
    assert found.stored is not None
    kept = store.get(found.stored.key)
    assert kept is not None
    assert kept.data == b"x" * 101
    assert found.stored.url.startswith(f"http://h/files/{found.stored.key}?expires=")
    body = found.to_json()
    assert "file" not in body
    assert body["url"] == found.stored.url


@pytest.mark.parametrize(
    "options", [{"store": True}, {"response_type": "redirect"}, {"response_type": "url"}]
)
def test_a_stored_result_can_be_asked_for(options: dict[str, Any]) -> None:
    assert deliver(result(1), options, DeliveryTarget(None, MemoryStorage(), "http://h")).stored is not None
    with pytest.raises(NotConfigured):
        deliver(result(1), options, DeliveryTarget(None, None, ""))


def test_without_storage_a_large_result_is_an_error() -> None:
    with pytest.raises(ResultTooLarge):
        deliver(result(101), {}, DeliveryTarget(100, None, ""))


def test_an_answer_is_measured_as_it_is_written() -> None:
    http, direct = DeliveryTarget(100_000, None, ""), DeliveryTarget(100_000, None, "", as_json=True)
    by_format, as_json = parse(URL), parse(URL | {"response_type": "json"})
    described = result(90_000)
    described.metadata = {"text": "漢" * 20_000}
    assert fits(described, by_format, http)
    assert not fits(described, by_format, direct)
    assert not fits(described, as_json, http)
    assert fits(result(90_000), as_json, http)
    quotes = replace_format(result(90_000), "html")
    assert fits(quotes, by_format, http)
    quotes.artifact = replace(quotes.artifact, data=b'"a"\n' * 22_500)
    assert not fits(quotes, by_format, http)
    # Quotes in the facts are escaped twice where the JSON is a text of the function's answer.
    described.metadata = {"text": '"' * 5_000}
    assert fits(described, by_format, direct)
    assert not fits(described, as_json, http)


def several() -> CaptureResult:
    found = CaptureResult(
        "id", Artifact("zip", b"z" * 50, "application/zip", "zip"), CaptureReport(), "screenshot.zip"
    )
    found.parts = [result(10), result(20, "jpeg")]
    return found


@pytest.mark.parametrize(
    ("options", "direct"), [({"response_type": "json"}, False), ({"response_type": "url"}, False), ({}, True)]
)
def test_each_of_several_stored_outputs_has_its_link(options: dict[str, Any], direct: bool) -> None:
    store = MemoryStorage()
    found = deliver(several(), {"store": True} | options, DeliveryTarget(None, store, "http://h", direct))
    body = found.to_json()
    keys = [part.stored.key for part in found.parts if part.stored]
    assert [o["url"].split("?")[0] for o in body["outputs"]] == [f"http://h/files/{key}" for key in keys]
    assert [len(store.get(key).data) for key in keys] == [10, 20]  # type: ignore[union-attr]
    assert body["url"]


# -- cache --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "warning", "kept"),
    [
        (200, None, True),
        (None, None, True),
        (304, "animation_running", True),
        (404, None, False),
        (503, None, False),
        (200, "load_timeout", False),
        (200, "wait_for_selector_timeout", False),
        (200, "network_busy", False),
        (200, "scroll_through_failed", False),
    ],
)
def test_only_what_a_later_caller_wants_is_kept(status: int | None, warning: str | None, kept: bool) -> None:
    found = result(1)
    found.report.target.status = status
    if warning:
        found.report.warn(warning, "…")
    assert is_cacheable(found) is kept


def test_nothing_is_stored_for_an_empty_answer() -> None:
    assert deliver(result(101), {"response_type": "empty"}, DeliveryTarget(100, None, "")).stored is None


def test_strangers_html_is_stored_as_text() -> None:
    store = MemoryStorage()
    found = deliver(
        replace_format(result(5), "html"),
        {"store": True, "format": "html"},
        DeliveryTarget(None, store, "http://h"),
    )
    assert found.stored is not None
    kept = store.get(found.stored.key)
    assert kept is not None
    assert kept.content_type.startswith("text/plain")


def replace_format(found: CaptureResult, format: str) -> CaptureResult:
    return CaptureResult(
        "id",
        replace(found.artifact, format=format, content_type="text/html"),
        found.report,
        f"screenshot.{format}",
    )


# -- names and headers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (None, "screenshot.png"),
        ("a", "a.png"),
        ("a.png", "a.png"),
        ("a.PNG", "a.PNG"),
        ("a.jpg", "a.jpg.png"),
    ],
)
def test_file_names_have_the_extension(wanted: str | None, name: str) -> None:
    assert filename(wanted, "png") == name


def test_dispositions_are_quoted_where_needed() -> None:
    assert disposition("screenshot.png") == "attachment; filename=screenshot.png"
    assert (
        disposition("Bild ü.png") == "attachment; filename=\"Bild ?.png\"; filename*=UTF-8''Bild%20%C3%BC.png"
    )


def test_headers_hold_ascii_only() -> None:
    assert header_safe("https://é.x/\r\nSet-Cookie: a") == "https://%C3%A9.x/%0D%0ASet-Cookie:%20a"


def test_configure_is_undone(configure: Callable[..., Settings]) -> None:
    assert configure(PORT="9").port == 9
