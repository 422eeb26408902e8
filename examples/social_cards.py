"""Makes one social card for each row of social-cards.csv, from the design in social-card.html."""

import csv
import html
import os
from pathlib import Path
from string import Template

from stillframe import Client

here = Path(__file__).parent
design = Template((here / "social-card.html").read_text("utf-8"))
with (
    Client(os.environ["STILLFRAME"], os.environ["AUTH_TOKEN"]) as client,
    (here / "social-cards.csv").open(encoding="utf-8", newline="") as rows,
):
    for row in csv.DictReader(rows):
        page = design.substitute({name: html.escape(value) for name, value in row.items()})
        card = client.capture(html_content=page, window_width=1200, window_height=630)
        print(card.save(f"{row['slug']}.png"), card.verdict.line())
