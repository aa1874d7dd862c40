"""What an analyst decided on an alert, and what becomes of that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """What an analyst says of an alert."""

    PILE_ON = "pile_on"
    NOT_PILE_ON = "not_pile_on"
    UNSURE = "unsure"
    """Neither; what the same analyst said of it before is taken back."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One decision.

    Attributes
    ----------
    alert, revision : on which, and which revision was seen, None for the newest
    decision, reason : what, and why, in the analyst's words
    analyst : who
    time_ms : when, ms UTC
    """

    alert: str
    revision: int | None
    decision: Decision
    reason: str
    analyst: str
    time_ms: int


class Result(StrEnum):
    """What becomes of a decision."""

    COUNTED = "counted"
    """It is learnt from, for as much as its analyst is trusted."""
    UNSURE = "unsure"
    """There is nothing to learn from it."""
    UNKNOWN = "unknown"
    """Nothing is remembered of the alert: there was none of this id, or it is too long ago."""
    OVER_ANALYST = "over_analyst"
    """The analyst has decided more within the epoch than one may."""
    OVER_EPOCH = "over_epoch"
    """All analysts together have."""
    OVER_ALERT = "over_alert"
    """So many have decided on this alert that one more says nothing new."""
    MALFORMED = "malformed"
    """It cannot be read."""
