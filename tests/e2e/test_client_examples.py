"""The programs of examples/clients capture a page, wait for a job and tell an error, in each language."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from origins import Origins
from serving import serve

EXAMPLES = Path(__file__).parents[2] / "examples" / "clients"
PACKAGE = Path(__file__).parents[2] / "layers" / "stillframe" / "python"
TOKEN = "t" * 32
COMMANDS = {
    "capture.py": [sys.executable],
    "capture.mjs": ["node"],
    "capture.go": ["go", "run"],
    "capture.php": ["php"],
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve({"STORAGE_URL": tmp_path_factory.mktemp("stored").as_uri(), "AUTH_TOKEN": TOKEN}) as client:
        yield str(client.base_url)


def test_every_example_is_run() -> None:
    assert {p.name for p in EXAMPLES.iterdir() if p.is_file()} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_captures_waits_and_tells_errors(
    name: str, endpoint: str, site: Origins, tmp_path: Path
) -> None:
    command = COMMANDS[name]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")

    def run(*arguments: str, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
        environment = {"STILLFRAME": endpoint, "AUTH_TOKEN": token, "PYTHONPATH": str(PACKAGE)}
        return subprocess.run(
            [*command, str(EXAMPLES / name), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
            cwd=tmp_path,
            env=os.environ | environment,
        )

    page = site.urls["main"] + "/green.html"
    done = run(page, "page.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    assert "verdict ok" in done.stdout
    done = run(page, "job.png", "--job")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "job.png").read_bytes() == (tmp_path / "page.png").read_bytes()
    assert "job " in done.stdout
    done = run("ftp://example.com", "wrong.png")
    # `go run` exits with 1 and adds a line of its own.
    assert done.returncode == 1
    assert done.stderr.startswith("request_not_valid: ")
    assert "(url, request " in done.stderr
    assert run(page, "wrong.png", token="x" * 32).stderr.startswith("token_invalid: ")
    assert not (tmp_path / "wrong.png").exists()
