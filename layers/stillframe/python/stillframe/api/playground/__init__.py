"""The playground: static files, read when a browser first asks for them.

A file is served below a digest of all files, so a browser may keep it for ever: a release that changes a file
changes its address.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

from fastapi.responses import Response

from ...errors import NotFound
from ..headers import EMBEDDABLE

PAGE, FRAME = "index.html", "frame.html"
# The folder of the files in `index.html`, replaced by the digest.
_FOLDER = "playground/-/"
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self';"
    " frame-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'"
)
# The frame shows captured HTML. Its own script runs with an origin of its own; the captured page is in a
# frame within it that runs no scripts, and nothing is loaded but what the page carries as `data:`.
FRAME_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:;"
    " font-src data:; media-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def page() -> Response:
    """The page itself, which is asked for anew each time."""
    text = _files()[PAGE].decode("utf-8").replace(_FOLDER, f"playground/{digest()}/")
    headers = {"Content-Security-Policy": POLICY, "Cross-Origin-Opener-Policy": "same-origin"}
    return Response(text, media_type="text/html", headers=headers)


def file(path: str) -> Response:
    """The file of `<digest>/<name>`. Raises NotFound.

    During a deployment the page may come from one release and its files from another, so a digest of another
    release gets the file of this one, which is not kept.
    """
    asked, _, name = path.partition("/")
    data = _files().get(name)
    if data is None or name == PAGE:
        raise NotFound(f"There is no route /playground/{path}.")
    # The frame has no origin, so its script is embedded from another one.
    headers = dict(EMBEDDABLE) | (_FOREVER if asked == digest() else {})
    if name == FRAME:
        headers |= {"Content-Security-Policy": FRAME_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return Response(data, media_type=_TYPES[PurePosixPath(name).suffix], headers=headers)


@cache
def digest() -> str:
    """Sixteen digits that change with any file."""
    found = hashlib.sha256()
    for name, data in sorted(_files().items()):
        found.update(name.encode() + b"\0" + data + b"\0")
    return found.hexdigest()[:16]


@cache
def _files() -> dict[str, bytes]:
    folder = files(__name__)
    return {f.name: f.read_bytes() for f in folder.iterdir() if PurePosixPath(f.name).suffix in _TYPES}
