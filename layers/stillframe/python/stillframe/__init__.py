"""Stillframe: capture any URL or HTML as an image, PDF or text, on AWS Lambda or on your own machine."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if _cache := os.environ.get("IMPORT_CACHE"):
    # In the image, before any other module.
    from . import import_cache

    import_cache.install(_cache)

if TYPE_CHECKING:
    from .client import AsyncClient, Client
    from .errors import CaptureError
    from .request import CaptureRequest
    from .result import CaptureResult
    from .service import capture

__version__ = "0.1.0"
__all__ = [
    "AsyncClient",
    "CaptureError",
    "CaptureRequest",
    "CaptureResult",
    "Client",
    "__version__",
    "capture",
]

_LAZY = {
    "AsyncClient": "stillframe.client",
    "Client": "stillframe.client",
    "CaptureError": "stillframe.errors",
    "CaptureRequest": "stillframe.request",
    "CaptureResult": "stillframe.result",
    "capture": "stillframe.service",
}


def __getattr__(name: str) -> Any:
    """Import the module of a public name on first use: `import stillframe` itself loads none of them."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
