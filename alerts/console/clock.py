"""The time of day, which the console writes beside what people do; what the engine says never depends on it."""

from __future__ import annotations

from time import time


def now_ms() -> int:
    """The time of day, ms UTC."""
    return round(1000 * time())
