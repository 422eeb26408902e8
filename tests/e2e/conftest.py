"""One set of origins, one warm browser and every door of the service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from entries import TOKEN, Direct, Http, Lambda, load_handler
from fakes import forget_settings
from origins import Origins, serving
from serving import ENVIRONMENT, serve

from stillframe.browser.runtime import runtime


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def _origins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origins]:
    with serving(tmp_path_factory.mktemp("tls")) as origins:
        yield origins


@pytest.fixture
def site(_origins: Origins) -> Origins:
    """The origins, with nothing recorded yet."""
    _origins.reset()
    return _origins


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory where the service in this process stores results; the browser is closed at the end."""
    storage = tmp_path_factory.mktemp("storage")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (ENVIRONMENT | {"STORAGE_URL": storage.as_uri(), "AUTH_TOKEN": TOKEN}).items():
            patch.setenv(name, value)
        forget_settings()
        yield storage
        runtime.run(runtime.close())
    forget_settings()


@pytest.fixture(scope="module")
def http_function(deployed: Path, main_loop: None) -> dict[str, Lambda]:
    """The HTTP function by the kind of event that calls it."""
    handler = load_handler("http_api")
    return {name: Lambda(handler, name) for name in ("rest_api_v1", "http_api_v2", "function_url", "alb")}


@pytest.fixture(scope="module")
def direct(deployed: Path) -> Direct:
    return Direct(load_handler("direct_invoke"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """`stillframe serve` as a process of its own, open on loopback."""
    with serve({"STORAGE_URL": tmp_path_factory.mktemp("served").as_uri()}) as client:
        yield client


@pytest.fixture(scope="module")
def http(server: httpx.Client) -> Http:
    return Http(server)
