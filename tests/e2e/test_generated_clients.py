"""Clients generated from the served OpenAPI document call a running service: ten calls each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from origins import Origins
from serving import serve

HERE = Path(__file__).parent / "generated"
MODULES = Path(__file__).parents[2] / "node_modules"
TOKEN = "t" * 32
PNG = "89504e470d0a1a0a"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """`stillframe serve` with a token, a signing key and a storage."""
    settings = {
        "STORAGE_URL": tmp_path_factory.mktemp("stored").as_uri(),
        "AUTH_TOKEN": TOKEN,
        "URL_SIGNING_SECRET": "k" * 32,
    }
    with serve(settings) as client:
        yield client


@pytest.fixture(scope="module")
def document(secured: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    file.write_bytes(secured.get("/openapi.json").content)
    return file


def run(command: list[str | Path], cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        cwd=cwd,
        env=os.environ | environment,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def check(found: dict[str, Any], page: str) -> None:
    assert "<title>" in found.pop("html")
    assert found == {
        "picture": PNG,
        "pdf": "%PDF-",
        # The width of the device: what a client does not set, it does not send.
        "json": {"width": 1179, "bytes": True},
        "error": [400, "request_not_valid", "pdf_scale"],
        "page error": [422, "selector_not_found"],
        "upload": "Uploaded",
        "job": True,
        "poll": ["done", PNG],
        "deleted": 204,
        "batch": [2, 2],
        "sign": PNG,
        "validate": [
            {"url": page, "pdf_scale": 0.5},
            ["pdf_scale has no effect unless format is pdf"],
        ],
    }


def test_a_generated_python_client_makes_every_kind_of_call(
    secured: httpx.Client, document: Path, site: Origins, tmp_path: Path
) -> None:
    config = tmp_path / "config.yml"
    config.write_text("post_hooks: []\n", "utf-8")
    generate = [
        sys.executable,
        "-m",
        "openapi_python_client",
        "generate",
        "--path",
        document,
        "--fail-on-warning",
    ]
    run(
        [*generate, "--meta", "none", "--config", config, "--output-path", tmp_path / "generated_client"],
        tmp_path,
    )
    page = site.urls["main"] + "/green.html"
    command = [sys.executable, HERE / "calls.py", str(secured.base_url), TOKEN, page]
    check(json.loads(run(command, tmp_path, PYTHONPATH=str(tmp_path))), page)


def test_a_generated_typescript_client_makes_every_kind_of_call(
    secured: httpx.Client, document: Path, site: Origins, tmp_path: Path
) -> None:
    if shutil.which("node") is None or not (MODULES / "openapi-typescript").is_dir():
        pytest.skip("needs Node.js and the packages of package.json (npm ci --ignore-scripts)")
    (tmp_path / "node_modules").symlink_to(MODULES.resolve())
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    shutil.copy(HERE / "calls.ts", tmp_path)
    run([MODULES / ".bin/openapi-typescript", document, "--output", "schema.ts"], tmp_path)
    strict = "--strict --skipLibCheck --noEmitOnError"
    target = "--target es2022 --lib es2022,dom --module nodenext --outDir ."
    run([MODULES / ".bin/tsc", *strict.split(), *target.split(), "calls.ts"], tmp_path)
    page = site.urls["main"] + "/green.html"
    check(json.loads(run(["node", "calls.js", str(secured.base_url), TOKEN, page], tmp_path)), page)
