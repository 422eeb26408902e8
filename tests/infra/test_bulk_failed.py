"""scripts/bulk_failed.py: what failed in a run becomes a manifest that captures the same requests."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stillframe.batch import manifest as manifests
from stillframe.request import parse

from .scripts import script

bulk_failed = script("bulk_failed")
OPTIONS = {"dark_mode": True, "format": "pdf"}


def child(row: int, request: dict[str, Any], error: str | None = "name_not_resolved") -> dict[str, Any]:
    """A child execution as Step Functions writes it into its result files."""
    given = {"row": row, "request": request, "options": OPTIONS, "always": {"store": True}}
    found = {"Name": f"child-{row}", "Status": "FAILED", "Error": error, "Input": json.dumps(given)}
    return found if error else found | {"Status": "PENDING", "Error": None}


ROWS = [
    child(
        7, {"row": {"url": "https://a.example", "darkMode": "false", "clip": "", "hide_selectors": ".a,.b"}}
    ),
    child(2, {"line": {"url": "https://b.example", "clip": {"x": 1, "y": 2, "width": 3, "height": 4}}}),
    child(9, {"line": {"url": "https://c.example"}}, error=None),
    child(4, {"line": {"url": "https://d.example", "colour": "red"}}, error="request_not_valid"),
    child(5, {"row": {"url": "https://e.example", "clip": "{"}}, error="request_not_valid"),
]


def test_each_line_is_the_request_of_its_row_with_the_options_of_the_run() -> None:
    rows, counts = bulk_failed.manifest(iter(ROWS), {"request_not_valid"})
    assert [row.number for row in rows] == [2, 7, 9]
    assert (counts["name_not_resolved"], counts["PENDING"], counts["request_not_valid"]) == (2, 1, 1)
    assert [count for what, count in counts.items() if what.startswith("not readable, left out")] == [1]
    text = "".join(json.dumps(row.request) + "\n" for row in rows)
    read = [parse(row.request) for row in manifests.read(io.StringIO(text), "a.jsonl")]
    assert [(r.url, r.dark_mode, r.format) for r in read] == [
        ("https://b.example", True, "pdf"),
        ("https://a.example", False, "pdf"),
        ("https://c.example", True, "pdf"),
    ]
    assert read[0].clip is not None
    assert read[1].hide_selectors == [".a", ".b"]


def test_a_row_that_failed_in_two_attempts_is_one_line() -> None:
    rows, _ = bulk_failed.manifest(iter([ROWS[0], ROWS[0]]), set())
    assert len(rows) == 1


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        client = boto3.client("s3")
        for bucket in ("rows-in", "rows-out"):
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        outputs = {"InputBucket": "rows-in", "OutputBucket": "rows-out"}
        monkeypatch.setattr(bulk_failed, "outputs_of", lambda stack: outputs)
        yield client


def test_one_command_writes_the_manifest_of_a_run_that_succeeded(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "bulk/run/a1/manifest.json": {"ResultFiles": {}},
        "bulk/run/a1/SUCCEEDED_0.json": [child(1, {"line": {"url": "https://fine.example"}})],
        "bulk/run/a1/FAILED_0.json": ROWS[:1],
        "bulk/run/a1/FAILED_1.json": ROWS[1:2],
        "bulk/run/a1/PENDING_0.json": ROWS[2:3],
        "bulk/run-2/a1/FAILED_0.json": [child(1, {"line": {"url": "https://other.example"}})],
    }
    for key, body in files.items():
        s3.put_object(Bucket="rows-out", Key=key, Body=json.dumps(body).encode())
    assert bulk_failed.main(["run"]) == 0
    text = s3.get_object(Bucket="rows-in", Key="manifests/run-failed.jsonl")["Body"].read().decode()
    assert [json.loads(line)["url"] for line in text.splitlines()] == [
        "https://b.example",
        "https://a.example",
        "https://c.example",
    ]
    assert bulk_failed.main(["run", "--to", str(tmp_path / "again.jsonl")]) == 0
    assert (tmp_path / "again.jsonl").read_text() == text
    assert bulk_failed.main(["run", "--not", "name_not_resolved", "PENDING"]) == 1
    assert "no row to capture again" in capsys.readouterr().out


def test_a_row_that_a_redrive_has_captured_is_left_out(s3: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Its entry in the files of the first attempt says that it failed; its picture says more."""
    s3.put_object(Bucket="rows-out", Key="bulk/run/a1/FAILED_0.json", Body=json.dumps(ROWS[:2]).encode())
    for key in ("00000007.png", "00000002.debug.html"):
        s3.put_object(Bucket="rows-out", Key=f"output/bulk/run/{key}", Body=b"x")
    assert bulk_failed.main(["run"]) == 0
    text = s3.get_object(Bucket="rows-in", Key="manifests/run-failed.jsonl")["Body"].read().decode()
    assert [json.loads(line)["url"] for line in text.splitlines()] == ["https://b.example"]
    assert "1 rows: captured by a redrive, left out" in capsys.readouterr().out
