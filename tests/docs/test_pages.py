"""Every fenced block of the documentation is run, checked in a named way, or left out for a stated reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_pages import pages

from .blocks import ROOT, blocks
from .runner import Page
from .world import World

PAGES = [p for p in pages() if blocks(p)]


def test_the_pages_are_found() -> None:
    names = {str(p.relative_to(ROOT)) for p in PAGES}
    assert {"README.md", "docs/quick-start.md", "docs/recipes/pdf-invoices.md", "docs/deploy.md"} <= names


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_page_does_what_it_says(
    page: Path, tmp_path: Path, everything: World, record_property: Callable[[str, object], None]
) -> None:
    followed = Page(blocks(page), tmp_path, everything)
    wrong = followed.follow()
    record_property("checked", (dict(followed.counts), followed.left_out))
    if wrong:
        pytest.fail(wrong, pytrace=False)


def follow(text: str, folder: Path, everything: World) -> str:
    """How a page of this text fails; empty when it does not."""
    page = folder / "page.md"
    page.write_text(text, "utf-8")
    (folder / "followed").mkdir()
    return Page(blocks(page), folder / "followed", everything).follow()


def fenced(language: str, text: str, mark: str = "") -> str:
    return (f"<!-- check: {mark} -->\n" if mark else "") + f"```{language}\n{text}\n```\n\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (fenced("yaml", "a: 1"), "needs a mark"),
        (fenced("", "a"), "needs a mark"),
        (fenced("sh", "true") + "A paragraph.\n\n" + fenced("yaml", "a: 1"), "needs a mark"),
        (fenced("sh", "true", "none"), "say why"),
        (fenced("sh", "true", "syntax"), "say why"),
        (fenced("sh", "if", "syntax, a reason"), "syntax error"),
        (fenced("sh", "exit 3"), "ended with 3"),
        (fenced("sh", "false\ntrue"), "ended with 1"),
        (fenced("sh", "true", "fails"), "was to fail"),
        (fenced("sh", "echo one") + fenced("text", "two"), "is not what the block before it said"),
        (fenced("sh", "echo one", "fails") + fenced("json", "{}"), "is not what the block before it said"),
        (fenced("sh", "echo text > page.png"), "page.png is no png"),
        (fenced("python", "raise SystemExit(4)"), "ended with 4"),
        (fenced("js", "process.exit(5)"), "ended with 5"),
        (fenced("json", '{"url": "https://example.com", "fulpage": true}', "request"), "fulpage"),
        (fenced("csv", "url,fulpage\nhttps://example.com,true", "manifest list.csv"), "fulpage"),
        (fenced("html", "<p>other</p>", "file examples/page.html"), "does not have these lines"),
        (fenced("sh", 'curl "$STILLFRAME/gone"'), "404"),
        (fenced("json", '{"url": 1}', "post /compat/screenshotone/take"), "answered 4"),
        (fenced("sh", "aws sqs send-massage"), "no operation send-massage"),
        (fenced("sh", "aws sqs send-message --queue-url q"), "--message-body is missing"),
        (fenced("sh", "aws sqs purge-queue --queue-url q --now"), "no parameter --now"),
        (fenced("sh", "aws s3 cp gone.csv s3://bucket/"), "there is no file gone.csv"),
        (fenced("sh", "aws lambda invoke --function-name f --payload '{' out.json"), "ended with"),
        (fenced("sh", "sam destroy"), "no command destroy"),
        (fenced("sh", "make nothing"), "No rule to make target"),
        (fenced("sh", "python scripts/redrive.py --everything"), "has no --everything"),
    ],
)
def test_a_block_that_does_not_hold_is_found(
    text: str, fault: str, tmp_path: Path, everything: World
) -> None:
    assert fault in follow(text, tmp_path, everything)


def test_blocks_share_variables_functions_and_the_folder(tmp_path: Path, everything: World) -> None:
    text = (
        fenced("sh", 'word=here; say() { echo "$word $PWD"; }; mkdir sub; cd sub')
        + fenced("sh", "say")
        + fenced("text", "here …/sub")
        + fenced("python", "import os; print(os.path.basename(os.getcwd()))")
        + fenced("text", "sub")
    )
    assert follow(text, tmp_path, everything) == ""
