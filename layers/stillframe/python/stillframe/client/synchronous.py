"""`Client`: the service from ordinary Python code."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx
from tenacity import Retrying

from ..errors import CaptureError
from . import flows
from .connection import Connection, checked, link_of, sign_body
from .flows import Ask, Flow, Pause
from .links import SignedLink, signed_link
from .options import Options
from .result import Result
from .retrying import Retries
from .state import BatchState, JobState

T = TypeVar("T")


class Client(Connection):
    """A client of the service at `endpoint`; threads may share it.

    `timeout` is in seconds and covers one answer; a capture with a longer `timeout` of its own waits longer.
    `retries` is how often a request is repeated after what the service calls retryable. `signing_secret` is a
    key of URL_SIGNING_SECRET, with which `sign` needs no service. `http` replaces the httpx client, for a
    proxy, certificates or other credentials; the caller closes it.
    Every method raises an error of `stillframe.errors`, or ServiceUnreachable or UnexpectedAnswer.
    """

    def __init__(
        self,
        endpoint: str,
        token: str | None = None,
        *,
        timeout: float = 60.0,
        retries: int | Retries = 3,
        signing_secret: str | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        super().__init__(endpoint, token, timeout=timeout, retries=retries, signing_secret=signing_secret)
        self._own = http is None
        self._http = http or httpx.Client()
        self._sleep = time.sleep

    def capture(self, request: Mapping[str, Any] | None = None, /, **options: Unpack[Options]) -> Result:
        """Capture and wait for the result, with its bytes. `request` holds options under any of their names.

        The result is downloaded if the service stored it, except with `response_type="url"`. A capture that
        takes longer than the service's gateway waits becomes a job, and the job is waited for, half an hour
        at most (TimeoutError).
        """
        return self._run(flows.capture({**(request or {}), **options}))

    def submit(
        self,
        request: Mapping[str, Any] | None = None,
        /,
        *,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Job:
        """Capture later; the same `idempotency_key` is the same job."""
        return Job(self, self._run(flows.submit({**(request or {}), **options}, idempotency_key)))

    def batch(
        self,
        requests: Iterable[Options | Mapping[str, Any]],
        options: Options | Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Batch:
        """Submit many captures; `options` are shared by those that do not set them."""
        return Batch(self, self._run(flows.batch(requests, options, idempotency_key)))

    def job(self, id: str) -> Job:
        """A job that was submitted before."""
        return Job(self, self._run(flows.state_of(id)))

    def validate(
        self, request: Mapping[str, Any] | None = None, /, **options: Unpack[Options]
    ) -> dict[str, Any]:
        """Check options without a capture: `request`, `plan`, `warnings`, `cache_key`, `curl`."""
        given = {**(request or {}), **options}
        return self._run(flows.answer_of("POST", "/validate", given, names=("warnings",)))

    def sign(
        self,
        request: Mapping[str, Any] | None = None,
        /,
        *,
        expires_in: int = 3600,
        kid: str | None = None,
        **options: Unpack[Options],
    ) -> SignedLink:
        """A link to a capture that needs no token, valid for `expires_in` seconds.

        It is made without the service if the client has a `signing_secret`.
        """
        given = {**(request or {}), **options}
        if self.signing_secret is not None:
            return signed_link(self.endpoint, self.signing_secret, given, expires_in=expires_in, kid=kid)
        body = sign_body(given, expires_in, kid)
        asking = flows.answer_of("POST", "/sign", body, names=("url", "expires"))
        return link_of(self._run(asking))

    def devices(self) -> dict[str, dict[str, Any]]:
        """The names that `device` accepts, with their options."""
        return self._run(flows.named("devices"))

    def templates(self) -> dict[str, dict[str, Any]]:
        """The names that `template` accepts, with their options."""
        return self._run(flows.named("templates"))

    def version(self) -> dict[str, Any]:
        """The versions of the service and its parts."""
        return self._run(flows.answer_of("GET", "/version", names=("version",)))

    def download(self, url: str) -> bytes:
        """The bytes of a stored result, by its link, without the token."""
        return self._run(flows.download(url))

    def close(self) -> None:
        """Close the connections."""
        if self._own:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, flow: Flow[T]) -> T:
        answer: httpx.Response | None = None
        try:
            while True:
                step = flow.send(answer)
                answer = None
                if isinstance(step, Pause):
                    self._sleep(step.seconds)
                else:
                    answer = self._answer(step)
        except StopIteration as end:
            result: T = end.value
            return result

    def _answer(self, ask: Ask) -> httpx.Response:
        retrying = Retrying(sleep=self._sleep, **self.retries.arguments())
        return retrying(self._exchange, ask)

    def _exchange(self, ask: Ask) -> httpx.Response:
        try:
            return checked(self._http.send(self.written(ask, self._http), **self.sending(ask)))
        except httpx.TransportError as error:
            raise self.lost(error, ask) from error


class Job(JobState):
    """A capture that runs later."""

    def __init__(self, client: Client, state: Mapping[str, Any]) -> None:
        super().__init__(state)
        self._client = client

    def refresh(self) -> Self:
        """Ask for the state."""
        self.state = self._client._run(flows.state_of(self.id))
        return self

    def wait(self, timeout: float | None = None) -> Result:
        """The result once it is there. Raises the job's error, or TimeoutError after `timeout` seconds."""
        self.state = self._client._run(flows.finished(self.state, timeout))
        return self._client._run(flows.result_of(self.state))

    def delete(self) -> None:
        """Delete the job and its result; if it is still queued, it is not captured."""
        self._client._run(flows.delete(self.id))

    cancel = delete


class Batch(BatchState):
    """Many captures that run later."""

    def __init__(self, client: Client, state: Mapping[str, Any]) -> None:
        super().__init__(state)
        self._client = client

    @property
    def jobs(self) -> list[Job]:
        """The job of each request, in their order."""
        return [Job(self._client, state) for state in self.state.get("jobs", ())]

    def refresh(self) -> Self:
        """Ask for the state."""
        self.state = self._client._run(flows.state_of(self.id))
        return self

    def wait(self, timeout: float | None = None) -> list[Result | CaptureError]:
        """The result or the error of each request. Raises TimeoutError after `timeout` seconds."""
        self.state = self._client._run(flows.finished(self.state, timeout))
        return list(self.results())

    def results(self) -> Iterator[Result | CaptureError]:
        """The result or the error of each request, in their order, each downloaded when it is asked for."""
        for job in self.jobs:
            try:
                yield job.wait()
            except CaptureError as error:
                yield error

    def delete(self) -> None:
        """Delete the batch with its jobs and their results."""
        self._client._run(flows.delete(self.id))

    cancel = delete
