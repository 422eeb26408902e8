"""`stillframe doctor`: what is wrong on this machine, and how to mend it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import click

from . import checks, service, service_checks
from .checks import Found
from .exits import Exit

_MARKS = {"ok": "ok  ", "warning": "warn", "fault": "FAIL"}

CHECKS: tuple[Callable[[], Iterator[Found]], ...] = (
    checks.packages,
    service_checks.settings,
    checks.chromium,
    checks.fonts,
    checks.memory,
    checks.shared_memory,
    checks.temporary_files,
    service_checks.credentials,
    service_checks.ports,
)
# Without these there is no use in a trial capture.
_NEEDED = ("packages", "settings", "chromium")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--no-capture", is_flag=True, help="Do not start the browser for a trial capture.")
@service.options
def doctor(as_json: bool, no_capture: bool, endpoint: str | None, token: str | None) -> int:
    """Check packages, settings, Chromium, fonts, memory, /dev/shm, temporary files, credentials and ports;
    with --endpoint that the service answers and knows the token.

    Each finding that is not ok comes with what mends it. The exit code is 1 when there is a fault; a warning
    is no fault.
    """
    found: list[Found] = []
    for check in () if endpoint else CHECKS:
        found += check()
    if endpoint:
        found += service_checks.endpoint(endpoint, token)
    hopeless = any(f.state == "fault" and f.subject in _NEEDED for f in found)
    if not no_capture and not hopeless and not endpoint:
        found += checks.trial_capture()
    faults = sum(f.state == "fault" for f in found)
    if as_json:
        click.echo(json.dumps({"ok": not faults, "findings": [f.to_json() for f in found]}, indent=2))
    else:
        for f in found:
            click.echo(f"{_MARKS[f.state]}  {f.subject}: {f.message}{f'; {f.fix}' if f.fix else ''}")
        warnings = sum(f.state == "warning" for f in found)
        click.echo(f"{len(found)} checks, {faults} faults, {warnings} warnings")
    return Exit.FAILED if faults else Exit.DONE
