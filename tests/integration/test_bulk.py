"""Manifests on this machine: what comes out adds up, whatever interrupts it."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cloud import OUTPUT, Cloud, Context, event, load_handler
from pages import TINY, is_green

# A thousand take a minute and more. A hundred have each way to be a bad row once.
ROWS = int(os.environ.get("STILLFRAME_BULK_ROWS", "100"))
BAD = ROWS // 20
GREEN = {"html_content": TINY["html_content"], "window_width": "40", "window_height": "30"}


def command(manifest: Path, *more: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "stillframe.cli.main",
        "batch",
        str(manifest),
        "-d",
        str(manifest.parent / "out"),
        "--json",
        *more,
    ]


def run(manifest: Path, *more: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        command(manifest, *more), capture_output=True, text=True, timeout=600, check=False, env=environment()
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "STORAGE_"))} | {
        "LOG_LEVEL": "ERROR",
        "EGRESS_ALLOW": "",
    }


def results_log(manifest: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for line in (manifest.parent / "out" / "results.jsonl").read_text("utf-8").splitlines()
    ]


def rows_with_errors() -> list[dict[str, str]]:
    """One row of twenty is bad, in five ways."""
    ways = [
        {"window_width": "wide"},
        {"html_content": ""},
        {"selector": "#nowhere"},
        {"format": "gif"},
        {"url": "http://169.254.169.254/", "html_content": ""},
    ]
    rows = []
    for index in range(ROWS):
        bad = ways[index // 20 % len(ways)] if index % 20 == 7 else {}
        rows.append(GREEN | {"wait_for_timeout": "150", "external_id": f"row-{index + 1}"} | bad)
    return rows


def write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    names = sorted({name for row in rows for name in row})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.timeout(600)
def test_a_manifest_with_bad_rows_adds_up(tmp_path: Path) -> None:
    manifest = write_csv(tmp_path / "pages.csv", rows_with_errors())
    code, summary = run(manifest)
    assert code == 1
    assert (summary["rows"], summary["done"], summary["failed"]) == (ROWS, ROWS - BAD, BAD)
    entries = results_log(manifest)
    assert sorted(e["row"] for e in entries) == list(range(1, ROWS + 1))
    assert [e["external_id"] for e in sorted(entries, key=lambda e: int(e["row"]))] == [
        f"row-{n + 1}" for n in range(ROWS)
    ]
    assert sorted(e["row"] for e in entries if e["status"] == "failed") == [
        n + 1 for n in range(ROWS) if n % 20 == 7
    ]
    codes = [
        "request_not_valid",
        "request_not_valid",
        "selector_not_found",
        "request_not_valid",
        "destination_blocked",
    ]
    assert Counter(e["code"] for e in entries if e["status"] == "failed") == Counter(
        codes[n % 5] for n in range(BAD)
    )
    assert all(e["message"] for e in entries if e["status"] == "failed")
    pictures = list((tmp_path / "out").glob("*.png"))
    assert len(pictures) == ROWS - BAD
    for entry in entries:
        if entry["status"] == "done":
            path = tmp_path / "out" / entry["file"]
            assert path.stat().st_size == entry["bytes"]
    assert is_green(pictures[0].read_bytes())
    again, skipped = run(manifest)
    assert (again, skipped["captured"], skipped["skipped"]) == (1, 0, ROWS)
    assert results_log(manifest) == entries


def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """Killed twice in the middle: nothing captured twice, nothing lost."""
    manifest = tmp_path / "pages.jsonl"
    manifest.write_text(
        "".join(json.dumps(TINY | {"external_id": str(n), "delay_capture": 150}) + "\n" for n in range(24))
    )
    results = tmp_path / "out" / "results.jsonl"
    for goal, ending in ((5, signal.SIGKILL), (12, signal.SIGINT)):
        process = subprocess.Popen(
            command(manifest), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
        )
        end = time.monotonic() + 60
        while not results.exists() or results.read_bytes().count(b"\n") < goal:
            assert process.poll() is None, "the run ended before it could be interrupted"
            assert time.monotonic() < end
            time.sleep(0.02)
        process.send_signal(ending)
        assert process.wait(30) == (-9 if ending == signal.SIGKILL else 130)
    before = {e["row"]: e for e in results_log(manifest)}
    assert 12 <= len(before) < 24
    times = {e["file"]: (tmp_path / "out" / e["file"]).stat().st_mtime_ns for e in before.values()}
    code, summary = run(manifest)
    assert (code, summary["done"], summary["skipped"]) == (0, 24, len(before))
    entries = results_log(manifest)
    assert Counter(e["row"] for e in entries) == Counter(range(1, 25))
    assert {n: (tmp_path / "out" / n).stat().st_mtime_ns for n in times} == times, (
        "a picture was captured twice"
    )


def test_half_a_line_of_a_killed_run_is_done_anew(tmp_path: Path) -> None:
    manifest = write_csv(tmp_path / "two.csv", [GREEN, GREEN | {"dark_mode": "true"}])
    run(manifest)
    results = tmp_path / "out" / "results.jsonl"
    whole = results.read_bytes()
    last = json.loads(whole.splitlines()[-1])
    results.write_bytes(whole[:-20])
    assert run(manifest)[1]["captured"] == 0, "the picture lies there; only its line was lost"
    results.write_bytes(whole[: whole[:-1].rindex(b"\n") + 9])
    (tmp_path / "out" / last["file"]).unlink()
    code, summary = run(manifest)
    assert (code, summary["captured"], summary["done"]) == (0, 1, 2)


def test_a_changed_row_is_captured_and_failed_rows_on_demand(tmp_path: Path) -> None:
    manifest = write_csv(
        tmp_path / "two.csv", [GREEN, GREEN | {"selector": "#no", "wait_for_timeout": "100"}]
    )
    assert run(manifest)[1]["failed"] == 1
    assert run(manifest, "--retry-failed")[1]["skipped"] == 1
    write_csv(manifest, [GREEN, GREEN | {"window_width": "60"}])
    code, summary = run(manifest)
    assert (code, summary["captured"], summary["skipped"], summary["failed"]) == (0, 1, 1, 0)


def test_two_runs_do_not_write_to_one_directory(tmp_path: Path) -> None:
    import fcntl

    manifest = write_csv(tmp_path / "one.csv", [GREEN])
    (tmp_path / "out").mkdir()
    with (tmp_path / "out" / "results.jsonl").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = subprocess.run(
            command(manifest), capture_output=True, text=True, timeout=60, check=False, env=environment()
        )
    assert done.returncode == 1
    assert "another run" in done.stderr


@pytest.mark.parametrize("name", ["pages.txt", "pages.json"])
def test_what_is_no_manifest_is_said_before_a_browser_starts(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{")
    done = subprocess.run(
        command(tmp_path / name), capture_output=True, text=True, timeout=60, check=False, env=environment()
    )
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert name in done.stderr


@pytest.mark.parametrize("name", ["bulk_item_csv", "bulk_item_jsonl"])
def test_an_item_of_the_state_machine_is_captured(cloud: Cloud, name: str) -> None:
    answer = load_handler("direct_invoke")(event(name), Context())
    assert "code" not in answer, answer
    assert (answer["width"], answer["height"]) == (40, 30)
    assert answer["url"].startswith("http")
    assert "file" not in answer
    key = "output/bulk/nightly-2026-11-21_0f3c/00000012.png"
    assert (answer["bucket"], answer["key"], answer["s3_uri"]) == (OUTPUT, key, f"s3://{OUTPUT}/{key}")
    again = load_handler("direct_invoke")(event(name), Context())
    assert again["key"] == key, "a row that is captured again replaces its object"
    assert cloud.read(key).startswith(b"\x89PNG")


def test_a_bad_item_has_what_the_state_machine_looks_at(cloud: Cloud) -> None:
    item = event("bulk_item_csv")
    item["row"]["window_width"] = "wide"
    answer = load_handler("direct_invoke")(item, Context())
    assert (answer["code"], answer["retryable"]) == ("request_not_valid", False)


def test_a_row_wins_over_shared_options_but_not_over_how_the_run_answers(cloud: Cloud) -> None:
    item = event("bulk_item_csv") | {"width": 90}
    item["row"] |= {"store": "false", "response_type": "empty"}
    answer = load_handler("direct_invoke")(item, Context())
    assert answer["width"] == 40
    assert "url" in answer
