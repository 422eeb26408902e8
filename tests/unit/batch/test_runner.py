"""Rows of a manifest on this machine: captured once, retried with growing pauses, and recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stillframe.batch.manifest import Row, from_value
from stillframe.batch.results_log import NAME, InUse, ResultsLog, file_stem, identity
from stillframe.batch.runner import BatchRun
from stillframe.errors import BrowserUnavailable, CaptureError, NetworkError, SelectorNotFound
from unit.stand_ins import URL, Captures, done, picture


class Sleeps:
    """In place of sleeping: how long it would have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def run(directory: Path, rows: list[Row], **settings: Any) -> tuple[BatchRun, Sleeps]:
    sleeps = Sleeps()
    with ResultsLog(directory) as results:
        batch = BatchRun(results, settings.pop("concurrency", 1), sleep=sleeps, **settings)
        done(batch.run(iter(rows), lambda: None))
    return batch, sleeps


def entries(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / NAME).read_text("utf-8").splitlines()]


def rows(*values: Any) -> list[Row]:
    return from_value(list(values), "test")


# -- tries


def test_pauses_grow_and_are_never_the_same(tmp_path: Path, captures: Captures) -> None:
    captures.answers = [NetworkError("x")] * 4
    _, sleeps = run(tmp_path, rows(URL), tries=5)
    assert len(sleeps.seconds) == 4
    assert all(2**n <= seconds <= 2**n + 1 for n, seconds in enumerate(sleeps.seconds))
    assert len({seconds % 1 for seconds in sleeps.seconds}) == 4
    assert [(e["status"], e["attempts"]) for e in entries(tmp_path)] == [("done", 5)]


def test_a_pause_is_as_long_as_the_error_asks(tmp_path: Path, captures: Captures) -> None:
    captures.answers = [BrowserUnavailable("x", retry_after=7)]
    assert run(tmp_path, rows(URL), tries=2)[1].seconds == [7]


def test_no_pause_outlasts_the_rows_time(tmp_path: Path, captures: Captures) -> None:
    captures.answers = [BrowserUnavailable("x", retry_after=3)] * 9
    batch, sleeps = run(tmp_path, rows(URL | {"timeout": 1_000}), tries=2)
    assert (sleeps.seconds, len(captures.asked), batch.failed) == ([], 1, 1)
    assert entries(tmp_path)[0]["code"] == "browser_unavailable"


def test_every_try_has_what_is_left_of_the_rows_time(tmp_path: Path, captures: Captures) -> None:
    captures.answers = [NetworkError("x")]
    run(tmp_path, rows(URL | {"timeout": 10_000}), tries=2)
    first, second = captures.seconds
    assert first is not None
    assert second is not None
    assert second < first <= 20


@pytest.mark.parametrize(
    ("error", "tries", "asked"),
    [(SelectorNotFound("x"), 5, 1), (NetworkError("x"), 1, 1), (NetworkError("x"), 3, 3)],
)
def test_only_retryable_errors_are_retried(
    tmp_path: Path, captures: Captures, error: CaptureError, tries: int, asked: int
) -> None:
    captures.answers = [error] * asked
    batch, _ = run(tmp_path, rows(URL), tries=tries)
    assert (len(captures.asked), batch.failed) == (asked, 1)
    assert [(e["status"], e["code"], e["message"]) for e in entries(tmp_path)] == [
        ("failed", error.code, "x")
    ]


# -- answered once


def test_bad_rows_are_named_and_the_others_captured(tmp_path: Path, captures: Captures) -> None:
    found = rows(
        URL,
        {"nonsense": 1},
        7,
        URL | {"webhook_url": "https://h.example/"},
        {"\ud800": "\ud800"},
        URL | {"external_id": "\ud800"},
        URL,
    )
    batch, _ = run(tmp_path, found, concurrency=3)
    assert (batch.done, batch.failed, len(captures.asked)) == (2, 5, 2)
    assert sorted(e["row"] for e in entries(tmp_path)) == list(range(1, 8))
    assert {e["row"] for e in entries(tmp_path) if e["status"] == "failed"} == {2, 3, 4, 5, 6}


def test_a_second_run_captures_only_what_has_no_answer(tmp_path: Path, captures: Captures) -> None:
    captures.answers = [picture(), SelectorNotFound("x")]
    run(tmp_path, rows(URL, URL | {"dark_mode": True}))
    batch, _ = run(tmp_path, rows(URL, URL | {"dark_mode": True}, URL))
    assert (batch.skipped, batch.done, len(captures.asked)) == (2, 1, 3)
    batch, _ = run(tmp_path, rows(URL, URL | {"dark_mode": True}, URL), retry_failed=True)
    assert (batch.skipped, batch.done, len(captures.asked)) == (2, 1, 4)


@pytest.mark.parametrize("loss", ["changed", "gone", "short"])
def test_a_row_without_its_picture_is_captured_again(tmp_path: Path, captures: Captures, loss: str) -> None:
    run(tmp_path, rows(URL))
    kept = tmp_path / str(entries(tmp_path)[0]["file"])
    if loss == "gone":
        kept.unlink()
    elif loss == "short":
        kept.write_bytes(b"pic")
    batch, _ = run(tmp_path, rows(URL | ({"dark_mode": True} if loss == "changed" else {})))
    assert (batch.skipped, batch.done) == (0, 1)


def test_a_picture_without_its_line_is_entered_and_not_captured(tmp_path: Path, captures: Captures) -> None:
    run(tmp_path, rows(URL))
    (tmp_path / NAME).write_bytes(b'{"row": 1, "half a li')
    (tmp_path / "000009-0123abcd.part").write_bytes(b"half a pict")
    (tmp_path / "download.part").write_bytes(b"of somebody else")
    batch, _ = run(tmp_path, rows(URL))
    assert (batch.skipped, len(captures.asked)) == (1, 1)
    assert [(e["status"], e["bytes"], e["recovered"]) for e in entries(tmp_path)] == [("done", 7, True)]
    assert [path.name for path in tmp_path.glob("*.part")] == ["download.part"]


def test_a_run_that_is_stopped_in_the_middle_leaves_whole_answers(tmp_path: Path, captures: Captures) -> None:
    def stop() -> None:
        raise OSError("no room")

    captures.answers = [picture(), stop]
    with pytest.raises(ExceptionGroup):
        run(tmp_path, rows(URL, URL, URL))
    assert [e["row"] for e in entries(tmp_path)] == [1]
    batch, _ = run(tmp_path, rows(URL, URL, URL))
    assert (batch.skipped, batch.done) == (1, 2)


def test_a_second_run_in_one_directory_is_refused(tmp_path: Path) -> None:
    with ResultsLog(tmp_path), pytest.raises(InUse), ResultsLog(tmp_path):
        pass


def test_equal_rows_have_one_identity_at_their_own_places() -> None:
    one, other = rows({"url": "a", "width": 5}, {"width": 5, "url": "a"})
    assert identity(one) == identity(other)
    assert file_stem(one) != file_stem(other)
    assert identity(one) != identity(rows({"url": "a"})[0])
