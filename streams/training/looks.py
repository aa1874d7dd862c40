"""Looks as examples: what the engine measured at a crowd, and what the truth says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from detectors.hostility import HostilityModel
from detectors.look import Finding
from detectors.model import Model
from streams.runner import Runner
from streams.settings import Settings
from streams.wire import Decoded

_BEFORE_MS: Final = 600_000
_AFTER_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Look:
    """One example.

    Attributes
    ----------
    group : what must be held out together: the campaign, or the subject of an organic crowd
    scenario : of the campaign, "organic" where there was none
    pile_on : the truth
    slow, newcomers, tick : what was looked at, and when
    strengths : by signal
    probability : what the model said
    source : number of the background that the campaign was injected into, -1 where all is simulated
    """

    group: str
    scenario: str
    pile_on: bool
    slow: bool
    newcomers: int
    tick: int
    strengths: dict[str, float]
    probability: float
    source: int = -1


def collect(
    decoded: Iterable[Decoded],
    truth: Mapping[str, Any],
    settings: Settings,
    *,
    name: str = "",
    model: Model | None = None,
    hostility: HostilityModel | None = None,
) -> list[Look]:
    """Run events through the engine; every look whose crowd was large and surprising enough to be an episode, were it an attack.

    Looks at who took part in a pile-on, at places around one, and at what is left of one when it is over, are left out: the
    truth says nothing of them.
    """
    runner = Runner(settings, model=model, hostility=hostility)
    looks: list[Look] = []
    campaigns = truth["campaigns"]

    def take(finding: Finding) -> None:
        if not finding.may_be_attack:
            return
        campaign = _campaign(finding, campaigns)
        if campaign is None or campaign.get("target") is None:
            return
        subject = f"{finding.scene.kind.name.lower()}:{finding.scene.subject}"
        looks.append(
            Look(
                group=f"{name}/{campaign.get('id') or subject}",
                scenario=campaign.get("scenario", "organic"),
                pile_on=campaign.get("pile_on", False),
                slow=finding.is_slow,
                newcomers=finding.newcomers,
                tick=finding.scene.tick,
                strengths={signal.name: signal.strength for signal in finding.signals},
                probability=finding.judgement.probability,
            )
        )

    for shard in runner.shards:
        shard.on_finding = take
    for one in decoded:
        runner.push(one)
    runner.end()
    return looks


_ORGANIC: Final[Mapping[str, Any]] = {"target": {}}


def _campaign(finding: Finding, campaigns: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The campaign that a finding is of; an empty one where it is of none, None where that cannot be said."""
    scene = finding.scene
    kind, now_ms = scene.kind.name.lower(), scene.tick * 1000
    beside = False
    for campaign in campaigns:
        over_ms = campaign["ended_at"] + _AFTER_MS
        if now_ms < campaign["started_at"] - _BEFORE_MS or over_ms < scene.onset_ms:
            continue
        target = campaign["target"]
        is_target = (target["kind"], target["id"]) == (kind, scene.subject)
        if is_target and now_ms <= over_ms:
            return campaign
        beside |= is_target
        involved = (
            *campaign.get(f"{kind}s", ()),
            *campaign["attackers"],
            *campaign["defenders"],
            campaign["instigator"],
        )
        beside |= scene.subject in involved
    return None if beside else _ORGANIC
