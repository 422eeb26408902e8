"""`AsyncClient`: the service from code that runs in an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx
from tenacity import AsyncRetrying

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


class AsyncClient(Connection):
    """A client of the service at `endpoint`, for one event loop.

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
        http: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(endpoint, token, timeout=timeout, retries=retries, signing_secret=signing_secret)
        self._own = http is None
        self._http = http or httpx.AsyncClient()
        self._sleep = asyncio.sleep

    async def capture(
        self, request: Mapping[str, Any] | None = None, /, **options: Unpack[Options]
    ) -> Result:
        """Capture and wait for the result, with its bytes. `request` holds options under any of their names.

        The result is downloaded if the service stored it, except with `response_type="url"`. A capture that
        takes longer than the service's gateway waits becomes a job, and the job is waited for, half an hour
        at most (TimeoutError).
        """
        return await self._run(flows.capture({**(request or {}), **options}))

    async def submit(
        self,
        request: Mapping[str, Any] | None = None,
        /,
        *,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> AsyncJob:
        """Capture later; the same `idempotency_key` is the same job."""
        return AsyncJob(self, await self._run(flows.submit({**(request or {}), **options}, idempotency_key)))

    async def batch(
        self,
        requests: Iterable[Options | Mapping[str, Any]],
        options: Options | Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> AsyncBatch:
        """Submit many captures; `options` are shared by those that do not set them."""
        return AsyncBatch(self, await self._run(flows.batch(requests, options, idempotency_key)))

    async def job(self, id: str) -> AsyncJob:
        """A job that was submitted before."""
        return AsyncJob(self, await self._run(flows.state_of(id)))

    async def validate(
        self, request: Mapping[str, Any] | None = None, /, **options: Unpack[Options]
    ) -> dict[str, Any]:
        """Check options without a capture: `request`, `plan`, `warnings`, `cache_key`, `curl`."""
        given = {**(request or {}), **options}
        return await self._run(flows.answer_of("POST", "/validate", given, names=("warnings",)))

    async def sign(
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
        return link_of(await self._run(asking))

    async def devices(self) -> dict[str, dict[str, Any]]:
        """The names that `device` accepts, with their options."""
        return await self._run(flows.named("devices"))

    async def templates(self) -> dict[str, dict[str, Any]]:
        """The names that `template` accepts, with their options."""
        return await self._run(flows.named("templates"))

    async def version(self) -> dict[str, Any]:
        """The versions of the service and its parts."""
        return await self._run(flows.answer_of("GET", "/version", names=("version",)))

    async def download(self, url: str) -> bytes:
        """The bytes of a stored result, by its link, without the token."""
        return await self._run(flows.download(url))

    async def close(self) -> None:
        """Close the connections."""
        if self._own:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, flow: Flow[T]) -> T:
        answer: httpx.Response | None = None
        try:
            while True:
                step = flow.send(answer)
                answer = None
                if isinstance(step, Pause):
                    await self._sleep(step.seconds)
                else:
                    answer = await self._answer(step)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _answer(self, ask: Ask) -> httpx.Response:
        retrying = AsyncRetrying(sleep=self._sleep, **self.retries.arguments())
        return await retrying(self._exchange, ask)

    async def _exchange(self, ask: Ask) -> httpx.Response:
        try:
            return checked(await self._http.send(self.written(ask, self._http), **self.sending(ask)))
        except httpx.TransportError as error:
            raise self.lost(error, ask) from error


class AsyncJob(JobState):
    """A capture that runs later."""

    def __init__(self, client: AsyncClient, state: Mapping[str, Any]) -> None:
        super().__init__(state)
        self._client = client

    async def refresh(self) -> Self:
        """Ask for the state."""
        self.state = await self._client._run(flows.state_of(self.id))
        return self

    async def wait(self, timeout: float | None = None) -> Result:
        """The result once it is there. Raises the job's error, or TimeoutError after `timeout` seconds."""
        self.state = await self._client._run(flows.finished(self.state, timeout))
        return await self._client._run(flows.result_of(self.state))

    async def delete(self) -> None:
        """Delete the job and its result; if it is still queued, it is not captured."""
        await self._client._run(flows.delete(self.id))

    cancel = delete


class AsyncBatch(BatchState):
    """Many captures that run later."""

    def __init__(self, client: AsyncClient, state: Mapping[str, Any]) -> None:
        super().__init__(state)
        self._client = client

    @property
    def jobs(self) -> list[AsyncJob]:
        """The job of each request, in their order."""
        return [AsyncJob(self._client, state) for state in self.state.get("jobs", ())]

    async def refresh(self) -> Self:
        """Ask for the state."""
        self.state = await self._client._run(flows.state_of(self.id))
        return self

    async def wait(self, timeout: float | None = None) -> list[Result | CaptureError]:
        """The result or the error of each request. Raises TimeoutError after `timeout` seconds."""
        self.state = await self._client._run(flows.finished(self.state, timeout))
        return [one async for one in self.results()]

    async def results(self) -> AsyncIterator[Result | CaptureError]:
        """The result or the error of each request, in their order, each downloaded when it is asked for."""
        for job in self.jobs:
            try:
                yield await job.wait()
            except CaptureError as error:
                yield error

    async def delete(self) -> None:
        """Delete the batch with its jobs and their results."""
        await self._client._run(flows.delete(self.id))

    cancel = delete
