"""The cost of imports, as module names and call counts, which do not vary with the load of the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "playwright",
    "PIL",
    "boto3",
    "botocore",
    "fastapi",
    "mangum",
    "uvicorn",
    "pypdf",
    "markdownify",
    "bs4",
    "lxml",
    "trafilatura",
    "httpx",
    "moto",
    "click",
    "tqdm",
    "markdown_it",
    "aws_lambda_powertools",
    "mcp",
)

MAY_IMPORT = {
    "stillframe": (),
    "stillframe.errors": (),
    "stillframe.settings": (),
    "stillframe.request": (),
    "stillframe.outputs.image": (),
    "stillframe.signing": (),
    "stillframe.egress": (),
    "stillframe.storage": (),
    "stillframe.browser.runtime": (),
    "stillframe.pipeline": (),
    "stillframe.service": (),
    "stillframe.api.app": ("fastapi",),
    "stillframe.cli.main": ("click",),
    # httpx has a command line of its own and imports click where it is installed.
    "stillframe.client": ("click", "httpx"),
    "stillframe.agents.tools": (),
}


def loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(' '.join({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("module", MAY_IMPORT)
def test_a_module_imports_no_heavy_package_but_its_own(module: str) -> None:
    heavy = loaded_by(module) & set(HEAVY)
    assert heavy == set(MAY_IMPORT[module])


# Every top-level package outside the standard library that a function loads before its first request.
DIRECT = {
    "annotated_types",
    "aws_lambda_powertools",
    "botocore",
    "h11",
    "jmespath",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
}
DOORS = {
    "direct_invoke": DIRECT,
    "http_api": DIRECT
    # Starlette imports python_multipart if it is installed; functions/image/trim.py leaves it out.
    | {"annotated_doc", "anyio", "fastapi", "mangum", "opentelemetry", "python_multipart", "starlette"},
}
_LOADED = """
import sys
def foreign():
    files = {n: getattr(m, "__file__", "") or "" for n, m in sys.modules.items()}
    return " ".join({n.split(".")[0] for n, file in files.items() if "site-packages" in file})
warmed = []
import stillframe.browser.runtime
stillframe.browser.Runtime.warm = lambda self: warmed.append(foreign())
import functions.DOOR.handler
print(warmed[0])
print(foreign())
print(" ".join(sys.modules))
"""


def in_a_new_interpreter(code: str) -> str:
    root = Path(__file__).parents[2]
    environ = {k: v for k, v in os.environ.items() if k != "PYDANTIC_DISABLE_PLUGINS"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=root,
        env=environ,
    )
    return done.stdout


@pytest.mark.parametrize("door", DOORS)
def test_a_door_loads_what_it_needs_and_nothing_before_the_browser_is_on_its_way(door: str) -> None:
    first, last, modules = in_a_new_interpreter(_LOADED.replace("DOOR", door)).split("\n")[:3]
    assert set(first.split()) == set()
    assert set(last.split()) == DOORS[door]
    # FastAPI would import the first for every model, and a boto3 client needs the second; both are large. The
    # others are for one error and one route.
    rare = {"pydantic.v1", "botocore.session", "difflib", "stillframe.request.links"}
    assert not rare & set(modules.split())


def test_pydantic_plugins_are_disabled_before_pydantic_is_imported() -> None:
    code = (
        "import os, sys, stillframe.aws; print('pydantic' in sys.modules,"
        " os.environ['PYDANTIC_DISABLE_PLUGINS'])"
    )
    assert in_a_new_interpreter(code).split() == ["False", "__all__"]


def test_a_result_of_a_service_is_packed_without_the_browser() -> None:
    """`stillframe capture --endpoint` imports this for every capture."""
    code = "import sys, stillframe.delivery.assemble; print(*sys.modules)"
    assert not {"stillframe.browser", "stillframe.egress"} & set(in_a_new_interpreter(code).split())


# The function calls of importing our code, over those of importing the packages that it needs.
_CALLS = """
import cProfile
def calls(code):
    profile = cProfile.Profile()
    profile.runcall(exec, code, {})
    return sum(entry.callcount for entry in profile.getstats())
theirs = calls(THEIRS)
print(calls(OURS) / theirs)
"""
COSTS = [
    # Of this, 0.12 is the declaration of the settings. The path of the checkout moves each ratio by 0.01.
    ("import asyncio", "import stillframe.browser.runtime", 0.52),
    ("import asyncio, stillframe.browser.runtime", "import stillframe.egress", 0.31),
    (
        (
            "import asyncio, stillframe.browser.runtime, stillframe.egress, stillframe.aws, pydantic.main,"
            " pydantic.types, pydantic.json_schema, pydantic._internal._generate_schema"
        ),
        # Of this, 0.03 is the declaration of files, cookies and blocking, and 0.02 that of marks and tiles.
        "import stillframe.request",
        0.69,
    ),
    (
        "import stillframe.aws, stillframe.service, mangum, fastapi",
        "from stillframe.api.app import create_app; create_app()",
        0.1,
    ),
]


@pytest.mark.parametrize(("theirs", "ours", "share"), COSTS, ids=[ours for _, ours, _ in COSTS])
def test_our_imports_cost_little_beside_those_of_their_dependencies(
    theirs: str, ours: str, share: float
) -> None:
    code = _CALLS.replace("THEIRS", repr(theirs)).replace("OURS", repr(ours))
    assert float(in_a_new_interpreter(code)) < share


def test_the_package_exports_its_public_names() -> None:
    import stillframe

    assert set(stillframe.__all__) == {
        "AsyncClient",
        "CaptureError",
        "CaptureRequest",
        "CaptureResult",
        "Client",
        "__version__",
        "capture",
    }
    for name in stillframe.__all__:
        assert getattr(stillframe, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = stillframe.nothing  # type: ignore[attr-defined]


def test_the_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version

    import stillframe

    assert stillframe.__version__ == version("stillframe")
