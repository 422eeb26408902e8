"""Which parts of real pages are their main content, chosen by reading each page.

The main content runs from the heading to the last sentence. Lists of contents, signs beside headings,
navigation, related pages and imprints are no part of it, nor is what a closed `details` hides.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from . import corpus
from .sandbox import Unavailable

_DEBIAN = corpus.CACHE / "packages" / "debian"


@dataclass(frozen=True, slots=True)
class Site:
    """Pages of one package and template: what is content, and what within it is not, as CSS selectors."""

    package: str
    folder: str
    content: str
    but: str
    pages: tuple[str, ...]
    held_out: tuple[str, ...] = ()
    npm: bool = False

    @property
    def name(self) -> str:
        return self.package.rpartition("@")[0] or self.package


_SPHINX, _SIGN = "div.body", "a.headerlink"
_DOC = "usr/share/doc"
SITES = (
    Site(
        "python-requests-doc",
        f"{_DOC}/python-requests-doc/html/community",
        _SPHINX,
        _SIGN,
        ("faq.html",),
        ("release-process.html",),
    ),
    Site(
        "python-flask-doc",
        f"{_DOC}/python-flask-doc/html/tutorial",
        _SPHINX,
        _SIGN,
        ("database.html",),
        ("install.html",),
    ),
    Site("python-click-doc", f"{_DOC}/python-click-doc/html", _SPHINX, _SIGN, (), ("why.html",)),
    Site(
        "python-markdown-doc",
        f"{_DOC}/python-markdown-doc/docs/extensions",
        _SPHINX,
        _SIGN,
        ("meta_data.html",),
    ),
    Site("python-attr-doc", f"{_DOC}/python-attr-doc/html", "div.document", _SIGN, ("why.html",)),
    Site("python-jinja2-doc", f"{_DOC}/python-jinja2-doc/html", _SPHINX, _SIGN, ("switching.html",)),
    Site("python-jsonschema-doc", f"{_DOC}/python-jsonschema-doc/html", _SPHINX, _SIGN, ("faq.html",)),
    Site("pelican-doc", f"{_DOC}/pelican/html", _SPHINX, _SIGN, ("faq.html",)),
    Site("developers-reference", "usr/share/developers-reference", _SPHINX, _SIGN, ("l10n.html",)),
    Site("debian-policy", f"{_DOC}/debian-policy/policy.html", _SPHINX, _SIGN, ("ap-pkg-conffiles.html",)),
    Site(
        "debian-policy",
        f"{_DOC}/debian-policy",
        "body > *",
        ".toc",
        (),
        ("copyright-format-1.0.html",),
    ),
    Site("debian-faq", f"{_DOC}/debian/FAQ", "div.chapter", "div.toc", ("support.en.html",)),
    Site(
        "git-doc",
        f"{_DOC}/git-doc",
        "#header, #content",
        "#toctitle",
        ("git-credential-store.html",),
        ("gitmodules.html",),
    ),
    Site(
        "mkdocs-doc",
        f"{_DOC}/mkdocs/html",
        "div.col-md-9",
        _SIGN,
        ("user-guide/deploying-your-docs.html",),
        ("getting-started.html",),
    ),
    Site(
        "nodejs-doc",
        f"{_DOC}/nodejs/api",
        "#apicontent",
        "a.mark",
        ("querystring.html",),
        ("documentation.html",),
    ),
    Site(
        "cppreference-doc-en-html",
        "usr/share/cppreference/doc/html/en",
        "#firstHeading, #mw-content-text",
        ".t-navbar, .t-example-live-link, .editsection",
        ("c/variadic/va_arg.html",),
        ("cpp/memory/enable_shared_from_this.html",),
    ),
    Site(
        "libcommons-lang3-java-doc",
        f"{_DOC}/libcommons-lang3-java/api/org/apache/commons/lang3",
        "main",
        ".inheritance, a.anchor-link",
        ("CharSetUtils.html",),
        ("builder/ReflectionDiffBuilder.html",),
    ),
    Site(
        "libxml2-doc",
        f"{_DOC}/libxml2/html",
        "h2, td[valign=top]:not([width]) td[bgcolor='#fffacd'] > :nth-child(n+3)",
        "",
        ("xmldtd.html",),
        ("xmlmem.html",),
    ),
    Site(
        "apache2-doc",
        f"{_DOC}/apache2-doc/manual/en",
        "#page-content",
        ".toplang, .bottomlang, #quickview, #comments_section, a.permalink",
        ("howto/public_html.html",),
        ("mod/mod_proxy_fcgi.html",),
    ),
    Site(
        "sqlite3-doc",
        f"{_DOC}/sqlite3",
        "body",
        ".nosearch, body > p:last-of-type",
        ("whentouse.html",),
        ("whyc.html",),
    ),
    Site(
        "startbootstrap-clean-blog@6.0.9",
        "dist",
        "header h1, header .subheading, header .meta, main, article",
        "",
        ("post.html",),
        ("about.html",),
        npm=True,
    ),
    Site("startbootstrap-modern-business@5.0.7", "dist", "article", "", ("blog-post.html",), npm=True),
    Site(
        "npm@11.19.1",
        "docs/output/commands",
        "#content",
        "#table_of_contents, footer",
        ("npm-explain.html",),
        ("npm-audit.html",),
        npm=True,
    ),
    Site(
        "spectre.css@0.5.9",
        "docs/elements",
        "#content",
        "a.anchor, .docs-ad, .docs-footer",
        ("typography.html",),
        npm=True,
    ),
)
_HIDDEN = "script, style, noscript, template, details:not([open]) > :not(summary)"


def fetch(site: Site) -> str:
    """Bring the package of a site into the corpus; returns its path on the server. Raises Unavailable."""
    if site.npm:
        if corpus.package_folder(site.package) is None:
            raise Unavailable(f"npm has no {site.package}")
        return f"/{site.package}"
    folder = _DEBIAN / site.package
    if not folder.exists():
        if which("apt-get") is None or which("dpkg-deb") is None:
            raise Unavailable("the pages come from packages of Debian")
        _DEBIAN.mkdir(parents=True, exist_ok=True)
        command = ["apt-get", "download", "-qq", site.package]
        done = subprocess.run(command, cwd=_DEBIAN, capture_output=True, text=True, timeout=300, check=False)
        found = sorted(_DEBIAN.glob(f"{site.package}_*.deb"))
        if not found:
            raise Unavailable(f"Debian's {site.package} is not to be had: {done.stderr.strip()[:200]}")
        subprocess.run(["dpkg-deb", "-x", found[0], folder], check=True, timeout=120)
        found[0].unlink()
    return f"/debian/{site.package}"


def file(site: Site, page: str) -> Path:
    """The file of a page in the corpus."""
    root = corpus.CACHE / "packages" if site.npm else _DEBIAN
    return root / site.package / site.folder / page


def gold(site: Site, page: str) -> str:
    """The text of the main content of a page."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(file(site, page).read_bytes(), "html.parser")
    for element in soup.select(f"{_HIDDEN}, {site.but}" if site.but else _HIDDEN):
        element.decompose()
    return "\n".join(element.get_text(" ") for element in soup.select(site.content))


def compare(text: str, wanted: str) -> tuple[float, float, float]:
    """F1, precision and recall of the words of a text, each as often as it occurs."""
    found, right = (Counter(re.findall(r"\w+", words.lower())) for words in (text, wanted))
    both = (found & right).total()
    if not both:
        return 0.0, 0.0, 0.0
    precision, recall = both / found.total(), both / right.total()
    return 2 * precision * recall / (precision + recall), precision, recall
