"""The arguments of each tool, and the options of a capture that they stand for."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Tokens = Annotated[int, Field(ge=400, le=20_000)]


class Page(BaseModel):
    """What every tool takes."""

    # Python reads NaN and Infinity in JSON.
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    url: Annotated[str, Field(min_length=1, max_length=8_192, description="Address of the page.")]
    device: Annotated[
        str | None, Field(description="A device to emulate, such as `iPhone 15`; see GET /devices.")
    ] = None
    width: Annotated[
        int | None, Field(ge=200, le=3_840, description="Width of the window in CSS pixels; 1280 by default.")
    ] = None
    dark_mode: Annotated[bool, Field(description="Prefer the dark colours of the page.")] = False
    wait: Annotated[
        Annotated[int, Field(ge=0, le=60_000)] | str | None,
        Field(description="Milliseconds to wait before the capture, or a selector to wait for."),
    ] = None
    selector: Annotated[
        str | None, Field(description="Only the first element that matches this CSS selector.")
    ] = None
    consent: Annotated[
        Literal["reject", "accept", "hide", "keep"],
        Field(description="What is done with a consent banner."),
    ] = "reject"

    @field_validator("wait", mode="before")
    @classmethod
    def _milliseconds_as_text(cls, value: Any) -> Any:
        """A number that an agent writes as text is a number: no selector begins with a digit."""
        if isinstance(value, bool):
            raise ValueError("must be milliseconds or a selector")
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
            return int(value)
        return value

    def options(self) -> dict[str, Any]:
        """The options of a capture; sizes are in pixels of the page, so one pixel of a picture is one."""
        found: dict[str, Any] = {"url": self.url, "pixel_density": 1}
        if self.device:
            found["device"] = self.device
        if self.width or not self.device:
            found["window_width"] = self.width or 1_280
        if not self.device:
            found["window_height"] = 800
        if self.dark_mode:
            found["dark_mode"] = True
        if isinstance(self.wait, int):
            found["delay_capture"] = self.wait
        elif self.wait:
            found["wait_for_selector"] = self.wait
        if self.consent != "keep":
            found["block_cookie_banners"] = self.consent
        return found

    def part(self, *, full_page: bool = True) -> dict[str, Any]:
        """Which part of the page is meant."""
        return {"selector": self.selector} if self.selector else {"full_page": full_page}


class Look(Page):
    """See a page as it is drawn.

    Returns a picture that costs at most max_tokens. A tall page comes as numbered tiles that are still
    legible: ask for the next with `tile`.
    """

    max_tokens: Annotated[Tokens, Field(description="Tokens of the whole answer, pictures included.")] = 1_600
    tile: Annotated[int, Field(ge=1, description="Number of the first tile of a tall page.")] = 1
    full_page: Annotated[bool, Field(description="The whole page; false for its first window.")] = True


class Read(Page):
    """Read the text of a page as Markdown, without navigation and advertisements.

    A long text comes in parts: ask for the next with `offset`.
    """

    max_tokens: Annotated[Tokens, Field(description="Tokens of the whole answer.")] = 4_000
    offset: Annotated[int, Field(ge=0, description="Characters of the text to pass over.")] = 0
    content: Annotated[
        Literal["main", "page"], Field(description="The main content, or all text of the page.")
    ] = "main"


class Outline(Page):
    """Find what a page consists of and what can be operated: its accessibility tree.

    Each line has role, name, a reference and its box [x,y,width,height] in CSS pixels of the page. Links,
    buttons and fields have numbers [mark=n], which a picture shows at their places.
    """

    max_tokens: Annotated[Tokens, Field(description="Tokens of the whole answer, the picture included.")] = (
        4_000
    )
    offset: Annotated[int, Field(ge=0, description="Lines of the tree to pass over.")] = 0
    picture: Annotated[bool, Field(description="Add the picture with the numbers.")] = True
    tile: Annotated[int, Field(ge=1, description="Number of the tile of a tall page that is shown.")] = 1
    full_page: Annotated[bool, Field(description="The whole page; false for its first window.")] = True


class Compare(Page):
    """Compare how two pages look, or how a page looks now and earlier.

    With `other`, both addresses are captured. With only `url`, its picture is kept and the answer names it;
    give that name as `earlier` in a later call to see what has changed since.
    """

    other: Annotated[str | None, Field(max_length=8_192, description="Address of a second page.")] = None
    earlier: Annotated[
        str | None, Field(pattern=r"^[0-9a-f]{32}$", description="Name that an earlier call returned.")
    ] = None
    max_tokens: Annotated[Tokens, Field(description="Tokens of the whole answer, the picture included.")] = (
        1_600
    )
    tolerance: Annotated[
        float, Field(ge=0, le=1, description="How far a colour may differ, 0 for not at all.")
    ] = 0.05
    ignore: Annotated[
        list[tuple[float, float, float, float]],
        Field(max_length=50, description="Rectangles [x,y,width,height] that are not compared."),
    ] = []


TOOLS: dict[str, type[Page]] = {"look": Look, "read": Read, "outline": Outline, "compare": Compare}


def description(name: str) -> str:
    """What a tool does, as agents read it."""
    return " ".join((TOOLS[name].__doc__ or "").split())


def schema(name: str) -> dict[str, Any]:
    """The JSON schema of a tool's arguments, without what says nothing to an agent."""
    found = TOOLS[name].model_json_schema()
    del found["title"], found["description"]
    for field in found["properties"].values():
        field.pop("title", None)
    return found
