"""Protections: what would help the target now, recommended to a person who decides.

Each is reversible and ends by itself; none is an action against an account. They follow from what tells this crowd from
others, so that whoever is offered one can see why.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, NamedTuple

from alerts.episode import Episode
from alerts.severity import Severity
from detectors.verdict import Outcome
from graph.events import TargetFlag

_HOUR_MS: Final = 3_600_000
_QUICK_H: Final = 24
"""Most crowds that come at once are gone after a day."""
_SLOW_H: Final = 7 * 24
_MARKED: Final = 0.3
"""Strength of a signal from which what it measures is worth a protection of its own."""
_VULNERABLE: Final = TargetFlag.MINOR | TargetFlag.PROTECTED
_IN_PUBLIC: Final = TargetFlag.PUBLIC_FIGURE | TargetFlag.ORGANISATION


class Action(StrEnum):
    """What may be offered to the target, or done for it by a person."""

    REVIEW = "review"
    """A person looks at the case before anything else."""
    REACH_OUT = "reach_out"
    """Somebody gets in touch with the target, with help and with the evidence."""
    LIMIT_REPLIES = "limit_replies"
    """Only those whom the target knows may address it."""
    SLOW_DOWN = "slow_down"
    """Each account may speak there only so often."""
    HOLD_NEW_ACCOUNTS = "hold_new_accounts"
    """What new accounts say to the target waits until it is looked at."""
    HOLD_COPIES = "hold_copies"
    """What says nearly the same as others waits until it is looked at."""
    COLLAPSE_HOSTILE = "collapse_hostile"
    """What reads as hostile is folded away for the target, who may open it."""
    PAUSE_COMMUNITY = "pause_community"
    """Who comes from that community, and had no contact before, waits."""


class Protection(NamedTuple):
    """One recommendation: the action, why (a code of the message catalogue and its parameters), until when (ms UTC)."""

    action: Action
    reason: str
    parameters: dict[str, object]
    until_ms: int

    def to_json(self) -> dict[str, Any]:
        """As an alert says it."""
        return {
            "action": self.action.value,
            "reason": self.reason,
            "parameters": self.parameters,
            "until": self.until_ms,
        }


def recommended(episode: Episode, verdict: Outcome, updated_ms: int) -> list[Protection]:
    """What would protect an episode's target, most helpful first; nothing once it is over, or where the crowd is harmless.

    In doubt a person should look, and what only the target sees may be offered. Who is in public is not shut off from the
    public; who is a minor, or under protection already, is offered more, and sooner.
    """
    if verdict is Outcome.ORGANIC_SURGE or episode.is_over:
        return []
    finding = episode.finding
    flags = finding.scene.target_flags
    strength = {signal.name: signal.strength for signal in finding.signals}
    until_ms = updated_ms + _HOUR_MS * (_SLOW_H if episode.is_slow else _QUICK_H)
    found: list[Protection] = []

    def add(action: Action, reason: str, **parameters: object) -> None:
        found.append(Protection(action, f"protect.{reason}", parameters, until_ms))

    vulnerable, sure = bool(flags & _VULNERABLE), verdict is Outcome.PILE_ON
    if not sure:
        add(Action.REVIEW, "doubt")
    if vulnerable or (sure and episode.severity >= Severity.HIGH):
        add(Action.REACH_OUT, "vulnerable" if vulnerable else "many", participants=episode.size)
    if strength["hostility"] >= _MARKED:
        add(Action.COLLAPSE_HOSTILE, "hostile", texts=finding.scene.words.read)
    if not sure:
        return found
    if episode.kind != "account":
        add(Action.SLOW_DOWN, "place", participants=episode.size)
    elif not flags & _IN_PUBLIC and (vulnerable or episode.severity >= Severity.MEDIUM):
        strangers = sum(finding.strangers)
        add(Action.LIMIT_REPLIES, "strangers", percent=round(100 * strangers / max(1, len(finding.strangers))))
    if strength["accounts"] >= _MARKED:
        value = next(signal.value for signal in finding.signals if signal.name == "accounts")
        add(Action.HOLD_NEW_ACCOUNTS, "fresh", percent=round(100 * value))
    if strength["copies"] >= _MARKED:
        add(Action.HOLD_COPIES, "copies", percent=round(100 * strength["copies"]))
    foreign = [one for one in finding.origins if one.community not in finding.scene.audience.at_home]
    if strength["origin"] >= _MARKED and foreign:
        first = foreign[0]
        add(Action.PAUSE_COMMUNITY, "community", community=first.community, percent=round(100 * first.share))
    return found
