"""`stillframe capture`: one capture on this machine, without AWS."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import click

from ..errors import CaptureError, DeadlineExceeded, PageError, RequestError, ServiceError, TargetUnreachable
from ..outputs import format_of_suffix
from ..page.files import MOUNTS, PAGES, Folder, page_among
from ..result import CaptureResult
from ..urls import origin_of
from .options import flags, pairs

# Suffixes of local files; a SOURCE with another one is a file only when it has a folder in front.
_FILES = (*PAGES, ".xml", ".json", ".txt", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")
# Exit codes for scripts; 0 is success, 1 any other error.
EXIT = ((RequestError, 2), (PageError, 3), (TargetUnreachable, 4), (DeadlineExceeded, 5), (ServiceError, 6))


@click.command()
@click.argument("source", required=False)
@click.option("-o", "--out", help="File to write, or - for standard output; named after SOURCE by default.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON to standard output.")
@flags
def capture(source: str | None, out: str | None, as_json: bool, **options: Any) -> None:
    """Capture SOURCE: a URL (https:// is added if the scheme is missing), an HTML, Markdown or other file
    that browsers show, with the files beside and below it, a folder with an index.html, or a zip archive.

    \b
    Exit codes: 2 the request is not valid, 3 the page cannot satisfy it, 4 the target is unreachable,
    5 the deadline was exceeded, 6 the service failed.
    """
    request = _request(source, out, options)
    _allow_target(request.get("url") or request.get("base_url"))
    try:
        result = asyncio.run(_capture(request))
    except CaptureError as error:
        click.echo(f"stillframe: {error.code}: {error.message}", err=True)
        _write_bundle(error.bundle, Path(out) if out and out != "-" else _free_name(source, "png"))
        sys.exit(next((code for kind, code in EXIT if isinstance(error, kind)), 1))
    data = result.artifact.data
    if out == "-":
        sys.stdout.buffer.write(data)
    else:
        path = Path(out) if out else _free_name(source, result.artifact.extension)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        size = f"{result.artifact.width}×{result.artifact.height}, " if result.artifact.width else ""
        click.echo(f"{path} ({size}{len(data):,} bytes, {result.report.timings['total']:.0f} ms)", err=True)
    if out != "-":
        _write_bundle(result.bundle, path)
    for finding in result.report.verdict.findings:
        click.echo(f"{finding.severity}: {finding.code}: {finding.message}", err=True)
    if as_json:
        body = result.to_json(inline=False) | {"path": None if out == "-" else str(path)}
        click.echo(json.dumps(body, ensure_ascii=False, indent=2), err=out == "-")


def _write_bundle(bundle: bytes | None, path: Path) -> None:
    """Write the debug bundle next to the result's file."""
    if bundle is not None:
        beside = path.with_suffix(".debug.html")
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(bundle)
        click.echo(f"{beside} ({len(bundle):,} bytes)", err=True)


async def _capture(request: dict[str, Any]) -> CaptureResult:
    from .. import service
    from ..browser.runtime import runtime
    from ..doors import CLI
    from ..request import parse

    try:
        return await service.capture(parse(request), CLI, caller="cli")
    finally:
        await runtime.arun(runtime.close())


def _request(source: str | None, out: str | None, options: dict[str, Any]) -> dict[str, Any]:
    from ..errors import RequestNotValid
    from ..request import from_strings

    try:
        request = from_strings(pairs(options))
    except RequestNotValid as error:
        raise click.UsageError(error.message) from None
    if source is not None:
        request |= _source(source)
    if "format" not in request and "outputs" not in request and out and out != "-":
        format = format_of_suffix(Path(out).suffix.lstrip("."))
        if format is not None:
            request["format"] = format
    return request


def _source(source: str) -> dict[str, Any]:
    """A local file or folder, or a URL with its scheme. Raises UsageError."""
    is_file_url = source.lower().startswith("file://")
    path = Path(unquote(urlsplit(source).path) if is_file_url else source)
    has_suffix = path.suffix.lower() in (*_FILES, ".zip")
    if path.is_dir() or (path.is_file() and (has_suffix or path.name != source)):
        return _local(path)
    if re.match(r"^[A-Za-z][A-Za-z0-9+.-]*://", source) and not is_file_url:
        return {"url": source}
    host = source.split("/", 1)[0].rsplit(":", 1)[0]
    local = host in ("localhost", "[::1]") or host.startswith("127.") or host.endswith(".localhost")
    is_name = has_suffix and not local and (path.name == source or "." not in host)
    if is_file_url or is_name:
        raise click.UsageError(f"There is no file {path}.")
    return {"url": f"{'http' if local else 'https'}://{source}"}


def _local(path: Path) -> dict[str, Any]:
    """The request for a file with the files beside and below it, for a folder, or for a zip archive."""
    if path.suffix.lower() == ".zip" and path.is_file():
        return {"archive": base64.b64encode(path.read_bytes()).decode("ascii")}
    folder = Folder(path if path.is_dir() else path.parent)
    try:
        page = page_among(folder, None if path.is_dir() else path.name)
    except ValueError as error:
        raise click.UsageError(f"{path}: {error}.") from None
    origin = f"http://{secrets.token_hex(8)}.localhost"
    MOUNTS[origin] = folder
    return {"url": f"{origin}/{quote(page)}"}


def _allow_target(url: str | None) -> None:
    """Add the target to EGRESS_ALLOW, so that users can capture a server on their own machine."""
    parts = urlsplit(url or "")
    if not parts.hostname or origin_of(url or "") in MOUNTS:
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    allowed = os.environ.get("EGRESS_ALLOW", "")
    os.environ["EGRESS_ALLOW"] = ",".join(filter(None, (allowed, f"{host}:{port}")))


def _free_name(source: str | None, extension: str) -> Path:
    """`example-com-docs.png`, then `example-com-docs-2.png`."""
    bare = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://", "", source or "capture").split("?", 1)[0].split("#", 1)[0]
    if source and Path(source).exists():
        bare = Path(source).resolve().stem
    slug = re.sub(r"[^A-Za-z0-9]+", "-", bare).strip("-").lower()[:100] or "capture"
    path, count = Path(f"{slug}.{extension}"), 1
    while path.exists():
        count += 1
        path = Path(f"{slug}-{count}.{extension}")
    return path
