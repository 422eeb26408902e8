"""Rate limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stillframe.api.app import create_app
from stillframe.api.limits import Limiter, read_rate
from stillframe.doors import HTTP_API, LOCAL
from stillframe.errors import RateLimited
from stillframe.settings import Settings


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("1 per second", (1, 1)),
        ("5 per minute", (5, 60)),
        ("100/hour", (100, 3600)),
        ("2 per days", (2, 86400)),
    ],
)
def test_a_rate_is_parsed(text: str, rate: tuple[int, int]) -> None:
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["", "0 per second", "fast", "5 per year"])
def test_an_invalid_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        read_rate(text)


def test_a_bucket_is_exhausted_and_refilled() -> None:
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


def test_a_batch_weighs_what_it_contains() -> None:
    limiter = Limiter(Settings(rate_limit_enabled=True, rate_limit_capture="2 per minute"))
    assert limiter.take("token:a", now=0, count=5) is not None
    for now, granted in ((60.0, False), (91.0, False), (121.0, True)):
        if granted:
            assert limiter.take("token:a", now=now) is not None
        else:
            with pytest.raises(RateLimited):
                limiter.take("token:a", now=now)


@pytest.mark.parametrize("name", ["rate_limit_capture", "rate_limit_signed"])
def test_a_rate_that_cannot_be_read_names_its_setting(name: str) -> None:
    config = Settings(**{name: "often"})
    with pytest.raises(ValueError, match=f"{name.upper()}: 'often' is not a rate"):
        Limiter(config)
    with pytest.raises(ValueError, match=name.upper()):
        create_app(LOCAL, config=config)
    # A function that fails to start answers 502 without a reason.
    assert name.upper() in create_app(HTTP_API, config=config).state.access.refusal
