"""The types of the client's options: complete, current, and obeyed by mypy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from stillframe.client.options import Options
from stillframe.request import CaptureRequest

ROOT = Path(__file__).parents[3]
_PROGRAM = """
from stillframe import AsyncClient, Client
from stillframe.client import Options

client = Client("http://localhost:8080")
shared: Options = {"format": "pdf", "pdf_margin": "1cm"}
client.capture(url="https://example.com", full_page=True, clip={"x": 0, "y": 0, "width": 1, "height": 1})
client.capture({"fullPage": True}, url="https://example.com")
client.capture(url="https://example.com", outputs=["png", {"format": "pdf"}], block_cookie_banners=True)
client.batch([{"url": "https://example.com"}], shared)
data: bytes = client.capture(url="https://example.com", cookies=[{"name": "a", "value": "b"}]).content
client.capture(url="https://example.com", fulpage=True)  # 1
client.capture(url="https://example.com", full_page="yes")  # 2
client.submit(url="https://example.com", format="gif")  # 3
client.sign(url="https://example.com", window_width="wide")  # 4
client.capture(url="https://example.com", clip={"x": 0})  # 5

async def use(client: AsyncClient) -> bytes:
    result = await client.capture(url="https://example.com", dark_mode=1.5)  # 6
    return result.content
"""


def test_every_option_has_its_type() -> None:
    wire = {field.alias or name for name, field in CaptureRequest.model_fields.items()}
    # `async` is a keyword; `submit` sets it.
    assert set(Options.__annotations__) == wire - {"async"}


def test_mypy_refuses_wrong_names_and_types(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM, "utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(ROOT / ".mypy_cache"),
        str(program),
    ]
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nfollow_imports = silent\n", "utf-8")
    done = subprocess.run(
        [*command, "--config-file", str(config)],
        capture_output=True,
        text=True,
        check=False,
        env={"MYPYPATH": str(ROOT / "layers/stillframe/python"), "PATH": ""},
    )
    lines = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    wrong = {n for n, line in enumerate(_PROGRAM.split("\n"), 1) if "  # " in line}
    assert lines == wrong, done.stdout + done.stderr
