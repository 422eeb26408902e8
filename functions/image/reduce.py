"""Removes the Debian packages, and the files of those that stay, which nothing in the image uses."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# What is used besides the libraries of Python and its packages: the browser, and a shell with its commands
# for the entry point, SAM CLI (which moves its emulator to its place there) and a person who looks around.
ROOTS = {
    "base-files",
    "base-passwd",
    "bash",
    # With openssl, the owner of /usr/lib/ssl, where OpenSSL looks for the certificates.
    "ca-certificates",
    "chromium-headless-shell",
    "coreutils",
    "dash",
    "dpkg",
    "findutils",
    "fontconfig",
    "grep",
    "libatomic1",
    "libc-bin",
    "netbase",
    "sed",
    "tzdata",
}
# Required by name, yet only by installation scripts, or by an X server that is not there.
UNUSED_PACKAGES = {
    "at-spi2-common",
    "debconf",
    "libasound2-data",
    "libx11-data",
    "mawk",
    "perl-base",
    "sensible-utils",
    "ucf",
    "xkb-data",
}
EXECUTABLES = (
    Path("/usr/lib/chromium/chromium-headless-shell"),
    Path("/opt/python/playwright/driver/node"),
)
UNUSED_FILES = (
    # Of the browser with a user interface: the headless shell opens headless_lib_*.pak and another snapshot.
    "usr/lib/chromium/chrome_*_percent.pak",
    "usr/lib/chromium/locales",
    "usr/lib/chromium/snapshot_blob.bin",
    # What glibc's iconv() converts. Chromium has ICU, Python its own codecs, lxml its own libiconv.
    "usr/lib/*/gconv",
    "usr/share/bash-completion",
    "usr/share/doc/*/[!c]*",
    "usr/share/i18n",
    "usr/share/info",
    "usr/share/lintian",
    "usr/share/locale",
    "usr/share/man",
    "usr/share/perl*",
    "usr/share/X11/locale",
    "var/cache/apt",
    "var/cache/debconf",
    "var/cache/ldconfig",
    "var/lib/apt",
    "var/log",
)
Packages = dict[str, list[list[str]]]


def output(*command: str) -> str:
    """Runs a command and returns what it prints; what it prints to stderr is not of interest."""
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def installed() -> tuple[Packages, dict[str, set[str]]]:
    """Lists of each package its dependencies, each as alternatives, and of each name who provides it."""
    requires: Packages = {}
    provided: dict[str, set[str]] = {}
    listing = output("dpkg-query", "-W", "-f", "${Package}\t${Pre-Depends}, ${Depends}\t${Provides}\n")
    for name, depends, provides in (line.split("\t") for line in listing.splitlines()):
        requires[name] = [names(group, "|") for group in depends.split(",") if group.strip()]
        for one in [name, *names(provides, ",")]:
            provided.setdefault(one, set()).add(name)
    return requires, provided


def names(text: str, separator: str) -> list[str]:
    """Splits a field into names without versions and architectures."""
    return [re.split(r"[ :(]", one.strip())[0] for one in text.split(separator) if one.strip()]


def owners(binaries: Iterable[Path]) -> set[str]:
    """Names the packages of the system libraries that these binaries load."""
    libraries = set(re.findall(r"=> (/\S+)", output("ldd", *map(str, binaries))))
    paths = {str(Path(one).resolve()) for one in libraries}
    paths |= {one.removeprefix("/usr") for one in paths}
    return {line.split(":")[0] for line in output("dpkg-query", "-S", *sorted(paths)).splitlines()}


def missing(binaries: Iterable[Path]) -> set[str]:
    """Names the libraries that these binaries need and do not find; a base may lack some from the start."""
    return set(re.findall(r"(\S+) => not found", output("ldd", *map(str, binaries))))


def reachable(roots: set[str], requires: Packages, provided: dict[str, set[str]]) -> set[str]:
    """Follows the dependencies; of alternatives, every one that is installed stays."""
    found: set[str] = set()
    waiting = [one for one in roots if one in requires]
    while waiting:
        name = waiting.pop()
        if name in found or name in UNUSED_PACKAGES:
            continue
        found.add(name)
        for group in requires[name]:
            waiting += [one for choice in group for one in provided.get(choice, ())]
    return found


def purge(unwanted: set[str]) -> None:
    """Removes packages through dpkg, so that its list, the SBOM and every scanner agree."""
    # Their scripts call Perl and debconf, which go in the same step.
    for name in unwanted:
        for script in Path("/var/lib/dpkg/info").glob(f"{name}[.:]*"):
            if script.suffix in {".prerm", ".postrm"}:
                script.unlink()
    subprocess.run(["dpkg", "--force-all", "--purge", *sorted(unwanted)], check=True, capture_output=True)


def main(fonts: Path, *roots: Path) -> None:
    """Keeps the fonts, what ROOTS name, and what the binaries under these folders load."""
    binaries = [one for root in roots for one in root.rglob("*.so*")]
    binaries += [Path(sys.executable).resolve(), *EXECUTABLES]
    before = missing(binaries)
    requires, provided = installed()
    wanted = reachable(ROOTS | set(fonts.read_text().split()) | owners(binaries), requires, provided)
    unwanted = requires.keys() - wanted
    sys.stdout.write(f"Removed: {' '.join(sorted(unwanted))}\n")
    purge(unwanted)
    for pattern in UNUSED_FILES:
        for path in Path("/").glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if lost := missing(binaries) - before:
        raise SystemExit(f"These libraries are needed and were removed: {' '.join(sorted(lost))}")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
