"""`stillframe batch`: capture every row of a manifest, on this machine or by a deployed service."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..batch import manifest
from ..batch.results_log import InUse, NotOurs, ResultsLog
from ..errors import RequestNotValid
from . import hints, outfiles, service, sources
from .exits import Exit, Failure, say
from .options import RowsCommand, flags, pairs

if TYPE_CHECKING:
    from ..batch.runner import BatchRun

# A larger manifest is not read twice only to show a total in the progress bar.
_COUNTED_BYTES = 50_000_000
_SHOWN_FAILURES = 5


@click.command(cls=RowsCommand)
@click.argument("source", metavar="MANIFEST")
@click.option("-d", "--directory", help="Folder for the captures and results.jsonl; named after MANIFEST.")
@click.option("--at-once", type=click.IntRange(1, 32), help="Captures at once; WORKERS or the CPUs.")
@click.option("--tries", type=click.IntRange(1, 10), default=2, show_default=True, help="Attempts for a row.")
@click.option("--retry-failed", is_flag=True, help="Retry rows that failed in an earlier run.")
@click.option(
    "--manifest-format",
    type=click.Choice(manifest.ENDINGS),
    help="Format of MANIFEST, if its name does not end in it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--allow", multiple=True, metavar="HOST[:PORT]", help="Let pages reach an internal host.")
@service.options
@flags
def batch(
    source: str,
    directory: str | None,
    at_once: int | None,
    tries: int,
    retry_failed: bool,
    manifest_format: str | None,
    as_json: bool,
    allow: tuple[str, ...],
    endpoint: str | None,
    token: str | None,
    **options: Any,
) -> int:
    """Capture every row of MANIFEST: a CSV with option names as header, JSON Lines, JSON or YAML with a list
    of requests, a text file with a URL in each line, or - for standard input.

    The options of a capture are the defaults of every row; --help-all lists them. The same command resumes a
    run that was interrupted. The exit code is 1 when rows failed; results.jsonl tells why.
    """
    service.refuse_allow(endpoint, allow)
    rows = Rows(source, manifest_format, options)
    total = rows.count()
    connection = service.asynchronous(endpoint, token, tries - 1) if endpoint else None
    sources.allow(allow)
    try:
        with ResultsLog(_directory(source, directory)) as log:
            if connection is not None:
                from .served_batch import ServedRun

                run: BatchRun = ServedRun(log, at_once or 4, tries, retry_failed, client=connection)
                closing = connection.close
            else:
                from ..batch.runner import BatchRun
                from ..browser.runtime import runtime

                run = BatchRun(log, at_once or runtime.slot_count(), tries, retry_failed)
                closing = _close_browser
            summary = asyncio.run(_run(run, rows, total, closing))
            failures = log.failures()
    except InUse as error:
        raise Failure(f"{error}; wait for it, or name another folder with -d") from None
    except NotOurs as error:
        raise click.UsageError(f"{error}; name another folder with -d") from None
    except KeyboardInterrupt:
        say("interrupted; run the same command to resume")
        return Exit.INTERRUPTED
    if as_json:
        click.echo(json.dumps(summary))
    else:
        _tell(summary, failures, remote=bool(endpoint))
    return Exit.FAILED if summary["failed"] else Exit.DONE


class Rows:
    """The rows of a manifest, with the flags as their defaults. Raises UsageError with the line."""

    def __init__(self, source: str, format: str | None, options: dict[str, Any]) -> None:
        from ..request import from_strings
        from ..settings import Settings

        Settings.from_env()  # a variable that is not valid ends the command here
        try:
            self.shared = from_strings(pairs(options))
        except RequestNotValid as error:
            raise click.UsageError(hints.as_flags(error)) from None
        self.path = None if source == sources.STDIN else sources.readable(Path(source))
        self.name = Path(source).name if self.path else "standard input"
        ending = Path(self.name).suffix.lower().lstrip(".")
        if format is None and self.path is None:
            format = "txt"
        if format is None and ending not in manifest.ENDINGS:
            known = ", ".join(f".{e}" for e in manifest.ENDINGS)
            raise click.UsageError(
                f"{source}: a manifest ends in {known}; else name it with --manifest-format"
            )
        self.format = format or ending
        self.text = "" if self.path else _decoded(sys.stdin.buffer.read(), self.name)
        if self.path is not None:
            _check_encoding(self.path)

    def __iter__(self) -> Iterator[manifest.Row]:
        named = self.name if self.name.lower().endswith(f".{self.format}") else f"{self.name}.{self.format}"
        if self.path is None:
            yield from manifest.read(io.StringIO(self.text, newline=""), named, self.shared)
            return
        with self.path.open(encoding=_encoding(self.path), newline="") as lines:
            yield from manifest.read(lines, named, self.shared)

    def count(self) -> int | None:
        """The number of rows; None for a large file. Raises UsageError for what cannot be read at all."""
        if self.path is not None and self.path.stat().st_size >= _COUNTED_BYTES:
            return None
        try:
            return sum(1 for _ in self)
        except RequestNotValid as error:
            raise click.UsageError(error.message.rstrip(".")) from None


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        return "utf-16" if file.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8"


def _check_encoding(path: Path) -> None:
    if _encoding(path) == "utf-8":
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                _decoded(line, f"{path.name}, line {number}")


def _decoded(data: bytes, where: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise click.UsageError(f"{where}: the text is not UTF-8; save the file as UTF-8") from None


def _directory(source: str, directory: str | None) -> Path:
    """The folder of the results, which can be made and written. Raises UsageError."""
    if directory is not None:
        path = Path(directory)
    elif source == sources.STDIN:
        path = Path("captures")
    else:
        path = Path(source).with_suffix("").with_name(f"{Path(source).stem}-captures")
    existing = path
    while not existing.exists():
        existing = existing.parent
    outfiles.checked_folder(existing, "-d")
    return path


async def _close_browser() -> None:
    from ..browser.runtime import runtime

    await runtime.arun(runtime.close())


async def _run(
    run: BatchRun, rows: Rows, total: int | None, close: Callable[[], Awaitable[object]]
) -> dict[str, Any]:
    from tqdm import tqdm

    try:
        # `disable=None` hides the bar if the output is not a terminal.
        with tqdm(total=total, unit="row", disable=None) as bar:
            await run.run(iter(rows), lambda: bar.update())
    finally:
        await close()
    return {
        "rows": run.done + run.failed + run.skipped,
        "captured": run.done,
        "skipped": run.skipped,
        **run.results.counts(),
        "codes": dict(Counter(run.results.codes())),
        "directory": str(run.results.directory),
    }


def _tell(summary: dict[str, Any], failures: list[dict[str, Any]], *, remote: bool) -> None:
    for entry in failures[:_SHOWN_FAILURES]:
        click.echo(f"row {entry['row']}: {entry['code']}: {entry['message']}", err=True)
    if len(failures) > _SHOWN_FAILURES:
        click.echo(f"and {len(failures) - _SHOWN_FAILURES} more", err=True)
    for code in sorted(summary["codes"]):
        if hint := hints.for_rows(code, remote=remote):
            click.echo(f"{code}: {hint}", err=True)
    codes = ", ".join(f"{code} × {count}" for code, count in sorted(summary["codes"].items()))
    click.echo(
        f"{summary['rows']} rows: {summary['done']} captured ({summary['captured']} in this run), "
        f"{summary['failed']} failed{f' ({codes})' if codes else ''}; {summary['directory']}/results.jsonl",
        err=True,
    )
