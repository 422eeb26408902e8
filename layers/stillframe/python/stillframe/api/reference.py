"""The API reference as one HTML page, without scripts or external resources."""

from __future__ import annotations

import json
from html import escape
from itertools import groupby
from typing import Any

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors"
    " 'none'"
)

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stillframe: the API</title>
<style>
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1.25rem; }
  table { border-collapse: collapse; width: 100%; table-layout: fixed; }
  th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem .35rem 0; text-align: left; }
  th, td { vertical-align: top; overflow-wrap: anywhere; }
  th:first-child, td:first-child { width: 30%; }
  th:last-child, td:last-child { width: 45%; }
  h3 { text-transform: capitalize; }
</style>
</head>
<body>
"""


def page(document: dict[str, Any]) -> str:
    """The HTML of every operation, capture option and error in the OpenAPI document."""
    options = document["components"]["schemas"]["CaptureRequest"]["properties"]
    parts = [
        _HEAD,
        (
            "<h1>Stillframe"
            f" {escape(document['info']['version'])}</h1>\n<p>{escape(document['info']['description'])}</p>"
        ),
        '<p><a href="openapi.json">OpenAPI document</a> · <a href="./">Playground</a></p>',
        "<h2>Operations</h2>",
        _table(("operation", "answers", ""), _operations(document["paths"])),
        "<h2>Options of a capture</h2>",
    ]

    def group(item: tuple[str, dict[str, Any]]) -> str:
        return str(item[1].get("x-group", "other"))

    for name, found in groupby(sorted(options.items(), key=group), group):
        parts += [f"<h3>{escape(name)}</h3>", _table(("option", "value", ""), [_option(*o) for o in found])]
    parts += ["<h2>Errors</h2>", _table(("status", "codes", ""), _errors(document["components"]))]
    return "\n".join([*parts, "</body>\n</html>\n"])


def _operations(paths: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (
            f"{method.upper()} {path}",
            " ".join(sorted(s for s in operation["responses"] if s < "400")),
            operation.get("description", ""),
        )
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]


def _errors(components: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = components.get("responses", {}).items()
    return [(name.removeprefix("Error"), answer["description"], "") for name, answer in found]


def _option(name: str, schema: dict[str, Any]) -> tuple[str, str, str]:
    names = ", ".join([name, *schema.get("x-aliases", [])])
    default = schema.get("default")
    value = _kind(schema) + ("" if default is None else f" = {json.dumps(default, ensure_ascii=False)}")
    return names, value, schema.get("description", "")


def _kind(schema: dict[str, Any]) -> str:
    """A short name of the values that a schema accepts."""
    if choices := schema.get("enum"):
        return " | ".join(str(c) for c in choices)
    if "const" in schema:
        return str(schema["const"])
    if some := schema.get("anyOf"):
        return " | ".join(dict.fromkeys(_kind(s) for s in some if s.get("type") != "null"))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema["$ref"].rsplit("/", 1)[-1] if "$ref" in schema else schema.get("type", "any"))


def _table(head: tuple[str, ...], rows: list[tuple[str, str, str]]) -> str:
    body = "\n".join(
        f"<tr><td><code>{escape(a)}</code></td><td>{escape(b)}</td><td>{escape(c)}</td></tr>"
        for a, b, c in rows
    )
    cells = "".join(f"<th>{escape(h)}</th>" for h in head)
    return f"<table>\n<thead><tr>{cells}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
