"""Facts about the page as JSON: title, description, Open Graph, icon, language, fonts, links, sizes."""

from __future__ import annotations

import json
from typing import Any

from ..options import Options
from ..page.assets import call_page_script
from ..page.session import PageSession
from ..result import Artifact
from . import artifact

FIELDS = (
    "title",
    "description",
    "canonical",
    "language",
    "icon",
    "open_graph",
    "twitter",
    "headings",
    "links",
    "fonts",
    "page_size",
    "text",
    "status",
    "final_url",
)


async def collect(session: PageSession, names: list[str] | None = None) -> dict[str, Any]:
    """The facts with these names, or all."""
    collecting = call_page_script(session, "outputs/assets/metadata.js")
    found = well_formed(dict(await session.deadline.run(collecting, "metadata", 5_000)))
    found |= {"status": session.report.target.status, "final_url": session.report.target.final_url}
    return {name: found[name] for name in names or FIELDS}


def well_formed(found: dict[str, Any]) -> dict[str, Any]:
    """The facts with lone surrogates replaced: scripts may produce them, and UTF-8 cannot encode them."""
    return dict(json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")))


class Metadata:
    """The facts as an artifact of their own."""

    async def shoot(self, session: PageSession, options: Options, format: str) -> dict[str, Any]:
        return await collect(session)

    def encode(self, raw: dict[str, Any], options: Options, format: str) -> Artifact:
        return artifact("metadata", json.dumps(raw, ensure_ascii=False, indent=2).encode())
