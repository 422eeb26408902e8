"""A browser that starts while a handler runs: the driver gets no credentials, other threads keep them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from cloud import Cloud

from stillframe.browser import processes
from stillframe.browser.runtime import Runtime

NEEDED = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AUTH_TOKEN", "URL_SIGNING_SECRET"}


def test_a_launch_takes_nothing_from_other_threads_and_gives_the_driver_no_secret(cloud: Cloud) -> None:
    browser, missing, stop = Runtime(), set[str](), threading.Event()

    def watch() -> None:
        while not stop.is_set():
            missing.update(NEEDED - os.environ.keys())

    watcher = threading.Thread(target=watch)
    watcher.start()
    before = {int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()}
    try:
        browser.run(browser.supervisor.ensure())
        started = [p for p in processes.tree(os.getpid()) if p not in before and p != os.getpid()]
        drivers = [p for p in started if "node" in Path(f"/proc/{p}/comm").read_text()]
        assert drivers, "the driver was not found, so nothing was proved"
        for pid in drivers:
            names = {
                item.partition(b"=")[0].decode()
                for item in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            }
            assert NEEDED & names == set()
    finally:
        stop.set()
        watcher.join()
        browser.run(browser.close())
    assert missing == set()
