"""PDF: print the page with Chromium, and write the document information."""

from __future__ import annotations

import re
from typing import Any

from ..errors import NotRenderable, RequestNotValid
from ..options import Options, option
from ..page.session import PageSession, is_playwright
from ..result import Artifact
from ..steps.settle import print_while_time_advances
from . import artifact, header_footer, page_rules, page_setup, single_page, worker_process
from .paper import MAX_SIDE, SIDES, Paper

# pypdf writes a larger PDF in a process of its own; reading 2,000 objects takes about 0.3 s.
_OBJECTS_IN_THREAD = 2_000


class Metadata(Options):
    """Entries of the PDF's document information."""

    title: str | None = None
    author: str | None = None
    subject: str | None = None
    keywords: str | None = None


class PdfOptions(header_footer.HeaderFooterOptions, page_setup.PageSetupOptions, group="pdf"):
    pdf_single_page: bool = option(
        False,
        "Print everything on one page as high as the content, and as wide as the paper that the request"
        " names, else as the viewport.",
        aliases=("single_page", "pdf_fit_one_page"),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_prefer_css_page_size: bool = option(
        False,
        "Use the page's `@page` size instead of the paper size. Margins of `@page` apply where the request"
        " names none.",
        aliases=("prefer_css_page_size",),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_outline: bool = option(
        False,
        "Add bookmarks for the headings; implies `pdf_tagged`.",
        aliases=("generate_document_outline",),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_tagged: bool = option(
        False,
        "Add structure tags for accessibility.",
        aliases=("generate_tagged_pdf",),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_metadata: Metadata | None = option(
        None,
        "Document information `{title, author, subject, keywords}`.",
        shareable=True,
        linkable=True,
        per_output=True,
    )


class Pdf:
    """The format pdf."""

    async def shoot(self, session: PageSession, options: PdfOptions, format: str) -> bytes:
        """The printed PDF. Raises RequestNotValid for page ranges or margins that Chromium refuses."""
        # Each argument of `page.pdf` is set by name: no option of a caller may become its `path`.
        arguments = page_setup.arguments(session, options) | _arguments(options)
        paper = page_setup.paper_of(options)
        if options.pdf_single_page:
            paper.width = await single_page.paper_width(session, options)
            paper.named |= set(SIDES)
        if options.pdf_header or options.pdf_footer:
            templates = await header_footer.prepare(session, options, paper.width)
            arguments |= templates.arguments()
            await templates.make_room(session, paper)
        await page_rules.override(session, paper, keep_size=arguments["prefer_css_page_size"])
        if options.pdf_single_page:
            await single_page.fit(session, options, paper)
        data = await _print(session, arguments | paper.arguments())
        if options.pdf_single_page and page_count(data) > 1:
            data = await _print_on_one_page(session, arguments, paper)
        pages = page_count(data)
        session.report.note("pages", pages)
        if options.pdf_page_ranges is None and pages >= session.limits.max_pdf_pages:
            session.report.warn("truncated", f"The PDF is limited to {session.limits.max_pdf_pages} pages.")
        return data

    def encode(self, raw: bytes, options: PdfOptions, format: str) -> Artifact:
        """The document with its information entries. Raises NotRenderable when it is incomplete."""
        if not raw.startswith(b"%PDF-") or b"%%EOF" not in raw[-1024:]:
            raise NotRenderable(f"The browser returned no PDF ({len(raw)} bytes).")
        return artifact("pdf", _with_metadata(raw, options.pdf_metadata) if options.pdf_metadata else raw)


async def _print(session: PageSession, arguments: dict[str, Any]) -> bytes:
    try:
        printing = print_while_time_advances(session, session.page.pdf(**arguments))
        data: bytes = await session.deadline.run(printing, "shoot")
    except Exception as error:
        if not is_playwright(error):
            raise
        if "age range" in str(error):
            raise RequestNotValid(
                f"pdf_page_ranges: the document has fewer pages than {arguments['page_ranges']!r} names.",
                details=[{"field": "pdf_page_ranges"}],
            ) from error
        if "margin" in str(error).lower() or "content area" in str(error):
            raise RequestNotValid(
                "pdf_margin: the margins leave no room on the paper.", details=[{"field": "pdf_margin"}]
            ) from error
        raise
    return data


async def _print_on_one_page(session: PageSession, arguments: dict[str, Any], paper: Paper) -> bytes:
    """Print again what took several pages: first without the page's own breaks, then on higher paper."""
    await page_rules.join_pages(session)
    while True:
        data = await _print(session, arguments | paper.arguments())
        pages = page_count(data)
        if pages == 1:
            return data
        if not paper.grow(pages):
            session.report.warn(
                "truncated", f"A PDF page has at most {MAX_SIDE} px; the content takes {pages} of them."
            )
            return data


def _arguments(options: PdfOptions) -> dict[str, Any]:
    """The arguments of `page.pdf` for the document as a whole."""
    return {
        "prefer_css_page_size": options.pdf_prefer_css_page_size and not options.pdf_single_page,
        "outline": options.pdf_outline,
        # Chromium writes no outline without tags: https://github.com/gotenberg/gotenberg/issues/1579
        "tagged": options.pdf_tagged or options.pdf_outline,
    }


def page_count(data: bytes) -> int:
    """The number of pages of a PDF from Chromium, which writes one uncompressed object for each."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", data))


def _with_metadata(data: bytes, metadata: Metadata) -> bytes:
    from .conversions import pdf_information

    entries = metadata.model_dump(exclude_none=True)
    if data.count(b" obj") <= _OBJECTS_IN_THREAD:
        return pdf_information.describe_pdf(data, entries=entries)
    try:
        return worker_process.run("describe_pdf", data, module=pdf_information, entries=entries)
    except worker_process.WorkerFailed as error:
        raise NotRenderable("The document information could not be written.") from error
