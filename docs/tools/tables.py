"""Generate options, settings, errors, metrics, costs, findings and compatibility in docs/ (`make docs`).

`--check` fails when one is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

import command_line
import compatibility
import costs
import limits as limits_page
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from stillframe.api import llms
from stillframe.api.app import create_app
from stillframe.errors import leaves
from stillframe.request import CaptureRequest
from stillframe.request.groups import GROUPS
from stillframe.request.templates import templates
from stillframe.settings import rows
from stillframe.telemetry.metrics import METRICS
from stillframe.verdict import MEANINGS

DOCS = Path(__file__).parents[1]
MARK = "<!-- Generated from the code by `make docs`; edit the code. -->\n\n"


def type_name(annotation: Any) -> str:
    """The name of a type in JSON terms; `Literal` gives its values."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if arguments and (origin is not list and origin is not dict):
        if str(origin) == "typing.Literal":
            return ", ".join(f"`{str(a).lower() if isinstance(a, bool) else a}`" for a in arguments)
        names = [type_name(a) for a in arguments if a is not NoneType and not str(a).startswith("Field")]
        return ", ".join(dict.fromkeys(n for n in names if n))
    if origin is list:
        return f"list of {type_name(arguments[0])}"
    if origin is dict:
        return "object"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "`{" + ", ".join(annotation.model_fields) + "}`"
    return {str: "text", int: "whole number", float: "number", bool: "true or false"}.get(annotation, "")


def shown(default: Any) -> str:
    if default is None or default is PydanticUndefined:
        return ""
    return f"`{str(default).lower()}`" if isinstance(default, bool) else f"`{default}`"


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def limits(info: Any) -> str:
    """The numeric bounds of a pydantic field, such as `≥ 1, ≤ 10`."""
    found = []
    for m in info.metadata:
        for name, word in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<")):
            if (value := getattr(m, name, None)) is not None:
                found.append(f"{word} {value:,}")
    return ", ".join(found)


def options() -> Iterator[str]:
    yield "# Options\n\n"
    yield (
        "Every option has the same name in a query string, a JSON body, a direct-invoke event, an S3 job file"
        " and a queue message; on the command line it is a flag (`--full-page`). Times are in milliseconds"
        " and sizes in CSS pixels. camelCase and the aliases are accepted. An unknown name is rejected with"
        " the nearest known one.\n\n"
    )
    yield "Pixashot has the options marked ● too, with the same defaults.\n"
    groups: dict[str, list[str]] = {}
    order = list(GROUPS)
    for name, info in CaptureRequest.model_fields.items():
        extra: Any = info.json_schema_extra or {}
        wire = info.alias or name
        aliases = ", ".join(f"`{a}`" for a in extra.get("x-aliases", ()))
        kind = ", ".join(filter(None, (type_name(info.annotation), limits(info))))
        mark = " ●" if extra.get("x-pixashot") else ""
        row = (
            f"| `{wire}`{mark} | {cell(kind)} | {shown(info.default)} | {cell(info.description or '')} |"
            f" {aliases} |\n"
        )
        groups.setdefault(extra.get("x-group", "other"), []).append(row)
    for group, lines in sorted(groups.items(), key=lambda item: order.index(item[0])):
        yield (
            f"\n## {group.capitalize()}\n\n| option | type | default | meaning | aliases |\n| --- | --- | ---"
            " | --- | --- |\n"
        )
        yield from lines
    yield "\n## Templates\n\n| name | options |\n| --- | --- |\n"
    for name, values in templates().items():
        yield f"| `{name}` | {', '.join(f'`{k}: {v}`' for k, v in values.items())} |\n"
    yield (
        "\nTo add templates of your own, set `TEMPLATES_FILE` to the path of a JSON object that maps each"
        " name to its options.\n"
    )


def settings() -> Iterator[str]:
    yield "# Settings\n\nEvery setting is an environment variable. Pixashot has the names marked ● too.\n"
    group = ""
    for row in rows():
        if row.group != group:
            group = row.group
            yield (
                f"\n## {group.capitalize()}\n\n| variable | type | default | meaning |\n| --- | --- | --- |"
                " --- |\n"
            )
        mark = " ●" if row.pixashot else ""
        yield (
            f"| `{row.env}`{mark} | {type_name(row.type)} | {shown(row.default) if row.default != '' else ''}"
            f" | {cell(row.sentence)} |\n"
        )


def errors() -> Iterator[str]:
    yield "# Errors\n\n"
    yield (
        'Every door returns the same body: `{"status": "error", "message", "error_type", "error_details",'
        ' "timestamp", "code", "retryable", "request_id", "documentation_url", "target": {"url", "final_url",'
        ' "status"}}`. The message names the field and how to fix it; `retryable` tells whether the same'
        " request may succeed later.\n"
    )
    for error in leaves():
        again = "may succeed later" if error.retryable else "will fail again"
        yield (
            f"\n## {error.code}\n\nHTTP {error.status} · {error.__name__} · the same request"
            f" {again}\n\n{error.meaning}\n"
        )


def metrics() -> Iterator[str]:
    yield "# Metrics\n\n"
    yield (
        "Every capture on every door of Lambda writes one event in CloudWatch's embedded metric"
        " format, past the logger: `LOG_LEVEL` silences no metric. Namespace `Stillframe`, dimension"
        " `service` with the name of the stack; `Captures` is also there by `door`, `code` and"
        " `cold_start`. Events between captures write one event each.\n\n"
        "CloudWatch bills each metric and each combination of dimensions, about 0.30 USD a month"
        " after the first ten, by the hours in which it is written: nothing for an idle stack, about"
        " 12 USD a month for one that captures in every hour. An alarm costs about 0.10 USD a month"
        " for each metric that it reads.\n\n"
        "| metric | unit | meaning |\n| --- | --- | --- |\n"
    )
    for name, metric in METRICS.items():
        yield f"| `{name}` | {metric.unit} | {cell(metric.meaning)} |\n"
    yield (
        "\n## The local server\n\n"
        "`stillframe serve` has the same metrics by OpenTelemetry, with the extra `telemetry`,"
        " which `make setup` has. `PROMETHEUS=true` adds `GET /metrics`, which asks for the"
        " bearer token as every route does; `stillframe.bytes_received` becomes"
        " `stillframe_bytes_received_bytes`. `OTEL_EXPORTER_OTLP_ENDPOINT` sends metrics, and a trace with a"
        " span for each phase, to a collector by OTLP over HTTP; other `OTEL_` variables of the SDK apply."
        " Without these settings nothing of it is loaded.\n"
    )
    yield (
        "\n## Receipt\n\n"
        "`report.receipt` of every JSON result, the log line of every capture, and in short the"
        " header `X-Receipt` tell what the capture cost: `phases` in milliseconds; `billed_ms`, from"
        " the start of the invocation until the report is written, with `init_ms` of a cold start;"
        " `memory_mb`, `architecture` and `region`, from which `gb_seconds` and `usd` follow;"
        " `peak_memory` of the browser with its driver and of the service's process, measured ten"
        " times a second; `bytes_received` and `bytes_sent` of the page. `usd` is Lambda's compute and"
        " request at the first tier, without transfer, API and storage. Outside Lambda it is the price"
        " of the same time in a function of 2,048 MB in us-east-1.\n"
    )


def verdict() -> Iterator[str]:
    yield f"# Verdict\n\n{_VERDICT}"
    for code, meaning in MEANINGS.items():
        yield f"| `{code}` | {cell(meaning)} |\n"
    yield _NOTICES


_VERDICT = """\
Every result has a verdict: `ok`, or what is wrong with it. It is made from what the browser reported while
the page was captured, from one look at the page, and from the pixels of the picture.

<!-- check: none, an example of the report, which tests/unit/test_verdict.py compares -->
```json
{"ok": false, "findings": [
  {"code": "broken_image", "severity": "problem", "message": "1 image in the picture cannot be shown.",
   "count": 1, "items": [{"url": "https://example.com/a.png", "state": "broken"}]}]}
```

A `problem` makes `ok` false, a `notice` does not. A finding lists at most 20 items. Their URLs have no user
names, passwords, tokens or signatures. `fail_on` takes each code, also of a notice, and makes the capture
fail with `assertion_failed`.

| where | what |
| --- | --- |
| `response_type: json`, direct invocation, jobs, webhooks, S3 reports | `report.verdict` |
| header `X-Capture-Verdict`, metadata of stored objects, playground | `ok`, or `broken_image=2, banner=1` |
| `stillframe capture` | one line on standard error for each finding |

## Findings

| code | meaning |
| --- | --- |
"""
_NOTICES = """
Notices are `redirected`, `retried` and `blocked_request`, a `pending_request` of scripts alone, and an
`animation` without an end, and a `partial` that says which of two sizes or margins was obeyed. For results
that are no picture, `blank` is looked for when the page has no text or `fail_on` asks for it. Images and
animations count when they are in the picture: in the window, the element, the rectangle, or all of the
page. Images and fonts that the request blocks are not missing.
"""


def llms_text() -> Iterator[str]:
    yield llms.text(create_app())


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "options.md": options,
    "settings.md": settings,
    "errors.md": errors,
    "metrics.md": metrics,
    "costs.md": costs.page,
    "verdict.md": verdict,
    "limits.md": limits_page.page,
    "command-line.md": command_line.page,
    "compatibility.md": compatibility.page,
    "llms.txt": llms_text,
}


def main() -> int:
    stale = []
    for name, build in PAGES.items():
        path, text = DOCS / name, ("" if name.endswith(".txt") else MARK) + "".join(build())
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text("utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, "utf-8")
    if stale:
        print(f"stale: {', '.join(stale)}; run `make docs`", file=sys.stderr)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
