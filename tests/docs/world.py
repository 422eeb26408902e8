"""What the pages' commands meet: the example servers, one `stillframe serve`, and an environment."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from servers import HttpServer, certificate, free_port

from .aws_commands import template
from .blocks import ROOT
from .example_site import Example

HERE = Path(__file__).parent
TOKEN = "documentation-token-0123456789"
KEY = "2026a=documentation-signing-key-0123456789"
LIMIT = 60


@dataclass(frozen=True, slots=True)
class World:
    """The environment of every block, and the port of the shared server."""

    environment: dict[str, str]
    port: int

    def for_page(self, folder: Path, port: int | None) -> dict[str, str]:
        """The environment of one page. With a `port` the page starts its own server, and gets no token."""
        own = {"HOME": str(folder), "XDG_DATA_HOME": str(folder / ".data")}
        if port is not None:
            return self.environment | own | {"DOCS_SERVER_PORT": str(port), "PORT": str(port)}
        return self.environment | own | shared(self.port)


def shared(port: int) -> dict[str, str]:
    """The variables that the pages take for granted."""
    return {
        "STILLFRAME": f"http://127.0.0.1:{port}",
        "AUTH_TOKEN": TOKEN,
        "URL_SIGNING_SECRET": KEY,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }


@contextlib.contextmanager
def world(folder: Path) -> Iterator[World]:
    """Start the servers; end them afterwards."""
    names = ("example.com", "*.example.com", "example.org", "*.example.org")
    cert, key = certificate(folder, names)
    with HttpServer(Example) as http, HttpServer(Example, tls=(cert, key)) as https:
        environment = _environment(folder, cert, f"{http.port},{https.port}")
        port = free_port()
        Example.service = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "stillframe.cli.main", "serve", "--port", str(port)]
        own = {"STORAGE_URL": (folder / "storage").as_uri()}
        with (folder / "serve.log").open("wb") as log:
            process = subprocess.Popen(
                command, env=environment | shared(port) | own, stdout=log, stderr=log, cwd=folder
            )
            try:
                _await(port)
                yield World(environment, port)
            finally:
                process.terminate()
                process.wait(timeout=30)


def _environment(folder: Path, cert: Path, ports: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in ("LANG", "CHROMIUM_PATH", "TMPDIR")}
    path = [str(HERE / "stand_ins"), str(Path(sys.executable).parent), os.environ["PATH"]]
    python = [str(HERE / "names"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return kept | {
        "PATH": os.pathsep.join(path),
        "PYTHONPATH": os.pathsep.join(filter(None, python)),
        "EGRESS_ALLOW": "example.com,www.example.com,app.example.com,shop.example.com,example.org",
        "SSL_CERT_FILE": str(cert),
        "CURL_CA_BUNDLE": str(cert),
        "DOCS_PORTS": ports,
        "DOCS_ROOT": str(ROOT),
        "DOCS_PYTHON": sys.executable,
        "DOCS_CURL": _tool("curl"),
        "DOCS_SLEEP": _tool("sleep"),
        "DOCS_MAKE": _tool("make"),
        "DOCS_FAILS": "0",
        "DOCS_OUTPUTS": " ".join(template("template.yaml")["Outputs"]),
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "session",
        "TQDM_DISABLE": "1",
    }


def _tool(name: str) -> str:
    found = shutil.which(name)
    assert found, f"the pages need {name}"
    return found


def _await(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/health/live")
            return
        except httpx.TransportError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
