"""The result of a capture: bytes, facts, report and verdict; several outputs of one page load."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx

from ..outputs import CONTENT_TYPES
from ..verdict import Finding, Verdict

_FINDING = frozenset(f.name for f in fields(Finding))


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One result. `url` is the link to it if the service stored it; the link expires.

    `width` and `height` are in pixels and None for other formats than images.
    """

    format: str
    content_type: str
    filename: str
    request_id: str = ""
    url: str | None = None
    width: int | None = None
    height: int | None = None
    report: dict[str, Any] = field(default_factory=dict, repr=False)
    verdict: Verdict = field(default_factory=Verdict)
    _parts: tuple[Result, ...] = field(default=(), repr=False)
    _data: bytes | None = field(default=None, repr=False)
    _answer: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def outputs(self) -> tuple[Result, ...]:
        """One result for each entry of the option `outputs`; of a single output, this result."""
        return self._parts or (self,)

    @property
    def content(self) -> bytes:
        """The bytes. Raises ValueError where there are none or several."""
        if self._data is not None:
            return self._data
        if self._parts:
            raise ValueError("The capture has several outputs; read the content of each of `outputs`.")
        raise ValueError(
            "The answer has no bytes, as `response_type` asked; `url` is the link to them, if any."
        )

    @property
    def text(self) -> str:
        """The bytes as text: HTML, Markdown, text and metadata are UTF-8."""
        return self.content.decode()

    @property
    def metadata(self) -> dict[str, Any] | None:
        """The facts about the page that the option `metadata` asks for."""
        return self._answer.get("metadata")

    @property
    def tile(self) -> dict[str, Any] | None:
        """Which part of the picture the result shows, with the option `tiles`."""
        return self._answer.get("tile")

    def json(self) -> dict[str, Any]:
        """The service's answer as JSON, without the bytes."""
        return _without_file(self._answer)

    def save(self, path: str | Path | None = None) -> Path:
        """Write the bytes to a file, or into a folder under the result's own name; returns what was written.

        Several outputs are written into a folder. Folders that do not exist are made.
        """
        if self._parts:
            folder = Path(path or ".")
            folder.mkdir(parents=True, exist_ok=True)
            for part, name in zip(self._parts, _unique([p.filename for p in self._parts]), strict=True):
                (folder / name).write_bytes(part.content)
            return folder
        file = Path(path or self.filename)
        if file.is_dir():
            file /= self.filename
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.content)
        return file

    def with_content(self, data: bytes) -> Result:
        """The result with its bytes; those of several outputs come as a zip archive."""
        if not self._parts:
            return replace(self, _data=data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            contents = [archive.read(name) for name in archive.namelist()]
        parts = (part.with_content(one) for part, one in zip(self._parts, contents, strict=True))
        return replace(self, _data=data, _parts=tuple(parts))

    @property
    def is_complete(self) -> bool:
        """Whether the bytes are here."""
        return self._data is not None or (bool(self._parts) and all(p.is_complete for p in self._parts))


def of_json(answer: Mapping[str, Any]) -> Result:
    """The result that the service describes, with its bytes if the answer holds them."""
    report = dict(answer.get("report") or {})
    file = answer.get("file")
    return Result(
        format=str(answer.get("format", "")),
        content_type=str(answer.get("content_type", "")),
        filename=_safe_name(str(answer.get("filename", ""))),
        request_id=str(answer.get("request_id", "")),
        url=answer.get("url"),
        width=answer.get("width"),
        height=answer.get("height"),
        report=report,
        verdict=_verdict(report.get("verdict") or {}),
        _parts=tuple(of_json(one) for one in answer.get("outputs") or ()),
        _data=None if file is None else base64.b64decode(file, validate=True),
        _answer=_without_file(answer),
    )


def of_response(response: httpx.Response) -> Result:
    """The result of `response_type` `by_format` or `empty`: the bytes, and what the headers tell."""
    headers = response.headers
    status = headers.get("x-response-code", "")
    timings = re.findall(r"([\w-]+);dur=([\d.]+)", headers.get("server-timing", ""))
    line = headers.get("x-capture-verdict", "ok")
    problems = [part.strip().partition("=") for part in line.split(",") if part.strip() not in ("", "ok")]
    report = {
        "target": {
            "final_url": headers.get("x-response-url"),
            "status": int(status) if status.isdigit() else None,
        },
        "timings": {name: float(ms) for name, ms in timings},
        "warnings": [
            {"code": c.strip()} for c in headers.get("x-capture-warnings", "").split(",") if c.strip()
        ],
        "verdict": {
            "ok": not problems,
            "findings": [
                {"code": code, "message": "", "severity": "problem", "count": int(count or 1)}
                for code, _, count in problems
            ],
        },
    }
    content_type = headers.get("content-type", "")
    answer = {
        "content_type": content_type,
        "filename": _filename(headers.get("content-disposition", "")),
        "request_id": headers.get("x-request-id", ""),
        "report": report,
    }
    result = of_json(answer | {"format": _format_of(content_type)})
    return result if response.status_code == 204 else replace(result, _data=response.content)


def of_stored(link: httpx.Response, stored: httpx.Response) -> Result:
    """The result of `response_type` `redirect`: what the redirect tells, and the bytes that it leads to."""
    names = ("content-type", "content-disposition")
    headers = httpx.Headers(link.headers)
    headers.update({name: stored.headers[name] for name in names if name in stored.headers})
    found = of_response(httpx.Response(200, headers=headers, content=stored.content))
    return replace(found, url=link.headers["location"])


def _format_of(content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    return next((f for f, known in CONTENT_TYPES.items() if known.partition(";")[0] == kind), "")


def _filename(disposition: str) -> str:
    """The name of `filename*`, else of `filename` (RFC 6266)."""
    if extended := re.search(r"filename\*=UTF-8''([^;]+)", disposition, re.IGNORECASE):
        return unquote(extended[1])
    plain = re.search(r'filename="?([^";]+)', disposition, re.IGNORECASE)
    return plain[1] if plain else ""


def _verdict(value: Mapping[str, Any]) -> Verdict:
    """The verdict; what a later version adds to a finding is left out."""
    found = value.get("findings") or ()
    return Verdict([Finding(**{n: v for n, v in one.items() if n in _FINDING}) for one in found])


def _without_file(answer: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in answer.items() if name != "file"}
    if "outputs" in kept:
        kept["outputs"] = [_without_file(one) for one in kept["outputs"]]
    return kept


def _safe_name(name: str) -> str:
    """A name without folders: it comes from the service and is written into a folder of the caller."""
    return name.replace("\\", "/").rpartition("/")[2].lstrip(".") or "capture"


def _unique(names: list[str]) -> list[str]:
    """The names, numbered where they repeat, as the service names the files of its zip archive."""
    found: list[str] = []
    for name in names:
        stem, dot, extension = name.rpartition(".")
        free, count = name, 1
        while free in found:
            count += 1
            free = f"{stem}-{count}{dot}{extension}"
        found.append(free)
    return found
