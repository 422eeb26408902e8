"""What a form needs of the request model beside its schema: groups, presets, suffixes, nested options."""

from __future__ import annotations

from typing import Any

from ..outputs import OUTPUTS, ZIP
from ..request.groups import GROUPS

# Named sets of options for a first capture; a preset leaves the source of the request as it is.
PRESETS: list[dict[str, Any]] = [
    {
        "name": "Phone",
        "description": "The page on an iPhone, without its consent banner.",
        "options": {"device": "iPhone 15", "block_cookie_banners": "reject"},
    },
    {
        "name": "Article PDF",
        "description": "A4 with margins, without advertisements and banners.",
        "options": {
            "format": "pdf",
            "pdf_format": "A4",
            "pdf_margin": "15mm",
            "block_ads": True,
            "block_cookie_banners": "reject",
        },
    },
    {
        "name": "Full page",
        "description": "The whole height of the page at the width of a laptop.",
        "options": {"full_page": True, "window_width": 1440, "window_height": 900},
    },
    {
        "name": "Social card",
        "description": "1200 × 630 pixels, as link previews show them.",
        "options": {"window_width": 1200, "window_height": 630, "block_cookie_banners": "reject"},
    },
]


def add(model: dict[str, Any], components: dict[str, Any]) -> None:
    """Add `x-groups`, `x-presets` and `x-extensions` to the schema of a request, and type its `outputs`."""
    properties = model["properties"]
    model["x-groups"] = [
        {"name": name, "title": "PDF" if name == "pdf" else name.capitalize(), "description": text}
        for name, text in GROUPS.items()
    ]
    model["x-presets"] = PRESETS
    extensions = {name: format.extension for name, format in OUTPUTS.items()}
    properties["format"]["x-extensions"] = extensions | {ZIP: ZIP}
    entry = {
        name: {k: v for k, v in schema.items() if k != "x-group"}
        for name, schema in properties.items()
        if schema.get("x-per-output")
    }
    del entry["format"]["default"]
    components["Output"] = {
        "type": "object",
        "title": "Output",
        "description": "One artifact: a format, and the options of it that differ from those of the request.",
        # Aliases are accepted here as they are in the request.
        "additionalProperties": True,
        "properties": entry,
        "required": ["format"],
    }
    for shape in properties["outputs"]["anyOf"]:
        if shape.get("type") == "array":
            shape["items"] = {"$ref": "#/components/schemas/Output"}
