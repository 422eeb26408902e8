"""What API Gateway and a function URL send, in the smallest form that they really send."""

from __future__ import annotations

import base64
import json
from typing import Any

BODY = dict[str, Any]
HEADERS = {
    "content-type": "application/json",
    "host": "api.example.test",
    "authorization": "Bearer test-token",
}


def http_api(path: str, body: BODY | None = None, *, function_url: bool = False) -> dict[str, Any]:
    """Payload version 2: HTTP API, or a function URL, which differs by its stage and domain."""
    method = "GET" if body is None else "POST"
    domain = "abc.lambda-url.eu-west-1.on.aws" if function_url else "api.example.test"
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": HEADERS | {"host": domain},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc",
            "domainName": domain,
            "domainPrefix": domain.split(".")[0],
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
            },
            "requestId": "e7a3", "routeKey": "$default", "stage": "$default",
            "time": "21/Nov/2026:05:00:00 +0000", "timeEpoch": 1795237200000,
        },
        "body": base64.b64encode(json.dumps(body).encode()).decode() if body is not None else None,
        "isBase64Encoded": body is not None,
    }  # fmt: skip


def rest_api(path: str, body: BODY | None = None) -> dict[str, Any]:
    """Payload version 1: REST API."""
    method = "GET" if body is None else "POST"
    return {
        "version": "1.0",
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": HEADERS,
        "multiValueHeaders": {name: [value] for name, value in HEADERS.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.lstrip("/")},
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012", "apiId": "abc", "domainName": "api.test", "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.1"}, "path": f"/v1{path}", "protocol": "HTTP/1.1",
            "requestId": "e7a3", "resourcePath": "/{proxy+}", "stage": "v1",
        },
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }  # fmt: skip


def body_of(answer: dict[str, Any]) -> bytes:
    """The bytes of an answer as API Gateway would send them on."""
    if answer.get("isBase64Encoded"):
        return base64.b64decode(answer["body"], validate=True)
    return str(answer["body"]).encode()
