"""Starts Playwright's driver once, so that Node's compiled code is in the image for cold starts."""

import asyncio
import os
import sys
from pathlib import Path

from playwright.async_api import async_playwright

# Node files its cache under the user's number; another number merely finds no cache.
LAMBDA_USER, LAMBDA_GROUP = 993, 990


async def start_and_stop() -> None:
    """Node writes the cache when it ends in peace."""
    playwright = await async_playwright().start()
    await playwright.stop()


def main(cache: Path) -> None:
    """Fills `cache` and takes the right to write back."""
    cache.mkdir()
    os.chown(cache, LAMBDA_USER, LAMBDA_GROUP)
    if os.fork() == 0:
        os.setgid(LAMBDA_GROUP)
        os.setuid(LAMBDA_USER)
        asyncio.run(start_and_stop())
        os._exit(0)
    os.wait()
    files = [path for path in cache.rglob("*") if path.is_file()]
    if not files:
        sys.exit("Node kept no compiled code.")
    for path in [cache, *cache.rglob("*")]:
        os.chown(path, 0, 0)
        path.chmod(0o755 if path.is_dir() else 0o644)


if __name__ == "__main__":
    main(Path(os.environ["NODE_COMPILE_CACHE"]))
