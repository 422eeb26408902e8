"""Time kept for storing, and what the log tells of a capture that failed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from stillframe import service
from stillframe.deadline import Deadline
from stillframe.doors import HTTP_API
from stillframe.errors import DeadlineExceeded, DestinationBlocked
from stillframe.request import parse
from stillframe.settings import Settings

URL = {"url": "https://example.com/"}


def test_a_result_can_be_stored_after_a_late_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_MIN_STORAGE_SECONDS", 0.01)
    late = service._with_storage_time(Deadline(time.monotonic() - 1))
    with pytest.raises(DeadlineExceeded) as caught:
        asyncio.run(late.run(asyncio.sleep(60), "store"))
    assert caught.value.phase == "store"
    deadline = Deadline(time.monotonic() + 60)
    assert service._before_storing(parse(URL), deadline) is deadline
    assert deadline.at - service._before_storing(parse(URL | {"store": True}), deadline).at == pytest.approx(
        1, abs=0.1
    )


def test_the_log_names_the_caller_of_a_capture_that_failed(
    configure: Callable[..., Settings], caplog: pytest.LogCaptureFixture
) -> None:
    configure(TARGET_ALLOW="other.example")
    with caplog.at_level("INFO", "stillframe"), pytest.raises(DestinationBlocked):
        asyncio.run(service.capture(parse(URL), HTTP_API, request_id="r", caller="name:billing"))
    (line,) = [record for record in caplog.records if record.message == "capture failed"]
    assert vars(line)["caller"] == "name:billing"
