"""Gotenberg's forms: which parts are fields, files of the page, templates, or files of the engines."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest
from markdown_it import MarkdownIt

from stillframe import compat
from stillframe.compat import gotenberg_files
from stillframe.compat.service import Route
from stillframe.errors import RequestNotValid

Part = tuple[str, str | None, bytes]
INDEX: Part = ("files", "index.html", b"<p>x")


def route(path: str) -> Route:
    found = compat.service("gotenberg").route(f"forms/chromium/{path}")
    assert found is not None
    return found


def unpacked(archive: str | None) -> dict[str, bytes]:
    assert archive is not None
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(archive))) as file:
        return {name: file.read(name) for name in file.namelist()}


def refused(path: str, *parts: Part) -> str:
    with pytest.raises(RequestNotValid) as refusal:
        gotenberg_files.values(parts, route(path))
    return refusal.value.message


def test_files_of_the_page_become_its_archive() -> None:
    parts: list[Part] = [
        INDEX,
        ("files", "a/style.css", b"p{}"),
        ("files", "header.html", b"<b>h</b>"),
        ("landscape", None, b"true"),
        ("scale", None, b""),
    ]
    values, archive = gotenberg_files.values(parts, route("convert/html"))
    # There an empty field is the default, and a file has its name without the folder.
    assert values == {"landscape": "true", "header.html": "<b>h</b>"}
    assert unpacked(archive) == {"index.html": b"<p>x", "style.css": b"p{}"}


def test_a_picture_has_no_header_and_its_file_stays() -> None:
    parts: list[Part] = [INDEX, ("files", "header.html", b"h")]
    values, archive = gotenberg_files.values(parts, route("screenshot/html"))
    assert values == {}
    assert set(unpacked(archive)) == {"index.html", "header.html"}


def test_markdown_is_filled_into_the_template() -> None:
    parts: list[Part] = [
        ("files", "index.html", b'<body>{{ toHTML "a.md" }}<hr>{{toHTML `b.md`}}</body>'),
        ("files", "a.md", b"# A\n\n<script>x()</script>"),
        ("files", "b.md", b"| c |\n|---|\n| d |"),
    ]
    _, archive = gotenberg_files.values(parts, route("convert/markdown"))
    page = unpacked(archive)["index.html"].decode()
    assert "<h1>A</h1>" in page
    assert "<td>d</td>" in page
    assert "<script>" not in page


def test_files_for_the_engines_are_refused_by_the_table() -> None:
    values, _ = gotenberg_files.values([INDEX, ("stamp", "s.png", b"x")], route("convert/html"))
    assert values == {"stamp": "s.png"}


def test_a_form_that_cannot_be_meant_is_refused() -> None:
    assert refused("convert/html", ("files", "page.html", b"x")).startswith("index.html: ")
    assert refused("convert/html", INDEX, INDEX).startswith("the form has the file 'index.html' twice")
    assert refused("convert/url", ("url", None, b"a"), ("url", None, b"b")).startswith("url: given twice")
    assert "use …/html" in refused("convert/url", INDEX)
    template = b'{{ toHTML "gone.md" }}'
    assert "no file 'gone.md'" in refused("convert/markdown", ("files", "index.html", template))


def test_a_template_that_names_a_large_file_many_times_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    render = MarkdownIt.render
    monkeypatch.setattr(MarkdownIt, "render", lambda self, src: rendered.append(src) or render(self, src))
    word: Part = ("files", "a.md", b"word " * 10_000)
    many: Part = ("files", "index.html", b'{{toHTML "a.md"}}' * 1_000)
    assert "characters of Markdown" in refused("convert/markdown", many, word)
    assert len(rendered) == 1
