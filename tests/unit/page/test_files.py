"""Local folders: which files the command line serves, and which source it takes for a file."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from stillframe.cli.sources import read
from stillframe.page.files import MOUNTS, Folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "css").mkdir(parents=True)
    for name in ("index.html", "css/a.css", ".env", "id_rsa", "keys.pem", "a.sqlite", "report.docx"):
        (folder / name).write_text(name)
    (tmp_path / "secret.html").write_text("secret")
    (folder / "link.html").symlink_to(tmp_path / "secret.html")
    return folder


def test_files_below_a_folder_are_served(site: Path) -> None:
    assert Folder(site)["css/a.css"].body == b"css/a.css"
    assert set(Folder(site)) == {"index.html"}


@pytest.mark.parametrize(
    "name",
    [
        *("../secret.html", "link.html", "/etc/passwd", ".env", "css", "a\\b", "x\0", ""),
        *("id_rsa", "keys.pem", "a.sqlite", "report.docx"),
    ],
)
def test_what_is_hidden_or_outside_is_not_served(site: Path, name: str) -> None:
    assert name not in Folder(site)
    with pytest.raises(KeyError):
        Folder(site)[name]


@pytest.mark.parametrize("source", ["site", "site/index.html", "site/"])
def test_a_file_or_folder_is_captured_at_an_origin_of_its_own(
    site: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site.parent)
    origin, _, page = str(read(source)["url"]).rpartition("/")
    assert (page, origin in MOUNTS, origin.endswith(".localhost")) == ("index.html", True, True)


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("example.com", "https://example.com"),
        ("example.com/page.html", "https://example.com/page.html"),
        ("localhost:3000/a.html", "http://localhost:3000/a.html"),
        ("http://a.b/x.md", "http://a.b/x.md"),
    ],
)
def test_an_address_is_not_taken_for_a_file(source: str, url: str) -> None:
    assert read(source) == {"url": url}


@pytest.mark.parametrize("source", ["none.html", "folder/none.md", "file:///none.html"])
def test_a_file_that_does_not_exist_is_named(source: str) -> None:
    with pytest.raises(click.UsageError, match="there is no file"):
        read(source)


@pytest.mark.parametrize("target", [".env", ".git/config.txt", "id_rsa", "keys.pem"])
def test_a_link_to_what_is_not_served_is_not_served(site: Path, target: str) -> None:
    (site / ".git").mkdir()
    (site / ".git/config.txt").write_text("token")
    (site / "css/link.txt").symlink_to(site / target)
    (site / "folder").symlink_to(site / ".git")
    folder = Folder(site)
    assert folder.path("css/link.txt") is None
    assert folder.path("folder/config.txt") is None
    (site / "other.css").symlink_to("css/a.css")
    assert folder["other.css"].body == b"css/a.css"
