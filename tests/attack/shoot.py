"""The whole service with a chosen policy and resolver, as the attacker uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from farm import Farm
from servers import free_port

from stillframe import service
from stillframe.browser.runtime import Runtime
from stillframe.doors import LOCAL
from stillframe.egress import EgressGuard, EgressPolicy, Policy, Verdict
from stillframe.errors import CaptureError
from stillframe.request import parse
from stillframe.result import CaptureResult
from stillframe.settings import Settings


class AllowAll:
    """The predicate switched off, which only a constructor call can do."""

    def decide(self, host: str, port: int, addresses: Sequence[str]) -> Verdict:
        return Verdict(True, addresses=tuple(addresses))


class Shooter:
    """One runtime with its browser; captures run as they do behind every door."""

    def __init__(self, farm: Farm, policy: Policy | None = None, **settings: Any) -> None:
        self.closed_port = free_port()
        allow = f"127.0.0.1:{farm.site.port},127.0.0.1:{self.closed_port}"
        chosen = policy or EgressPolicy.from_settings(allow, "", {})
        guard = EgressGuard(chosen, farm.resolve).start()
        self.runtime = Runtime(Settings(**({"workers": 1} | settings)), guard)

    def shoot(self, **request: Any) -> CaptureResult:
        request.setdefault("timeout", 20_000)
        return self.runtime.run(service.capture(parse(request), LOCAL, browser=self.runtime))

    def refused(self, **request: Any) -> CaptureError:
        """The error of a capture that must not succeed."""
        try:
            result = self.shoot(**request)
        except CaptureError as error:
            return error
        raise AssertionError(f"captured {len(result.artifact.data)} bytes of {request.get('url')}")

    def shown(self, **request: Any) -> bytes:
        """The result for the caller: the artifact, or the text of an expected error."""
        try:
            return self.shoot(**request).artifact.data
        except CaptureError as error:
            if error.code not in ("destination_blocked", "not_renderable"):
                raise
            return f"{error.message} {error.details}".encode()

    def close(self) -> None:
        self.runtime.run(self.runtime.close())
