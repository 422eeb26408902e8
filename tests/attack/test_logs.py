"""Secrets that logs and responses never contain, whether a capture succeeds or fails."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from farm import Farm, html
from shoot import Shooter

from stillframe.errors import CaptureError, InternalError

pytestmark = pytest.mark.browser

WORD = "UNSPEAKABLE"


class Everything(logging.Handler):
    """Keeps every record as it could be written: message, extras, traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        extras = {k: str(v) for k, v in vars(record).items() if k not in ("args", "exc_info")}
        self.lines.append(logging.Formatter("%(message)s").format(record) + json.dumps(extras))


@pytest.fixture
def everything() -> Iterator[Everything]:
    handler, root, ours = Everything(), logging.getLogger(), logging.getLogger("stillframe")
    before = ours.level
    # On Lambda's doors the service's logger has handlers of its own and passes nothing up.
    for logger in (root, ours):
        logger.addHandler(handler)
    ours.setLevel(logging.DEBUG)
    yield handler
    ours.setLevel(before)
    for logger in (root, ours):
        logger.removeHandler(handler)


def secrets(**more: Any) -> dict[str, Any]:
    return {
        "custom_headers": {"Authorization": f"Bearer {WORD}", "X-Api-Key": WORD},
        "cookies": [f"session={WORD}"],
        "local_storage": {"token": WORD},
        "custom_js": f"window.x = '{WORD}'",
        "init_js": f"window.y = '{WORD}'",
        "timeout": 8_000,
        **more,
    }


CASES: dict[str, dict[str, Any]] = {
    "success": {"path": "/page"},
    "script_fails": {"path": "/page", "custom_js": f"throw new Error('{WORD}')"},
    "script_does_not_parse": {"path": "/page", "custom_js": f"{WORD} ((("},
    "selector_missing": {"path": "/page", "wait_for_selector": f"#{WORD}", "wait_for_timeout": 500},
    "element_missing": {"path": "/page", "selector": f"#{WORD}", "wait_for_timeout": 500},
    "step_fails": {
        "path": "/page",
        "interactions": [{"action": "type", "selector": "#nothing", "text": WORD, "timeout": 300}],
    },
    "blocked": {"internal": True},
    "refused": {"closed": True},
    "unknown": {"unknown": True},
    "too_late": {"path": "/page", "wait_for_function": f"window.{WORD}", "wait_for_timeout": 500},
}


@pytest.mark.parametrize("name", CASES)
def test_the_log_contains_no_secret_of_the_caller(
    farm: Farm, guarded: Shooter, everything: Everything, name: str
) -> None:
    case = dict(CASES[name])
    farm.serve("/page", html(f"<h1>page</h1><p>{WORD}</p><script>console.error('{WORD}')</script>"))
    host = farm.home.removeprefix("http://")
    if case.pop("internal", False):
        host = f"127.0.0.2:{farm.port}"
    if case.pop("closed", False):
        host = f"attacker.example:{guarded.closed_port}"
    if case.pop("unknown", False):
        host = "no-such-name.example"
    url = f"http://user:{WORD}@{host}{case.pop('path', '/')}?token={WORD}"
    answer = ""
    try:
        guarded.shoot(**secrets(url=url, **case))
    except InternalError:
        raise
    except CaptureError as error:
        answer = f"{error.message} {error.details}"
    logged = [line for line in everything.lines if WORD in line]
    assert logged == []
    # The caller may read back what the caller chose to look for, but no credential and no address with one.
    if name in ("success", "blocked", "refused", "unknown"):
        assert WORD not in answer


def test_the_log_contains_no_html_of_the_caller(farm: Farm, guarded: Shooter, everything: Everything) -> None:
    guarded.shoot(
        html_content=f"<h1>{WORD}</h1><img src='http://127.0.0.2:{farm.port}/{WORD}'>", format="html"
    )
    assert [line for line in everything.lines if WORD in line] == []


def test_the_log_handler_of_this_test_records_the_service(everything: Everything) -> None:
    """The meta-test: a word that is logged is found."""
    logging.getLogger("stillframe").debug("said %s", WORD)
    assert any(WORD in line for line in everything.lines)


def test_a_denial_reveals_no_address(farm: Farm, guarded: Shooter) -> None:
    farm.names = {"internal.example": [("127.0.0.2",)]}
    error = guarded.refused(url=f"http://internal.example:{farm.port}/")
    assert error.code == "destination_blocked"
    assert "127.0.0" not in f"{error.message} {error.details} {error.target}"


def test_a_response_contains_no_credentials_of_a_url(farm: Farm, guarded: Shooter) -> None:
    farm.serve("/page", html("<h1>page</h1>"))
    url = farm.home.replace("http://", f"http://user:{WORD}@") + "/page"
    result = guarded.shoot(url=url, format="html")
    assert WORD not in json.dumps(result.report.to_json())
    assert WORD not in json.dumps(result.to_json())
