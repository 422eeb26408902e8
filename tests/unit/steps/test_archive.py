"""Uploaded archives: what is unpacked, and what is refused."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from stillframe.errors import RequestNotValid
from stillframe.page.files import page_among, reply_of, text_of
from stillframe.request import parse
from stillframe.steps.archive import MAX_FILES, open_archive, pack, unpack

LIMIT = 100_000


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_files_keep_their_paths() -> None:
    files = {"index.html": b"<p>", "css/a.css": b"p{}"}
    assert unpack(zipped(files), LIMIT) == files


def test_the_folder_that_holds_everything_is_left_out() -> None:
    assert set(unpack(zipped({"site/index.html": b"", "site/css/a.css": b""}), LIMIT)) == {
        "index.html",
        "css/a.css",
    }


def test_what_systems_add_to_archives_is_left_out() -> None:
    files = {"index.html": b"", "__MACOSX/._index.html": b"", ".DS_Store": b"", "a/Thumbs.db": b""}
    assert set(unpack(zipped(files), LIMIT)) == {"index.html"}


@pytest.mark.parametrize(
    "name",
    ["../up.html", "a/../../up.html", "/etc/passwd", "C:/x.html", "..\\up.html", "a//b.html", "x" * 301],
)
def test_a_path_that_leads_out_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="names the path"):
        unpack(zipped({name: b"", "index.html": b""}), LIMIT)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped({f"{n}.html": b"\0" * 30_000 for n in range(5)})
    assert len(bomb) < 2_000
    with pytest.raises(ValueError, match="more than 100000 bytes"):
        unpack(bomb, LIMIT)


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(zipped({"index.html": b"\0" * 5_000_000}))
    size = (5_000_000).to_bytes(4, "little")
    while (position := data.find(size)) >= 0:
        data[position : position + 4] = (10).to_bytes(4, "little")
    with pytest.raises(ValueError, match=r"damaged|more than"):
        unpack(bytes(data), LIMIT)


def test_too_many_files_are_refused() -> None:
    with pytest.raises(ValueError, match="the limit is 1000"):
        unpack(zipped({f"{n}.html": b"" for n in range(MAX_FILES + 1)}), LIMIT)


def test_a_symbolic_link_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("index.html")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ValueError, match="symbolic link"):
        unpack(buffer.getvalue(), LIMIT)


def test_other_methods_of_compression_are_refused() -> None:
    with pytest.raises(ValueError, match="deflate"):
        unpack(zipped({"index.html": b"x" * 1000}, zipfile.ZIP_LZMA), LIMIT)


def test_a_name_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        unpack(zipped({"a/index.html": b"", "a\\index.html": b""}), LIMIT)


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"not a zip", zipped({"index.html": b"x" * 999})[:-40]],
    ids=["nothing", "a head", "text", "without its end"],
)
def test_bytes_that_are_no_archive_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a zip archive"):
        unpack(data, LIMIT)


def test_a_damaged_file_is_refused() -> None:
    data = zipped({"index.html": b"<p>" * 30}, zipfile.ZIP_STORED).replace(b"<p><p>", b"<p><q>", 1)
    with pytest.raises(ValueError, match="damaged"):
        unpack(data, LIMIT)


def test_errors_name_the_option() -> None:
    with pytest.raises(RequestNotValid, match="archive: is not a zip archive"):
        open_archive("AAAA", None, LIMIT)
    with pytest.raises(RequestNotValid, match=r"archive: there is no file 'x\.html'"):
        open_archive(pack({"index.html": b""}), "x.html", LIMIT)
    with pytest.raises(RequestNotValid, match="archive: is not base64"):
        parse({"archive": "§"})
    with pytest.raises(RequestNotValid, match="archive_page: requires archive"):
        parse({"url": "https://a.b/", "archive_page": "x.html"})


@pytest.mark.parametrize(
    ("names", "page"),
    [
        (["b.html", "index.html", "a/index.html"], "index.html"),
        (["report.html", "style.css"], "report.html"),
        (["doc.md", "dot.png"], "doc.md"),
        (["a/page.html", "logo.svg"], "a/page.html"),
        (["picture.svg"], "picture.svg"),
    ],
)
def test_the_page_is_found(names: list[str], page: str) -> None:
    assert page_among(names, None) == page


@pytest.mark.parametrize("names", [["a.html", "b.html"], ["style.css"], []])
def test_a_page_that_cannot_be_told_is_an_error(names: list[str]) -> None:
    with pytest.raises(ValueError, match=r"no index\.html|no HTML file"):
        page_among(names, None)


CYRILLIC = "Привет"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.html", CYRILLIC.encode(), "text/html; charset=utf-8"),
        ("a.html", b"<meta charset=windows-1251>" + CYRILLIC.encode("cp1251"), "text/html"),
        ("a.html", CYRILLIC.encode("utf-16"), "text/html"),
        ("a.html", CYRILLIC.encode("cp1251"), "text/html"),
        ("a.css", b"p{}", "text/css; charset=utf-8"),
        ("a.MJS", b"1", "text/javascript; charset=utf-8"),
        ("a.woff2", b"\xff", "font/woff2"),
        ("a.unknown", b"x", "application/octet-stream"),
    ],
)
def test_a_file_has_its_type_and_encoding(name: str, data: bytes, kind: str) -> None:
    assert reply_of(name, data).content_type == kind


@pytest.mark.parametrize(
    "data",
    [
        CYRILLIC.encode(),
        CYRILLIC.encode("utf-8-sig"),
        CYRILLIC.encode("utf-16"),
        b'<?xml version="1.0" encoding="windows-1251"?>' + CYRILLIC.encode("cp1251"),
        b"<meta charset='koi8-r'>" + CYRILLIC.encode("koi8-r"),
    ],
)
def test_a_text_is_read_in_its_encoding(data: bytes) -> None:
    assert text_of(data).endswith(CYRILLIC)
