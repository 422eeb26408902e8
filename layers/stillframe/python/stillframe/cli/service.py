"""A deployed service in place of this machine: `--endpoint` and `--token`, and captures over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from ..errors import CaptureError, RequestNotValid
from ..outputs import CONTENT_TYPES, artifact
from ..result import CaptureReport, CaptureResult
from ..verdict import Verdict
from .exits import Failure, exit_code
from .hints import told

if TYPE_CHECKING:
    from ..client import AsyncClient, Client, Result

ENDPOINT, TOKEN = "STILLFRAME_ENDPOINT", "STILLFRAME_TOKEN"


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--endpoint` and `--token` to a command."""
    token = click.option("--token", envvar=TOKEN, help=f"Its bearer token; better in {TOKEN}.")
    endpoint = click.option("--endpoint", envvar=ENDPOINT, metavar="URL", help="Use a deployed service.")
    return endpoint(token(command))


def client(endpoint: str, token: str | None, retries: int = 1) -> Client:
    """A client of the service. Raises UsageError for an endpoint that is no address."""
    from ..client import Client

    try:
        return Client(endpoint, token, retries=retries)
    except ValueError as error:
        raise _not_an_address(error) from None


@contextmanager
def asked(endpoint: str, token: str | None) -> Iterator[Client]:
    """A client, whose errors end the command in one line; a request that is not valid is raised as it is."""
    with client(endpoint, token) as connection:
        try:
            yield connection
        except RequestNotValid:
            raise
        except CaptureError as error:
            raise Failure(told(error, remote=True), exit_code(error)) from None


def asynchronous(endpoint: str, token: str | None, retries: int) -> AsyncClient:
    """A client for one event loop. Raises UsageError for an endpoint that is no address."""
    from ..client import AsyncClient

    try:
        return AsyncClient(endpoint, token, retries=retries)
    except ValueError as error:
        raise _not_an_address(error) from None


def _not_an_address(error: ValueError) -> click.UsageError:
    return click.UsageError(f"--{str(error).rstrip('.')}; write --endpoint https://host --token TOKEN")


@dataclass(slots=True)
class Served(CaptureResult):
    """A result of the service, whose JSON is the service's answer."""

    answer: dict[str, Any] = field(default_factory=dict)

    def to_json(self, *, inline: bool = True) -> dict[str, Any]:
        return dict(self.answer)


def capture(endpoint: str, token: str | None, request: dict[str, Any]) -> CaptureResult:
    """Capture by the service. Raises CaptureError."""
    with client(endpoint, token) as connection:
        return served(connection.capture(with_bytes(request)))


def with_bytes(request: dict[str, Any]) -> dict[str, Any]:
    """The request without `response_type`: a command writes files, however a service would answer others."""
    return {name: value for name, value in request.items() if name != "response_type"}


def served(result: Result) -> CaptureResult:
    """A result of the client as one of this machine's.

    Raises RequestNotValid for one without bytes, UnexpectedAnswer for a format of a later version.
    """
    from ..client import UnexpectedAnswer
    from ..delivery.assemble import zipped

    if not result.is_complete:
        message = "response_type: the answer has no bytes to write; leave it out"
        raise RequestNotValid(f"{message}.", details=[{"field": "response_type", "message": message}])
    if unknown := [part.format for part in result.outputs if part.format not in CONTENT_TYPES]:
        raise UnexpectedAnswer(f"The format {unknown[0][:40]!r} is not known here; upgrade stillframe.", 200)

    report = CaptureReport(timings=dict(result.report.get("timings") or {}))
    if (debug := result.report.get("debug")) is not None:
        report.note("debug", debug)
    report.verdict = Verdict(list(result.verdict.findings))

    def one(part: Result) -> CaptureResult:
        made = artifact(part.format, part.content, part.width, part.height)
        return CaptureResult(part.request_id, made, report, part.filename)

    parts = [one(part) for part in result.outputs if part is not result]
    whole = zipped(parts) if parts else one(result).artifact
    return Served(result.request_id, whole, report, result.filename, parts=parts, answer=result.json())


def refuse_allow(endpoint: str | None, allow: tuple[str, ...]) -> None:
    """Raise UsageError for `--allow`, which is the operator's to decide in a service."""
    if endpoint and allow:
        raise click.UsageError("--allow has no effect on a service; its setting EGRESS_ALLOW decides")
