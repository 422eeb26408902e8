"""Let the page settle: in virtual time where the page allows it, else in real time."""

from __future__ import annotations

from .moving_clock import (
    advance_clock,
    print_while_time_advances,
    send_while_time_advances,
    stands_still,
)
from .shutter import take
from .step import SettleOptions, settle
from .virtual_clock import TimeStoodStill

__all__ = [
    "SettleOptions",
    "TimeStoodStill",
    "advance_clock",
    "print_while_time_advances",
    "send_while_time_advances",
    "settle",
    "stands_still",
    "take",
]
