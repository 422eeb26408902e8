"""No tracing where nobody asks for it; tests/integration/test_tracing.py has the traces."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(("disabled", "loaded"), [("true", False), (None, False), ("false", True)])
def test_the_tracer_is_loaded_only_when_the_template_asks_for_it(
    monkeypatch: pytest.MonkeyPatch, disabled: str | None, loaded: bool
) -> None:
    monkeypatch.delenv("POWERTOOLS_TRACE_DISABLED", raising=False)
    if disabled:
        monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", disabled)
    code = (
        "import sys; from stillframe import aws; aws.start();"
        " print('stillframe.telemetry.xray' in sys.modules, 'aws_xray_sdk' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == [str(loaded)] * 2
