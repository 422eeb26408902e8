"""Writes what the image is made of: build.json for `/version`, sbom.json (CycloneDX) for scanners."""

import importlib.metadata as metadata
import json
import re
import subprocess
import sys
import tomllib
import uuid
from datetime import UTC, datetime
from pathlib import Path

CHROMIUM = Path("/usr/lib/chromium/chromium-headless-shell")
Component = dict[str, object]


def debian() -> list[Component]:
    """Names every Debian package with its purl."""
    fields = "${binary:Package}\t${Version}\t${Architecture}\t${source:Package}\n"
    listing = subprocess.run(
        ["dpkg-query", "-W", "-f", fields], check=True, capture_output=True, text=True
    ).stdout
    return [
        {
            "type": "library",
            "name": name.split(":")[0],
            "version": version,
            "purl": f"pkg:deb/debian/{name.split(':')[0]}@{version}?arch={architecture}&distro=bookworm",
            "properties": [{"name": "debian:source", "value": source}],
        }
        for name, version, architecture, source in (line.split("\t") for line in listing.splitlines())
    ]


def python(root: Path) -> list[Component]:
    """Names every distribution under `root`, with its licence expression where it states one."""
    found: list[Component] = []
    for one in metadata.distributions(path=[str(root)]):
        name = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
        component: Component = {
            "type": "library",
            "name": name,
            "version": one.version,
            "purl": f"pkg:pypi/{name}@{one.version}",
        }
        if expression := one.metadata.get("License-Expression"):
            component["licenses"] = [{"expression": expression}]
        found.append(component)
    return found


def build(components: list[Component], pyproject: Path) -> dict[str, str]:
    """Says which versions matter when a picture changes; Chromium's date is that of Debian's build."""
    versions = {str(one["name"]): str(one["version"]) for one in components}
    built = datetime.fromtimestamp(CHROMIUM.stat().st_mtime, tz=UTC)
    return {
        "version": tomllib.loads(pyproject.read_text())["project"]["version"],
        "chromium": versions["chromium-headless-shell"].split("-")[0],
        "chromium_package": versions["chromium-headless-shell"],
        "chromium_built": built.date().isoformat(),
        "playwright": versions["playwright"],
        "python": sys.version.split()[0],
    }


def main(target: Path, root: Path, pyproject: Path) -> None:
    """Writes both files, alike for alike contents: no clock and no chance goes into them."""
    components = sorted(debian() + python(root), key=lambda one: str(one["purl"]))
    facts = build(components, pyproject)
    (target / "build.json").write_text(json.dumps(facts, indent=2) + "\n")
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components))}",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": "stillframe", "version": facts["version"]}},
        "components": components,
    }
    (target / "sbom.json").write_text(json.dumps(bill, indent=1) + "\n")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
