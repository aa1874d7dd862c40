"""What an alert says of who did what: sources, instigators, roles and groups, each within its bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from alerts.episode import Episode
from detectors.attribution import Instigator, Played, Role, sources_of
from detectors.attribution.groups import together_before
from detectors.attribution.instigators import NAMED
from detectors.verdict import Outcome

_SOURCES: Final = 10
_GROUPS: Final = 8
_MEMBERS: Final = 50
_ROLES: Final = 200
_EVENTS: Final = 3


@dataclass(frozen=True, slots=True)
class Attributed:
    """What is said of who did what.

    Attributes
    ----------
    attackers, defenders, bystanders : how many of the participants are that; together they are all of them, once somebody
        has looked
    lists : fields of an alert, by name
    """

    attackers: int
    defenders: int
    bystanders: int
    lists: dict[str, list[dict[str, Any]]]


def attributed(episode: Episode, verdict: Outcome) -> Attributed:
    """What an episode's alert says of who did what; of a harmless crowd nobody is accused."""
    accuse = verdict is not Outcome.ORGANIC_SURGE
    played = _played(episode, accuse=accuse)
    here = [one for one in played if one.account in episode.participants]
    attackers = sum(one.role is Role.ATTACKER for one in here)
    defenders = sum(one.role is Role.DEFENDER for one in here)
    instigators = episode.attribution.instigators if accuse else []
    return Attributed(
        attackers=attackers,
        defenders=defenders,
        bystanders=episode.size - attackers - defenders if episode.attribution.tick >= 0 else 0,
        lists={
            "sources": _sources(episode),
            "instigators": [{"account": a, "score": round(s, 3), "evidence": e} for a, s, e in instigators],
            "roles": _listed(_roles(played, instigators)),
            "groups": _groups(episode),
        },
    )


def _sources(episode: Episode) -> list[dict[str, Any]]:
    finding = episode.finding
    return [
        {
            "community": one.community,
            "share": round(one.share, 4),
            "expected": round(one.expected, 4),
            "lift": round(one.lift, 2),
        }
        for one in sources_of(finding.origins, finding.scene.crowd.home)[:_SOURCES]
    ]


def roles(episode: Episode) -> list[Played]:
    """Everybody's role that is known, those first who matter most."""
    accuse = episode.verdict is not None and episode.verdict is not Outcome.ORGANIC_SURGE
    return _roles(_played(episode, accuse=accuse), episode.attribution.instigators if accuse else [])


def _played(episode: Episode, *, accuse: bool) -> list[Played]:
    if episode.played is None or not accuse:
        return episode.attribution.roles(accuse=accuse)
    return episode.played


def _roles(played: list[Played], instigators: list[Instigator]) -> list[Played]:
    """Who is named as an instigator has that role alone."""
    named = {one.account: one for one in instigators if one.score >= NAMED}
    found = [Played(one.account, Role.INSTIGATOR, one.score, one.evidence) for one in named.values()]
    return found + [one for one in played if one.account not in named]


def _listed(found: list[Played]) -> list[dict[str, Any]]:
    """The most involved."""
    return [
        {
            "account": one.account,
            "role": one.role.value,
            "confidence": round(one.confidence, 3),
            "events": one.events[:_EVENTS],
        }
        for one in found[:_ROLES]
    ]


def _groups(episode: Episode) -> list[dict[str, Any]]:
    finding, groups = episode.finding, episode.attribution.groups
    if episode.attribution.tick < 0:
        groups = together_before(finding.scene.crowd, finding.groups)
    return [
        {"accounts": one.accounts[:_MEMBERS], "how": one.how, "evidence": one.evidence[:_MEMBERS]}
        for one in groups[:_GROUPS]
    ]
