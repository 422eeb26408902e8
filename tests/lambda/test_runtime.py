"""The real handlers behind the real runtime client: on the host and in the confined image, alike."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Any

import pytest
from emulated import PAGE, PNG, CaptureRefused, Confined, Emulated, OnHost
from events import TOKEN, body_of, over_http

DIRECT = "functions.direct_invoke.handler.handler"
HTTP = "functions.http_api.handler.handler"
WANTED = {"html_content": PAGE, "window_width": 400, "window_height": 300}


@pytest.fixture(params=["host", pytest.param("image", marks=pytest.mark.image)])
def start(request: pytest.FixtureRequest) -> Callable[..., OnHost | Confined]:
    """Starts a function on the host, then the same one in the confined image."""
    found: Callable[..., OnHost | Confined] = request.getfixturevalue(
        {"host": "on_host", "image": "confined"}[request.param]
    )
    return found


def browsers(function: Any) -> list[int]:
    return [one.pid for one in function.processes() if one.kind == "browser"]


def test_cold_and_warm_captures_share_one_launch(start: Callable[..., Any]) -> None:
    function = start(DIRECT)
    cold = function.capture()
    assert cold.startswith(PNG)
    first = browsers(function)
    assert len(first) == 1
    assert [function.capture() == cold for _ in range(5)] == [True] * 5
    assert browsers(function) == first


def test_every_payload_version_carries_the_same_picture(start: Callable[..., Any]) -> None:
    direct = start(DIRECT).capture()
    function = start(HTTP, AUTH_TOKEN=TOKEN)
    for name in ("http_api_v2", "rest_api_v1", "function_url", "alb"):
        answer = function.invoke(over_http(name, "/capture", WANTED))
        assert answer["statusCode"] == 200, answer
        assert answer["isBase64Encoded"] is True
        headers = answer.get("headers") or {k: v[0] for k, v in answer["multiValueHeaders"].items()}
        assert {k.lower(): v for k, v in headers.items()}["content-type"] == "image/png"
        assert body_of(answer) == direct
    assert len(browsers(function)) == 1
    health = function.invoke(over_http("http_api_v2", "/health"))
    assert (health["statusCode"], health["isBase64Encoded"]) == (200, False)


def test_host_and_image_answer_with_the_same_bytes(
    on_host: Callable[..., OnHost], confined: Callable[..., Confined]
) -> None:
    if not os.environ.get("CI") and not os.path.exists("/usr/lib/chromium/chromium-headless-shell"):
        pytest.skip(
            "This system's Chromium is not Debian's headless shell, so its pictures may differ by right."
        )
    formats: list[dict[str, object]] = [
        {},
        {"format": "jpeg"},
        {"format": "webp", "image_quality": 70},
        {"full_page": True, "pixel_density": 2},
    ]

    def digests(function: Emulated) -> list[str]:
        return [hashlib.sha256(function.capture(**options)).hexdigest() for options in formats]

    assert digests(on_host(DIRECT)) == digests(confined(DIRECT))


NOISE = """<!doctype html><body style="margin:0"><canvas id=c width=2400 height=2000></canvas><script>
const x = c.getContext("2d"), d = x.createImageData(2400, 2000); let s = 1;
for (let i = 0; i < d.data.length; i++) d.data[i] = i % 4 == 3 ? 255 : (s = s * 16807 % 2147483647) & 255;
x.putImageData(d, 0, 0);</script>"""


def test_a_result_too_large_for_lambda_is_refused_and_the_runtime_lives_on(start: Callable[..., Any]) -> None:
    """Over the limit Lambda's runtime client would exit, and take the warm browser with it."""
    function = start(DIRECT)
    function.capture()
    first = browsers(function)
    with pytest.raises(CaptureRefused) as refused:
        function.capture(html_content=NOISE, window_width=2400, window_height=2000)
    assert refused.value.code == "result_too_large"
    assert function.capture().startswith(PNG)
    assert browsers(function) == first


def test_a_wrong_request_is_answered_not_raised(start: Callable[..., Any]) -> None:
    function = start(DIRECT)
    with pytest.raises(CaptureRefused) as refused:
        function.capture(windw_width=3)
    assert refused.value.code == "request_not_valid"
    assert function.capture().startswith(PNG)


@pytest.mark.parametrize("memory", [512, 1024, 3008])
def test_every_memory_size_renders(confined: Callable[..., Confined], memory: int) -> None:
    function = confined(DIRECT, memory=memory)
    assert [function.capture()[:8] for _ in range(3)] == [PNG] * 3


def test_the_confinement_is_in_force(confined: Callable[..., Confined]) -> None:
    """Guards the tests above: were the sandbox open, they would prove nothing."""
    function = confined(DIRECT)
    function.capture()
    status = function.run("cat", "/proc/1/status")
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert "Uid:\t993" in status
    seen = function.run(
        "sh", "-c", "ls -d /dev/shm; touch /var/task/x /opt/x /x; touch /tmp/x && echo tmp; true"
    )
    assert seen.split() == ["tmp"]
