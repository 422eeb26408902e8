"""The packaged scripts as they are sent to a page."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from stillframe.page.assets import page_function, page_script

SCRIPTS = sorted(
    str(path.relative_to(str(files("stillframe"))))
    for folder in ("page", "steps", "outputs")
    for path in Path(str(files("stillframe") / folder)).rglob("*.js")
)


@pytest.mark.parametrize("path", SCRIPTS)
def test_a_script_is_sent_without_comment_lines_and_indentation(path: str) -> None:
    for line in page_script(path).splitlines():
        assert not line.startswith((" ", "\t", "//", "/**")), line


@pytest.mark.parametrize("path", SCRIPTS)
def test_no_template_literal_goes_over_several_lines(path: str) -> None:
    for line in page_script(path).splitlines():
        code = line.partition(" // ")[0]
        assert code.count("`") % 2 == 0, line


def test_a_script_with_helpers_is_a_function_of_one_argument() -> None:
    function = page_function("steps/assets/check_page.js")
    assert function.startswith("(argument) => (")
    assert "documentText" in function
