"""The image by itself: it renders like an unpruned system, knows its contents, and is read-only."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from emulated import UID

HERE = Path(__file__).parent
CONFINED = [
    "--rm",
    "--init",
    "--read-only",
    "--tmpfs",
    "/tmp:rw,exec,size=512m,mode=1777",
    "--ipc",
    "none",
    "--user",
    UID,
    "--cap-drop",
    "all",
    "--security-opt",
    "no-new-privileges",
    "--memory",
    "2048m",
]


def run(engine: str, image: str, *command: str, options: tuple[str, ...] = ()) -> str:
    arguments = [engine, "run", *CONFINED, *options, "--entrypoint", command[0], image, *command[1:]]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_pruned_image_renders_like_this_system(engine: str, image: str) -> None:
    """Every picture and PDF is byte for byte that of Debian's whole package, with all its libraries."""
    path = Path(os.environ.get("CHROMIUM_PATH", "/usr/lib/chromium/chromium-headless-shell"))
    if not path.exists():
        missing = (
            f"{path} is not here: install chromium-headless-shell and functions/image/fonts.txt to compare."
        )
        assert not os.environ.get("CI"), missing
        pytest.skip(missing)
    command = [sys.executable, str(HERE / "render.py")]
    environment = os.environ | {"CHROMIUM_PATH": str(path)}
    here = json.loads(
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=300).stdout
    )
    there = json.loads(
        run(engine, image, "python", "/render/render.py", options=("-v", f"{HERE}:/render:ro"))
    )
    if here["version"] != there["version"]:
        different = (
            f"This system has Chromium {here['version']}, the image {there['version']}: nothing to compare."
        )
        assert not os.environ.get("CI"), different
        pytest.skip(different)
    assert len(here) == 13
    assert [name for name in here if here[name] != there[name]] == []


def test_image_lists_its_packages(engine: str, image: str) -> None:
    facts = json.loads(run(engine, image, "cat", "/opt/stillframe/build.json"))
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", facts["chromium"])
    bill = json.loads(run(engine, image, "cat", "/opt/stillframe/sbom.json"))
    assert bill["bomFormat"] == "CycloneDX"
    found = {one["name"]: one for one in bill["components"]}
    assert found["chromium-headless-shell"]["version"] == facts["chromium_package"]
    assert found["playwright"]["purl"] == f"pkg:pypi/playwright@{facts['playwright']}"
    assert {"libnss3", "fonts-noto-cjk", "awslambdaric", "pydantic"} <= found.keys()
    assert not {"libllvm15", "libgl1-mesa-dri", "x11-utils", "pytest", "moto"} & found.keys()
    # Only the installation of packages needs these.
    assert not {"apt", "perl", "perl-base", "pip", "passwd"} & found.keys()


def test_binaries_are_without_what_nothing_reads(engine: str, image: str) -> None:
    """Both large executables were shortened, and no compiled module of Python carries debug information."""
    script = """
import pathlib, struct
for path in ("/usr/lib/chromium/chromium-headless-shell", "/opt/python/playwright/driver/node"):
    with open(path, "rb") as file:
        print(struct.unpack_from("<H", file.read(64), 60)[0])
libraries = [p for root in ("/opt/python", "/usr/local/lib") for p in pathlib.Path(root).rglob("*.so*")]
print(len(libraries) > 50, *(p.name for p in libraries
      if p.parent.name != "pillow.libs" and b"\\0.debug_info\\0" in p.read_bytes()))
"""
    assert run(engine, image, "python", "-c", script).split() == ["0", "0", "True"]


def test_openssl_finds_the_certificates_of_the_system(engine: str, image: str) -> None:
    """An upstream proxy over TLS is verified with them."""
    script = "import os, ssl; print(len(os.listdir(ssl.get_default_verify_paths().capath)) > 100)"
    assert run(engine, image, "python", "-c", script).strip() == "True"


def test_the_driver_starts_from_its_snapshot(engine: str, image: str) -> None:
    script = (
        "from playwright._impl._driver import compute_driver_executable as driver;"
        " from stillframe.browser import driver_snapshot; print(driver_snapshot.command(*driver()))"
    )
    assert "--snapshot-blob" in run(engine, image, "python", "-c", script)


def test_modules_are_found_by_the_import_cache(engine: str, image: str) -> None:
    script = "import stillframe.errors as e, h11; print(*(type(m.__loader__).__name__ for m in (h11, e)))"
    # The package switches the cache on, so it comes first. Our own modules keep their sources.
    assert run(engine, image, "python", "-c", script).split() == ["_SourcelessLoader", "_Loader"]


def test_files_of_the_building_machine_are_not_in_the_image(engine: str, image: str) -> None:
    """The engine mounts them into every container, so they are read from one that does not run."""
    made = subprocess.check_output([engine, "create", image], text=True, timeout=120).strip()
    try:
        content = {}
        for name in ("hosts", "resolv.conf"):
            packed = subprocess.check_output([engine, "cp", f"{made}:/etc/{name}", "-"], timeout=60)
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                file = archive.extractfile(archive.getmembers()[0])
                content[name] = file.read() if file else b""
    finally:
        subprocess.run([engine, "rm", made], check=True, capture_output=True, timeout=60)
    assert content == {"hosts": b"127.0.0.1 localhost\n::1 localhost\n", "resolv.conf": b""}


def test_every_library_of_every_binary_is_there(engine: str, image: str) -> None:
    binaries = "/usr/lib/chromium/chromium-headless-shell /opt/python/playwright/driver/node"
    libraries = run(
        engine, image, "sh", "-c", f"ldd {binaries}; find /opt/python -name '*.so*' -exec ldd {{}} +"
    )
    assert "libatomic.so.1 => " in libraries
    assert re.findall(r".*not found.*", libraries) == []


def test_nothing_outside_tmp_is_writable(engine: str, image: str) -> None:
    """Also on an engine that mounts the root writable, as SAM's does: the user owns nothing."""
    paths = " ".join(f"! -path '{one}'" for one in ("/tmp*", "/proc/*", "/dev/*", "/var/tmp", "/run/lock"))
    probe = f"find / -xdev -writable ! -type l {paths} 2>/dev/null; id -u; ls -A /tmp"
    found = subprocess.run(
        [engine, "run", "--rm", "--user", UID, "--entrypoint", "sh", image, "-c", probe],
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout.split()
    assert found == ["993"]


def test_functions_run_from_bytecode_and_read_only_services_are_there(engine: str, image: str) -> None:
    """A cold start compiles nothing, and every AWS service that the code names has kept its model."""
    script = """
import os, pathlib, sys, py_compile, importlib.util
missing = [str(p) for root in ("/opt/python", "/var/task") for p in pathlib.Path(root).rglob("*.py")
           if not pathlib.Path(importlib.util.cache_from_source(str(p))).exists()]
print(len(missing), *missing[:3])
import boto3
for name in sys.argv[1:]:
    boto3.client(name, region_name="eu-west-1")
"""
    root = HERE.parents[1]
    sources = "\n".join(
        path.read_text()
        for folder in ("functions", "layers")
        for path in sorted((root / folder).rglob("*.py"))
    )
    named = set(re.findall(r"""(?:client|resource)\(\s*["']([a-z0-9-]+)["']""", sources))
    assert {"s3", "sqs"} <= named
    assert run(engine, image, "python", "-c", script, *sorted(named)).split()[0] == "0"


def test_font_cache_is_valid(engine: str, image: str) -> None:
    """Were it not, every browser would read all fonts at its start and keep a cache of its own in /tmp."""
    said = run(engine, image, "sh", "-c", "fc-cache --verbose --system-only 2>&1; ls -A /tmp")
    assert "caching, new cache contents" not in said
    assert "error" not in said.lower()
    assert said.count("existing cache is valid") >= 9
    assert said.endswith("fc-cache: succeeded\n")
