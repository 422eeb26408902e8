"""Uploads become requests with an archive."""

from __future__ import annotations

import base64

import pytest

from stillframe.api.upload import from_form, from_zip
from stillframe.errors import RequestNotValid
from stillframe.steps.archive import pack, unpack

TYPE = 'multipart/form-data; boundary="edge"'


def form(*parts: tuple[str, bytes]) -> bytes:
    sections = [
        f"Content-Disposition: form-data; {head}".encode() + b"\r\n\r\n" + body for head, body in parts
    ]
    return b"--edge\r\n" + b"\r\n--edge\r\n".join(sections) + b"\r\n--edge--\r\n"


def test_files_and_options_of_a_form() -> None:
    request = from_form(
        form(
            ('name="format"', b"pdf"),
            ('name="options"', b'{"full_page": true}'),
            ('name="files"; filename="index.html"', b"<p>\r\n\r\n--edg"),
            ('name="files"; filename="img/a.png"', b"\x89PNG\r\n\x1a\n"),
        ),
        TYPE,
    )
    archive = base64.b64decode(request.pop("archive"))
    assert request == {"format": "pdf", "full_page": True}
    assert unpack(archive, 1000) == {"index.html": b"<p>\r\n\r\n--edg", "img/a.png": b"\x89PNG\r\n\x1a\n"}


def test_one_zip_in_a_form_is_the_archive() -> None:
    packed = pack({"index.html": b"<p>"})
    request = from_form(form(('name="file"; filename="site.zip"', base64.b64decode(packed))), TYPE)
    assert request == {"archive": packed}


def test_an_archive_as_the_body_has_its_options_in_the_query() -> None:
    packed = pack({"index.html": b"<p>"})
    request = from_zip(base64.b64decode(packed), [("format", "pdf"), ("full_page", "yes")])
    assert request == {"archive": packed, "format": "pdf", "full_page": True}


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (form(('name="a"', b"")), "multipart/form-data", "boundary"),
        (form(('name="a"', b""))[:-10], TYPE, "cut"),
        (b"--edge\r\nX: y\r\n\r\nz\r\n--edge--\r\n", TYPE, "Content-Disposition"),
        (b"--edge\r\nX: y\r\n--edge--\r\n", TYPE, "no header"),
        (form(('name="options"', b"[1]")), TYPE, "JSON object"),
        (form(('name="options"', b"{")), TYPE, "not valid JSON"),
        (form(*[('name="f"; filename="a.html"', b"")] * 2), TYPE, "twice"),
        (form(*[('name="f"', b"")] * 1500), TYPE, "more than"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(body: bytes, kind: str, reason: str) -> None:
    with pytest.raises(RequestNotValid, match=reason):
        from_form(body, kind)
