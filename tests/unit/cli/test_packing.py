"""Which files a local page takes along to a service."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import pytest

from stillframe.cli.packing import packed

PAGE = """<link href="css/a.css?v=1"><img srcset="img/a.png 1x, img/b%20c.png 2x" src='./img/a.png'>
<script type=module src=js/a.js></script><a href=/top.json>x</a><a href=../above.html>x</a>
<a href=https://example.com/css/other.css>x</a><iframe src=deep/frame.html></iframe>"""
FILES = {
    "page.html": PAGE,
    "css/a.css": "@import url(more.css); @font-face { src: url('../fonts/f.woff2') }",
    "css/more.css": "",
    "css/other.css": "",
    "fonts/f.woff2": "",
    "img/a.png": "",
    "img/b c.png": "",
    "js/a.js": "import './b.js'; fetch('data/words.json')",
    "js/b.js": "",
    "data/words.json": "{}",
    "top.json": "",
    "deep/frame.html": "<img src=own.png>",
    "deep/own.png": "",
    "unnamed.txt": "",
    "report.html": "",
    ".hidden.json": "",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / "above.html").write_text("above")
    (folder / "link.json").symlink_to(tmp_path / "above.html")
    return folder


def names(archive: str) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(archive))) as found:
        return set(found.namelist())


def test_a_page_takes_the_files_that_it_names_and_those_that_they_name(root: Path) -> None:
    request = packed(root, "page.html", whole=False)
    left = {"css/other.css", "unnamed.txt", "report.html", ".hidden.json"}
    # A file of the folder that an address elsewhere also names may come along.
    assert names(request["archive"]) - {"css/other.css"} == set(FILES) - left
    assert request["archive_page"] == "page.html"


def test_a_folder_takes_all_its_files_that_pages_are_made_of(root: Path) -> None:
    request = packed(root, "page.html", whole=True)
    assert names(request["archive"]) == set(FILES) - {".hidden.json"}
    assert "archive_page" not in request


def test_files_that_name_each_other_end(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<a href=b.html>")
    (tmp_path / "b.html").write_text("<a href=a.html>")
    assert names(packed(tmp_path, "a.html", whole=False)["archive"]) == {"a.html", "b.html"}
