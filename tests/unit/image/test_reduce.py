"""What stays in the image: what the roots reach by dpkg's dependencies, and bytecode in place of sources."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from functions.image import reduce, trim

REQUIRES: reduce.Packages = {
    "browser": [["libc"], ["desktop-helper"], ["font-tool", "other-font-tool"]],
    "libc": [["libgcc"]],
    "libgcc": [],
    "no-desktop": [],
    "font-tool": [["debconf"]],
    "debconf": [["perl-base"]],
    "perl-base": [["libperl"]],
    "libperl": [],
    "apt": [["libc"]],
}
PROVIDED = {name: {name} for name in REQUIRES} | {"desktop-helper": {"no-desktop"}}


def test_dependencies_are_followed_through_what_is_provided() -> None:
    found = reduce.reachable({"browser", "not-installed"}, REQUIRES, PROVIDED)
    assert found == {"browser", "libc", "libgcc", "no-desktop", "font-tool"}


def test_what_only_installation_needs_leads_nowhere() -> None:
    assert "debconf" in reduce.UNUSED_PACKAGES
    assert not {"debconf", "perl-base", "libperl"} & reduce.reachable({"font-tool"}, REQUIRES, PROVIDED)


@pytest.mark.parametrize(
    ("field", "separator", "expected"),
    [
        ("libc6 (>= 2.36), python3:any, foo [amd64]", ",", ["libc6", "python3", "foo"]),
        ("awk | mawk (>= 1)", "|", ["awk", "mawk"]),
        ("", ",", []),
    ],
)
def test_names_are_read_without_versions(field: str, separator: str, expected: list[str]) -> None:
    assert reduce.names(field, separator) == expected


def test_modules_are_imported_from_bytecode_alone(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package/__init__.py").write_text("from .part import answer\n")
    (tmp_path / "package/part.py").write_text("answer = 42\n")
    trim.drop_sources(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["__init__.pyc", "part.pyc"]
    command = [sys.executable, "-c", "import package; print(package.answer)"]
    assert subprocess.check_output(command, cwd=tmp_path, text=True, timeout=60) == "42\n"


def test_a_module_that_cannot_be_compiled_ends_the_build(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def\n")
    with pytest.raises(SystemExit):
        trim.drop_sources(tmp_path)
    assert (tmp_path / "broken.py").exists()
