"""The outcome of every row of a manifest, as JSON Lines, so that an interrupted run can be resumed."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..errors import CaptureError
from .manifest import Row

NAME = "results.jsonl"
_STEM = re.compile(r"\d{6,}-[0-9a-f]{8}")


class InUse(Exception):
    """Another run is writing to this directory."""


class NotOurs(Exception):
    """The file `results.jsonl` in this directory was not written by a batch."""


class ResultsLog:
    """The directory of a run: the artifacts, and `results.jsonl`. Entering it raises InUse or NotOurs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._rows: dict[int, dict[str, Any]] = {}
        self._files: dict[str, Path] = {}

    def __enter__(self) -> Self:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._file = (self.directory / NAME).open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise InUse(f"another run is writing to {self.directory}") from None
        try:
            self._read()
        except (ValueError, KeyError, TypeError):
            self._file.close()
            raise NotOurs(f"{self.directory / NAME} was not written by a batch") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _read(self) -> None:
        """Read the entries of earlier runs, and remove what one that was killed left unfinished."""
        self._file.seek(0)
        good = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            good += len(line)
            entry = json.loads(line)
            self._rows[entry["row"]] = entry
        self._file.truncate(good)
        for path in self.directory.iterdir():
            if not _STEM.fullmatch(path.stem):  # a file of somebody else's
                continue
            if path.suffix == ".part":
                path.unlink()
            else:
                self._files[path.stem] = path

    def is_done(self, row: Row, *, retry_failed: bool) -> bool:
        """Whether an earlier run finished this row. An artifact that has no entry yet gets one."""
        entry = self._rows.get(row.number)
        if entry is not None and entry["id"] == identity(row):
            if entry["status"] == "failed":
                return not retry_failed
            kept = self.directory / str(entry["file"])
            return kept.is_file() and kept.stat().st_size == int(entry["bytes"])
        if (path := self._files.get(file_stem(row))) is not None:
            self._append(
                row, {"status": "done", "file": path.name, "bytes": path.stat().st_size, "recovered": True}
            )
            return True
        return False

    def add_done(self, row: Row, data: bytes, extension: str, facts: dict[str, Any]) -> None:
        """Write the artifact, atomically, and then its entry."""
        path = self.directory / f"{file_stem(row)}.{extension}"
        part = path.with_suffix(".part")
        part.write_bytes(data)
        part.replace(path)
        self._append(row, {"status": "done", "file": path.name, "bytes": len(data)} | facts)

    def add_failed(self, row: Row, error: CaptureError) -> None:
        """Write the entry of a row that failed."""
        self._append(
            row,
            {"status": "failed", "code": error.code, "message": error.message, "retryable": error.retryable},
        )

    def _append(self, row: Row, facts: dict[str, Any]) -> None:
        entry = {"row": row.number, "id": identity(row)} | facts
        if "external_id" in row.request:
            entry["external_id"] = row.request["external_id"]
        # JSON can hold half a surrogate pair and UTF-8 cannot; it is written as its escape.
        self._file.write(json.dumps(entry, ensure_ascii=False).encode(errors="backslashreplace") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._rows[row.number] = entry

    def counts(self) -> dict[str, int]:
        """How many rows are done and how many failed."""
        found = [entry["status"] for entry in self._rows.values()]
        return {"done": found.count("done"), "failed": found.count("failed")}

    def failures(self) -> list[dict[str, Any]]:
        """The entries of the failed rows, in their order."""
        failed = [entry for entry in self._rows.values() if entry["status"] == "failed"]
        return sorted(failed, key=lambda entry: int(entry["row"]))

    def codes(self) -> list[str]:
        """The error code of each failed row."""
        return [str(entry["code"]) for entry in self.failures()]


def identity(row: Row) -> str:
    """A hash of the row, so that another row at the same place of a changed manifest is recognised."""
    text = json.dumps([row.request, None if row.error is None else row.error.message], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_stem(row: Row) -> str:
    """The name of a row's artifact, without its extension."""
    return f"{row.number:06d}-{identity(row)[:8]}"
