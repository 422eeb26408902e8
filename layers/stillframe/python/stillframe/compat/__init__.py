"""Requests of other services, translated to ours by one table for each service.

A request of this service never imports a table: `names` and `reading` ask for them when a name is not ours.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from .service import Service

# The name in the path → module with the service.
SERVICES = {
    "pixashot": "pixashot",
    "screenshotone": "screenshotone",
    "urlbox": "urlbox",
    "browserless": "browserless",
    "cloudflare": "cloudflare",
    "gotenberg": "gotenberg",
}


@cache
def service(name: str) -> Service:
    """The service with this name; its module is imported at the first use. Raises KeyError."""
    found: Service = import_module(f".{SERVICES[name]}", __package__).SERVICE
    return found
