"""The time of day, which sessions, waits and the audit log go by."""

from __future__ import annotations

import time


def now_ms() -> int:
    """The time of day, in ms."""
    return round(time.time() * 1000)
