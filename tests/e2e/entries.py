"""Every door of the service as one call from options to an `Answer`."""

from __future__ import annotations

import asyncio
import base64
import copy
import functools
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx

from stillframe import service
from stillframe.browser.runtime import runtime
from stillframe.doors import LOCAL
from stillframe.error_body import error_body
from stillframe.errors import CaptureError, leaves
from stillframe.request import parse

REPOSITORY = Path(__file__).parents[2]
EVENTS = REPOSITORY / "tests" / "events"
TOKEN = "a-token-of-the-end-to-end-tests"
STATUS = {error.code: error.status for error in leaves()}


@dataclass(slots=True)
class Answer:
    """The answer of any entry point: HTTP status, bytes, and the JSON body if there is one."""

    status: int
    data: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = None
    warnings: list[str] = field(default_factory=list)

    @property
    def code(self) -> str | None:
        return self.json.get("code") if isinstance(self.json, dict) else None

    @property
    def message(self) -> str:
        return str(self.json.get("message")) if isinstance(self.json, dict) else ""


Entry = Callable[[dict[str, Any]], Answer]


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    """A loop of the caller's own, so that the thread's current loop, which Mangum uses, is untouched."""
    return asyncio.new_event_loop()


def in_process(options: dict[str, Any]) -> Answer:
    """The use case itself."""
    try:
        result = _loop().run_until_complete(service.capture(parse(options), LOCAL))
    except CaptureError as error:
        return Answer(error.status, json=error_body(error, "id"))
    warnings = [w["code"] for w in result.report.warnings]
    # The bytes that HTTP would carry: with `outputs` the archive, else the artifact.
    body = result.to_json() if result.response_type in ("json", "url") else None
    status = {"empty": 204, "redirect": 303}.get(result.response_type, 200)
    return Answer(
        status,
        result.artifact.data,
        {"content-type": result.artifact.content_type, "filename": result.filename},
        body,
        warnings,
    )


def read_http(status: int, headers: dict[str, str], content: bytes) -> Answer:
    """An HTTP answer, with the bytes of a JSON one unpacked."""
    kind = headers.get("content-type", "")
    body = json.loads(content) if kind.startswith("application/json") and content else None
    data = content
    if isinstance(body, dict) and "file" in body and "request_id" in body:
        data = base64.b64decode(body["file"], validate=True)
    warnings = [w for w in headers.get("x-capture-warnings", "").split(", ") if w]
    return Answer(status, data, headers, body, warnings)


def query_of(options: dict[str, Any]) -> str:
    """Options as a GET query carries them."""
    words = {True: "true", False: "false"}
    pairs = [
        (k, v if isinstance(v, str) else words[v] if isinstance(v, bool) else json.dumps(v))
        for k, v in options.items()
    ]
    return urlencode(pairs)


@dataclass(slots=True)
class Http:
    """A real server on a real socket."""

    client: httpx.Client
    method: str = "POST"

    def __call__(self, options: dict[str, Any]) -> Answer:
        if self.method == "GET":
            response = self.client.get(f"/capture?{query_of(options)}")
        else:
            response = self.client.post("/capture", json=options)
        return read_http(response.status_code, dict(response.headers), response.content)


@dataclass(slots=True)
class Lambda:
    """The HTTP function, called with a recorded event into which the request is written."""

    handler: Callable[[dict[str, Any], Any], dict[str, Any]]
    event: str
    method: str = "POST"

    def __call__(self, options: dict[str, Any]) -> Answer:
        if self.method == "GET":
            return self.send("GET", "/capture", query=query_of(options))
        return self.send("POST", "/capture", body=json.dumps(options))

    def send(
        self, method: str, path: str, *, query: str = "", body: str | None = None, **headers: str
    ) -> Answer:
        event = recorded(
            self.event, method, path, query, body, {"authorization": f"Bearer {TOKEN}", **headers}
        )
        answer = self.handler(event, Context())
        found = dict(answer.get("headers") or {})
        found |= {k: v[0] for k, v in (answer.get("multiValueHeaders") or {}).items()}
        text = answer.get("body") or ""
        content = base64.b64decode(text, validate=True) if answer.get("isBase64Encoded") else text.encode()
        return read_http(answer["statusCode"], {k.lower(): v for k, v in found.items()}, content)


@dataclass(slots=True)
class Application:
    """The HTTP application, called without a socket; nothing is started or stopped."""

    app: Any
    host: str = "http://localhost"

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=self.host, timeout=60) as client:
                return await client.request(method, path, **more)

        return _loop().run_until_complete(send())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)


class Context:
    """The context that Lambda passes with the event."""

    aws_request_id = "8f5e3c2a-0000-4000-8000-000000000001"
    function_name = "stillframe-test"

    def __init__(self, seconds: float = 60) -> None:
        self._milliseconds = int(seconds * 1000)

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


def recorded(
    name: str, method: str, path: str, query: str, body: str | None, headers: dict[str, str]
) -> dict[str, Any]:
    """The recorded event `name` with another request in it."""
    event: dict[str, Any] = copy.deepcopy(json.loads((EVENTS / f"{name}.json").read_text("utf-8")))
    pairs = parse_qsl(query, keep_blank_values=True)
    event["headers"] = {k: v for k, v in event["headers"].items() if k.lower() not in headers} | headers
    if "multiValueHeaders" in event:
        event["multiValueHeaders"] = {k: [v] for k, v in event["headers"].items()}
    if body is not None and name in ("http_api_v2", "function_url"):
        event["body"], event["isBase64Encoded"] = base64.b64encode(body.encode()).decode(), True
    else:
        event["body"], event["isBase64Encoded"] = body, False
    context = event["requestContext"]
    if event.get("version") == "2.0":
        event["rawPath"], event["rawQueryString"] = path, query
        context["http"] |= {"method": method, "path": path}
        return event
    event["path"], event["httpMethod"] = path, method
    if "elb" in context:
        # A load balancer passes names and values on as they were sent: still encoded.
        raw = [p.partition("=") for p in query.split("&") if p]
        event["queryStringParameters"] = {k: v for k, _, v in raw}
    else:
        event["queryStringParameters"] = dict(pairs) or None
        event["multiValueQueryStringParameters"] = {
            k: [w for n, w in pairs if n == k] for k, _ in pairs
        } or None
        context |= {"path": f"/{context['stage']}{path}", "httpMethod": method}
    return event


@dataclass(slots=True)
class Direct:
    """The direct function: the event is the request."""

    handler: Callable[[dict[str, Any], Any], dict[str, Any]]

    def __call__(self, options: dict[str, Any]) -> Answer:
        body = self.handler(options, Context())
        if body.get("status") == "error":
            return Answer(STATUS[body["code"]], json=body)
        warnings = [w["code"] for w in body.get("report", {}).get("warnings", [])]
        data = base64.b64decode(body["file"], validate=True) if "file" in body else b""
        return Answer(
            200,
            data,
            {"content-type": body.get("content_type", ""), "filename": body.get("filename", "")},
            body,
            warnings,
        )


def command_line(options: dict[str, Any], *more: str, directory: Path | None = None) -> Answer:
    """`stillframe capture … -o -` as a process of its own."""
    given = dict(options)
    source = given.pop("url", None)
    flags: list[str] = []
    for name, value in given.items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            flags.append(flag if value else f"--no-{name.replace('_', '-')}")
        else:
            flags += [flag, value if isinstance(value, str) else json.dumps(value)]
    command = [
        sys.executable,
        "-m",
        "stillframe.cli.main",
        "capture",
        *([source] if source else []),
        *flags,
        *(more or ("-o", "-")),
    ]
    done = subprocess.run(
        command, capture_output=True, timeout=60, env=os.environ, cwd=directory, check=False
    )
    errors = done.stderr.decode()
    if done.returncode == 0:
        return Answer(200, done.stdout, json={"message": errors})
    code = next((c for c in STATUS if f"stillframe: {c}:" in errors), None)
    return Answer(
        STATUS.get(code or "", 400), json={"code": code, "message": errors, "exit": done.returncode}
    )


def load_handler(name: str) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """A function's handler, imported anew so that it reads the settings of this test."""
    path = REPOSITORY / "functions" / name / "handler.py"
    spec = importlib.util.spec_from_file_location(f"e2e_{name}_handler", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Callable[[dict[str, Any], Any], dict[str, Any]] = module.handler
    return handler


__all__ = [
    "TOKEN",
    "Answer",
    "Application",
    "Context",
    "Direct",
    "Entry",
    "Http",
    "Lambda",
    "command_line",
    "in_process",
    "load_handler",
    "read_http",
    "runtime",
]
