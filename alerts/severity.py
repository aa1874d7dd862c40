"""How bad it is: what decides who is called first."""

from __future__ import annotations

from enum import IntEnum

from detectors.verdict import Outcome
from graph.events import TargetFlag


class Severity(IntEnum):
    """From least to worst; the name in lower case is what an alert says."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


_STEPS = (15, 50, 200)
"""Participants from which a pile-on is one step worse than `LOW`."""


def severity_of(verdict: Outcome, participants: int, target_flags: int) -> Severity:
    """Severity by verdict and size of the crowd; a minor, or someone already under protection, is one step worse."""
    if verdict is Outcome.ORGANIC_SURGE:
        return Severity.INFO
    steps = sum(participants >= step for step in _STEPS)
    if verdict is Outcome.UNCERTAIN:
        return Severity(min(Severity.MEDIUM, Severity.LOW + steps // 2))
    if target_flags & (TargetFlag.MINOR | TargetFlag.PROTECTED):
        steps += 1
    return Severity(min(Severity.CRITICAL, Severity.LOW + steps))
