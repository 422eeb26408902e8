"""Wrong input: each ends with its exit code, and one line that says what is wrong and how to mend it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from stillframe import errors
from stillframe.egress.refusals import as_error
from stillframe.egress.report import Outcome
from unit.stand_ins import Captures

from .conftest import Run


@dataclass(frozen=True)
class Case:
    """`words` are all in the line; `files` are made first, by their names."""

    args: str
    code: int
    words: tuple[str, ...]
    files: dict[str, str | bytes] = field(default_factory=dict)
    stdin: bytes = b""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.args or "nothing"


PAGE = {"page.html": "<h1>Page</h1>"}
KEY = {"URL_SIGNING_SECRET": "k" * 32}

COMMANDS = [
    Case("captur", 2, ("no command 'captur'", "did you mean 'capture'")),
    Case("frobnicate", 2, ("no command 'frobnicate'", "see stillframe --help")),
    Case("https://example.com", 2, ("not a command", "stillframe capture https://example.com")),
    Case("page.html", 2, ("not a command", "stillframe capture page.html")),
    Case("--colour", 2, ("no option --colour", "see stillframe --help")),
    Case("completion csh", 2, ("no completion for 'csh'", "did you mean 'zsh'")),
    Case("completion", 2, ("SHELL is missing", "stillframe completion --help")),
    Case("devices iphon 99", 2, ("no device 'iphon 99'", "did you mean")),
    Case("templates mobil_e", 2, ("no template 'mobil_e'", "did you mean 'mobile'")),
    Case(
        "templates",
        2,
        ("TEMPLATES_FILE", "nowhere.json", "correct it"),
        environment={"TEMPLATES_FILE": "nowhere.json"},
    ),
]
SOURCES = [
    Case("capture", 2, ("SOURCE is missing", "give a URL")),
    Case("capture nowhere.html", 2, ("no file nowhere.html", "check its name")),
    Case("capture pag.html", 2, ("no file pag.html", "did you mean page.html"), PAGE),
    Case("capture folder/page.html", 2, ("no file folder/page.html", "no folder folder either")),
    Case("capture ./page", 2, ("no file page", "check its name")),
    Case("capture file:///nowhere/page.html", 2, ("no file /nowhere/page.html", "no folder /nowhere")),
    Case("capture empty.html", 2, ("empty.html is empty",), {"empty.html": ""}),
    Case("capture none", 2, ("no HTML file", "name the page itself"), {"none/a.txt": "x"}),
    Case(
        "capture two",
        2,
        ("several files are pages", "a.html, b.html", "name the page itself"),
        {"two/a.html": "a", "two/b.html": "b"},
    ),
    Case("capture report.docx", 2, ("do not show .docx", "save it as HTML"), {"report.docx": "x"}),
    Case("capture ./.page.html", 2, ("hidden file", "rename it"), {".page.html": "x"}),
    Case("capture -", 2, ("standard input is empty", "cat page.html | stillframe capture -")),
    Case("capture - page.html", 2, ("argument too many, page.html", "quote a value"), PAGE, stdin=b"<p>"),
    Case("capture http://example.com:99999/", 2, ("SOURCE", "valid URL", "65535")),
    Case("capture ftp://example.com/", 2, ("SOURCE", "http")),
    Case("capture page.html --markdown x", 2, ("only one", "url and markdown"), PAGE),
]
FILES = [
    Case("capture page.html -o page.gif", 2, ("page.gif", ".gif is not a format", ".png"), PAGE),
    Case("capture page.html -o page.pgn", 2, (".pgn is not a format", "did you mean .png"), PAGE),
    Case("capture page.html -o page.zip", 2, ("holds several results", "--outputs png,pdf"), PAGE),
    Case("capture page.html --tiles {} -o page.png", 2, ("several pictures", "-o page.zip"), PAGE),
    Case("capture page.html -o page.json", 2, (".json needs --format metadata", "--json"), PAGE),
    Case("capture page.html -o a.png -f pdf", 2, ("contradict", "-o a.pdf"), PAGE),
    Case("capture page.html -o a.png -o b.pdf -f pdf", 2, ("a.png", "contradict"), PAGE),
    Case("capture page.html -o a.pdf -o b.pdf -f pdf", 2, ("--format cannot be combined",), PAGE),
    Case("capture page.html -o none/a.png", 2, ("no folder none", "mkdir -p none"), PAGE),
    Case("capture page.html -o none/", 2, ("no folder none", "mkdir -p none"), PAGE),
    Case("capture page.html -o page.html/a.png", 2, ("page.html is a file, not a folder",), PAGE),
    Case("capture page.html -o /proc/a.png", 2, ("folder /proc", "name another one"), PAGE),
    Case("capture page.html -o page.html", 2, ("the source itself", "name another file"), PAGE),
    Case("capture page.html -o a.png -o a.png", 2, ("given twice",), PAGE),
    Case("capture page.html -o - -o a.png", 2, ("--out - cannot be combined", "alone"), PAGE),
    Case("capture page.html --outputs png,pdf -o a.png", 2, ("2 results", "-o a", ".zip"), PAGE),
    Case("capture page.html --outputs png,pdf,md -o a.png -o b.pdf", 2, ("3 results", "3 times -o"), PAGE),
    Case("capture page.html --outputs png,pdf -o a.pdf -o b.png", 2, ("in the order of --outputs",), PAGE),
]
OPTIONS = [
    Case("capture x.test --full-pge", 2, ("no option --full-pge", "did you mean --full-page")),
    Case("capture x.test --frobnicate", 2, ("no option --frobnicate", "stillframe capture --help")),
    Case("capture x.test --selector", 2, ("--selector needs a value", "see stillframe capture --help")),
    Case("capture x.test --window-width 5", 2, ("--window-width: must be at least 16, not ", "5")),
    Case("capture x.test --window-width wide", 2, ("--window-width: must be a whole number, not 'wide'",)),
    Case("capture x.test --image-quality 101", 2, ("--image-quality", "100")),
    Case("capture x.test --timeout 999999999", 2, ("--timeout", "limit", "300000")),
    Case("capture x.test -f jpg2", 2, ("--format", "did you mean 'jpeg'")),
    Case("capture x.test --wait-until setled", 2, ("--wait-until", "did you mean 'settled'")),
    Case("capture x.test --device iphone_131", 2, ("--device", "did you mean 'iPhone 13'")),
    Case("capture x.test --template mobil", 2, ("--template", "did you mean 'mobile'")),
    Case("capture x.test --clip 5", 2, ("--clip", "JSON object", "x, y, width, height")),
    Case("capture x.test --clip {x", 2, ("--clip", "JSON")),
    Case("capture x.test --custom-headers X:y", 2, ("--custom-headers", "JSON", '{"name": "value"}')),
    Case("capture x.test --fail-on blnk", 2, ("--fail-on: must be ", "did you mean 'blank'")),
    Case(
        'capture x.test --clip {"x":0,"y":0,"width":0,"height":5}', 2, ("--clip: width: must be more than 0",)
    ),
    Case("capture x.test --padding 5", 2, ("--padding", "requires selector")),
    Case("capture x.test --timezone Europe/Berln", 2, ("--timezone", "IANA")),
    Case("capture x.test --cookies nonsense", 2, ("--cookies", "name=value")),
    Case("capture x.test --allow a/b", 2, ("--allow", "'a/b'", "--allow 127.0.0.1:8000")),
    Case("capture x.test", 2, ("QUEUE_SIZE", "'many'", "doctor"), environment={"QUEUE_SIZE": "many"}),
]
MANIFESTS = [
    Case("batch", 2, ("MANIFEST is missing", "stillframe batch --help")),
    Case("batch nowhere.csv", 2, ("no file nowhere.csv", "check its name")),
    Case("batch folder", 2, ("folder is a folder", "name a file"), {"folder/a.csv": "url\n"}),
    Case("batch pages.xls", 2, ("pages.xls", ".csv", "--manifest-format"), {"pages.xls": "x"}),
    Case("batch a.csv", 2, ("a.csv is empty",), {"a.csv": ""}),
    Case("batch a.csv", 2, ("a.csv", "no requests"), {"a.csv": "url\n"}),
    Case(
        "batch a.csv",
        2,
        ("a.csv, line 1", "unknown option 'widht'", "did you mean 'width'"),
        {"a.csv": "url,widht\n" + "http://a.test,5\n" * 50},
    ),
    Case("batch a.csv", 2, ("line 1", "commas, not with ';'"), {"a.csv": "url;width\na;5\n"}),
    Case(
        "batch a.csv", 2, ("line 1", "must name the options"), {"a.csv": "https://a.test\nhttps://b.test\n"}
    ),
    Case("batch a.csv", 2, ("line 2", "not UTF-8", "save the file"), {"a.csv": b"url\nhttp://\xe9/\n"}),
    Case("batch a.json", 2, ("a.json, line 2, column 3", "not JSON"), {"a.json": '[{"url": "x"},\n {]'}),
    Case("batch a.json", 2, ("unknown field 'option'",), {"a.json": '{"requests": [{}], "option": {}}'}),
    Case("batch a.yaml", 2, ("a.yaml, line 2", "not YAML"), {"a.yaml": "- url: x\n  : : [\n"}),
    Case("batch a.yaml", 2, ("no requests",), {"a.yaml": "# nothing\n"}),
    Case("batch a.yaml", 2, ("a.yaml", "a list of requests"), {"a.yaml": "x{\n"}),
    Case("batch a.json", 2, ("a.json", "a list of requests"), {"a.json": "7"}),
    Case("batch a.txt", 2, ("a.txt", "this is JSON", ".jsonl"), {"a.txt": '{"url": "x"}\n'}),
    Case("batch -", 2, ("standard input", "no requests")),
    Case("batch a.txt --at-once 99", 2, ("--at-once", "1<=x<=32"), {"a.txt": "x.test"}),
    Case("batch a.txt --tries 0", 2, ("--tries", "1<=x<=10"), {"a.txt": "x.test"}),
    Case("batch a.txt --full-page maybe", 2, ("argument too many, maybe",), {"a.txt": "x.test"}),
    Case("batch a.txt -d a.txt", 2, ("a.txt is a file, not a folder",), {"a.txt": "x.test"}),
    Case("batch a.txt -d /proc/x", 2, ("folder /proc", "name another one"), {"a.txt": "x.test"}),
    Case(
        "batch a.txt -d .",
        2,
        ("results.jsonl was not written by a batch", "-d"),
        {"a.txt": "x.test", "results.jsonl": '{"x": 1}\n'},
    ),
    Case("validate a.csv", 2, ("a.csv, line 1", "did you mean"), {"a.csv": "url,widht\na,5\n"}),
    Case("validate x.test --pixel-density 99", 2, ("--pixel-density", "4")),
]
SERVICE = [
    Case("sign", 2, ("URL is missing", "give the address")),
    Case("sign x.test", 2, ("URL_SIGNING_SECRET is not set", "set it")),
    Case("sign x.test", 2, ("fewer than 32", "openssl rand"), environment={"URL_SIGNING_SECRET": "short"}),
    Case("sign x.test --kid b", 2, ("no key 'b'",), environment=KEY),
    Case("sign x.test --expires-in 99999999", 2, ("--expires-in", "604800"), environment=KEY),
    Case("sign x.test --expires-in 0", 2, ("--expires-in", "x>=1"), environment=KEY),
    Case("sign x.test --proxy http://p.test", 2, ("signature_invalid", "proxy"), environment=KEY),
    Case("sign x.test --window-width 1", 2, ("--window-width", "16"), environment=KEY),
    Case("serve --port 99999", 2, ("--port", "65535")),
    Case("serve --host 0.0.0.0", 2, ("AUTH_TOKEN", "0.0.0.0")),
    Case("serve", 2, ("WORKERS", "whole number", "correct the variable"), environment={"WORKERS": "many"}),
]
PICTURES: dict[str, str | bytes] = {"a.png": b"not a picture", "b.png": b"nor this one"}
COMPARISONS = [
    Case("compare a.png", 2, ("AFTER is missing", "stillframe compare --help"), PICTURES),
    Case("compare a.html b.png", 2, ("a.html is not a picture", "capture a.html -o before.png"), PICTURES),
    Case("compare none.png b.png", 2, ("no file none.png",), PICTURES),
    Case("compare a.png none.png", 2, ("no file none.png",), PICTURES),
    Case("compare a.png b.png", 2, ("picture", "compare PNG, JPEG, WebP or AVIF"), PICTURES),
    Case("compare a.png b.png --ignore 1,2", 2, ("--ignore", "'1,2'", "0,0,200,50"), PICTURES),
    Case("compare a.png b.png --threshold 101", 2, ("--threshold", "0<=x<=100"), PICTURES),
    Case("compare a.png b.png --overlay o.jpg", 2, ("--overlay o.jpg", "end its name in .png"), PICTURES),
    Case("compare a.png b.png --overlay none/o.png", 2, ("no folder none", "mkdir -p none"), PICTURES),
    Case("compare a.png b.png --save c.png", 2, ("--save", "AFTER is a picture"), PICTURES),
    Case("compare a.png none.html", 2, ("no file none.html",), PICTURES),
]
ENDPOINTS = [
    Case("capture x.test --endpoint ftp://a.test", 2, ("--endpoint", "http or https", "https://host")),
    Case("capture x.test --endpoint a.test", 2, ("--endpoint", "http or https", "https://host")),
    Case("capture x.test --endpoint https://me:secret@a.test", 2, ("--endpoint", "token", "--token")),
    Case("capture x.test --endpoint https://a.test --allow b", 2, ("--allow", "EGRESS_ALLOW")),
    Case("batch a.txt --endpoint a.test", 2, ("--endpoint", "https://host"), {"a.txt": "x.test"}),
    Case("devices --endpoint a.test", 2, ("--endpoint", "https://host")),
]
CASES = [*COMPARISONS, *ENDPOINTS, *COMMANDS, *SOURCES, *FILES, *OPTIONS, *MANIFESTS, *SERVICE]


def make(files: dict[str, str | bytes], folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_wrong_input_is_one_line_with_the_fix(
    case: Case, run: Run, captures: Captures, tmp_path: Path
) -> None:
    make(case.files, tmp_path)
    before = sorted(tmp_path.rglob("*"))
    ran = run(*case.args.split(), stdin=case.stdin, **case.environment)
    assert (ran.code, ran.out) == (case.code, ""), ran.err
    (line,) = ran.err.splitlines()
    assert line.startswith("stillframe: ")
    assert [word for word in case.words if word not in line] == [], line
    # It was found before anything was captured or written.
    assert captures.asked == []
    assert sorted(tmp_path.rglob("*")) == before


BLOCKED = as_error(Outcome("denied", "address_not_public"), "10.0.0.1")
assert BLOCKED is not None
FAILURES: list[tuple[BaseException | Callable[[], object], int, tuple[str, ...]]] = [
    (errors.NameNotResolved("The host name x has no address."), 4, ("name_not_resolved", "network")),
    (errors.ConnectionRefused("x refused the connection."), 4, ("connection_refused", "Start the server")),
    (errors.SslError("x"), 4, ("ssl_error", "--ignore-https-errors")),
    (errors.DeadlineExceeded("load"), 5, ("deadline_exceeded", "--timeout")),
    (errors.SelectorNotFound("x"), 3, ("selector_not_found", "--wait-for-selector")),
    (errors.AssertionFailed("x"), 3, ("assertion_failed",)),
    (errors.BrowserUnavailable("No Chromium was found."), 6, ("browser_unavailable", "stillframe doctor")),
    (errors.MemoryLimit("x"), 6, ("memory_limit", "MEMORY_LIMIT_MB")),
    (errors.InternalError("x"), 6, ("internal_error", "LOG_LEVEL=ERROR")),
    (BLOCKED, 2, ("destination_blocked", "--allow 10.0.0.1", "EGRESS_ALLOW")),
    (KeyboardInterrupt(), 130, ("interrupted",)),
]


@pytest.mark.parametrize(("error", "code", "words"), FAILURES, ids=lambda v: type(v).__name__)
def test_a_capture_that_fails_is_one_line(
    error: BaseException, code: int, words: tuple[str, ...], run: Run, captures: Captures
) -> None:
    captures.answers = [error]
    ran = run("capture", "https://x.test")
    assert (ran.code, ran.out) == (code, "")
    (line,) = ran.err.splitlines()
    assert [word for word in words if word not in line] == [], line


def test_a_name_with_control_characters_cannot_write_to_the_terminal(run: Run) -> None:
    ran = run("capture", "\x1b[31mred\nnext.html")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "\x1b" not in ran.err


def test_a_name_that_is_no_text_is_shown(run: Run) -> None:
    ran = run("capture", os.fsdecode(b"\xff\xfe.html"))
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)


def test_a_disk_that_fills_during_a_batch_is_one_line(
    run: Run, captures: Captures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "captures/1.png")

    monkeypatch.setattr("stillframe.batch.results_log.ResultsLog.add_done", full)
    (tmp_path / "a.txt").write_text("a.test\nb.test\n")
    ran = run("batch", "a.txt")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-1] == "stillframe: captures/1.png: no space left on device"
    assert "Traceback" not in ran.err


def test_a_disk_that_is_full_is_one_line(run: Run, captures: Captures) -> None:
    ran = run("capture", "x.test", "-o", "/dev/full")
    assert ran.code == 1
    assert "no space left" in ran.err
    assert "Traceback" not in ran.err
