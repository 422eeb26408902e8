"""Makes a manifest of the rows of a bulk run that failed or were never started, whatever the run's status is.

    .venv/bin/python scripts/bulk_failed.py RUN [--stack NAME] [--not CODE …] [--to FILE]

RUN is the name of the execution. The manifest is written under manifests/ of the input bucket, where it
starts a run of its own if the bulk stack starts runs on drops; `--to` writes it to a file instead. Each line
holds the row's own options and the shared ones of the run. `--not request_not_valid` leaves out rows that
would fail again.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any, NamedTuple

from stillframe.batch.manifest import cells
from stillframe.errors import RequestNotValid
from stillframe.request.defaults import with_defaults

# https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
_RESULTS = re.compile(r"(FAILED|PENDING)_\d+\.json$")
# A stored result; a row that failed may have a debug bundle, `00000012.debug.html`.
_RESULT = re.compile(r"/(\d{8,})\.[a-z0-9]+$")


class Row(NamedTuple):
    """One row that has no result: its number in the run, why, and its request with the run's options."""

    number: int
    code: str
    request: dict[str, Any]


def read(execution: dict[str, Any]) -> Row:
    """The row of a child execution that failed or is pending. Raises RequestNotValid for unreadable cells."""
    given = json.loads(execution["Input"])
    (kind, own), *_ = given["request"].items()
    request = cells(own) if kind == "row" else own
    code = str(execution.get("Error") or execution.get("Status") or "PENDING")
    return Row(int(given["row"]), code, with_defaults(given.get("options") or {}, request))


def failed(s3: Any, bucket: str, run: str) -> Iterator[dict[str, Any]]:
    """The child executions in the result files of a run. A redriven run has files of each attempt."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"bulk/{run}/")
    for found in (entry for page in pages for entry in page.get("Contents", [])):
        if _RESULTS.search(found["Key"]):
            yield from json.load(s3.get_object(Bucket=bucket, Key=found["Key"])["Body"])


def captured(s3: Any, bucket: str, run: str) -> set[int]:
    """The rows whose result is stored: a redrive captures rows that the files of the first attempt list."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"output/bulk/{run}/")
    keys = (entry["Key"] for page in pages for entry in page.get("Contents", []))
    return {int(match[1]) for match in map(_RESULT.search, keys) if match}


def manifest(
    executions: Iterator[dict[str, Any]], without: set[str], done: Set[int] = frozenset()
) -> tuple[list[Row], Counter[str]]:
    """The rows of the manifest in the order of the run, and how many failed by code."""
    rows: dict[int, Row] = {}
    counts: Counter[str] = Counter()
    for execution in executions:
        try:
            row = read(execution)
        except (RequestNotValid, KeyError, ValueError) as error:
            counts[f"not readable, left out: {error}"] += 1
            continue
        if row.number in done:
            counts["captured by a redrive, left out"] += 1
            continue
        counts[row.code] += 1
        if row.code not in without:
            rows[row.number] = row
    return [rows[number] for number in sorted(rows)], counts


def outputs_of(stack: str) -> dict[str, str]:
    """The outputs of a stack."""
    import boto3

    described = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {row["OutputKey"]: row["OutputValue"] for row in described["Outputs"]}


def main(arguments: list[str] | None = None) -> int:
    """Entry point. Returns 1 when there is nothing to capture again."""
    import boto3

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", help="name of the execution")
    parser.add_argument("--stack", default="stillframe", help="name of the Stillframe stack")
    parser.add_argument("--not", dest="without", nargs="*", default=[], help="codes whose rows are left out")
    parser.add_argument("--to", type=Path, help="write the manifest to this file and start nothing")
    given = parser.parse_args(arguments)
    outputs = outputs_of(given.stack)
    s3 = boto3.client("s3")
    bucket = outputs["OutputBucket"]
    done = captured(s3, bucket, given.run)
    rows, counts = manifest(failed(s3, bucket, given.run), set(given.without), done)
    for code, count in sorted(counts.items()):
        print(f"{count} rows: {code}")
    if not rows:
        print(f"no row to capture again under bulk/{given.run}/")
        return 1
    # Escaped to ASCII: a text may hold half a surrogate pair, which UTF-8 cannot.
    lines = "".join(json.dumps(row.request) + "\n" for row in rows)
    if given.to is not None:
        given.to.write_text(lines, "ascii")
        print(f"{len(rows)} rows in {given.to}")
    else:
        key = f"manifests/{given.run}-failed.jsonl"
        s3.put_object(Bucket=outputs["InputBucket"], Key=key, Body=lines.encode("ascii"))
        print(f"{len(rows)} rows in s3://{outputs['InputBucket']}/{key}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
