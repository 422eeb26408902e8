"""What each call of a client asks and makes of the answers, without sending anything itself.

A flow is a generator: it yields `Ask` or `Pause`, gets the response to each `Ask`, and returns the result.
`Client` and `AsyncClient` run the same flows.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote
from zipfile import BadZipFile

import httpx

from ..errors import CaptureError
from . import result as results
from .errors import UnexpectedAnswer, error_of, object_of, retry_after
from .result import Result

# The longest pause between two looks at a job, in seconds.
_MAX_POLL = 10.0
# How long `capture` waits for the job that a slow capture became: a worker's time, and that of the queue.
_JOB_SECONDS = 1800.0
# What a capture may take longer than its `timeout`: queue, cold start, storage.
_MARGIN = 30.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `url` is a path of the service, or the whole address of a stored result.

    Only paths of the service are sent the token. `seconds` is how long to wait for the answer at least.
    """

    method: str
    url: str
    json: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def is_ours(self) -> bool:
        return self.url.startswith("/")


@dataclass(frozen=True, slots=True)
class Pause:
    """Seconds to wait before the next request."""

    seconds: float


T = TypeVar("T")
# Yields requests and pauses, is sent the responses, and returns a T.
Flow = Generator[Ask | Pause, Any, T]


def capture(options: Mapping[str, Any]) -> Flow[Result]:
    """A capture whose result is waited for, also where the entry point makes it a job.

    Raises TimeoutError for such a job after half an hour.
    """
    wanted = {"response_type": "json"} | dict(options)
    answer: httpx.Response = yield Ask(
        "POST",
        "/capture",
        wanted,
        # A capture that takes longer than the gateway waits is answered as a job.
        {"Prefer": "respond-async", "Idempotency-Key": str(uuid.uuid4())},
        _seconds(wanted),
    )
    if answer.status_code == 202:
        state = yield from finished(object_of(answer, "id", "status"), _JOB_SECONDS)
        return (yield from result_of(state))
    if answer.status_code == 303:
        stored: httpx.Response = yield Ask("GET", answer.headers["location"])
        return results.of_stored(answer, stored)
    if wanted["response_type"] in ("json", "url"):
        found = _read(results.of_json, object_of(answer, "format", "report"))
        return found if wanted["response_type"] == "url" else (yield from _completed(found))
    return results.of_response(answer)


def submit(options: Mapping[str, Any], key: str | None) -> Flow[dict[str, Any]]:
    """A job; the same key is the same job, so a repeated request makes no second one."""
    body = dict(options) | {"async": True}
    return (yield from _call("POST", "/capture", body, key or str(uuid.uuid4()), names=("id", "status")))


def batch(
    requests: Iterable[Mapping[str, Any]], options: Mapping[str, Any] | None, key: str | None
) -> Flow[dict[str, Any]]:
    """A batch of jobs with shared options."""
    body = {"requests": [dict(one) for one in requests], "options": dict(options or {})}
    names = ("id", "status")
    return (yield from _call("POST", "/capture/batch", body, key or str(uuid.uuid4()), names=names))


def state_of(id: str) -> Flow[dict[str, Any]]:
    """The state of a job or batch, with its result or error once it has one."""
    return (yield from _call("GET", _path(id), names=("id", "status")))


def delete(id: str) -> Flow[None]:
    """Delete a job: a queued one is not captured."""
    yield Ask("DELETE", _path(id))


def finished(state: Mapping[str, Any], timeout: float | None) -> Flow[dict[str, Any]]:
    """The final state of a job or batch. Raises TimeoutError after `timeout` seconds."""
    end = None if timeout is None else time.monotonic() + timeout
    pause = 0.5
    known = dict(state)
    # The answer to a submission has no result, also when the job is done already.
    while not (is_final(known) and "created_at" in known):
        answer: httpx.Response = yield Ask("GET", _path(known["id"]))
        known = object_of(answer, "id", "status")
        if is_final(known):
            break
        # The service names a second; a long job is asked less and less often.
        pause = min(_MAX_POLL, max(pause * 1.3, float(retry_after(answer.headers) or 0)))
        left = pause if end is None else end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"The job {known['id']} is {known['status']} after {timeout:g} seconds.")
        yield Pause(min(pause, left))
    return known


def is_final(state: Mapping[str, Any]) -> bool:
    """Whether the job or batch has ended; a failure that is attempted again is shown as queued."""
    return state["status"] in ("done", "failed")


def result_of(state: Mapping[str, Any]) -> Flow[Result]:
    """The result of a finished job. Raises its error."""
    if (error := error_in(state)) is not None:
        raise error
    return (yield from _completed(_read(results.of_json, state.get("result"))))


def error_in(state: Mapping[str, Any]) -> CaptureError | None:
    """The error of a failed job."""
    body = state.get("error")
    return None if body is None else error_of(body, 0)


def download(url: str) -> Flow[bytes]:
    """The bytes of a stored result, by its link."""
    answer: httpx.Response = yield Ask("GET", url)
    return answer.content


def answer_of(
    method: str, path: str, body: Any = None, *, names: tuple[str, ...] = ()
) -> Flow[dict[str, Any]]:
    """The JSON object that one request is answered with, which has these names."""
    return (yield from _call(method, path, body, names=names))


def named(name: str) -> Flow[dict[str, dict[str, Any]]]:
    """The named sets of options at `/devices` or `/templates`."""
    return dict((yield from _call("GET", f"/{name}", names=(name,)))[name])


def _path(id: str) -> str:
    return f"/jobs/{quote(id, safe='')}"


def _call(
    method: str, path: str, body: Any = None, key: str | None = None, *, names: tuple[str, ...] = ()
) -> Flow[dict[str, Any]]:
    answer: httpx.Response = yield Ask(method, path, body, {"Idempotency-Key": key} if key else {})
    return object_of(answer, *names)


def _completed(found: Result) -> Flow[Result]:
    """The result with the bytes that its links lead to."""
    if found.is_complete or found.url is None:
        return found
    return _read(found.with_content, (yield from download(found.url)))


def _read(reader: Callable[[Any], Result], value: Any) -> Result:
    """What a reader makes of an answer or of a stored file. Raises UnexpectedAnswer for a damaged one."""
    try:
        return reader(value)
    except (ValueError, TypeError, AttributeError, BadZipFile) as error:
        what = f"The answer or the stored file of the result is damaged: {type(error).__name__}: {error}"
        raise UnexpectedAnswer(f"{what[:300]}.", 200) from error


def _seconds(options: Mapping[str, Any]) -> float:
    """How long an answer may take by the capture's own `timeout`."""
    timeout = options.get("timeout")
    return timeout / 1000 + _MARGIN if isinstance(timeout, int | float) else 0.0
