"""The debug bundle: one HTML file that explains a capture, readable offline and without any script."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Any

from ..errors import CaptureError
from ..request import CaptureRequest
from ..request.facets import secret_names
from ..result import Artifact, CaptureReport
from ..steps.debug import secret_texts, shown_options
from ..trace import Trace
from ..urls import text_without_credentials

# Nothing is fetched and nothing runs, also when a text of the page were not escaped.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}
body{color:#222;background:#fff}h2{border-bottom:1px solid #ccc;margin-top:2rem}
table{border-collapse:collapse;width:100%}
td{padding:.1rem .5rem;border-bottom:1px solid #eee;vertical-align:top;overflow-wrap:anywhere}
td.w{width:40%}td.c{white-space:nowrap;overflow-wrap:normal}pre{white-space:pre-wrap;overflow-wrap:anywhere;
background:#f6f6f6;padding:.5rem;max-height:40rem;overflow:auto}img{max-width:100%;border:1px solid #ccc}
.lane{position:relative;height:1.1rem;background:#f3f3f3}.lane i{position:absolute;top:.15rem;height:.8rem;
min-width:2px;background:#69c}.lane i.wait{background:#cde}.problem,.failed{color:#b00}.ok{color:#070}
"""
# A larger picture is replaced by that of the window.
_MAX_PICTURE = 8_000_000


def render(
    request: CaptureRequest,
    report: CaptureReport,
    trace: Trace,
    artifact: Artifact | None = None,
    error: CaptureError | None = None,
) -> bytes:
    """The file, in UTF-8; `artifact` is missing when the capture ended with `error`."""
    options = request.canonical()
    secret = secret_texts(options, secret_names())

    def clean(text: str) -> str:
        text = text_without_credentials(text)
        for word in secret:
            text = text.replace(word, "…")
        return escape(text)

    shown = _json(shown_options(options, secret_names()))
    end = trace.now()
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>Capture of {clean(report.target.url or 'HTML')}</title><style>{_STYLE}</style>",
        f"<h1>Capture of {clean(report.target.url or 'HTML')}</h1>",
        *_head(report, clean, error),
        "<h2>Verdict</h2>",
        *_verdict(report, clean),
        "<h2>Picture</h2>",
        _picture(artifact, trace),
        "<h2>Phases</h2><table>",
        *_phases(report, trace, end),
        f"</table><h2>Requests ({len(trace.requests)})</h2><table>",
        *_requests(trace, end, clean),
        f"</table><h2>Console ({len(trace.console)})</h2><table>",
        *(_row(f"{at:.0f} ms", clean(kind), clean(text)) for at, kind, text in trace.console),
        f"</table><h2>Options</h2><pre>{clean(shown)}</pre>",
        f"<h2>Report</h2><pre>{clean(_json(report.to_json()))}</pre>",
        f"<h2>DOM</h2><pre>{clean(trace.dom)}</pre></html>",
    ]
    return "\n".join(parts).encode("utf-8", "replace")


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str)


def _head(report: CaptureReport, clean: Callable[[str], str], error: CaptureError | None) -> Iterator[str]:
    target = report.target
    yield f"<p>Final URL {clean(target.final_url or 'none')}, status {target.status or 'none'}.</p>"
    if error is not None:
        yield f"<p class=problem>The capture failed: {clean(error.code)}: {clean(error.message)}</p>"


def _verdict(report: CaptureReport, clean: Callable[[str], str]) -> Iterator[str]:
    verdict = report.verdict
    yield f"<p class={'ok' if verdict.ok else 'problem'}>{clean(verdict.line())}</p><table>"
    for finding in verdict.findings:
        items = "; ".join(", ".join(str(v) for v in item.values()) for item in finding.items)
        yield _row(finding.severity, finding.code, clean(finding.message), clean(items))
    yield "</table>"


def _picture(artifact: Artifact | None, trace: Trace) -> str:
    data, kind = trace.window, "image/jpeg"
    if artifact and artifact.content_type.startswith("image/") and len(artifact.data) <= _MAX_PICTURE:
        data, kind = artifact.data, artifact.content_type
    if not data:
        return "<p>There is no picture.</p>"
    return f'<img alt="What was captured" src="data:{kind};base64,{base64.b64encode(data).decode("ascii")}">'


def _phases(report: CaptureReport, trace: Trace, end: float) -> Iterator[str]:
    for name, started, ended in report.spans:
        low, high = (1000 * (at - trace.began) for at in (started, ended))
        yield _row(name, "", f"{high - low:.0f} ms", _lane(low, None, high, end))


def _requests(trace: Trace, end: float, clean: Callable[[str], str]) -> Iterable[str]:
    for request in trace.requests.values():
        state = request.failure or (str(request.status) if request.status else "pending")
        bad = request.failure or (request.status or 0) >= 400
        done = request.ended if request.ended is not None else end
        yield _row(
            clean(request.url),
            clean(request.kind),
            f"<span{' class=failed' if bad else ''}>{clean(state)}</span>, {done - request.started:.0f} ms",
            _lane(request.started, request.answered, done, end),
        )


def _lane(start: float, answered: float | None, stop: float, end: float) -> str:
    """A bar of the waterfall: the wait for the answer, then its body."""

    def bar(low: float, high: float, kind: str) -> str:
        left, width = 100 * low / end, max(0.0, 100 * (high - low) / end)
        return f'<i class="{kind}" style="left:{left:.2f}%;width:{width:.2f}%"></i>'

    split = stop if answered is None else min(answered, stop)
    waiting = "" if answered is None else bar(start, split, "wait")
    return f"<div class=lane>{waiting}{bar(start if answered is None else split, stop, 'body')}</div>"


def _row(*cells: str) -> str:
    """A row of a table; short words are not broken, and bars get a share of the width."""

    def kind(cell: str) -> str:
        return "w" if cell.startswith("<div") else "c" if len(cell) < 20 else ""

    return "<tr>" + "".join(f'<td class="{kind(cell)}">{cell}</td>' for cell in cells)
