"""Content-Security-Policies that forbid every script of a page."""

from __future__ import annotations

import pytest

from stillframe.browser.checked_out_page import forbids_scripts


@pytest.mark.parametrize(
    "policy",
    [
        "sandbox",
        "default-src 'none'; sandbox",
        "SANDBOX allow-forms allow-same-origin;",
        "default-src 'self', sandbox allow-popups",
        "script-src 'self'\nsandbox",
    ],
)
def test_a_sandbox_without_scripts_forbids_them(policy: str) -> None:
    assert forbids_scripts(policy)


@pytest.mark.parametrize(
    "policy",
    ["", "default-src 'none'", "sandbox allow-scripts", "sandbox allow-forms Allow-Scripts", "x-sandbox; a"],
)
def test_other_policies_do_not(policy: str) -> None:
    assert not forbids_scripts(policy)
