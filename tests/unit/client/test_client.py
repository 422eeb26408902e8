"""`Client` and `AsyncClient`: requests, results, errors, repetitions and jobs, without a service."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import httpx
import pytest

from stillframe import AsyncClient, Client, errors
from stillframe.client import Result, Retries, ServiceUnreachable, UnexpectedAnswer
from stillframe.client.errors import error_of

from .service import ENDPOINT, Async, Service, Sync, fault, picture

BOTH = pytest.mark.parametrize("kind", [Sync, Async])
PRESIGNED = "https://bucket.storage.example/output/x.png?X-Amz-Signature=abc"


def ok(value: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=value, headers={k.replace("_", "-"): v for k, v in headers.items()})


@BOTH
def test_a_capture_has_bytes_facts_report_and_verdict(kind: type[Sync], tmp_path: Path) -> None:
    finding = {"code": "banner", "severity": "problem", "message": "A banner.", "count": 1, "new": 1}
    report = {"verdict": {"ok": False, "findings": [finding]}, "timings": {}}
    service = Service(ok(picture(report=report, metadata={"title": "T"})))
    user = kind(service)
    result: Result = user.call(user.client.capture(url="https://example.com", full_page=True))
    (asked,) = service.asked
    assert (asked.method, str(asked.url)) == ("POST", f"{ENDPOINT}/capture")
    assert asked.headers["authorization"] == "Bearer secret"
    assert service.body() == {"response_type": "json", "url": "https://example.com", "full_page": True}
    assert (result.content, result.format, result.content_type) == (b"PNG", "png", "image/png")
    assert (result.width, result.height, result.request_id) == (3, 2, "r1")
    assert not result.verdict.ok
    assert [f.code for f in result.verdict.findings] == ["banner"]
    assert result.report == report
    assert result.metadata == {"title": "T"}
    assert "file" not in result.json()
    assert result.json()["bytes"] == 3
    assert result.outputs == (result,)
    assert result.save(tmp_path) == tmp_path / "screenshot.png"
    assert result.save(tmp_path / "new" / "a.png").read_bytes() == b"PNG"


@BOTH
def test_the_facts_of_raw_bytes_come_from_the_headers(kind: type[Sync]) -> None:
    headers = {
        "Content-Type": "text/markdown; charset=utf-8",
        "Content-Disposition": "attachment; filename=\"_.md\"; filename*=UTF-8''%C3%BC.md",
        "X-Capture-Verdict": "broken_image=2, banner=1",
        "X-Capture-Warnings": "target_cut",
        "X-Response-Code": "200",
        "X-Response-URL": "https://example.com/",
        "X-Request-Id": "r2",
        "Server-Timing": "load;dur=12.5, total;dur=20.0",
    }
    service = Service(httpx.Response(200, content="ü".encode(), headers=headers))
    user = kind(service)
    result = user.call(user.client.capture(url="https://example.com", response_type="by_format"))
    assert (result.text, result.format, result.filename) == ("ü", "markdown", "ü.md")
    assert [(f.code, f.count) for f in result.verdict.findings] == [("broken_image", 2), ("banner", 1)]
    assert result.report["timings"] == {"load": 12.5, "total": 20.0}
    assert result.report["target"] == {"final_url": "https://example.com/", "status": 200}
    assert result.report["warnings"] == [{"code": "target_cut"}]
    assert result.request_id == "r2"


@BOTH
def test_an_empty_answer_has_a_verdict_and_no_bytes(kind: type[Sync]) -> None:
    user = kind(Service(httpx.Response(204, headers={"X-Capture-Verdict": "ok"})))
    result = user.call(user.client.capture(url="https://example.com", response_type="empty"))
    assert result.verdict.ok
    with pytest.raises(ValueError, match="response_type"):
        _ = result.content


@BOTH
def test_several_outputs_are_saved_into_a_folder(kind: type[Sync], tmp_path: Path) -> None:
    outputs = [
        picture(b"one"),
        picture(b"two"),
        picture(b"three", filename="../../screenshot.pdf", format="pdf"),
    ]
    answer = picture(outputs=outputs, filename="screenshot.zip")
    del answer["file"]
    user = kind(Service(ok(answer)))
    result = user.call(user.client.capture(url="https://example.com", outputs=["png", "png", "pdf"]))
    assert [one.content for one in result.outputs] == [b"one", b"two", b"three"]
    assert result.save(tmp_path / "new") == tmp_path / "new"
    assert {p.name: p.read_bytes() for p in (tmp_path / "new").iterdir()} == {
        "screenshot.png": b"one",
        "screenshot-2.png": b"two",
        "screenshot.pdf": b"three",
    }
    with pytest.raises(ValueError, match="outputs"):
        _ = result.content


@BOTH
def test_the_outputs_of_a_stored_result_are_read_from_its_archive(kind: type[Sync]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("screenshot.png", b"one")
        archive.writestr("screenshot.pdf", b"two")
    outputs = [picture(), picture(format="pdf")]
    for one in outputs:
        del one["file"]
    answer = picture(outputs=outputs, format="zip", url=PRESIGNED)
    del answer["file"]
    user = kind(Service(ok(answer), httpx.Response(200, content=buffer.getvalue())))
    result = user.call(user.client.capture(url="https://example.com", outputs=["png", "pdf"]))
    assert [(one.format, one.content) for one in result.outputs] == [("png", b"one"), ("pdf", b"two")]


@BOTH
@pytest.mark.parametrize("response_type", ["json", "redirect"])
def test_a_stored_result_is_fetched_without_the_token(kind: type[Sync], response_type: str) -> None:
    described = picture(url=PRESIGNED)
    del described["file"]
    first = ok(described) if response_type == "json" else httpx.Response(303, headers={"Location": PRESIGNED})
    moved = httpx.Response(307, headers={"Location": "https://region.storage.example/x"})
    service = Service(
        first, moved, httpx.Response(200, content=b"PNG", headers={"Content-Type": "image/png"})
    )
    user = kind(service)
    result = user.call(user.client.capture(url="https://example.com", response_type=response_type))
    assert (result.content, result.url, result.format) == (b"PNG", PRESIGNED, "png")
    assert [r.url.host for r in service.asked] == [
        "captures.example",
        "bucket.storage.example",
        "region.storage.example",
    ]
    assert all("authorization" not in r.headers for r in service.asked[1:])
    assert "secret" not in str([r.headers for r in service.asked[1:]])


@BOTH
@pytest.mark.parametrize("link", ["s3://bucket/key", "file:///etc/passwd", "https://[::1/x", "http:///x"])
def test_a_link_that_is_no_http_address_is_named_once(kind: type[Sync], link: str) -> None:
    described = picture(url=link)
    del described["file"]
    service = Service(ok(described))
    user = kind(service)
    with pytest.raises(UnexpectedAnswer, match=re.escape(f"leads to {link}, which is not http or https")):
        user.call(user.client.capture(url="https://example.com"))
    assert len(service.asked) == 1


@BOTH
def test_a_stored_result_that_leaves_http_is_named_once(kind: type[Sync]) -> None:
    described = picture(url=PRESIGNED)
    del described["file"]
    moved = httpx.Response(307, headers={"Location": "ftp://storage.example/x"})
    # What httpx's own transport raises for the redirect.
    service = Service(ok(described), moved, httpx.UnsupportedProtocol("an unsupported protocol 'ftp://'"))
    user = kind(service)
    with pytest.raises(UnexpectedAnswer, match=r"bucket\.storage\.example redirects to"):
        user.call(user.client.capture(url="https://example.com"))
    assert len(service.asked) == 3


def test_credentials_of_the_callers_own_http_client_stay_with_the_service() -> None:
    described = picture(url=PRESIGNED)
    del described["file"]
    service = Service(ok(described), httpx.Response(200, content=b"PNG"))
    http = httpx.Client(
        transport=httpx.MockTransport(service), auth=("u", "p"), headers={"X-Key": "k"}, cookies={"c": "1"}
    )
    Client(ENDPOINT, http=http).capture(url="https://example.com")
    assert {"authorization", "x-key", "cookie"} <= set(service.asked[0].headers)
    assert not {"authorization", "x-key", "cookie"} & set(service.asked[1].headers)


@BOTH
def test_the_link_alone_is_not_fetched(kind: type[Sync]) -> None:
    described = picture(url=PRESIGNED)
    del described["file"]
    user = kind(Service(ok(described)))
    result = user.call(user.client.capture(url="https://example.com", response_type="url"))
    assert result.url == PRESIGNED
    with pytest.raises(ValueError, match="url"):
        _ = result.content


@BOTH
def test_a_redirect_of_the_endpoint_is_not_followed(kind: type[Sync]) -> None:
    service = Service(httpx.Response(301, headers={"Location": "https://other.example/capture"}))
    user = kind(service)
    with pytest.raises(UnexpectedAnswer, match=r"https://other\.example/capture"):
        user.call(user.client.capture(url="https://example.com"))
    assert len(service.asked) == 1


@BOTH
def test_an_error_is_the_class_that_the_service_raised(kind: type[Sync]) -> None:
    details = [{"field": "fulpage", "message": "unknown", "suggestion": "full_page"}]
    user = kind(Service(fault("request_not_valid", 400, error_details=details)))
    with pytest.raises(errors.RequestNotValid, match="request_not_valid happened") as caught:
        user.call(user.client.capture({"url": "https://example.com", "fulpage": True}))
    error = caught.value
    assert (error.code, error.status, error.retryable, error.request_id) == (
        "request_not_valid",
        400,
        False,
        "r9",
    )
    assert error.details == details
    assert error.target["url"] == "https://example.com"
    assert error.documentation_url.endswith("#request_not_valid")


@pytest.mark.parametrize("known", list(errors.leaves()), ids=lambda e: e.code)
def test_every_code_becomes_its_class(known: type[errors.CaptureError]) -> None:
    body = {"status": "error", "code": known.code, "message": "m", "retryable": known.retryable}
    error = error_of(body | {"error_details": [{"phase": "load"}]}, known.status)
    assert type(error) is known
    assert (str(error), error.status, error.retryable) == ("m", known.status, known.retryable)
    if isinstance(error, errors.DeadlineExceeded):
        assert error.phase == "load"


def test_a_code_of_a_later_version_becomes_the_class_of_its_status() -> None:
    later = {"status": "error", "code": "out_of_ink", "message": "m", "retryable": True}
    refused, failed = error_of(later, 409), error_of(later, 503)
    assert isinstance(refused, errors.RequestError)
    assert isinstance(failed, errors.ServiceError)
    assert (failed.code, failed.status, failed.retryable) == ("out_of_ink", 503, True)
    assert "out_of_ink" not in {error.code for error in errors.leaves()}


@BOTH
def test_what_is_retryable_is_repeated_after_the_named_seconds(kind: type[Sync]) -> None:
    service = Service(
        fault("rate_limited", 429, retryable=True, headers={"Retry-After": "7"}),
        httpx.Response(503, text="Service Unavailable"),
        httpx.ConnectError("refused"),
        ok(picture()),
    )
    user = kind(service)
    assert user.call(user.client.capture(url="https://example.com")).content == b"PNG"
    assert len(service.asked) == 4
    assert 7 <= service.slept[0] <= 7.5
    assert 0 <= service.slept[1] <= 1
    assert 0 <= service.slept[2] <= 2
    keys = {r.headers["idempotency-key"] for r in service.asked}
    assert len(keys) == 1


@BOTH
def test_repetitions_end(kind: type[Sync]) -> None:
    service = Service(*[httpx.ReadTimeout("slow")] * 3)
    user = kind(service, retries=2)
    with pytest.raises(ServiceUnreachable, match=r"captures\.example/prod: ReadTimeout: slow") as caught:
        user.call(user.client.capture(url="https://example.com"))
    assert caught.value.retryable
    assert len(service.asked) == 3


@BOTH
@pytest.mark.parametrize(
    ("answer", "retries"),
    [
        (lambda: fault("rate_limited", 429, retryable=True, headers={"Retry-After": "31"}), Retries(3)),
        (lambda: fault("rate_limited", 429, retryable=True), Retries(0)),
        (lambda: fault("ssl_error", 502), Retries(3)),
        (lambda: fault("auth_required", 401), Retries(3)),
        (lambda: httpx.Response(403, json={"message": "Forbidden"}), Retries(3)),
    ],
)
def test_what_cannot_succeed_soon_is_not_repeated(
    kind: type[Sync], answer: Callable[[], httpx.Response], retries: Retries
) -> None:
    service = Service(answer())
    user = kind(service, retries=retries)
    with pytest.raises(errors.CaptureError):
        user.call(user.client.capture(url="https://example.com"))
    assert (len(service.asked), service.slept) == (1, [])


@BOTH
def test_a_job_is_waited_for(kind: type[Sync]) -> None:
    receipt = {
        "id": "j1",
        "status": "queued",
        "status_url": "https://other.example/jobs/j1",
        "durable": False,
    }
    shown = {"id": "j1", "created_at": "2026-01-01T00:00:00+00:00"}
    service = Service(
        ok(receipt, 202),
        ok(shown | {"status": "running", "finished_at": None}, Retry_After="4"),
        ok(shown | {"status": "done", "finished_at": "2026-01-01T00:00:09+00:00", "result": picture()}),
        httpx.Response(204),
    )
    user = kind(service)
    job = user.call(user.client.submit(url="https://example.com", external_id="e"))
    assert service.body()["async"] is True
    assert (job.id, job.status, job.is_done, job.durable) == ("j1", "queued", False, False)
    result = user.call(job.wait())
    assert (result.content, job.status, job.is_done) == (b"PNG", "done", True)
    assert service.slept == [4.0]
    user.call(job.cancel())
    assert [f"{r.method} {r.url}" for r in service.asked[1:]] == [
        f"GET {ENDPOINT}/jobs/j1",
        f"GET {ENDPOINT}/jobs/j1",
        f"DELETE {ENDPOINT}/jobs/j1",
    ]


@BOTH
def test_a_failed_job_raises_its_error(kind: type[Sync]) -> None:
    error = fault("selector_not_found", 422).json()
    state = {"id": "j1", "status": "failed", "created_at": "x", "finished_at": "x", "error": error}
    user = kind(Service(ok(state)))
    job = user.call(user.client.job("j1"))
    assert job.error.code == "selector_not_found"
    with pytest.raises(errors.SelectorNotFound) as caught:
        user.call(job.wait())
    assert (caught.value.status, caught.value.request_id) == (422, "r9")


@BOTH
def test_waiting_ends_with_a_timeout(kind: type[Sync]) -> None:
    state = {"id": "j1", "status": "queued", "created_at": "x", "finished_at": None}
    user = kind(Service(ok(state), ok(state)))
    job = user.call(user.client.job("j1"))
    with pytest.raises(TimeoutError, match="j1 is queued"):
        user.call(job.wait(timeout=0))


@BOTH
def test_a_capture_that_becomes_a_job_is_waited_for(kind: type[Sync]) -> None:
    done = {"id": "j1", "status": "done", "created_at": "x", "finished_at": "x", "result": picture()}
    service = Service(ok({"id": "j1", "status": "queued", "status_url": ""}, 202), ok(done))
    user = kind(service)
    assert user.call(user.client.capture(url="https://example.com")).content == b"PNG"
    assert service.asked[0].headers["prefer"] == "respond-async"


@BOTH
def test_the_same_key_is_the_same_job(kind: type[Sync]) -> None:
    service = Service(
        httpx.ReadError("lost"),
        ok({"id": "j1", "status": "queued"}, 202),
        ok({"id": "j1", "status": "queued"}, 202),
    )
    user = kind(service)
    user.call(user.client.submit(url="https://example.com"))
    first, second = service.asked
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    user.call(user.client.submit(url="https://example.com", idempotency_key="mine"))
    assert service.asked[-1].headers["idempotency-key"] == "mine"


@BOTH
def test_a_batch_has_the_result_or_error_of_each_request(kind: type[Sync]) -> None:
    receipt = {"id": "b", "status": "queued", "jobs": [{"id": "b-0"}, {"id": "b-1"}]}
    members = [{"id": "b-0", "status": "done"}, {"id": "b-1", "status": "failed"}]
    counts = {"queued": 0, "running": 0, "done": 1, "failed": 1}
    whole = {
        "id": "b",
        "status": "done",
        "created_at": "x",
        "finished_at": "x",
        "counts": counts,
        "jobs": members,
    }
    done = {"id": "b-0", "status": "done", "created_at": "x", "result": picture()}
    failed = {"id": "b-1", "status": "failed", "created_at": "x", "error": fault("ssl_error", 502).json()}
    service = Service(ok(receipt, 202), ok(whole), ok(done), ok(failed))
    user = kind(service)
    batch = user.call(
        user.client.batch([{"url": "https://a.example"}, {"url": "https://b.example"}], {"format": "png"})
    )
    assert service.body() == {
        "requests": [{"url": "https://a.example"}, {"url": "https://b.example"}],
        "options": {"format": "png"},
    }
    first, second = user.call(batch.wait())
    assert first.content == b"PNG"
    assert isinstance(second, errors.SslError)
    assert batch.counts == counts


@BOTH
def test_a_capture_is_waited_for_as_long_as_its_own_timeout(kind: type[Sync]) -> None:
    service = Service(ok(picture()), ok(picture()))
    user = kind(service, timeout=20)
    user.call(user.client.capture(url="https://example.com"))
    user.call(user.client.capture(url="https://example.com", timeout=60_000))
    assert [r.extensions["timeout"]["read"] for r in service.asked] == [20, 90]


@BOTH
def test_options_are_validated_and_named_sets_are_listed(kind: type[Sync]) -> None:
    service = Service(
        ok({"warnings": ["w"]}), ok({"devices": {"A": {}}}), ok({"templates": {}}), ok({"version": "1"})
    )
    user = kind(service)
    assert user.call(user.client.validate(url="https://example.com")) == {"warnings": ["w"]}
    assert user.call(user.client.devices()) == {"A": {}}
    assert user.call(user.client.templates()) == {}
    assert user.call(user.client.version()) == {"version": "1"}
    assert [r.url.path for r in service.asked] == [
        f"/prod/{name}" for name in ("validate", "devices", "templates", "version")
    ]


@pytest.mark.parametrize(
    "endpoint", ["captures.example", "ftp://captures.example", "https://t@captures.example", "https://x/?a=1"]
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_an_endpoint_is_an_address(kind: type[Client], endpoint: str) -> None:
    with pytest.raises(ValueError, match="endpoint"):
        kind(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "ftp://user:hidden@h",
        "https://user:hid#hidden@h",
        "https://h/?token=hidden",
        "https://h/?next=a@b&token=hidden",
        "h#hidden",
        "user:hidden@h",
        "https://[hidden@",
        "https://user:hidden@h",
    ],
)
def test_an_endpoint_that_is_no_address_is_not_quoted_with_its_secrets(endpoint: str) -> None:
    with pytest.raises(ValueError, match="endpoint") as caught:
        Client(endpoint)
    assert "hid" not in str(caught.value)


def test_the_token_is_in_no_representation() -> None:
    user = Sync(Service(fault("auth_required", 401)))
    assert "secret" not in repr(user.client)
    with pytest.raises(errors.AuthRequired) as caught:
        user.client.version()
    assert "secret" not in repr(caught.value)


def test_both_clients_have_the_same_methods() -> None:
    import inspect

    def signatures(kind: type) -> dict[str, str]:
        found = {n: m for n, m in vars(kind).items() if inspect.isfunction(m) and not n.startswith("_")}
        return {n: str(inspect.signature(m)).replace("Async", "") for n, m in found.items()}

    assert signatures(Client) == signatures(AsyncClient)
    assert len(signatures(Client)) >= 11


def test_clients_close_their_own_connections_only() -> None:
    http = httpx.Client(transport=httpx.MockTransport(Service()))
    with Client(ENDPOINT, http=http):
        pass
    assert not http.is_closed
    with Client(ENDPOINT) as client:
        own = client._http
    assert own.is_closed


def test_the_client_needs_no_package_of_an_extra() -> None:
    """With what `pip install stillframe` brings: every package of an extra is made impossible to import."""
    root = Path(__file__).parents[3]
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    names = {line for lines in project["optional-dependencies"].values() for line in lines}
    # httpx brings h11 too.
    extra = {re.match(r"[\w-]+", line)[0] for line in names} - {"h11"}  # type: ignore[index]
    modules = {m for m, dists in packages_distributions().items() if extra & {d.lower() for d in dists}}
    assert {"playwright", "fastapi", "PIL", "boto3", "uvicorn", "lxml"} <= modules
    # httpx imports click where it is installed, and goes without it elsewhere.
    code = (
        f"import sys\nfor name in {sorted(modules)!r}: sys.modules[name] = None\n"
        "from stillframe import AsyncClient, Client, errors\n"
        "client = Client('http://127.0.0.1:1', signing_secret='k' * 32, retries=0)\n"
        "print(client.sign(url='https://example.com', full_page=True).url[:33])\n"
        "try:\n    client.capture(url='https://example.com')\n"
        "except errors.ServiceError as error:\n    print(error.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines() == ["http://127.0.0.1:1/capture?expire", "service_unreachable"]


@pytest.mark.parametrize("token", ["a-secret-of-a-file\n", "a secret", "s\xe9cret-of-somebody"])
def test_a_token_that_no_header_can_hold_is_refused_without_its_text(token: str) -> None:
    with pytest.raises(ValueError, match="token: ") as refusal:
        Client(ENDPOINT, token)
    assert token.strip() not in str(refusal.value)


@BOTH
@pytest.mark.parametrize("body", [b"<html>Welcome", b"[]", b"{}", b"null", b"[" * 100_000])
@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.capture(url="https://example.com"),
        lambda c: c.submit(url="https://example.com"),
        lambda c: c.batch([]),
        lambda c: c.job("j1"),
        lambda c: c.sign(url="https://example.com"),
        lambda c: c.validate(url="https://example.com"),
        lambda c: c.devices(),
        lambda c: c.version(),
    ],
)
def test_an_answer_of_another_server_is_an_error(
    kind: type[Sync], body: bytes, call: Callable[[Any], Any]
) -> None:
    user = kind(Service(httpx.Response(200, content=body)))
    with pytest.raises(UnexpectedAnswer, match="not as Stillframe does"):
        user.call(call(user.client))


@BOTH
@pytest.mark.parametrize("status", [300, 303, 304])
def test_a_redirect_to_nowhere_is_an_error(kind: type[Sync], status: int) -> None:
    user = kind(Service(httpx.Response(status)))
    with pytest.raises(UnexpectedAnswer, match=f"answered {status}"):
        user.call(user.client.capture(url="https://example.com", response_type="redirect"))


@pytest.mark.parametrize("details", [3, "x", [1], [None], {"a": 1}])
def test_an_error_body_of_another_shape_is_still_an_error(details: Any) -> None:
    error = error_of({"code": "deadline_exceeded", "error_details": details, "target": details}, 504)
    assert error.details == []


DAMAGED = [
    {"file": "!!!"},
    {"file": 7},
    {"outputs": [1]},
    {"report": {"verdict": {"findings": [{}]}}},
    {"report": 1},
    {"file": None, "url": PRESIGNED, "outputs": [{"format": "png"}]},
]


@BOTH
@pytest.mark.parametrize("part", DAMAGED)
def test_a_damaged_result_is_an_error(kind: type[Sync], part: dict[str, Any]) -> None:
    user = kind(Service(ok(picture() | part), httpx.Response(200, content=b"no zip")))
    with pytest.raises(UnexpectedAnswer, match="damaged"):
        user.call(user.client.capture(url="https://example.com"))
