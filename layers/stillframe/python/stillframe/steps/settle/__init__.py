"""Let the page settle: in virtual time where the page allows it, else in real time."""

from __future__ import annotations

from .step import SettleOptions, settle
from .virtual_clock import TimeStoodStill, send_while_time_advances

__all__ = ["SettleOptions", "TimeStoodStill", "send_while_time_advances", "settle"]
