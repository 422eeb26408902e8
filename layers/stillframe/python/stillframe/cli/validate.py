"""`stillframe validate`: check the options of a capture, or every row of a manifest, and capture nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..errors import RequestNotValid
from . import hints
from .batch import Rows
from .capture import request_of
from .exits import Exit
from .options import RowsCommand, flags

_SHOWN_FAILURES = 20
_MANIFESTS = (".csv", ".jsonl", ".ndjson", ".json", ".yaml", ".yml")


@click.command(cls=RowsCommand)
@click.argument("source", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@flags
def validate(source: str | None, as_json: bool, **options: Any) -> int:
    """Check the options of a capture of SOURCE, or every row of SOURCE if it is a CSV, JSON Lines, JSON or
    YAML file.

    It prints what the capture would do, and warns of options that cannot do what they say. The exit code is
    2 when something is not valid.
    """
    if source is not None and Path(source).suffix.lower() in _MANIFESTS and "://" not in source:
        return _rows(source, options, as_json=as_json)
    request = request_of(source, options)
    from ..request import parse

    try:
        findings = _plan(parse(request))
    except RequestNotValid as error:
        raise click.UsageError(hints.as_flags(error, request)) from None
    if as_json:
        click.echo(json.dumps(findings, ensure_ascii=False, indent=2))
        return Exit.DONE
    plan = findings["plan"]
    formats = ", ".join(plan["formats"])
    click.echo(f"valid: {formats}, {plan['wait_until']}, within {plan['seconds']:g} s")
    for warning in findings["warnings"]:
        click.echo(f"warning: {warning}", err=True)
    return Exit.DONE


def _plan(request: Any) -> dict[str, Any]:
    from .. import service
    from ..doors import CLI
    from ..request import advice
    from ..settings import settings

    seconds = service.seconds_of(request, CLI, settings())
    return {
        "request": request.canonical(),
        "plan": advice.plan(request, seconds),
        "warnings": advice.traps(request, seconds),
    }


def _rows(source: str, options: dict[str, Any], *, as_json: bool) -> int:
    from ..request import parse

    rows = Rows(source, None, options)
    rows.count()
    faults: list[dict[str, Any]] = []
    total = 0
    for row in rows:
        total += 1
        try:
            if row.error is not None:
                raise row.error
            parse(row.request)
        except RequestNotValid as error:
            faults.append({"row": row.number, "message": error.message})
    if as_json:
        summary = {"rows": total, "not_valid": len(faults), "faults": faults}
        click.echo(json.dumps(summary, ensure_ascii=False, indent=2))
    else:
        for fault in faults[:_SHOWN_FAILURES]:
            click.echo(f"row {fault['row']}: {fault['message']}", err=True)
        click.echo(f"{total} rows, {len(faults)} not valid")
    return Exit.NOT_VALID if faults else Exit.DONE
