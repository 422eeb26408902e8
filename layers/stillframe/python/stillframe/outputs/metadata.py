"""Facts about the page as JSON: title, description, Open Graph, icon, language, fonts, links, sizes."""

from __future__ import annotations

import json
from typing import Any

from ..options import Options
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

_COLLECT = """() => {
  // A data: address is as long as its page likes; nothing that a page says of itself is without end.
  const cut = (text, longest = 4096) => text == null ? null : String(text).slice(0, longest);
  const meta = (n) => cut(document.querySelector(`meta[name="${n}" i],meta[property="${n}" i]`)?.content);
  const group = (p) => Object.fromEntries([...document.querySelectorAll('meta')]
    .map(m => [m.getAttribute('property') || m.name || '', m.content]).filter(([n]) => n.startsWith(p + ':')).slice(0, 100).map(([n, v]) => [cut(n.slice(p.length + 1), 200), cut(v)]));
  const root = document.scrollingElement || document.documentElement;
  return {
    title: cut(document.title),
    description: meta('description'),
    canonical: cut(document.querySelector('link[rel=canonical]')?.href),
    language: cut(document.documentElement.lang, 100) || null,
    icon: cut(document.querySelector('link[rel~=icon]')?.href),
    open_graph: group('og'),
    twitter: group('twitter'),
    headings: [...document.querySelectorAll('h1,h2,h3')].slice(0, 200).map(h => ({ level: Number(h.tagName[1]), text: h.innerText.trim().slice(0, 500) })),
    links: [...new Set([...document.links].slice(0, 10000).map(a => cut(a.href)))].slice(0, 1000),
    fonts: [...new Set([...document.fonts].filter(f => f.status === 'loaded').map(f => cut(f.family.replace(/^["']|["']$/g, ''), 200)))].slice(0, 100),
    page_size: { width: root.scrollWidth, height: root.scrollHeight },
    text: (document.body?.innerText ?? '').slice(0, 100000),
  };
}"""


async def collect(session: PageSession, wanted: list[str] | None = None) -> dict[str, Any]:
    """The facts, or those that are wanted."""
    seconds = session.deadline.timeout(5_000, "metadata") / 1000
    found = well_formed(dict(await session.within(session.page.evaluate(_COLLECT), seconds, "metadata")))
    found |= {"status": session.report.target.status, "final_url": session.report.target.final_url}
    return {name: found[name] for name in wanted or FIELDS}


def well_formed(found: dict[str, Any]) -> dict[str, Any]:
    """The facts without halves of surrogate pairs, which scripts may put into texts and no answer could carry."""
    return dict(json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")))


class Metadata:
    """The facts as an artefact of their own."""

    async def shoot(self, session: PageSession, options: Options, format: str) -> dict[str, Any]:
        return await collect(session)

    def encode(self, raw: dict[str, Any], options: Options, format: str) -> Artifact:
        return artifact("metadata", json.dumps(raw, ensure_ascii=False, indent=2).encode())
