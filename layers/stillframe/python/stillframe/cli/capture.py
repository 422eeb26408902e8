"""`stillframe capture`: one capture, on this machine or by a deployed service."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from ..errors import CaptureError, RequestNotValid
from ..result import CaptureResult
from . import hints, outfiles, service, sources
from .exits import exit_code, say
from .options import CaptureCommand, flags, pairs


@click.command(cls=CaptureCommand)
@click.argument("source", required=False)
@click.option(
    "-o",
    "--out",
    multiple=True,
    metavar="FILE",
    help="File, folder or - (standard output); may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--allow", multiple=True, metavar="HOST[:PORT]", help="Let the page reach an internal host.")
@service.options
@flags
def capture(
    source: str | None,
    out: tuple[str, ...],
    as_json: bool,
    allow: tuple[str, ...],
    endpoint: str | None,
    token: str | None,
    **options: Any,
) -> int:
    """Capture SOURCE: a URL, a local file with the files beside and below it, a folder with an index.html,
    a zip archive, or - for HTML from standard input.
    """
    service.refuse_allow(endpoint, allow)
    request = request_of(source, options, remote=bool(endpoint))
    files = outfiles.plan(out, source, request)
    try:
        result = captured(request, endpoint, token, allow)
    except CaptureError as error:
        _tell_error(error, request, as_json=as_json, remote=bool(endpoint))
        if error.bundle is not None:
            _write(_bundle_path(files, None), error.bundle, "debug")
        return exit_code(error)
    written = _deliver(result, files)
    if as_json:
        body = result.to_json(inline=False) | {
            "path": written[0] if written else None,
            "paths": written,
        }
        click.echo(json.dumps(body, ensure_ascii=False, indent=2), err=files.to_stdout)
    return 0


def captured(
    request: dict[str, Any], endpoint: str | None, token: str | None, allow: tuple[str, ...]
) -> CaptureResult:
    """Capture by the service of `--endpoint`, else on this machine. Raises CaptureError."""
    if endpoint:
        return service.capture(endpoint, token, request)
    from . import local

    sources.allow(allow)
    sources.allow_target(request.get("url") or request.get("base_url"))
    return local.capture(request)


def request_of(source: str | None, options: dict[str, Any], *, remote: bool = False) -> dict[str, Any]:
    """The request of SOURCE and flags; with `remote` for a service. Raises UsageError."""
    from ..request import from_strings
    from ..settings import Settings

    Settings.from_env()  # a variable that is not valid ends the command here
    try:
        request = from_strings(pairs(options))
    except RequestNotValid as error:
        raise click.UsageError(hints.as_flags(error)) from None
    if source is not None:
        request |= sources.read(source, remote=remote)
    elif not any(name in request for name in ("html_content", "markdown", "archive")):
        raise click.UsageError("SOURCE is missing; give a URL, a file, a folder, or - for standard input")
    return request


def _deliver(result: CaptureResult, files: outfiles.Outfiles) -> list[str]:
    """Write the result, tell about it, and return the names of its files."""
    written = []
    if files.to_stdout:
        sys.stdout.buffer.write(result.artifact.data)
        sys.stdout.buffer.flush()
    else:
        parts = result.parts or [result]
        for index, (path, data) in enumerate(files.paths(result)):
            artifact = parts[index].artifact if len(parts) > index else result.artifact
            size = f"{artifact.width}×{artifact.height}, " if artifact.width else ""
            seconds = result.report.timings.get("total", 0) / 1000
            _write(path, data, f"{artifact.format}, {size}{_bytes(len(data))}, {seconds:.1f} s")
            written.append(str(path))
        if result.bundle is not None:
            _write(_bundle_path(files, written[0]), result.bundle, "debug")
    if result.bundle is None and (stored := result.report.facts.get("debug")):
        # A service keeps the bundle beside its results.
        click.echo(f"debug: {stored['url']}", err=True)
    for finding in result.report.verdict.findings:
        click.echo(f"{finding.severity}: {finding.code}: {finding.message}", err=True)
    return written


def _write(path: Path, data: bytes, facts: str) -> None:
    path.write_bytes(data)
    click.echo(f"{path} ({facts})", err=True)


def _bundle_path(files: outfiles.Outfiles, written: str | None) -> Path:
    """The debug bundle lies beside the result."""
    beside = Path(written) if written else files.files[0] if files.files else files.folder / "capture.png"
    return beside.with_suffix(".debug.html")


def _bytes(count: int) -> str:
    for unit, size in (("MB", 1_000_000), ("kB", 1000)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def _tell_error(error: CaptureError, given: dict[str, Any], *, as_json: bool, remote: bool) -> None:
    if isinstance(error, RequestNotValid):
        say(f"{error.code}: {hints.as_flags(error)}")
    else:
        say(hints.told(error, remote=remote))
    if as_json:
        from ..error_body import error_body

        click.echo(json.dumps(error_body(error, ""), ensure_ascii=False, indent=2))
