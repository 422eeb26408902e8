"""The API's description is valid, complete, and what the service obeys."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from schemathesis.core import NOT_SET

from stillframe.request import CaptureRequest

SAFE = (
    "response_type",
    "format",
    "window_width",
    "window_height",
    "pixel_density",
    "full_page",
    "image_quality",
    "selector",
    "clip",
    "resize",
    "padding",
    "omit_background",
    "background_color",
    "interactions",
    "pdf_format",
    "pdf_scale",
    "pdf_page_ranges",
    "pdf_margin",
    "wait_until",
    "dark_mode",
    "locale",
    "timezone",
    "hide_selectors",
    "block_resources",
    "outputs",
    "metadata",
    "filename",
    "fail_on",
    "user_agent_platform",
    "user_agent_browser",
)


def test_the_document_is_valid_and_complete(server: httpx.Client) -> None:
    document = server.get("/openapi.json").json()
    validate(document)
    assert {
        "/capture",
        "/capture/batch",
        "/jobs/{id}",
        "/sign",
        "/validate",
        "/health",
        "/health/ready",
        "/health/live",
        "/devices",
        "/templates",
        "/version",
    } <= set(document["paths"])
    properties = document["components"]["schemas"]["CaptureRequest"]["properties"]
    names = {name.rstrip("_") for name in CaptureRequest.model_fields}
    assert set(properties) == names
    assert {p["name"] for p in document["paths"]["/capture"]["get"]["parameters"]} == names
    assert all(p.get("description") for p in properties.values())
    for operation in document["paths"]["/capture"].values():
        assert {"200", "204", "303", "400", "401", "403", "422", "429", "502", "503", "504"} <= set(
            operation["responses"]
        )
    assert server.get("/docs").status_code == 200


BOUNDED = settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/validate"),
        ("POST", "/sign"),
        ("GET", "/jobs/{id}"),
        ("GET", "/devices"),
        ("GET", "/templates"),
        ("GET", "/version"),
        ("GET", "/health"),
    ],
)
def test_generated_requests_cause_no_server_error(method: str, path: str, server: httpx.Client) -> None:
    document = schemathesis.openapi.from_dict(server.get("/openapi.json").json())

    @given(document[path][method].as_strategy())
    @BOUNDED
    def ask(made: Any) -> None:
        response = server.request(method, made.formatted_path, content=_json(made.body))
        # The local server of this test has no signing key.
        known = {"not_configured"}
        assert response.status_code < 500 or response.json()["code"] in known, (made.body, response.text)

    ask()


def _json(body: Any) -> bytes | None:
    return None if body is NOT_SET else json.dumps(body, default=repr).encode()


def test_generated_captures_cause_no_server_error(server: httpx.Client) -> None:
    """Valid and invalid options from the schema, on a local page: an image, or an error that is not a 500."""
    document = schemathesis.openapi.from_dict(server.get("/openapi.json").json())
    odd = (
        st.none()
        | st.booleans()
        | st.integers(-5, 5000)
        | st.text(max_size=20)
        | st.lists(st.text(max_size=5), max_size=3)
    )
    beside = st.dictionaries(st.sampled_from(SAFE), odd, max_size=3)

    @given(document["/capture"]["POST"].as_strategy(), beside)
    @BOUNDED
    def ask(made: Any, other: dict[str, Any]) -> None:
        offered = made.body if isinstance(made.body, dict) else {}
        kept = {k: v for k, v in list(offered.items())[:40] if k in SAFE} | other
        body = {
            "html_content": "<p>x</p>",
            "timeout": 8_000,
            "window_width": 100,
            "window_height": 100,
        } | kept
        response = server.post("/capture", content=_json(body) or b"")
        assert response.status_code < 500 or response.json()["code"] == "deadline_exceeded", (
            body,
            response.text,
        )

    ask()
