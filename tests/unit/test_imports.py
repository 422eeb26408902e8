"""What a door pays for at import time: names of modules, which do not depend on how busy the machine is."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("playwright", "PIL", "boto3", "botocore", "fastapi", "mangum", "uvicorn", "pypdf", "markdownify", "bs4", "httpx", "moto", "click", "tqdm", "markdown_it", "aws_lambda_powertools")  # fmt: skip

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
}


def loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(' '.join({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("module", MAY_IMPORT)
def test_a_module_imports_nothing_heavy_but_what_it_is_for(module: str) -> None:
    heavy = loaded_by(module) & set(HEAVY)
    assert heavy == set(MAY_IMPORT[module])


def test_the_public_names_are_what_the_package_says() -> None:
    import stillframe

    assert set(stillframe.__all__) == {
        "CaptureError",
        "CaptureRequest",
        "CaptureResult",
        "__version__",
        "capture",
    }
    for name in stillframe.__all__:
        assert getattr(stillframe, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = stillframe.nothing  # type: ignore[attr-defined]


def test_the_version_is_the_distributions() -> None:
    from importlib.metadata import version

    import stillframe

    assert stillframe.__version__ == version("stillframe")
