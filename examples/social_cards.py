"""Makes one social card for each row of social-cards.csv, from the design in social-card.html."""

import csv
import html
import json
import os
import urllib.request
from pathlib import Path
from string import Template

here = Path(__file__).parent
design = Template((here / "social-card.html").read_text("utf-8"))
with (here / "social-cards.csv").open(encoding="utf-8", newline="") as rows:
    for row in csv.DictReader(rows):
        page = design.substitute({name: html.escape(value) for name, value in row.items()})
        options = {"html_content": page, "window_width": 1200, "window_height": 630, "format": "png"}
        request = urllib.request.Request(
            f"{os.environ['STILLFRAME']}/capture",
            json.dumps(options).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ['AUTH_TOKEN']}"},
        )
        with urllib.request.urlopen(request) as reply:
            card = Path(f"{row['slug']}.png")
            card.write_bytes(reply.read())
            print(card, reply.headers["X-Capture-Verdict"])
