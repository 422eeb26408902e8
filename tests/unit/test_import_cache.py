"""The import cache: the same modules as without it, and ordinary imports where it does not fit."""

from __future__ import annotations

import json
import marshal
import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from stillframe import import_cache

ROOT = Path(__file__).parents[2]
# Records the imports of `parts.one`.
_RECORD = """
import sys
from pathlib import Path
from stillframe import import_cache
import_cache.record(Path(sys.argv[1]), lambda: __import__('parts.one'))
"""
# Imports it, and says how, where and what it is.
_IMPORT = """
import json, sys
compiled = []
sys.addaudithook(lambda name, given: compiled.append(given[0]) if name == "compile" else None)
import stillframe
import parts
import parts.one as one
loaders = [type(sys.modules[name].__loader__).__name__ for name in ("parts", "parts.one")]
generated = [text for text in compiled if isinstance(text, str | bytes) and "__create_fn__" in str(text)]
same = [one.__file__, one.__cached__, one.__package__, one.__spec__.origin, list(parts.__path__)]
same.append(str(one.Point.__init__.__annotations__))
print(json.dumps([loaders, len(generated), repr(one.Point(1)), one.Point(2) == one.Point(2), same]))
"""
_MODULE = "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Point:\n    x: int\n"


def python(code: str, folder: Path, cache: Path | None, *arguments: str) -> tuple[str, str]:
    environ = os.environ | {"PYTHONPATH": f"{folder}:{ROOT / 'layers/stillframe/python'}"}
    environ |= {import_cache.VARIABLE: str(cache or ""), "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=environ,
    )
    return done.stdout.strip(), done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/__init__.py").write_text("")
    (tmp_path / "parts/one.py").write_text(_MODULE)
    python(_RECORD, tmp_path, None, str(tmp_path / "imports.bin"))
    return tmp_path


def test_a_module_of_the_cache_is_that_of_an_ordinary_import(folder: Path) -> None:
    plain = json.loads(python(_IMPORT, folder, None)[0])
    cached = json.loads(python(_IMPORT, folder, folder / "imports.bin")[0])
    assert plain[:2] == [["SourceFileLoader", "SourceFileLoader"], 1]
    assert cached[:2] == [["_Loader", "_Loader"], 0]
    assert plain[2:] == cached[2:]
    assert plain[2:4] == ["Point(x=1)", True]


def test_a_module_that_was_changed_is_imported_as_it_is_now(folder: Path) -> None:
    (folder / "parts/one.py").write_text(_MODULE.replace("x", "another"))
    told, _ = python(_IMPORT, folder, folder / "imports.bin")
    assert '["_Loader", "SourceFileLoader"], 1, "Point(another=1)"' in told


def test_bytecode_that_python_does_not_compare_with_its_source_is_taken(folder: Path) -> None:
    """The image has such bytecode (PEP 552)."""
    (bytecode,) = folder.rglob("one.*.pyc")
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(folder / "parts/one.py"), str(bytecode), invalidation_mode=unchecked)
    (folder / "parts/one.py").write_text("")
    told, _ = python(_IMPORT, folder, folder / "imports.bin")
    assert '["_Loader", "_Loader"], 0, "Point(x=1)"' in told


def test_a_module_whose_bytecode_is_gone_is_imported(folder: Path) -> None:
    for path in folder.rglob("one.*.pyc"):
        path.unlink()
    told, _ = python(_IMPORT, folder, folder / "imports.bin")
    assert '["_Loader", "SourceFileLoader"], 0, "Point(x=1)"' in told


def test_modules_without_source_are_found(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for name, text in (("__init__", ""), ("one", _MODULE)):
        source = tmp_path / f"{name}.py"
        source.write_text(text)
        py_compile.compile(str(source), str(tmp_path / f"parts/{name}.pyc"))
    python(_RECORD, tmp_path, None, str(tmp_path / "imports.bin"))
    told, _ = python(_IMPORT, tmp_path, tmp_path / "imports.bin")
    assert '["_SourcelessLoader", "_SourcelessLoader"], 0, "Point(x=1)"' in told


@pytest.mark.parametrize("content", [None, b"", b"{", marshal.dumps(("another Python", b"", {}, {}))])
def test_a_cache_that_cannot_be_used_is_named_and_imports_are_ordinary(
    folder: Path, content: bytes | None
) -> None:
    file = folder / "imports.bin"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    told, errors = python(_IMPORT, folder, file)
    assert '["SourceFileLoader", "SourceFileLoader"], 1, "Point(x=1)"' in told
    assert errors == f"IMPORT_CACHE: {file} is missing or of another Python, so imports take longer.\n"


# What the function behind HTTP loads, how many dataclasses it compiles, and how many modules the cache found.
_DOOR = """
import sys
compiled = []
sys.addaudithook(lambda name, given: compiled.append(given[0]) if name == "compile" else None)
sys.path.insert(0, ROOT)
import stillframe.browser
stillframe.browser.Runtime.warm = lambda self: None
import functions.http_api.handler
loaders = [getattr(module, "__loader__", None) for module in list(sys.modules.values())]
print(*sorted(sys.modules))
print(sum("__create_fn__" in str(text) for text in compiled))
print(sum("import_cache" in type(loader).__module__ for loader in loaders))
""".replace("ROOT", repr(str(ROOT)))
_WARM = """
import sys
from pathlib import Path
sys.path.insert(0, ROOT)
from functions.image import warm
from stillframe import import_cache
import_cache.record(Path(sys.argv[1]), warm.load)
""".replace("ROOT", repr(str(ROOT)))


def test_a_door_loads_the_same_modules_and_compiles_no_dataclass(tmp_path: Path) -> None:
    cache = tmp_path / "imports.bin"
    python(_WARM, tmp_path, None, str(cache))
    plain, cached = (python(_DOOR, tmp_path, one)[0].split("\n") for one in (None, cache))
    assert set(plain[0].split()) ^ set(cached[0].split()) == {"stillframe.import_cache"}
    assert int(plain[1]) > 100
    assert (plain[2], cached[1]) == ("0", "0")
    assert int(cached[2]) > 300
