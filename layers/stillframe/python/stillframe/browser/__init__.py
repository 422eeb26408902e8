"""The only package that runs Playwright: the browser, its contexts and the pages on checkout."""

from .runtime import Runtime, runtime

__all__ = ["Runtime", "runtime"]
