"""Generate steps/assets/devices.json from Playwright's device registry (`make docs`).

Each device becomes a set of capture options. `--check` fails when the file is stale.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

TARGET = Path(__file__).parents[2] / "layers/stillframe/python/stillframe/steps/assets/devices.json"


def registry() -> dict[str, dict[str, object]]:
    """The capture options of every device by its name, each of which a caller may also set explicitly."""
    with sync_playwright() as playwright:
        return {
            name: {
                "user_agent": d["user_agent"],
                "window_width": d["viewport"]["width"],
                "window_height": d["viewport"]["height"],
                "pixel_density": min(4.0, float(d["device_scale_factor"])),
                "is_mobile": d["is_mobile"],
                "has_touch": d["has_touch"],
            }
            for name, d in sorted(playwright.devices.items())
        }


def main() -> int:
    text = json.dumps(registry(), indent=1) + "\n"
    if "--check" not in sys.argv:
        TARGET.write_text(text, "utf-8")
    elif TARGET.read_text("utf-8") != text:
        print("stale: devices.json; run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
