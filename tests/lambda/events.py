"""The recorded events of tests/events with a request of our own in them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parents[1] / "events"
TOKEN = "test-token-of-32-characters-or-more"


def over_http(name: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Event `name` as if a client had called `path`, with `body` as JSON or with GET."""
    event: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    method = "GET" if body is None else "POST"
    authorization = {"authorization": f"Bearer {TOKEN}"}
    event["headers"] = {key.lower(): value for key, value in event["headers"].items()} | authorization
    if event.get("multiValueHeaders") is not None:
        event["multiValueHeaders"] = {key: [value] for key, value in event["headers"].items()}
    if event.get("version") == "2.0":
        event["rawPath"] = event["requestContext"]["http"]["path"] = path
        event["requestContext"]["http"]["method"] = method
    else:
        event["path"], event["httpMethod"] = path, method
    event["body"] = None if body is None else json.dumps(body)
    event["isBase64Encoded"] = False
    return event


def body_of(answer: dict[str, Any]) -> bytes:
    """The bytes of an answer as API Gateway would send them on."""
    if answer.get("isBase64Encoded"):
        return base64.b64decode(answer["body"], validate=True)
    return str(answer["body"]).encode()
