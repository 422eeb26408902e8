#!/usr/bin/env python3
"""Renew the packaged filter lists from the newest packages of Debian and npm that carry them.

EasyList and EasyPrivacy come from Debian's `webext-ublock-origin-chromium`, AdGuard's lists from npm's
`@adguard/dnr-rulesets`, which keeps the text of each list beside its compiled rules. Rules that the engine
cannot apply are left out, and the reason for each transformation stands at its function.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

TARGET = Path(__file__).parents[1] / "layers/stillframe/python/stillframe/filters/lists"
DEBIAN, NPM = "webext-ublock-origin-chromium", "@adguard/dnr-rulesets"
EASYLIST = {"easylist": "easylist.txt", "easyprivacy": "easyprivacy.txt"}
# The numbers of AdGuard's lists in its own registry.
ADGUARD = {
    "social": 4,
    "cookie_notices": 18,
    "popups": 19,
    "app_banners": 20,
    "other_annoyances": 21,
    "widgets": 22,
}
LICENSES = {
    "easylist": "GPL-3.0-or-later OR CC-BY-SA-3.0",
    "easyprivacy": "GPL-3.0-or-later OR CC-BY-SA-3.0",
}
# Procedural rules, scripts and HTML filters: the engine has none of them.
_UNSUPPORTED = re.compile(
    r"#@?(\?|\$\?|%|@%)#|##\^|#@?#\+js\(|\$@?\$|:(contains|has-text|matches-[a-z-]+|upward|nth-ancestor|xpath"
    r"|remove|min-text-length|-abp-[a-z-]+|others|watch-attr|if|if-not|properties)\("
)
_CSS_RULE = re.compile(r"^(?P<domains>[^#]*)#(?P<exception>@?)\$#(?P<selector>[^{]+)\{(?P<css>[^}]+)\}\s*$")


@dataclass(frozen=True)
class Source:
    """The text of one list, and where it came from."""

    name: str
    text: str
    package: str
    version: str
    license: str
    updated: str


def supported(lines: Iterable[str]) -> Iterator[str]:
    """The rules that the engine can apply, in the engine's syntax."""
    for line in lines:
        rule = line.strip()
        if not rule or rule.startswith(("!", "[")):
            continue
        if style := _CSS_RULE.match(rule):
            # AdGuard writes a style rule as CSS, the engine wants uBlock's `:style()`.
            css = style["css"].strip().rstrip(";")
            rule = f"{style['domains']}#{style['exception']}#{style['selector'].strip()}:style({css})"
        if _UNSUPPORTED.search(rule):
            continue
        # adblock 0.6 takes `:has()` for a procedural operator and drops the rule; filters/engine.py changes
        # the name back (tests/unit/filters/test_engine.py).
        yield rule.replace(":has(", ":-sf-has(") if "##" in rule or "#@#" in rule else rule


def easylist(directory: Path) -> Iterator[Source]:
    """EasyList and EasyPrivacy from Debian's package."""
    subprocess.run(
        ["apt-get", "download", "-qq", DEBIAN], cwd=directory, check=True, stderr=subprocess.DEVNULL
    )
    package = next(directory.glob(f"{DEBIAN}_*.deb"))
    subprocess.run(["dpkg-deb", "-x", package, directory / "deb"], check=True)
    version = subprocess.run(
        ["dpkg-deb", "-f", package, "Version"], check=True, capture_output=True, text=True
    ).stdout.strip()
    changes = next((directory / "deb/usr/share/doc").rglob("changelog.Debian.gz"))
    updated = changed(gzip.decompress(changes.read_bytes()).decode())
    for name, file in EASYLIST.items():
        path = next((directory / "deb").rglob(f"easylist/{file}"))
        yield Source(name, path.read_text("utf-8"), DEBIAN, version, LICENSES[name], updated)


def changed(changelog: str) -> str:
    """The day of the newest entry of a Debian changelog as YYYY-MM-DD."""
    from email.utils import parsedate_to_datetime

    line = next(line for line in changelog.splitlines() if line.startswith(" -- "))
    return parsedate_to_datetime(line.rsplit(">", 1)[1].strip()).date().isoformat()


def adguard(directory: Path) -> Iterator[Source]:
    """AdGuard's annoyances and social lists from npm's package."""
    subprocess.run(["npm", "pack", "--silent", NPM], cwd=directory, check=True, stdout=subprocess.DEVNULL)
    archive = next(directory.glob("adguard-dnr-rulesets-*.tgz"))
    version = archive.stem.removeprefix("adguard-dnr-rulesets-")
    with tarfile.open(archive) as package:
        for name, number in ADGUARD.items():
            member = package.extractfile(
                f"package/dist/filters/declarative/ruleset_{number}/ruleset_{number}.json"
            )
            if member is None:
                sys.exit(f"{NPM} has no list {number} any more.")
            text = json.load(member)[0]["metadata"]["rawFilterList"]
            stamp = re.search(r"^! TimeUpdated: (\S{10})", text, re.MULTILINE)
            updated = stamp[1] if stamp else "unknown"
            yield Source(name, text, NPM, version, "GPL-3.0-only", updated)


def main() -> None:
    """Write the lists and `sources.json`, which says what each of them is."""
    TARGET.mkdir(exist_ok=True)
    sources = {}
    with tempfile.TemporaryDirectory() as folder:
        for source in (*easylist(Path(folder)), *adguard(Path(folder))):
            rules = list(supported(source.text.splitlines()))
            if len(rules) < 500:
                sys.exit(
                    f"{source.name} has only {len(rules)} rules; the format of {source.package} changed."
                )
            body = "\n".join(rules).encode()
            # No time in the header: the same rules give the same bytes.
            (TARGET / f"{source.name}.txt.gz").write_bytes(gzip.compress(body, 9, mtime=0))
            sources[source.name] = {
                "package": source.package,
                "version": source.version,
                "license": source.license,
                "updated": source.updated,
                "rules": len(rules),
            }
            print(f"{source.name}: {len(rules)} rules, {source.updated}")
    (TARGET / "sources.json").write_text(json.dumps(sources, indent=2) + "\n")


if __name__ == "__main__":
    main()
