"""What `capture` reads and writes: sources, files by their endings, reports, standard output."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from stillframe.errors import NameNotResolved
from stillframe.result import Artifact, CaptureReport, CaptureResult
from stillframe.verdict import Finding
from unit.stand_ins import Captures

from .conftest import Run


def result(*formats: str) -> CaptureResult:
    """A result with one artifact of each format, whose bytes are the format's name."""
    report = CaptureReport(timings={"total": 1234.5})

    def one(name: str, data: bytes) -> CaptureResult:
        extension = {"markdown": "md", "jpeg": "jpeg"}.get(name, name)
        artifact = Artifact(name, data, "x/y", extension, *((800, 600) if name == "png" else ()))
        return CaptureResult("id", artifact, report, f"screenshot.{extension}")

    parts = [one(name, name.encode()) for name in formats]
    if len(parts) == 1:
        return parts[0]
    whole = one("zip", b"PK")
    whole.parts = parts
    return whole


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text("<h1>Page</h1>")
    return path


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize(
    ("args", "formats", "files"),
    [
        ("page.html", ["png"], {"page.png": "png"}),
        ("page.html -f pdf", ["pdf"], {"page.pdf": "pdf"}),
        ("page.html -o a.webp", ["webp"], {"a.webp": "webp"}),
        ("page.html -o a.JPG", ["jpeg"], {"a.JPG": "jpeg"}),
        ("page.html -o noending", ["png"], {"noending": "png"}),
        ("page.html -f jpeg -o a.jpg", ["jpeg"], {"a.jpg": "jpeg"}),
        ("page.html -o a.png -o b.pdf", ["png", "pdf"], {"a.png": "png", "b.pdf": "pdf"}),
        ("page.html --outputs png,pdf", ["png", "pdf"], {"page.png": "png", "page.pdf": "pdf"}),
        ("page.html --outputs png,pdf -o all", ["png", "pdf"], {"all.png": "png", "all.pdf": "pdf"}),
        ("page.html --outputs png,png -o all", ["png", "png"], {"all.png": "png", "all-2.png": "png"}),
        ("page.html --outputs png,pdf -o all.zip", ["png", "pdf"], {"all.zip": "PK"}),
        (
            "page.html --outputs markdown,png -o a.md -o b.png",
            ["markdown", "png"],
            {"a.md": "markdown", "b.png": "png"},
        ),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_results_go_to_the_files_that_were_named(
    args: str, formats: list[str], files: dict[str, str], run: Run, captures: Captures, tmp_path: Path
) -> None:
    captures.answers = [result(*formats)]
    ran = run("capture", *args.split())
    assert (ran.code, ran.out) == (0, ""), ran.err
    assert {p.name: p.read_text() for p in tmp_path.iterdir() if p.name != "page.html"} == files
    request = captures.asked[0]
    assert [variant.format for variant in request.variants()] == formats
    assert [line.split(" ")[0] for line in ran.err.splitlines()] == list(files)


def test_a_folder_as_out_gets_a_name_of_the_source(run: Run, captures: Captures, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    for _ in range(2):
        captures.answers = [result("png")]
        assert run("capture", "https://example.com/docs", "-o", "pictures").code == 0
    names = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    assert names == ["example-com-docs-2.png", "example-com-docs.png"]


def test_one_line_tells_file_format_size_and_time(run: Run, captures: Captures) -> None:
    captures.answers = [result("png")]
    assert run("capture", "x.test", "-o", "a.png").err == "a.png (png, 800×600, 3 bytes, 1.2 s)\n"


def test_findings_have_a_line_each(run: Run, captures: Captures) -> None:
    found = result("png")
    found.report.verdict.findings = [Finding("blank", "All white."), Finding("retried", "Twice.", "notice")]
    captures.answers = [found]
    lines = run("capture", "x.test").err.splitlines()
    assert lines[1:] == ["problem: blank: All white.", "notice: retried: Twice."]


def test_standard_output_has_the_bytes_and_nothing_else(run: Run, captures: Captures) -> None:
    found = result("png")
    found.report.verdict.findings = [Finding("blank", "All white.")]
    captures.answers = [found]
    ran = run("capture", "x.test", "-o", "-", "--json")
    assert (ran.code, ran.out) == (0, "png")
    report, _ = json.JSONDecoder().raw_decode(ran.err[ran.err.index("{") :])
    assert report["path"] is None


def test_a_terminal_gets_no_bytes(run: Run, captures: Captures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True, raising=False)
    ran = run("capture", "x.test", "-o", "-")
    assert (ran.code, captures.asked) == (2, [])
    assert "standard output is a terminal; name a file with -o" in ran.err


def test_json_is_the_report_with_the_names_of_the_files(run: Run, captures: Captures) -> None:
    captures.answers = [result("png", "pdf")]
    body = json.loads(run("capture", "x.test", "--json", "-o", "a.png", "-o", "b.pdf").out)
    assert (body["path"], body["paths"]) == ("a.png", ["a.png", "b.pdf"])
    assert body["report"]["verdict"] == {"ok": True, "findings": []}


def test_json_of_a_failure_is_the_error_of_every_door(run: Run, captures: Captures) -> None:
    captures.answers = [NameNotResolved("The host name x.test has no address.")]
    ran = run("capture", "x.test", "--json")
    body = json.loads(ran.out)
    assert (ran.code, body["status"], body["code"]) == (4, "error", "name_not_resolved")
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<p>Привет".encode(), "<p>Привет"),
        (
            b"<meta charset=windows-1251><p>" + "Привет".encode("cp1251"),
            "<meta charset=windows-1251><p>Привет",
        ),
        ("<p>Привет".encode("utf-16"), "<p>Привет"),
        (b"\xef\xbb\xbf<p>x", "<p>x"),
        (b"<p>caf\xe9", "<p>café"),
        (b"<meta charset=nonsense><p>caf\xe9", "<meta charset=nonsense><p>café"),
    ],
    ids=["utf-8", "windows-1251", "utf-16", "mark", "latin", "unknown"],
)
def test_standard_input_is_html_in_the_encoding_that_it_declares(
    data: bytes, text: str, run: Run, captures: Captures, tmp_path: Path
) -> None:
    assert run("capture", "-", stdin=data).code == 0
    assert captures.asked[0].html_content == text
    assert (tmp_path / "capture.png").is_file()


@pytest.mark.parametrize(
    ("source", "allowed"),
    [
        ("localhost:3000/a", "localhost:3000"),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000"),
        ("http://[::1]/", "[::1]:80"),
        ("https://a.test", "a.test:443"),
    ],
)
def test_the_target_that_was_named_is_allowed(
    source: str, allowed: str, run: Run, captures: Captures, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        "stillframe.cli.local.capture", lambda request: seen.append(policy()) or result("png")
    )
    assert run("capture", source, "--allow", "10.0.0.0/8").code == 0
    assert seen == [f"10.0.0.0/8,{allowed}"]


def policy() -> str:
    from stillframe.settings import Settings

    return Settings.from_env().egress_allow


def test_a_local_page_is_the_real_file_behind_a_link(run: Run, captures: Captures, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "page.html").write_text("x")
    (tmp_path / "link.html").symlink_to("site/page.html")
    assert run("capture", "link.html").code == 0
    assert captures.asked[0].url.endswith(".localhost/page.html")
