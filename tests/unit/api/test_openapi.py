"""The OpenAPI document: complete, and with examples that the service accepts."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from stillframe.api.app import create_app
from stillframe.api.openapi.operations import OPERATIONS
from stillframe.errors import leaves
from stillframe.jobs.submit import validated
from stillframe.request import parse
from stillframe.request.facets import check_linkable
from stillframe.verdict import Finding, Verdict


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(local=True).openapi()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(m, p, o) for p, methods in document["paths"].items() for m, o in methods.items()]


def resolved(document: dict[str, Any], node: Any) -> Any:
    """The node with its references to responses and headers followed; those to schemas stay."""
    if isinstance(node, dict) and "$ref" in node:
        kind, name = node["$ref"].split("/")[-2:]
        return resolved(document, document["components"][kind][name])
    return node


def problems(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    whole = schema | {"components": document["components"]}
    return [f"{list(e.path)}: {e.message[:200]}" for e in OAS31Validator(whole).iter_errors(value)]


def test_every_operation_has_a_name_a_tag_and_typed_answers(document: dict[str, Any]) -> None:
    found = operations(document)
    assert {(method, path) for method, path, _ in found} == set(OPERATIONS)
    names = [o["operationId"] for _, _, o in found]
    assert len(set(names)) == len(names)
    assert all(name.isalnum() for name in names)
    tags = {tag["name"] for tag in document["tags"]}
    for method, path, operation in found:
        assert set(operation["tags"]) <= tags, path
        assert operation["summary"], path
        assert operation["description"], path
        assert ("requestBody" in operation) == (method == "post"), path
        for status, answer in operation["responses"].items():
            full = resolved(document, answer)
            assert full["description"]
            assert "X-Request-Id" in full["headers"], (path, status)
            for body in full.get("content", {}).values():
                assert body["schema"], (path, status)
            if status >= "400":
                assert full["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}


def test_a_batch_has_its_body_and_is_accepted(document: dict[str, Any]) -> None:
    batch = document["paths"]["/capture/batch"]["post"]
    assert [s for s in batch["responses"] if s < "400"] == ["202"]
    reference = batch["requestBody"]["content"]["application/json"]["schema"]
    assert reference == {"$ref": "#/components/schemas/BatchRequest"}
    schema = document["components"]["schemas"]["BatchRequest"]
    assert (schema["required"], sorted(schema["properties"])) == (["requests"], ["options", "requests"])


def test_every_example_of_a_request_is_accepted(document: dict[str, Any]) -> None:
    seen = 0
    for method, path, operation in operations(document):
        if method != "post":
            continue
        content = operation["requestBody"]["content"]["application/json"]
        assert content["examples"], path
        for example in content["examples"].values():
            value = dict(example["value"])
            assert problems(document, content["schema"], value) == [], (path, example["summary"])
            if path == "/capture/batch":
                assert validated(value["requests"], value["options"])
            elif path == "/sign":
                value.pop("expires_in")
                check_linkable(parse(value))
            else:
                parse(value)
            seen += 1
    assert seen > 10


def test_every_example_of_an_answer_has_its_shape(document: dict[str, Any]) -> None:
    seen = 0
    for _, path, operation in operations(document):
        for status, answer in operation["responses"].items():
            for body in resolved(document, answer).get("content", {}).values():
                for example in body.get("examples", {}).values():
                    assert problems(document, body["schema"], example["value"]) == [], (path, status)
                    seen += 1
    assert seen > 10


def test_a_client_is_told_no_value_to_send_unasked(document: dict[str, Any]) -> None:
    """openapi-python-client sends defaults, and a width that is sent takes precedence over the device's."""
    schemas = document["components"]["schemas"]
    for name in ("CaptureOptions", "SignRequest", "Resize", "Interaction", "Cookie"):
        assert not [n for n, option in schemas[name]["properties"].items() if "default" in option], name
    query = document["paths"]["/capture"]["get"]["parameters"]
    assert not [p["name"] for p in query if "default" in p.get("schema", {})]
    assert schemas["CaptureOptions"]["properties"]["window_width"]["x-default"] == 1920
    assert schemas["CaptureRequest"]["properties"]["window_width"]["default"] == 1920
    assert set(schemas["CaptureOptions"]["properties"]) == set(schemas["CaptureRequest"]["properties"])


def test_the_error_statuses_name_every_code(document: dict[str, Any]) -> None:
    answers = document["components"]["responses"]
    for error in leaves():
        assert error.code in answers[f"Error{error.status}"]["description"].split(", ")


def test_a_finding_is_described_as_it_is_written(document: dict[str, Any]) -> None:
    verdict = Verdict([Finding("banner", "A banner.", items=({"selector": "#a"},))]).to_json()
    assert problems(document, {"$ref": "#/components/schemas/Verdict"}, verdict) == []


def test_a_link_may_set_only_what_a_link_may_set(document: dict[str, Any]) -> None:
    options = document["components"]["schemas"]["SignRequest"]["properties"]
    assert {"url", "full_page", "expires_in", "expires", "kid"} <= set(options)
    assert not {"webhook_url", "store", "async"} & set(options)


def test_what_the_document_is_made_of_is_imported_when_it_is_asked_for() -> None:
    code = (
        "import sys; from stillframe.api.app import create_app; app = create_app(local=True)\n"
        "parts = ['stillframe.api.openapi.schemas', 'stillframe.api.openapi.operations']\n"
        "print([p in sys.modules for p in parts]); app.openapi(); print([p in sys.modules for p in parts])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines() == ["[False, False]", "[True, True]"]
