"""Write the typed options of the Python client from the declarations of the options.

`--write` renews the module; `--check` fails when it is stale.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from keyword import iskeyword
from pathlib import Path
from typing import Any

from stillframe.request import CaptureRequest

MODULE = Path(__file__).parents[1] / "layers/stillframe/python/stillframe/client/options.py"
_HEAD = '''"""The options of a capture as types, written by `scripts/client_options.py` (`make docs`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

'''
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def module() -> str:
    """The source of the module, laid out by ruff."""
    schema = CaptureRequest.model_json_schema(by_alias=True)
    parts = [_HEAD]
    for name, nested in schema["$defs"].items():
        parts += _class(name.lstrip("_"), nested, total=True)
    parts += _class("Options", schema, total=False)
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(MODULE), "-"]
    done = subprocess.run(command, input="".join(parts), capture_output=True, text=True, check=True)
    return done.stdout


def _class(name: str, schema: dict[str, Any], *, total: bool) -> Iterator[str]:
    required = set(schema.get("required", ()))
    yield f"\n\nclass {name}(TypedDict{'' if total else ', total=False'}):\n"
    if description := schema.get("description"):
        yield f"    {_docstring(description)}\n\n"
    for key, value in schema["properties"].items():
        # `async` is a keyword of Python; `Client.submit` sets it.
        if iskeyword(key):
            continue
        kind = _type(value)
        yield f"    {key}: {f'NotRequired[{kind}]' if total and key not in required else kind}\n"
        if description := value.get("description"):
            yield f"    {_docstring(description)}\n"


def _docstring(text: str) -> str:
    """The text as a docstring that fits the line length."""
    text = text.replace("\\", "\\\\").replace('"""', "'''")
    lines = textwrap.wrap(text, 96, break_long_words=False, break_on_hyphens=False)
    end = "" if len(lines) == 1 and not text.endswith('"') else "\n    "
    return '"""' + "\n    ".join(lines) + end + '"""'


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema as a Python type; patterns and limits are the service's to check."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2]).lstrip("_")
    if schema.get("type") == "boolean":
        # An option that only `false` stands for beside its words takes `true` as the first of them.
        return "bool"
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return f"Literal[{', '.join(repr(value) for value in values)}]"
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    kind = schema.get("type")
    if kind == "array":
        return f"Sequence[{_type(schema.get('items', {}))}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"Mapping[str, {_type(inner) if isinstance(inner, dict) else 'Any'}]"
    return _PLAIN.get(str(kind), "Any")


def main() -> int:
    text = module()
    if "--write" in sys.argv:
        MODULE.write_text(text, "utf-8")
    elif not MODULE.is_file() or MODULE.read_text("utf-8") != text:
        print(f"stale: {MODULE.name}; run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
