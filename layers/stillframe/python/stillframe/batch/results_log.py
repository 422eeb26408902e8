"""What became of every row of a manifest, one JSON line each, so that an interrupted run goes on where it was."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..errors import CaptureError
from .manifest import Row

NAME = "results.jsonl"


class InUse(Exception):
    """Another run writes to this directory."""


class Ledger:
    """The directory of a run: pictures, and `results.jsonl` beside them."""

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
            raise InUse(f"another run writes to {self.directory}") from None
        self._read()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _read(self) -> None:
        """What earlier runs wrote; the half line of one that was killed is cut off, and its row is done anew."""
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
            if path.suffix == ".part":
                path.unlink()
            elif path.name != NAME:
                self._files[path.stem] = path

    def answered(self, row: Row, *, failed_again: bool) -> bool:
        """Whether an earlier run answered this very row; a finished picture without its line is entered now."""
        entry = self._rows.get(row.number)
        if entry is not None and entry["id"] == identity(row):
            if entry["status"] == "failed":
                return not failed_again
            kept = self.directory / str(entry["file"])
            return kept.is_file() and kept.stat().st_size == int(entry["bytes"])
        if (path := self._files.get(stem(row))) is not None:
            self._enter(
                row, {"status": "done", "file": path.name, "bytes": path.stat().st_size, "recovered": True}
            )
            return True
        return False

    def done(self, row: Row, data: bytes, extension: str, facts: dict[str, Any]) -> None:
        """Keep a picture, whole or not at all, and then its line."""
        path = self.directory / f"{stem(row)}.{extension}"
        part = path.with_suffix(".part")
        part.write_bytes(data)
        part.replace(path)
        self._enter(row, {"status": "done", "file": path.name, "bytes": len(data)} | facts)

    def failed(self, row: Row, error: CaptureError) -> None:
        self._enter(
            row,
            {"status": "failed", "code": error.code, "message": error.message, "retryable": error.retryable},
        )

    def _enter(self, row: Row, facts: dict[str, Any]) -> None:
        entry = {"row": row.number, "id": identity(row)} | facts
        if "external_id" in row.request:
            entry["external_id"] = row.request["external_id"]
        # Half a surrogate pair, which JSON can spell and UTF-8 cannot, stays spelled.
        self._file.write(json.dumps(entry, ensure_ascii=False).encode(errors="backslashreplace") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._rows[row.number] = entry

    def counts(self) -> dict[str, int]:
        """How many rows were answered, and how."""
        found = [entry["status"] for entry in self._rows.values()]
        return {"done": found.count("done"), "failed": found.count("failed")}

    def codes(self) -> list[str]:
        """Why rows failed, one code for each."""
        return [str(entry["code"]) for entry in self._rows.values() if entry["status"] == "failed"]


def identity(row: Row) -> str:
    """Tells a row from another that stands at its place in a changed manifest."""
    text = json.dumps([row.request, None if row.error is None else row.error.message], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def stem(row: Row) -> str:
    return f"{row.number:06d}-{identity(row)[:8]}"
