"""How a finished capture reaches its caller: in the answer, or as a link to the storage."""

from .deliver import deliver

__all__ = ["deliver"]
