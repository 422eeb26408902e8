"""The table of the end-to-end tests has a row for every option."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from stillframe.request import CaptureRequest

E2E = Path(__file__).parents[1] / "e2e"

# Other test modules prove these options, because they act on the response and not on the page.
ELSEWHERE = {
    "response_type",
    "filename",
    "store",
    "presign_ttl",
    "metadata",
    "async_",
    "webhook_url",
    "external_id",
    "cache",
    "cache_ttl",
    "cache_key",
    "cache_mode",
    "proxy",
    "s3_uri",
    "debug",
}


def test_every_option_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(E2E)
    for module in (
        "cases_agents",
        "cases_document",
        "cases_page",
        "cases_picture",
        "cases_print",
        "cases_shape",
        "cases_supplied",
        "cases_verdict",
        "cases_wire",
        "cases_worlds",
    ):
        importlib.import_module(module)  # fills the table
    cases = importlib.import_module("cases")
    covered = {name for case in cases.TABLE for name in case.options} | set(cases.SMALL)
    assert set(CaptureRequest.model_fields) - covered - ELSEWHERE == set()
