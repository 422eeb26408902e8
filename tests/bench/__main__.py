"""`python -m tests.bench [--quick] [name …]`: run the named benches, or all, and draw docs/benchmarks.md."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import time

from . import corpus, results
from .sandbox import Unavailable

# Name, rounds when quick and full, pages when quick (0: all) and full.
BENCHES = {
    "settle": (
        (
            "Pictures equal to one of three patient waits of five seconds, on pages whose patient pictures"
            " agree; what a capture with it costs over one at `load`."
        ),
        1,
        3,
        12,
        0,
    ),
    "pages": (
        (
            "Pages that nothing was tuned on, through the whole service: pictures against patient waits,"
            " elements against Playwright's, PDFs against a patient print."
        ),
        1,
        1,
        1,
        1,
    ),
    "warm": ("A warm capture with guard, isolation, settling and delivery on, over the floor.", 2, 5, 3, 10),
    "guard": (
        (
            "What the guard and the isolation cost: a page of sixty images of 8 KB each, `load` only, against"
            " the bare pipeline without either. The certificate of the HTTPS rows is signed by nobody, so"
            " every new connection is refused once and made again; the floor keeps its connections from"
            " capture to capture, ours are cut."
        ),
        8,
        20,
        1,
        1,
    ),
    "isolation": (
        (
            "What each value of BROWSER_ISOLATION costs: a small page and one of sixty images of 8 KB each,"
            " `load` only, against bare Playwright on one context."
        ),
        8,
        40,
        1,
        1,
    ),
    "cache": (
        "What the HTTP cache of the shared context saves on captures of a page that it has seen.",
        3,
        6,
        3,
        8,
    ),
    "overhead": ("Milliseconds that a door adds around the service.", 3, 8, 1, 1),
    "telling": (
        (
            "What verdict, metrics and receipt cost: milliseconds of a settled capture less those of a"
            " capture of the same round without them. Without the verdict nobody looks at page and pixels;"
            " without metrics there is no record and no log line; without the receipt nobody measures memory."
        ),
        8,
        40,
        3,
        4,
    ),
    "cold": (
        (
            "Process start to first picture, over a bare script that takes the same picture at `load`. Ours"
            " has the snapshot of the driver and the import cache of the image, the script has neither."
        ),
        3,
        8,
        1,
        1,
    ),
    "peers": (
        (
            "Warm viewport PNGs by other services and by ours, each asked through its own door in the same"
            " rounds, over the floor; and how many first pictures equal a patient wait. shot-scraper has no"
            " server, so it starts a browser for each picture."
        ),
        2,
        3,
        3,
        8,
    ),
    "memory": (
        "Memory of all processes after many captures; what they share with each other counts once.",
        1,
        1,
        4,
        4,
    ),
    "tall": (
        "Full pages taller than one picture, or taken in windows: seconds and the largest memory of all"
        " processes.",
        1,
        3,
        1,
        1,
    ),
    "image": (
        (
            "The image of the browser functions: what each layer weighs, and what a cold start reads of it,"
            " from a disk of which nothing was read before, until the first picture; in chunks of 512 KB,"
            " which is how Lambda fetches it."
        ),
        1,
        1,
        1,
        1,
    ),
    "price": (
        (
            "Captures in the confined image with the memory, and the share of a core, that each memory size"
            " of Lambda buys."
        ),
        2,
        6,
        3,
        4,
    ),
    "content": (
        (
            "Words of `content: main`, as text, against gold that was made by reading the pages, beside what"
            " trafilatura extracts from the file and beside the whole page. The second mean is of pages to"
            " which no rule was fitted."
        ),
        1,
        3,
        1,
        1,
    ),
    "blocking": (
        (
            "What blocking costs where there is nothing to block: settled captures of four pages with lists"
            " and the watch for consent banners, over captures of the same round without; wall time, and"
            " processor time of all processes."
        ),
        4,
        16,
        1,
        1,
    ),
    "concurrency": ("Throughput of captures asked for at once, over one slot.", 2, 5, 4, 8),
}
# Themes, dashboards, applications, documents: what people capture, small and large.
_USUAL = [
    "startbootstrap-agency/index",
    "spectre.css/docs/elements/typography",
    "admin-lte/index2",
    "startbootstrap-clean-blog/index",
    "todomvc/examples/vanillajs/index",
    "gentelella/landing",
    "startbootstrap-grayscale/index",
    "paper-dashboard/dashboard",
    "startbootstrap-sb-admin-2/index",
    "reveal.js/demo",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], metavar="name", help=", ".join(BENCHES))
    parser.add_argument("--quick", action="store_true", help="fewer pages and rounds: minutes")
    parser.add_argument("--rounds", type=int, help="rounds in place of the bench's own number")
    given = parser.parse_args()
    with corpus.served() as base:
        for name in given.names or BENCHES:
            sentence, few, many, quick_pages, full_pages = BENCHES[name]
            rounds = given.rounds or (few if given.quick else many)
            pages = _pages(name, quick_pages if given.quick else full_pages)
            print(f"{name}: {sentence}", flush=True)
            started = time.monotonic()
            module = importlib.import_module(f"tests.bench.bench_{name}")
            try:
                rows = asyncio.run(module.run(base, pages, rounds, quick=given.quick))
            except Unavailable as missing:
                print(f"  not measured here: {missing}", flush=True)
                continue
            count = getattr(module, "PAGES", len(pages))
            results.keep(name, sentence, rows, quick=given.quick, pages=count, rounds=rounds)
            print(f"  {time.monotonic() - started:.0f} s", flush=True)
    results.write_page()


def _pages(name: str, count: int) -> list[corpus.BenchPage]:
    every = corpus.pages()
    if count == 0:
        return every
    if name == "settle":
        return every[:: max(1, len(every) // count)][:count]
    by_name = {page.name: page for page in every}
    return [by_name[n] for n in _USUAL[:count]]


if __name__ == "__main__":
    main()
