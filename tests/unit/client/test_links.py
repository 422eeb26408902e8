"""Links signed without the service are links that the service accepts."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from stillframe import signing
from stillframe.client import signed_link
from stillframe.errors import RequestNotValid, SignatureInvalid

from .service import ENDPOINT, Async, Service, Sync

SECRET = f"new={'k' * 32},old={'o' * 32}"
BOTH = pytest.mark.parametrize("kind", [Sync, Async])


@BOTH
@pytest.mark.parametrize("kid", [None, "old"])
def test_a_client_with_the_key_signs_without_the_service(kind: type[Sync], kid: str | None) -> None:
    service = Service()
    user = kind(service, signing_secret=SECRET)
    link = user.call(
        user.client.sign(url="https://example.com/ä?b=1&c", outputs=["png"], expires_in=60, kid=kid)
    )
    assert service.asked == []
    parts = urlsplit(link.url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{ENDPOINT}/capture"
    assert 0 < link.expires - time.time() <= 60
    pairs = parse_qsl(parts.query)
    assert dict(pairs)["kid"] == (kid or "new")
    found = signing.verify_query(signing.Keys.read(SECRET), "GET", "/capture", pairs, max_age=60)
    assert dict(found) == {"url": "https://example.com/ä?b=1&c", "outputs": '[{"format": "png"}]'}


@BOTH
def test_a_client_without_the_key_asks_the_service(kind: type[Sync]) -> None:
    import httpx

    service = Service(httpx.Response(200, json={"url": "https://x/capture?a", "expires": 1_800_000_000}))
    user = kind(service)
    link = user.call(user.client.sign(url="https://example.com", expires_in=60, kid="old"))
    assert link == ("https://x/capture?a", 1_800_000_000)
    assert service.asked[0].url.path == "/prod/sign"
    assert service.body() == {"url": "https://example.com", "expires_in": 60, "kid": "old"}


def test_what_a_link_may_not_have_is_refused() -> None:
    with pytest.raises(SignatureInvalid, match="webhook_url"):
        signed_link(ENDPOINT, SECRET, {"url": "https://example.com", "webhook_url": "https://a.example"})
    with pytest.raises(RequestNotValid, match="full_page"):
        signed_link(ENDPOINT, SECRET, {"url": "https://example.com", "fulpage": True})
    with pytest.raises(ValueError, match="'third'"):
        signed_link(ENDPOINT, SECRET, {"url": "https://example.com"}, kid="third")
    with pytest.raises(ValueError, match="characters"):
        signed_link(ENDPOINT, "short", {"url": "https://example.com"})
    with pytest.raises(ValueError, match="empty"):
        signed_link(ENDPOINT, "", {"url": "https://example.com"})
