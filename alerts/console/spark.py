"""How a crowd grew, in a few numbers: the participants over a case's life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LENGTH: Final = 24
"""How many numbers are shown at most."""
_KEPT: Final = 2 * LENGTH

Points = list[tuple[int, int]]
"""Time in ms and participants, from the oldest."""


def grown(points: Points, time_ms: int, participants: int) -> Points:
    """The points after one more revision. Where they become too many, every other one goes, never the newest."""
    points = [*points, (time_ms, participants)]
    return points if len(points) <= _KEPT else points[::-1][::2][::-1]


def spark(points: Sequence[tuple[int, int]], started_ms: int) -> list[int]:
    """The participants at equal distances from the case's beginning to its newest revision, the newest last."""
    if not points:
        return []
    end_ms = points[-1][0]
    steps = min(LENGTH, len(points) + 1)
    width = max(1, end_ms - started_ms)
    values, at, now = [], 0, 0
    for step in range(1, steps + 1):
        until_ms = started_ms + width * step // steps if step < steps else end_ms
        while at < len(points) and points[at][0] <= until_ms:
            now = points[at][1]
            at += 1
        values.append(now)
    return values
