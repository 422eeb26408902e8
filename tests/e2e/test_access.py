"""Access by token, signed link and local address, and rate limits, mostly without a browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from cases import SMALL
from entries import Application, Lambda
from fakes import forget_settings
from look import GREEN, at, picture

from stillframe import signing
from stillframe.api.app import create_app
from stillframe.api.auth import PAGE_ROUTES, PUBLIC_ROUTES
from stillframe.doors import HTTP_API
from stillframe.settings import Settings

pytestmark = pytest.mark.usefixtures("deployed")

SECRET, OLD = "k" * 32, "o" * 40
GOOD: dict[str, Any] = {"html_content": "<body style='margin:0;background:rgb(0,160,0)'>", **SMALL}
# A request that is let in, and stopped at the next step without a browser.
PROBE = {"window_widht": 1}


@contextmanager
def client(
    configure: Callable[..., Settings],
    *,
    local: bool = False,
    host: str = "http://localhost",
    **environment: str,
) -> Iterator[Application]:
    """The application with these settings, called without a socket."""
    config = configure(**{"AUTH_TOKEN": ""} | environment)
    yield Application(create_app(HTTP_API, config=config, local=local), host)


def ask(app: Application, **headers: str) -> tuple[int, str]:
    response = app.post("/capture", json=PROBE, headers=headers)
    return response.status_code, response.json()["code"]


IN, OUT, NONE = (400, "request_not_valid"), (403, "token_invalid"), (401, "auth_required")
FIRST, SECOND = "first-token-of-the-access-tests", "second-token-of-the-access-tests"

HEADERS = [
    (f"Bearer {FIRST}", IN),
    (f"Bearer {SECOND}", IN),
    ("Bearer third", OUT),
    ("Bearer ", OUT),
    ("Bearer", OUT),
    (f"Bearer {FIRST} {SECOND}", OUT),
    (f"Bearer  {FIRST}", OUT),
    (f"Bearer {FIRST} ", IN),
    (f"Bearer {FIRST.upper()}", OUT),
    (f"Bearer {FIRST},{SECOND}", OUT),
    # Another scheme is no attempt at ours: 401 says which one is expected.
    (FIRST, NONE),
    (f"Basic {FIRST}", NONE),
    (f"Token {FIRST}", NONE),
    (f"bearer {FIRST}", NONE),
    (f"BEARER {FIRST}", NONE),
    ("", NONE),
]


@pytest.mark.parametrize(("header", "answer"), HEADERS, ids=[repr(h) for h, _ in HEADERS])
def test_only_the_bearer_token_is_accepted(
    header: str, answer: tuple[int, str], configure: Callable[..., Settings]
) -> None:
    with client(configure, AUTH_TOKEN=f"{FIRST}, {SECOND}") as app:
        # A client strips the blanks around a header's value before it is sent.
        assert ask(app, Authorization=header.strip() if answer == IN else header) == answer


def test_a_request_without_a_header_is_answered_with_a_bearer_challenge(
    configure: Callable[..., Settings],
) -> None:
    with client(configure, AUTH_TOKEN=FIRST) as app:
        response = app.post("/capture", json=PROBE)
        assert (response.status_code, response.json()["code"], response.headers["www-authenticate"]) == (
            *NONE,
            "Bearer",
        )


def routes() -> list[tuple[str, str]]:
    """Every route of the application, whoever adds one."""
    found = []
    for path, operations in (
        create_app(HTTP_API, config=Settings(auth_token=FIRST)).openapi()["paths"].items()
    ):
        found += [(method.upper(), path) for method in operations]
    return [*found, ("GET", "/"), ("GET", "/docs"), ("GET", "/openapi.json"), ("GET", "/files/{key:path}")]


@pytest.mark.parametrize(("method", "path"), routes(), ids=[f"{m} {p}" for m, p in routes()])
def test_every_route_needs_a_token_unless_it_is_listed(
    method: str, path: str, configure: Callable[..., Settings]
) -> None:
    concrete = path.replace("{key:path}", "a").replace("{id}", "a")
    with client(configure, AUTH_TOKEN=FIRST) as app:
        status = app.request(method, concrete, json={} if method == "POST" else None).status_code
        assert (status == 401) == (path not in PUBLIC_ROUTES | PAGE_ROUTES), status
    with client(configure, AUTH_TOKEN="") as app:
        status = app.request(method, concrete, json={} if method == "POST" else None).status_code
        if path not in PUBLIC_ROUTES:
            assert status == 503, "a deployed service without a token answers nobody"


def test_a_deployed_service_without_a_token_says_what_is_missing(configure: Callable[..., Settings]) -> None:
    with client(configure) as app:
        response = app.get("/capture", params={"html_content": "x"})
        assert (response.status_code, response.json()["code"]) == (503, "not_configured")
        assert "AUTH_TOKEN" in response.json()["message"]
        assert app.get("/health/live").status_code == 200
    with client(configure, ALLOW_ANONYMOUS="true") as app:
        assert ask(app) == IN


@pytest.mark.parametrize(
    ("host", "let_in"),
    [
        ("http://localhost:8080", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://127.9.9.9", True),
        ("http://evil.example", False),
        ("http://localhost.evil.example", False),
        ("http://testserver", False),
        ("http://192.0.2.1", False),
    ],
)
def test_a_local_server_without_a_token_checks_the_host_header(
    host: str, let_in: bool, configure: Callable[..., Settings]
) -> None:
    with client(configure, local=True, host=host) as app:
        assert (ask(app) == IN) == let_in
        assert (app.get("/").status_code == 200) == let_in
    with client(configure, local=True, host=host, AUTH_TOKEN=FIRST) as app:
        assert ask(app, Authorization=f"Bearer {FIRST}") == IN


# -- signed links --------------------------------------------------------------------------------------------


@pytest.fixture
def signer(configure: Callable[..., Settings]) -> Iterator[Application]:
    with client(configure, AUTH_TOKEN=FIRST, URL_SIGNING_SECRET=f"new={SECRET},old={OLD}") as app:
        yield app


def link(app: Application, **options: Any) -> str:
    response = app.post("/sign", json=options, headers={"Authorization": f"Bearer {FIRST}"})
    assert response.status_code == 200, response.text
    parts = urlsplit(response.json()["url"])
    return f"{parts.path}?{parts.query}"


def follow(app: Application, path: str, method: str = "GET") -> tuple[int, str]:
    response = app.request(method, path)
    return response.status_code, (
        response.json()["code"] if response.headers["content-type"] == "application/json" else ""
    )


def changed(path: str, **values: str | None) -> str:
    base, _, query = path.partition("?")
    pairs = {
        k: v for k, v in (dict(parse_qsl(query, keep_blank_values=True)) | values).items() if v is not None
    }
    return f"{base}?{urlencode(pairs)}"


# The egress policy refuses this address: a link that is let in ends there.
PRIVATE = {
    "url": "http://10.1.2.3/",
    "format": "jpeg",
    "block_resources": ["image", "font"],
    "clip": {"x": 0, "y": 0, "width": 5, "height": 5},
}
REFUSED = (403, "signature_invalid")


def test_a_link_works_until_it_is_changed(signer: Application) -> None:
    good = link(signer, **PRIVATE)
    assert follow(signer, good) == (403, "destination_blocked")
    for change in (
        {"format": "png"},
        {"url": "http://10.1.2.4/"},
        {"full_page": "true"},
        {"kid": "old"},
        {"kid": None},
        {"expires": None},
        {"signature": "x"},
        {"expires": str(int(time.time()) + 9000)},
    ):
        assert follow(signer, changed(good, **change)) == REFUSED, change
    assert follow(signer, good + "&format=jpeg") == REFUSED
    assert follow(signer, good, "POST") == REFUSED
    assert follow(signer, good.replace("/capture", "/devices")) == REFUSED
    assert follow(signer, changed(good, signature=None)) == NONE


def test_both_signing_keys_are_accepted_and_distinct(signer: Application) -> None:
    old = link(signer, **PRIVATE, kid="old")
    assert "kid=old" in old
    assert follow(signer, old) == (403, "destination_blocked")
    assert "kid=new" in link(signer, **PRIVATE)
    response = signer.post(
        "/sign", json=PRIVATE | {"kid": "absent"}, headers={"Authorization": f"Bearer {FIRST}"}
    )
    assert response.status_code == 400


def test_an_expired_link_says_so(signer: Application) -> None:
    keys = signing.Keys.read(f"new={SECRET}")
    query = signing.sign_query(keys, "/capture", [("url", "http://10.1.2.3/")], int(time.time()) - 5)
    assert follow(signer, f"/capture?{query}") == (403, "signature_expired")


def test_a_link_may_not_carry_an_unknown_option(signer: Application) -> None:
    keys = signing.Keys.read(f"new={SECRET}")
    query = signing.sign_query(
        keys, "/capture", [("url", "http://10.1.2.3/"), ("colour", "red")], int(time.time()) + 60
    )
    assert follow(signer, f"/capture?{query}") == (400, "request_not_valid")


@pytest.mark.parametrize(
    "option",
    [
        {"store": True},
        {"webhook_url": "https://a.example/"},
        {"proxy": "http://10.0.0.1:3128"},
        {"async": True},
        {"storage_path": "a/b"},
        {"response_type": "redirect"},
        {"response_type": "url"},
    ],
)
def test_a_link_may_not_contain_a_forbidden_option(option: dict[str, Any], signer: Application) -> None:
    response = signer.post("/sign", json=PRIVATE | option, headers={"Authorization": f"Bearer {FIRST}"})
    assert (response.status_code, response.json()["code"]) == REFUSED
    assert next(iter(option)).replace("storage_path", "store") in response.json()["message"]


@pytest.mark.parametrize(
    "option",
    [
        ("webhookUrl", "https://a.example/"),
        ("Store", "true"),
        ("storage_path", "a/b"),
        ("Proxy", "http://10.0.0.1:3128"),
        ("Async", "yes"),
        ("responseType", "url"),
        ("response_type", "redirect"),
    ],
)
def test_a_link_may_not_contain_an_alias_of_a_forbidden_option(
    option: tuple[str, str], signer: Application
) -> None:
    """Links signed by another program are held to it as well."""
    keys = signing.Keys.read(f"new={SECRET}")
    query = signing.sign_query(keys, "/capture", [("url", "http://10.1.2.3/"), option], int(time.time()) + 60)
    assert follow(signer, f"/capture?{query}") == REFUSED


@pytest.mark.parametrize("length", ["abc", "-5", "1.5", "²"])
def test_an_invalid_content_length_is_a_bad_request(length: str, signer: Application) -> None:
    headers = {"Authorization": f"Bearer {FIRST}", "Content-Length": length.encode("latin-1")}
    assert signer.post("/validate", content=b"{}", headers=headers).status_code == 400


@pytest.mark.parametrize(
    "body",
    [{"expires_in": -5}, {"expires_in": 10**9}, {"expires": 5}, {"expires_in": "soon"}, {"expires_in": True}],
)
def test_a_link_cannot_outlive_the_longest_lifetime(body: dict[str, Any], signer: Application) -> None:
    assert (
        signer.post("/sign", json=PRIVATE | body, headers={"Authorization": f"Bearer {FIRST}"}).status_code
        == 400
    )


def test_only_a_token_signs(signer: Application) -> None:
    assert signer.post("/sign", json=PRIVATE).status_code == 401
    assert follow(signer, link(signer, **PRIVATE).replace("/capture", "/sign"), "POST") == REFUSED


def test_without_a_key_nothing_is_signed(configure: Callable[..., Settings]) -> None:
    with client(configure, AUTH_TOKEN=FIRST) as app:
        response = app.post("/sign", json=PRIVATE, headers={"Authorization": f"Bearer {FIRST}"})
        assert (response.status_code, response.json()["code"]) == (503, "not_configured")
        assert follow(app, "/capture?url=http://a.b/&expires=9999999999&signature=x") == REFUSED


def test_a_signed_link_gives_the_picture(
    http_function: dict[str, Lambda], monkeypatch: pytest.MonkeyPatch
) -> None:
    from entries import load_handler

    monkeypatch.setenv("URL_SIGNING_SECRET", SECRET)
    forget_settings()
    entry = Lambda(load_handler("http_api"), "function_url")
    a = entry.send(
        "POST",
        "/sign",
        body=(
            '{"html_content": "<body style=\'margin:0;background:rgb(0,160,0)\'>", "window_width": 320,'
            ' "window_height": 240}'
        ),
    )
    parts = urlsplit(a.json["url"])
    assert parts.hostname == "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws"
    for kind in ("function_url", "http_api_v2", "rest_api_v1", "alb"):
        entry.event = kind
        event_headers = {"authorization": ""}
        assert entry.send("GET", "/capture", query=parts.query, **event_headers).status == 401
        import entries

        event = entries.recorded(kind, "GET", "/capture", parts.query, None, {})
        answer = entry.handler(event, entries.Context())
        assert answer["statusCode"] == 200, (kind, answer)
        import base64

        at(picture(base64.b64decode(answer["body"])), 5, 5, GREEN)
    monkeypatch.undo()
    forget_settings()


# -- rates ---------------------------------------------------------------------------------------------------


def test_rate_limits_are_enforced_and_reported(configure: Callable[..., Settings]) -> None:
    with client(
        configure, AUTH_TOKEN=f"{FIRST},{SECOND}", RATE_LIMIT_ENABLED="true", RATE_LIMIT_CAPTURE="2 per hour"
    ) as app:
        private = {"url": "http://10.1.2.3/"}
        for left in ("1", "0"):
            response = app.post("/capture", json=private, headers={"Authorization": f"Bearer {FIRST}"})
            assert response.status_code == 403
            assert response.headers["x-ratelimit-remaining"] == left
        response = app.post("/capture", json=private, headers={"Authorization": f"Bearer {FIRST}"})
        assert (response.status_code, response.json()["code"], response.json()["retryable"]) == (
            429,
            "rate_limited",
            True,
        )
        assert int(response.headers["retry-after"]) > 1000
        assert (response.headers["x-ratelimit-limit"], response.headers["x-ratelimit-remaining"]) == (
            "2",
            "0",
        )
        # Another caller has a bucket of its own.
        assert (
            app.post("/capture", json=private, headers={"Authorization": f"Bearer {SECOND}"}).status_code
            == 403
        )


def test_a_full_queue_is_reported(configure: Callable[..., Settings]) -> None:
    import asyncio

    from stillframe.browser.runtime import Runtime
    from stillframe.errors import ConcurrencyLimit

    busy = Runtime(configure(WORKERS="1", QUEUE_SIZE="0"))
    try:
        slot = busy.run(busy.acquire_slot())
        with pytest.raises(ConcurrencyLimit) as caught:
            busy.run(asyncio.wait_for(busy.acquire_slot(), 5))
        assert caught.value.retry_after
        busy.release_slot(slot)
        assert busy.run(busy.acquire_slot()) is slot
    finally:
        busy.run(busy.close())


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"AUTH_TOKEN": "abc"}, "fewer than 24 characters"),
        ({"AUTH_TOKEN": f"{FIRST},short"}, "fewer than 24 characters"),
        ({"AUTH_TOKEN": FIRST, "URL_SIGNING_SECRET": "k" * 31}, "fewer than 32 characters"),
    ],
)
def test_a_weak_secret_stops_a_server_and_closes_a_function(
    environment: dict[str, str], reason: str, configure: Callable[..., Settings]
) -> None:
    config = configure(**environment)
    with pytest.raises(ValueError, match=reason):
        create_app(config=config)
    with client(configure, **environment) as app:
        for answer in (app.post("/capture", json=PROBE), app.get("/version")):
            assert (answer.status_code, answer.json()["code"]) == (503, "not_configured")
            assert reason in answer.json()["message"]


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:9999"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_an_open_local_server_does_not_answer_other_pages(
    headers: dict[str, str], configure: Callable[..., Settings]
) -> None:
    with client(configure, local=True, host="http://localhost:8080") as app:
        assert app.post("/capture", json=PROBE, headers=headers).status_code == 403
        assert app.get("/capture", params={"html_content": "x"}, headers=headers).status_code == 403
        assert app.get("/", headers=headers).status_code == 200, "a link to the playground may be followed"
        own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8080"}
        assert ask(app, **own) == IN


def test_a_form_of_another_page_cannot_drive_an_open_local_server(configure: Callable[..., Settings]) -> None:
    with client(configure, local=True, host="http://localhost:8080") as app:
        for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
            answer = app.post("/capture", content=b'{"html_content": "x"}', headers={"Content-Type": kind})
            assert answer.status_code == 400
            assert "application/json" in answer.json()["message"]


def test_links_never_take_their_host_from_the_caller(configure: Callable[..., Settings]) -> None:
    forged = {"Authorization": f"Bearer {FIRST}", "Host": "evil.example"}
    with client(configure, AUTH_TOKEN=FIRST, URL_SIGNING_SECRET=SECRET) as app:
        assert "evil.example" not in app.post("/sign", json=PRIVATE, headers=forged).json()["url"]
        assert "location" not in app.get("/health/", headers=forged).headers
    allowed = {"ALLOWED_HOSTS": "evil.example, good.example"}
    with client(configure, AUTH_TOKEN=FIRST, URL_SIGNING_SECRET=SECRET, **allowed) as app:
        assert "//evil.example/" in app.post("/sign", json=PRIVATE, headers=forged).json()["url"]


def test_an_error_is_small_however_large_the_request(configure: Callable[..., Settings]) -> None:
    with client(configure, AUTH_TOKEN=FIRST) as app:
        bearer = {"Authorization": f"Bearer {FIRST}"}
        for body in (
            {"x" * 3_000_000: 1},
            {f"unknown{n}": 1 for n in range(50_000)},
            {"url": "https://a.example/", "cookies": [{"bad": 1}] * 90},
            {"url": "https://a.example/" + "y" * 3_000_000},
        ):
            answer = app.post("/capture", json=body, headers=bearer)
            assert answer.status_code == 400
            assert len(answer.content) < 20_000
            assert len(answer.json()["error_details"]) <= 21


PAGES_NO_FRAME = ("/", "/docs", "/openapi.json", "/version", "/health", "/jobs/x", "/nothing")


@pytest.mark.parametrize("path", PAGES_NO_FRAME)
def test_every_route_has_the_security_headers(path: str, configure: Callable[..., Settings]) -> None:
    with client(configure, AUTH_TOKEN=FIRST) as app:
        headers = app.get(path, headers={"Authorization": f"Bearer {FIRST}"}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    if path in ("/", "/docs"):
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
