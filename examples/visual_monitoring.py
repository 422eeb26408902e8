"""Captures pages, compares each picture with that of the run before, and ends with 1 when one has changed."""

import os
import re
import sys
from pathlib import Path

from stillframe import Client
from stillframe.comparison import compare

folder = Path("pictures")
folder.mkdir(exist_ok=True)
changed = False
with Client(os.environ["STILLFRAME"], os.environ["AUTH_TOKEN"]) as client:
    for url in sys.argv[1:]:
        name = re.sub(r"\W+", "-", url.partition("://")[2]).strip("-")
        last = folder / f"{name}.png"
        picture = client.capture(
            url=url,
            full_page=True,
            block_cookie_banners="reject",
            remove_selectors=["time", ".advertisement"],
        )
        if not picture.verdict.ok:
            print(f"{url}: not compared, {picture.verdict.line()}")
            continue
        if last.exists():
            difference = compare(last.read_bytes(), picture.content)
            print(f"{url}: {difference.in_words()}")
            if difference.changed:
                changed = True
                (folder / f"{name}-changed.png").write_bytes(difference.overlay())
        picture.save(last)
sys.exit(changed)
