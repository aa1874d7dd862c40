"""An episode: one crowd at one subject, from its onset to its end, and the revisions in which it is told.

What an episode says follows from the findings and the rows of its subject at given ticks; every decision is taken
at a tick, never at the arrival of a batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from alerts.evidence import Chain, ChainState
from alerts.record import MINUTE_S, Detail, Participation, Record
from alerts.severity import Severity, severity_of
from detectors.attribution import Attribution, Played
from detectors.look import Finding, is_elsewhere
from detectors.model import Model
from detectors.pace import Pace, Phase
from detectors.surge import WINDOWS_S
from detectors.verdict import Outcome, outcome
from graph.memory import NEWCOMERS_KEPT

REOPEN_S: Final = 48 * 3600
"""A wave that comes so soon after the end of the last one belongs to the same case."""

_SMALLEST_OPEN: Final = {Outcome.PILE_ON: 10, Outcome.UNCERTAIN: 12, Outcome.ORGANIC_SURGE: 20}
_SMALLEST_SAMPLE: Final = 15
"""Over hours or days a crowd is called a pile-on from so many on whom are known: the sample of an hour's quarrel is smaller."""
_SURE: Final = 0.98
"""Probability from which a case that is over is found to have been a pile-on."""
_FREE_REVISIONS: Final = 3
_SPACING_S: Final = 30
_GROWN: Final = 1.5
_QUIET_S: Final = 1800


class Status(StrEnum):
    """Where an episode stands in its life."""

    OPEN = "open"
    ESCALATING = "escalating"
    PEAKING = "peaking"
    SUBSIDING = "subsiding"
    RESOLVED = "resolved"
    RETRACTED = "retracted"


_STATUSES: Final = {
    Phase.GROWING: Status.ESCALATING,
    Phase.HOLDING: Status.PEAKING,
    Phase.FALLEN: Status.SUBSIDING,
}


@dataclass(slots=True)
class Tally:
    """Counts over an episode."""

    interactions: int = 0
    strangers: int = 0
    fresh: int = 0
    late: int = 0
    mended: int = 0


@dataclass(frozen=True, slots=True)
class EpisodeState:
    """An episode as a checkpoint holds it; fields as those of `Episode`."""

    kind: str
    subject: str
    opening: Finding
    finding: Finding | None
    started_ms: int
    onset_tick: int
    id: str
    revision: int
    status: Status
    verdict: Outcome | None
    severity: Severity
    participants: list[str]
    tally: Tally
    counted: int
    chain: ChainState
    minutes: list[int]
    detected_tick: int
    ended_tick: int | None
    counted_tick: int
    minute: int
    newest_tick: int
    told_tick: int
    told: tuple[Status, Outcome | None, Severity] | None
    told_participants: int
    attribution: Attribution
    record: Record | None = None


class Episode:
    """One crowd at one subject.

    Parameters
    ----------
    kind, subject : of the target
    finding : the one at which it opens
    """

    def __init__(self, kind: str, subject: str, finding: Finding, model: Model, salt: str) -> None:
        self.kind, self.subject = kind, subject
        self._model = model
        self.started_ms = finding.scene.onset_ms
        self.onset_tick = finding.scene.onset_ms // 1000
        self.opening = finding
        self.id = alert_id(kind, subject, finding.scene.onset_ms)
        self.revision = 0
        self.status = Status.OPEN
        self.verdict: Outcome | None = None
        self.severity = Severity.INFO
        self.finding = finding
        self.participants: set[str] = set()
        self.tally = Tally()
        self._counted = 0
        self.chain = Chain(salt)
        self.pace = Pace()
        self.detected_tick = finding.scene.tick
        self.ended_tick: int | None = None
        self.counted_tick = self.onset_tick - 1
        self._minute = finding.scene.tick // MINUTE_S - 1
        self._newest_tick = finding.scene.tick
        self._told_tick = finding.scene.tick
        self._told: tuple[Status, Outcome | None, Severity] | None = None
        self._told_participants = 0
        self.attribution = Attribution()
        self.played: list[Played] | None = None
        """Everybody's role as the attribution made them out last; None if that is not at hand."""
        self.record: Record | None = None
        """Its evidence, where somebody wants that."""

    @property
    def state(self) -> EpisodeState:
        """What it has, to go on from."""
        return EpisodeState(
            kind=self.kind,
            subject=self.subject,
            opening=self.opening,
            finding=None if self.finding is self.opening else self.finding,
            started_ms=self.started_ms,
            onset_tick=self.onset_tick,
            id=self.id,
            revision=self.revision,
            status=self.status,
            verdict=self.verdict,
            severity=self.severity,
            participants=list(self.participants),
            tally=self.tally,
            counted=self._counted,
            chain=self.chain.state,
            minutes=self.pace.minutes,
            detected_tick=self.detected_tick,
            ended_tick=self.ended_tick,
            counted_tick=self.counted_tick,
            minute=self._minute,
            newest_tick=self._newest_tick,
            told_tick=self._told_tick,
            told=self._told,
            told_participants=self._told_participants,
            attribution=self.attribution,
            record=self.record,
        )

    @classmethod
    def restored(cls, state: EpisodeState, model: Model, salt: str) -> Episode:
        """The episode as it was."""
        self = cls(state.kind, state.subject, state.opening, model, salt)
        self.finding = state.finding or state.opening
        self.started_ms, self.onset_tick, self.id = state.started_ms, state.onset_tick, state.id
        self.revision, self.status, self.verdict = state.revision, state.status, state.verdict
        self.severity, self.participants, self.tally = state.severity, set(state.participants), state.tally
        self._counted, self.chain.state = state.counted, state.chain
        for newcomers in state.minutes:
            self.pace.learn_one(newcomers)
        self.detected_tick, self.ended_tick, self.counted_tick = (
            state.detected_tick,
            state.ended_tick,
            state.counted_tick,
        )
        self._minute, self._newest_tick = state.minute, state.newest_tick
        self._told, self._told_tick, self._told_participants = state.told, state.told_tick, state.told_participants
        self.attribution, self.record = state.attribution, state.record
        return self

    @property
    def is_slow(self) -> bool:
        """Whether it was opened by a crowd that comes over hours or days."""
        return self.opening.is_slow

    def is_recent(self, tick: int) -> bool:
        """Whether it is not over, or ended so lately that another wave belongs to it."""
        return self.ended_tick is None or tick - self.ended_tick < REOPEN_S

    def is_another_wave(self, finding: Finding) -> bool:
        """Whether a crowd takes the case up again: enough of it have come since the case ended, if it has, for a few latecomers
        are none, nor are they of a crowd over days that was there before, or whose hostile part was. But of a case that was never
        called a pile-on and now surely is one, whoever comes will do. A harmless crowd is none of a pile-on, whose newest revision
        stays the truth about it.
        """
        verdict = _verdict(finding, None, self._model)
        if self.verdict is Outcome.PILE_ON and verdict is Outcome.ORGANIC_SURGE:
            return False
        turns_out = verdict is Outcome.PILE_ON and self.verdict is not Outcome.PILE_ON and not finding.is_slow
        turns_out &= finding.judgement.probability >= _SURE
        ended_ms = -1 if self.ended_tick is None else (self.ended_tick + 1) * 1000
        late = finding.scene.crowd.time >= ended_ms
        since = int(np.count_nonzero(late))
        if finding.is_slow:
            heat = np.maximum(finding.scene.words.hostile, 0.0)
            return (
                since >= NEWCOMERS_KEPT and 2 * since > len(late) and 2 * float(heat[late].sum()) >= float(heat.sum())
            )
        return since >= (1 if turns_out else NEWCOMERS_KEPT)

    @property
    def size(self) -> int:
        """How many people took part: those known by name, or as many as were counted."""
        return max(len(self.participants), self._counted)

    @property
    def against(self) -> int:
        """How many of them are no defenders."""
        return self.size - len(self.participants.intersection(self.attribution.defenders))

    @property
    def is_over(self) -> bool:
        """Whether it has been resolved or retracted."""
        return self.status in (Status.RESOLVED, Status.RETRACTED)

    @property
    def next_tick(self) -> int | None:
        """The tick at whose end it wants to be asked again though nothing happens; None when it has nothing more to say."""
        telling = self._told_tick + _SPACING_S if self._wants_to_tell() else None
        if self.is_over:
            return telling
        minute = (self._minute + 2) * MINUTE_S - 1
        return minute if telling is None else min(minute, telling)

    def count(self, tick: int, said: Iterable[Participation]) -> None:
        """Take note of what participants said since the last count, up to the end of a tick."""
        tally = self.tally
        for one in said:
            tally.interactions += 1
            tally.late += one.late
            tally.mended += one.mended
            is_first = one.account not in self.participants
            hashed = self.chain.add(one.event, one.time_ms, one.account, one.text, is_first=is_first)
            if is_first:
                self.participants.add(one.account)
                tally.strangers += one.stranger
                tally.fresh += one.fresh
            if self.record is not None:
                self.record.note(one, hashed)
        self.counted_tick = tick

    def on_finding(self, finding: Finding) -> None:
        """The subject was looked at again.

        A pile-on is judged at its height: who comes later, to defend or to look on, makes it no other thing.
        """
        higher = finding.judgement.probability >= self.finding.judgement.probability
        if self.verdict is not Outcome.PILE_ON or higher:
            self.finding = finding
            defenders = len(set(finding.scene.crowd.account).intersection(self.attribution.defenders))
            self.verdict = _verdict(finding, self.verdict, self._model, defenders)
        self._newest_tick = finding.scene.tick
        if finding.scene.crowd.reporter.any():
            self._counted = max(self._counted, finding.newcomers)
        if self.is_slow:
            self._count_sample(finding)

    def _count_sample(self, finding: Finding) -> None:
        """Of a slow crowd only a sample is at hand, without texts."""
        crowd = finding.scene.crowd
        self._counted = max(self._counted, finding.newcomers)
        for at, (account, stranger) in enumerate(zip(crowd.account, finding.strangers, strict=True)):
            if account not in self.participants:
                said = Participation(
                    account=account,
                    event=crowd.event[at],
                    time_ms=int(crowd.time[at]),
                    text=None,
                    stranger=stranger,
                    fresh=False,
                    late=False,
                    mended=False,
                    detail=Detail(home=crowd.home[at], thread=crowd.thread[at], target=crowd.target[at]),
                )
                self.count(finding.scene.tick, [said])
        self.counted_tick = finding.scene.tick

    def reopen(self, finding: Finding) -> None:
        """Another wave came: the case goes on under its id."""
        self.status, self.ended_tick = Status.OPEN, None
        self.onset_tick = finding.scene.onset_ms // 1000
        self.counted_tick = max(self.counted_tick, self.onset_tick - 1)
        self.opening, self.verdict = finding, None
        self.pace = Pace()
        self._minute = finding.scene.tick // MINUTE_S - 1
        self.on_finding(finding)

    def minutes_due(self, tick: int) -> list[int]:
        """The ends of the minutes that have to be told to `on_minutes` if one ends with this tick: of a new case, those since
        the crowd began to come, as far as an exact window reaches.
        """
        if self.is_over or (tick + 1) % MINUTE_S:
            return []
        first = tick
        if not self.pace.minutes and not self.is_slow:
            first = max(self.onset_tick // MINUTE_S * MINUTE_S + MINUTE_S - 1, tick - WINDOWS_S[-1] + MINUTE_S)
        return list(range(first, tick + 1, MINUTE_S))

    def on_minutes(self, tick: int, newcomers: Sequence[int]) -> None:
        """A minute of event time ended at this tick: how many newcomers came in each that was due, oldest first."""
        self._minute = tick // MINUTE_S
        for count in newcomers:
            self.pace.learn_one(count)
        if newcomers[-1]:
            self._newest_tick = tick
        self.status = self._advance(tick)

    def is_telling(self, tick: int) -> bool:
        """Whether a revision is due at the end of this tick."""
        self.severity = severity_of(self.verdict or Outcome.UNCERTAIN, self.against, self.finding.scene.target_flags)
        if not self._wants_to_tell():
            return False
        return self.revision < _FREE_REVISIONS or tick - self._told_tick >= _SPACING_S

    def revise(self, tick: int) -> list[str] | None:
        """Whether a revision is due at the end of this tick: the events that it names, or None.

        After the call the episode has its new `revision`.
        """
        if not self.is_telling(tick):
            return None
        self.revision += 1
        self._told, self._told_tick = (self.status, self.verdict, self.severity), tick
        self._told_participants = self.size
        return self.chain.seal()

    def _wants_to_tell(self) -> bool:
        if self._told != (self.status, self.verdict, self.severity):
            return True
        return self.size >= max(1.0, _GROWN * self._told_participants)

    def _advance(self, tick: int) -> Status:
        quiet_s = max(_QUIET_S, self.opening.scene.surge.window_s // 2)
        if tick - self._newest_tick >= quiet_s or (not self.is_slow and self._is_usual_again(tick)):
            self.ended_tick = self._newest_tick
            return Status.RESOLVED
        return _STATUSES.get(self.pace.phase, self.status)

    def _is_usual_again(self, tick: int) -> bool:
        usual = self.opening.scene.usual.expected(MINUTE_S) + self.opening.scene.usual.spread(MINUTE_S)
        return tick - self.detected_tick >= _QUIET_S and self.pace.now <= usual and self.pace.fallen


def alert_id(kind: str, subject: str, onset_ms: int) -> str:
    """The id of the alert on a subject whose crowd began to come at this time: the same in every replay."""
    content = "\x00".join(("breakwater.alert/1", kind, subject, str(onset_ms)))
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def opens(kind: str, finding: Finding, model: Model) -> bool:
    """Whether a finding is the start of an episode.

    One attack is one alert: a thread or a community has one of its own only when the crowd is not that of an account
    or a thread in it. A harmless crowd that comes over days is no episode at all.
    """
    if not finding.may_be_attack:
        return False
    if kind != "account" and is_elsewhere(finding.main_share, finding.rest):
        return False
    verdict = _verdict(finding, None, model)
    if verdict is not Outcome.PILE_ON and not finding.is_surprising:
        return False
    if finding.is_slow and verdict is Outcome.ORGANIC_SURGE:
        return False
    return finding.newcomers >= _SMALLEST_OPEN[verdict]


def _verdict(finding: Finding, before: Outcome | None, model: Model, defenders: int = 0) -> Outcome:
    flags, newcomers = finding.scene.target_flags, finding.newcomers - defenders
    # By who came over days alone it cannot be told: strangers from everywhere come to whom everybody talks about.
    if finding.is_slow and (len(finding.scene.crowd) < _SMALLEST_SAMPLE or not finding.speaks):
        newcomers = min(newcomers, model.smallest - 1)
    reporters = finding.scene.crowd.reporter
    complaints = 2 * int(np.count_nonzero(reporters)) > len(reporters)
    return outcome(finding.judgement, finding.signals, newcomers, flags, before, model, complaints=complaints)
