"""Uploads: a zip archive as the body, or a multipart form with files and options.

The form is read here, because Starlette 1.x imports a multipart library wherever one is installed, and every
cold start of the HTTP function would pay for it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from email.message import Message
from typing import Any

from ..errors import RequestNotValid
from ..request import from_strings
from ..steps.archive import MAX_FILES, pack

ZIP_TYPES = ("application/zip", "application/x-zip-compressed")
FORM_TYPE = "multipart/form-data"
# A form has the options as well as the files.
_MAX_PARTS = MAX_FILES + 200


def from_zip(body: bytes, query: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The request of an archive whose options are in the query string. Raises RequestNotValid."""
    return from_strings(query) | {"archive": base64.b64encode(body).decode("ascii")}


def from_form(body: bytes, content_type: str) -> dict[str, Any]:
    """The request of a form: parts with a file name are files, `options` is JSON, other parts are options.

    Raises RequestNotValid.
    """
    files: dict[str, bytes] = {}
    pairs: list[tuple[str, str]] = []
    options: dict[str, Any] = {}
    for name, filename, content in parts(body, content_type):
        if filename is not None:
            path = filename.replace("\\", "/").removeprefix("./")
            if path in files:
                raise _not_valid(f"the form has the file {path[:100]!r} twice")
            if path:
                files[path] = content
        elif name == "options":
            options = _options(content)
        else:
            pairs.append((name, content.decode("utf-8", "replace")))
    request = options | from_strings(pairs)
    if len(files) == 1 and next(iter(files)).lower().endswith(".zip"):
        return request | {"archive": base64.b64encode(next(iter(files.values()))).decode("ascii")}
    return request | ({"archive": pack(files)} if files else {})


def _options(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise _not_valid("the part 'options' is not valid JSON") from None
    if not isinstance(value, dict):
        raise _not_valid("the part 'options' is not a JSON object")
    return value


def parts(body: bytes, content_type: str) -> Iterable[tuple[str, str | None, bytes]]:
    """Name, file name and content of each part (RFC 7578). Raises RequestNotValid."""
    boundary = _parameters(content_type).get_param("boundary")
    if not isinstance(boundary, str) or not 0 < len(boundary) <= 70:
        raise _not_valid("the Content-Type has no boundary")
    mark = b"\r\n--" + boundary.encode("latin-1", "replace")
    sections = (b"\r\n" + body).split(mark)
    if len(sections) < 3 or not sections[-1].startswith(b"--"):
        raise _not_valid("the form is cut or its boundary is wrong")
    if len(sections) > _MAX_PARTS:
        raise _not_valid(f"the form has more than {_MAX_PARTS} parts")
    for section in sections[1:-1]:
        head, separator, content = section.partition(b"\r\n\r\n")
        if not separator:
            raise _not_valid("a part of the form has no header")
        for line in head.split(b"\r\n"):
            field, _, value = line.partition(b":")
            if field.strip().lower() == b"content-disposition":
                disposition = _parameters(value.decode("utf-8", "replace").strip())
                break
        else:
            raise _not_valid("a part of the form has no Content-Disposition")
        name, filename = disposition.get_param("name"), disposition.get_param("filename")
        yield str(name or ""), None if filename is None else str(filename), content


def _parameters(value: str) -> Message:
    """A header's value, ready to be asked for its parameters."""
    message = Message()
    message["Content-Type"] = value.replace("\r", " ").replace("\n", " ")
    return message


def _not_valid(reason: str) -> RequestNotValid:
    return RequestNotValid(f"request: {reason}.", details=[{"field": "request"}])
