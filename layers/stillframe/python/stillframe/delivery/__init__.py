"""Return a finished capture to its caller: inline, or as a link to the storage."""

from __future__ import annotations

from .deliver import deliver

__all__ = ["deliver"]
