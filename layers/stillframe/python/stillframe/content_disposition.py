"""The Content-Disposition header of a download."""

from __future__ import annotations

from urllib.parse import quote


def disposition(filename: str, kind: str = "attachment") -> str:
    """`attachment; filename=screenshot.png`, quoted or encoded only where the name needs it.

    The result is printable ASCII. `filename*` (RFC 6266, section 4.3) carries other characters.
    """
    if filename.isascii() and all(c.isalnum() or c in "._-" for c in filename):
        return f"{kind}; filename={filename}"
    plain = "".join(c if c.isprintable() else "_" for c in filename.encode("ascii", "replace").decode())
    plain = plain.replace('"', "'").replace("\\", "_")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
