"""The map in docs/architecture.md names modules, tests and layers that exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
# The recipes invent these.
EXAMPLES = {"outputs/outline.py", "functions/sns/handler.py"}


def files() -> list[str]:
    found = [p for top in ("layers", "functions", "tests") for p in (ROOT / top).rglob("*.py")]
    return [p.relative_to(ROOT).as_posix() for p in found]


def test_every_file_on_the_page_exists() -> None:
    known = files()
    named = set(re.findall(r"(?<![>\w./])\w[\w./]*\.py\b", PAGE)) - EXAMPLES
    assert len(named) > 20
    assert {name for name in named if not any(f"/{f}".endswith(f"/{name}") for f in known)} == set()


def test_every_test_on_the_page_exists() -> None:
    text = "\n".join((ROOT / name).read_text("utf-8") for name in files() if name.startswith("tests/"))
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 10
    assert {name for name in named if f"def {name}(" not in text} == set()


def test_the_table_of_layers_names_every_layer_of_the_contract() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (contract,) = (c for c in config["contracts"] if c["type"] == "layers")
    layers = {m.removeprefix("stillframe.") for line in contract["layers"] for m in re.split(r" [:|] ", line)}
    table = PAGE.partition("## Layers")[2].partition("The contracts stand")[0]
    assert set(re.findall(r"`(\w+)`", table)) == layers


def test_the_map_names_every_module_of_the_package() -> None:
    tree = PAGE.partition("## The tree")[2].partition("## Layers")[0]
    package = ROOT / "layers" / "stillframe" / "python" / "stillframe"
    modules = {p.name for p in package.glob("*.py")} | {
        f"{p.parent.name}/" for p in package.glob("*/__init__.py")
    }
    parts = {p.stem for name in ("browser", "steps", "outputs") for p in (package / name).glob("*.py")}
    names = (modules | parts) - {"__init__.py", "__init__"}
    missing = {name for name in names if not re.search(rf"\b{re.escape(name)}", tree)}
    assert missing == set()
