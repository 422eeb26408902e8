"""Real servers on loopback, the service's resources in them, one warm browser for every handler."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cloud import Cloud, Handler, credentials, free_port, load_handler, running
from fakes import forget_settings
from receiver import Receiver

from stillframe.browser.runtime import runtime

pytest.register_assert_rewrite("pages")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """moto's server: S3, SQS and DynamoDB; it does not check signatures."""
    port = free_port()
    with running([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port, {}) as url:
        yield url


@pytest.fixture(scope="session")
def ministack() -> Iterator[str]:
    """An S3 that checks signatures and their age."""
    made = subprocess.run([Path(__file__).parent / "tools.sh"], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.fail(f"ministack could not be installed: {made.stderr[-800:]}")
    port = free_port()
    command = [made.stdout.strip(), "ministack.app:app", "--bind", f"127.0.0.1:{port}"]
    with running(command, port, {"GATEWAY_PORT": str(port)}) as url:
        yield url


@pytest.fixture(scope="module")
def deployed(moto: str) -> Iterator[Cloud]:
    """Fresh resources and the environment of a deployed function; the browser is closed afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in credentials(moto).items():
            patch.setenv(name, value)
        urllib.request.urlopen(urllib.request.Request(f"{moto}/moto-api/reset", method="POST")).close()
        found = Cloud(moto)
        for name, value in found.create().items():
            patch.setenv(name, value)
        forget_settings()
        yield found
        runtime.run(runtime.close())
    forget_settings()


@pytest.fixture
def cloud(deployed: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """The resources, with a queue of this test's own."""
    monkeypatch.setenv("QUEUE_URL", deployed.create_queues())
    forget_settings()
    yield deployed
    monkeypatch.undo()
    forget_settings()


@pytest.fixture(scope="module")
def worker(deployed: Cloud) -> Handler:
    return load_handler("sqs_worker")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as found:
        yield found
