"""Messages of the queue, written and read."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.jobs import messages
from stillframe.jobs.messages import Capture, CaptureItem, DeliverWebhook

MESSAGES = [
    Capture("a", {"url": "x"}),
    Capture("a", request_key="k"),
    DeliverWebhook("a"),
    DeliverWebhook("a", 3),
    CaptureItem("p/ü +.json", {}),
]


@pytest.mark.parametrize("message", MESSAGES, ids=str)
def test_a_message_comes_back_as_it_went(message: Any) -> None:
    assert messages.read(messages.write(message), "id") == message


def test_a_bare_request_is_a_job_named_after_its_message() -> None:
    assert messages.read('{"url": "x"}', "m-1") == Capture("m-1", {"url": "x"})
