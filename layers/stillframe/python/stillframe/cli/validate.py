"""`stillframe validate`: check the options of a capture, or every row of a manifest, and capture nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from ..errors import RequestNotValid
from . import hints, service
from .batch import Rows
from .capture import request_of
from .exits import Exit
from .options import RowsCommand, flags

Check = Callable[[dict[str, Any]], dict[str, Any]]
_SHOWN_FAILURES = 20
_MANIFESTS = (".csv", ".jsonl", ".ndjson", ".json", ".yaml", ".yml")


@click.command(cls=RowsCommand)
@click.argument("source", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@service.options
@flags
def validate(
    source: str | None, as_json: bool, endpoint: str | None, token: str | None, **options: Any
) -> int:
    """Check the options of a capture of SOURCE, or every row of SOURCE if it is a CSV, JSON Lines, JSON or
    YAML file.

    It prints what the capture would do, and warns of options that cannot do what they say. The exit code is
    2 when something is not valid.
    """
    if source is not None and Path(source).suffix.lower() in _MANIFESTS and "://" not in source:
        with _checker(endpoint, token) as check:
            return _rows(source, options, check, as_json=as_json)
    request = request_of(source, options, remote=bool(endpoint))
    try:
        with _checker(endpoint, token) as check:
            findings = check(request)
    except RequestNotValid as error:
        raise click.UsageError(hints.as_flags(error)) from None
    if as_json:
        click.echo(json.dumps(findings, ensure_ascii=False, indent=2))
        return Exit.DONE
    plan = findings["plan"]
    formats = ", ".join(plan["formats"])
    click.echo(f"valid: {formats}, {plan['wait_until']}, within {plan['seconds']:g} s")
    for warning in findings["warnings"]:
        click.echo(f"warning: {warning}", err=True)
    return Exit.DONE


@contextmanager
def _checker(endpoint: str | None, token: str | None) -> Iterator[Check]:
    """What checks a request: the service of `--endpoint`, else this machine. It raises RequestNotValid."""
    if endpoint:
        with service.asked(endpoint, token) as connection:
            yield connection.validate
    else:
        yield _plan


def _plan(options: dict[str, Any]) -> dict[str, Any]:
    from ..doors import CLI
    from ..request import advice, parse
    from ..service import seconds_of
    from ..settings import settings

    request = parse(options)
    seconds = seconds_of(request, CLI, settings())
    return {
        "request": request.canonical(),
        "plan": advice.plan(request, seconds),
        "warnings": advice.traps(request, seconds),
    }


def _rows(
    source: str,
    options: dict[str, Any],
    check: Check,
    *,
    as_json: bool,
) -> int:
    rows = Rows(source, None, options)
    rows.count()
    faults: list[dict[str, Any]] = []
    total = 0
    for row in rows:
        total += 1
        try:
            if row.error is not None:
                raise row.error
            check(row.request)
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
