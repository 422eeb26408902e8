"""`Client` and `AsyncClient` against a running service."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from origins import Origins
from servers import HttpServer, Seen, routed
from serving import serve

from stillframe import AsyncClient, Client, errors
from stillframe.client import Result, verify_webhook
from stillframe.delivery.webhook import headers as delivery_headers

TOKEN, SECRET, HOOK = "t" * 32, "k" * 32, "w" * 32


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `stillframe serve` with a token, keys and a storage."""
    settings = {
        "STORAGE_URL": tmp_path_factory.mktemp("stored").as_uri(),
        "AUTH_TOKEN": TOKEN,
        "URL_SIGNING_SECRET": SECRET,
        "WEBHOOK_SECRET": HOOK,
    }
    with serve(settings) as http:
        yield str(http.base_url)


@pytest.fixture
def client(service: str) -> Iterator[Client]:
    with Client(service, TOKEN) as client:
        yield client


@pytest.fixture
def page(site: Origins) -> str:
    return site.urls["main"] + "/green.html"


def test_captures_of_every_response_type(client: Client, page: str, tmp_path: Path) -> None:
    result = client.capture(url=page, window_width=320, window_height=200)
    assert (result.format, result.width, result.height) == ("png", 320, 200)
    assert result.content.startswith(b"\x89PNG")
    assert result.save(tmp_path).read_bytes() == result.content
    assert result.verdict.ok
    assert result.report["target"]["status"] == 200
    raw = client.capture(url=page, format="pdf", response_type="by_format")
    assert (raw.format, raw.content[:5], raw.verdict.ok) == ("pdf", b"%PDF-", True)
    assert raw.report["timings"]["total"] > 0
    followed = client.capture(url=page, response_type="redirect", window_width=320, window_height=200)
    assert (followed.format, followed.content) == ("png", result.content)
    linked = client.capture(url=page, response_type="url")
    assert linked.url is not None
    assert client.download(linked.url).startswith(b"\x89PNG")
    assert client.capture(url=page, response_type="empty").verdict.ok
    stored = client.capture(url=page, store=True, format="html")
    assert stored.url is not None
    assert "<title>Green" in stored.text
    facts = client.capture(url=page, format="metadata")
    assert json.loads(facts.content)["title"] == "Green"
    assert client.capture(url=page, metadata=["title"]).metadata == {"title": "Green"}


@pytest.mark.parametrize("later", [False, True])
def test_several_outputs_at_once_and_as_a_job(client: Client, page: str, tmp_path: Path, later: bool) -> None:
    outputs = ["png", {"format": "pdf", "pdf_format": "A5"}]
    if later:
        result = client.submit(url=page, outputs=outputs).wait(30)
    else:
        result = client.capture(url=page, outputs=outputs)
    assert [(one.format, one.content[:4]) for one in result.outputs] == [
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
    ]
    result.save(tmp_path / "both")
    assert sorted(p.suffix for p in (tmp_path / "both").iterdir()) == [".pdf", ".png"]


def test_errors_name_the_field(service: str, client: Client, page: str) -> None:
    with pytest.raises(errors.RequestNotValid) as refused:
        client.capture({"fulpage": True}, url=page)
    assert refused.value.details[0]["suggestion"] == "full_page"
    assert refused.value.request_id
    with pytest.raises(errors.SelectorNotFound) as missing:
        client.capture(url=page, selector="#none")
    assert missing.value.target["status"] == 200
    with Client(service, "wrong" * 8) as other, pytest.raises(errors.TokenInvalid):
        other.capture(url=page)
    with pytest.raises(errors.NotFound):
        client.job("none")


def test_jobs_and_batches(client: Client, page: str) -> None:
    job = client.submit(url=page, external_id="mine", idempotency_key="one")
    assert client.submit(url=page, external_id="mine", idempotency_key="one").id == job.id
    assert job.wait(30).content.startswith(b"\x89PNG")
    assert (job.refresh().status, job.external_id, job.durable) == ("done", "mine", False)
    job.delete()
    with pytest.raises(errors.NotFound):
        job.refresh()
    batch = client.batch([{"url": page}, {"url": page, "selector": "#none"}], {"format": "jpeg"})
    first, second = batch.wait(30)
    assert isinstance(first, Result)
    assert first.content.startswith(b"\xff\xd8")
    assert isinstance(second, errors.SelectorNotFound)
    assert batch.counts == {"queued": 0, "running": 0, "done": 1, "failed": 1}
    batch.cancel()
    with pytest.raises(errors.NotFound):
        batch.refresh()


def test_links_of_the_service_and_of_the_key_are_the_same_capture(
    service: str, client: Client, page: str
) -> None:
    own = Client(service, signing_secret=SECRET).sign(url=page, format="jpeg")
    theirs = client.sign(url=page, format="jpeg")
    for link in (own, theirs):
        assert httpx.get(link.url, timeout=60).content.startswith(b"\xff\xd8")
    with pytest.raises(errors.SignatureInvalid):
        client.sign(url=page, webhook_url="https://example.com")
    assert client.validate(url=page, pdf_scale=0.5)["warnings"]
    assert "iPhone 15" in client.devices()
    assert client.templates()
    assert client.version()["python"]


def test_a_webhook_is_verified(client: Client, page: str) -> None:
    arrived = threading.Event()
    received: list[Seen] = []

    def answer(seen: Seen) -> tuple[int, dict[str, str], bytes]:
        received.append(seen)
        arrived.set()
        return 204, {}, b""

    with HttpServer(routed(lambda path: answer)) as receiver:
        job = client.submit(url=page, webhook_url=f"{receiver.url}/hook")
        job.wait(30)
        assert arrived.wait(30)
    (seen,) = received
    told = verify_webhook(seen.body, seen.headers, HOOK)
    assert (told["id"], told["status"]) == (job.id, "done")
    with pytest.raises(errors.SignatureInvalid):
        verify_webhook(seen.body, seen.headers, SECRET)


def test_the_client_of_an_event_loop(service: str, page: str) -> None:
    async def use() -> tuple[list[bytes], list[Any], str]:
        async with AsyncClient(service, TOKEN) as client:
            captures = [client.capture(url=page, window_width=width) for width in (300, 400)]
            results = await asyncio.gather(*captures)
            batch = await client.batch([{"url": page}, {"html_content": "<p>x"}], {"format": "pdf"})
            job = await client.submit(url=page)
            await job.wait(30)
            return [r.content for r in results], await batch.wait(30), job.status

    pictures, batch, status = asyncio.run(use())
    assert all(p.startswith(b"\x89PNG") for p in pictures)
    assert [one.content[:5] for one in batch] == [b"%PDF-"] * 2
    assert status == "done"


def test_the_python_of_the_documentation_runs(
    service: str,
    page: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The blocks of docs/clients.md, one after the other, with addresses of this test."""
    text = (Path(__file__).parents[2] / "docs" / "clients.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 6
    monkeypatch.chdir(tmp_path)
    body = b'{"id": "j1", "status": "done"}'
    names: dict[str, Any] = {
        "token": TOKEN,
        "secret": SECRET,
        "webhook_secret": HOOK,
        "body": body,
        "headers": delivery_headers(HOOK.encode(), body, "j1", 1),
    }
    used: set[Client] = set()
    for block in blocks:
        for address in ("https://example.com", "https://example.org"):
            block = block.replace(address, page)
        exec(block.replace("https://captures.example.com", service), names)
        used.add(names["client"])
    for client in used:
        client.close()
    assert (tmp_path / "page.png").is_file()
    printed = capsys.readouterr().out
    assert "image/png" in printed
    assert "fulpage full_page" in printed
    assert "j1 done" in printed
    assert f"{service}/capture?" in printed
