"""`stillframe compare`: which share of two pictures differs, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import RequestNotValid
from . import outfiles, service, sources
from .capture import captured, request_of
from .exits import Exit, say
from .options import RowsCommand, flags

if TYPE_CHECKING:
    from ..comparison import Comparison

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".avif")
_SHOWN_BOXES = 20


@click.command(cls=RowsCommand)
@click.argument("before")
@click.argument("after")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 100),
    default=0.0,
    show_default=True,
    metavar="PERCENT",
    help="Percent of the pixels that may differ.",
)
@click.option(
    "--tolerance", type=click.FloatRange(0, 1), help="How far a colour may differ, from 0 to 1; 0.05."
)
@click.option("--ignore", multiple=True, metavar="X,Y,W,H", help="Rectangle that is not compared, in pixels.")
@click.option("--overlay", metavar="FILE", help="PNG to write that shows what differs.")
@click.option("--save", metavar="FILE", help="PNG to write the picture of the page AFTER to.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.option("--allow", multiple=True, metavar="HOST[:PORT]", help="Let the page reach an internal host.")
@service.options
@flags
def compare(
    before: str,
    after: str,
    threshold: float,
    tolerance: float | None,
    ignore: tuple[str, ...],
    overlay: str | None,
    save: str | None,
    as_json: bool,
    allow: tuple[str, ...],
    endpoint: str | None,
    token: str | None,
    **options: Any,
) -> int:
    """Compare the picture BEFORE with AFTER: another picture, or a page, which is captured.

    A page is captured in a window of the size of BEFORE, unless an option of a capture says otherwise;
    --help-all lists them. The exit code is 1 when more pixels differ than --threshold allows.
    """
    service.refuse_allow(endpoint, allow)
    rectangles = [_rectangle(text) for text in ignore]
    for name, option in ((overlay, "--overlay"), (save, "--save")):
        if name is not None:
            if Path(name).suffix.lower() != ".png":
                raise click.UsageError(f"{option} {name}: the file is a PNG; end its name in .png")
            outfiles.checked_file(Path(name), None)
    if not _is_picture(before):
        raise click.UsageError(
            f"{before} is not a picture; make one with: stillframe capture {before} -o before.png"
        )
    first = sources.readable(Path(before)).read_bytes()
    from ..comparison import TOLERANCE
    from ..comparison import compare as compared

    if _is_picture(after):
        second = sources.readable(Path(after)).read_bytes()
        if save is not None:
            raise click.UsageError("--save writes the picture of a page, and AFTER is a picture")
    else:
        request = request_of(after, _like(first, options), remote=bool(endpoint)) | {"format": "png"}
        second = captured(request, endpoint, token, allow).artifact.data
        if save is not None:
            Path(save).write_bytes(second)
    try:
        found = compared(
            first, second, tolerance=TOLERANCE if tolerance is None else tolerance, ignore=rectangles
        )
    except RequestNotValid as error:
        raise click.UsageError(
            f"{error.message.rstrip('.')}; compare PNG, JPEG, WebP or AVIF files"
        ) from None
    if overlay is not None:
        Path(overlay).write_bytes(found.overlay())
    return _tell(found, threshold, as_json=as_json)


def _tell(found: Comparison, threshold: float, *, as_json: bool) -> int:
    failed = found.share * 100 > threshold
    if as_json:
        click.echo(json.dumps(found.to_json() | {"threshold": threshold, "failed": failed}, indent=2))
    else:
        click.echo(found.in_words())
        for x, y, width, height in found.boxes[:_SHOWN_BOXES]:
            click.echo(f"  {width}×{height} at {x},{y}")
        if found.box_count > _SHOWN_BOXES:
            click.echo(f"  and {found.box_count - _SHOWN_BOXES} more")
    if failed and threshold:
        say(f"{found.share * 100:.3g}% of the pixels differ, more than --threshold {threshold:g}")
    return Exit.FAILED if failed else Exit.DONE


def _is_picture(source: str) -> bool:
    return "://" not in source and Path(source).suffix.lower() in _PICTURES


def _rectangle(text: str) -> list[float]:
    try:
        x, y, width, height = (float(part) for part in text.split(","))
    except ValueError:
        raise click.UsageError(f"--ignore: '{text}' is not X,Y,W,H; write --ignore 0,0,200,50") from None
    return [x, y, width, height]


def _like(picture: bytes, options: dict[str, Any]) -> dict[str, Any]:
    """The options with a window of the picture's size where they choose no size themselves."""
    import io

    from PIL import Image, UnidentifiedImageError

    if any(
        options.get(name) for name in ("device", "template", "selector", "clip", "resize", "window_width")
    ):
        return options
    try:
        with Image.open(io.BytesIO(picture)) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return options  # the comparison says so
    density = float(options.get("pixel_density") or 1)
    size = {"window_width": str(round(width / density))}
    if not options.get("full_page") and not options.get("window_height"):
        size["window_height"] = str(round(height / density))
    return options | size
