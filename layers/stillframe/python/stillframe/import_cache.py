"""Imports of a cold start without search and without compiling, from a file that the image has.

The file names the bytecode of each module, so that no folder is searched for it, and holds the methods of
dataclasses as code; Python writes them as text and compiles it at every start. The code of modules is not in
it: that is read from the bytecode, which must belong to the source as Python demands.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader, SourcelessFileLoader
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

# The environment variable with the path of the file, which the image sets.
VARIABLE = "IMPORT_CACHE"
# The name of a module with its file, the file of its bytecode (the same for a module without source), and
# whether it is a package.
_Modules = dict[str, tuple[str, str, bool]]
# The text of generated methods with their code.
_Generated = dict[str, bytes]
_Run = Callable[[str, dict[str, Any], dict[str, Any]], None]
# The bytes before the code in a file of bytecode (PEP 552).
_HEADER = 16


def install(file: str) -> None:
    """Import by this file; with one that is missing or of another Python, imports are as usual."""
    try:
        python, magic, modules, generated = marshal.loads(_bytes(file))
    except (OSError, EOFError, ValueError, TypeError):
        python = ""
    if python != sys.version:
        sys.stderr.write(f"{VARIABLE}: {file} is missing or of another Python, so imports take longer.\n")
        return
    sys.meta_path.insert(0, _Finder(magic, modules))
    _take_generated(generated)


def record(file: Path, load: Callable[[], None]) -> None:
    """Write the file for the imports that `load` does."""
    import dataclasses
    from importlib.util import MAGIC_NUMBER

    generated: _Generated = {}

    def run(text: str, names: dict[str, Any], local: dict[str, Any]) -> None:
        code = _compiled(text)
        generated[text] = marshal.dumps(code)
        exec(code, names, local)

    _replace_exec(dataclasses, run)
    try:
        load()
    finally:
        _replace_exec(dataclasses, exec)
    modules = {name: found for name, module in sys.modules.items() if (found := _place(name, module))}
    file.write_bytes(marshal.dumps((sys.version, MAGIC_NUMBER, modules, generated)))


class _Loader(SourceFileLoader):
    """Takes the bytecode that the finder has read, once."""

    bytecode: bytes | None = None

    def get_code(self, fullname: str) -> CodeType | None:
        return _once(self) or super().get_code(fullname)


class _SourcelessLoader(SourcelessFileLoader):
    """The same for a module without source."""

    bytecode: bytes | None = None

    def get_code(self, fullname: str) -> CodeType | None:
        return _once(self) or super().get_code(fullname)


class _Finder:
    """Finds modules by their names alone; the finders of Python find what it does not know."""

    def __init__(self, magic: bytes, modules: _Modules) -> None:
        self._magic, self._modules = magic, modules

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = self._modules.get(name)
        if found is None:
            return None
        source, bytecode, is_package = found
        loader = (_SourcelessLoader if source == bytecode else _Loader)(name, source)
        try:
            loader.bytecode = _bytes(bytecode)
            if not self._is_valid(loader.bytecode, source, bytecode):
                return None
        except OSError:
            return None
        spec = ModuleSpec(name, loader, origin=source, is_package=is_package)
        spec.has_location, spec.cached = True, bytecode
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(os.path.dirname(source))
        return spec

    def _is_valid(self, data: bytes, source: str, bytecode: str) -> bool:
        """Whether Python would take the bytecode for this source."""
        if data[:4] != self._magic:
            return False
        flags = int.from_bytes(data[4:8], "little")
        if source == bytecode or flags == 1:
            return True  # there is no source, or none to compare it with
        made = os.stat(source)
        stamp = (int(made.st_mtime) & 0xFFFFFFFF, made.st_size & 0xFFFFFFFF)
        return flags == 0 and data[8:16] == b"".join(part.to_bytes(4, "little") for part in stamp)


def _once(loader: _Loader | _SourcelessLoader) -> CodeType | None:
    data, loader.bytecode = loader.bytecode, None
    if data is None:
        return None
    code: CodeType = marshal.loads(memoryview(data)[_HEADER:])
    return code


def _bytes(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.read()


def _place(name: str, module: ModuleType) -> tuple[str, str, bool] | None:
    """Where a module is; None for one without bytecode of its own."""
    spec: ModuleSpec | None = getattr(module, "__spec__", None)
    if (
        spec is None
        or spec.name != name
        or not isinstance(spec.loader, SourceFileLoader | SourcelessFileLoader)
    ):
        return None
    if not spec.origin or not spec.cached or not os.path.exists(spec.cached):
        return None
    return spec.origin, spec.cached, spec.submodule_search_locations is not None


def _take_generated(generated: _Generated) -> None:
    import dataclasses

    def run(text: str, names: dict[str, Any], local: dict[str, Any]) -> None:
        code = generated.get(text)
        exec(_compiled(text) if code is None else marshal.loads(code), names, local)

    _replace_exec(dataclasses, run)


def _compiled(text: str) -> CodeType:
    """The code of a text as `dataclasses` compiles it: the `__future__` import of this module is left out."""
    code: CodeType = compile(text, "<string>", "exec", dont_inherit=True)
    return code


def _replace_exec(module: ModuleType, run: _Run) -> None:
    """Let a module run text by `run`: its global name hides the builtin one."""
    module.__dict__["exec"] = run
