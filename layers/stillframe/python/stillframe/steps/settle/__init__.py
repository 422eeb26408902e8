"""Let the page settle: in virtual time where the page allows it, else in real time."""

from __future__ import annotations

from .moving_clock import print_while_time_advances, send_while_time_advances
from .shutter import take
from .step import SettleOptions, settle
from .virtual_clock import TimeStoodStill

__all__ = [
    "SettleOptions",
    "TimeStoodStill",
    "print_while_time_advances",
    "send_while_time_advances",
    "settle",
    "take",
]
