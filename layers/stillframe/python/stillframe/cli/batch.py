"""`stillframe batch`: capture every row of a manifest on this machine."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ..batch import manifest
from ..batch.results_log import InUse, ResultsLog
from ..errors import RequestNotValid
from .options import flags, pairs

# A larger manifest is not read twice only to show a total in the progress bar.
_COUNTED_BYTES = 50_000_000


@click.command()
@click.argument("source", metavar="MANIFEST", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-d",
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory for the captures and results.jsonl; named after the manifest by default.",
)
@click.option(
    "--at-once",
    type=click.IntRange(1, 32),
    help="Number of captures that run at once; WORKERS or the number of CPUs by default.",
)
@click.option(
    "--tries",
    type=click.IntRange(1, 10),
    default=2,
    show_default=True,
    help="Attempts for a row that fails with a retryable error.",
)
@click.option("--retry-failed", is_flag=True, help="Retry rows that failed in an earlier run.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on standard output.")
@flags
def batch(
    source: Path,
    directory: Path | None,
    at_once: int | None,
    tries: int,
    retry_failed: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Capture every row of MANIFEST: a CSV with option names as header, JSON Lines, or a JSON list.

    Flags are the defaults for all rows. The same command resumes an interrupted run.

    \b
    Exit codes: 0 every row is captured, 1 some rows failed (see results.jsonl), 2 the manifest cannot be
    read, 130 interrupted.
    """
    from ..request import from_strings

    try:
        shared = from_strings(pairs(options))
        total = sum(1 for _ in _rows(source, shared)) if source.stat().st_size < _COUNTED_BYTES else None
    except (RequestNotValid, UnicodeDecodeError) as error:
        raise click.UsageError(str(error)) from None
    try:
        with ResultsLog(directory or source.with_suffix("").with_name(f"{source.stem}-captures")) as log:
            summary = asyncio.run(_run(log, _rows(source, shared), total, at_once, tries, retry_failed))
    except InUse as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        click.echo("interrupted; run the same command to resume", err=True)
        sys.exit(130)
    _report(summary, as_json)
    sys.exit(1 if summary["failed"] else 0)


def _rows(source: Path, shared: dict[str, Any]) -> Iterator[manifest.Row]:
    with source.open(encoding="utf-8", newline="") as lines:
        yield from manifest.read(lines, source.name, shared)


async def _run(
    log: ResultsLog,
    rows: Iterator[manifest.Row],
    total: int | None,
    at_once: int | None,
    tries: int,
    failed_again: bool,
) -> dict[str, Any]:
    from tqdm import tqdm

    from ..batch.runner import BatchRun
    from ..browser.runtime import runtime

    bulk = BatchRun(log, at_once or runtime.slot_count(), tries, failed_again)
    try:
        # `disable=None` hides the bar if the output is not a terminal.
        with tqdm(total=total, unit="row", disable=None) as bar:
            await bulk.run(rows, lambda: bar.update())
    finally:
        await runtime.arun(runtime.close())
    return {
        "rows": bulk.done + bulk.failed + bulk.skipped,
        "captured": bulk.done,
        "skipped": bulk.skipped,
        **log.counts(),
        "codes": dict(Counter(log.codes())),
        "directory": str(log.directory),
    }


def _report(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(summary))
        return
    codes = ", ".join(f"{code} × {count}" for code, count in sorted(summary["codes"].items()))
    click.echo(
        f"{summary['rows']} rows: {summary['done']} captured ({summary['captured']} in this run), "
        f"{summary['failed']} failed{f' ({codes})' if codes else ''}; {summary['directory']}/results.jsonl",
        err=True,
    )
