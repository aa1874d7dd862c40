"""Findings and cases made up tick by tick, for the tests of episodes."""

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

import numpy as np

from alerts.episode import MINUTE_S, Episode, EpisodeState, Participation, Status
from alerts.severity import Severity
from detectors.look import Finding, Scene
from detectors.model import shipped
from detectors.signals import Audience, Signal
from detectors.surge import Surge, Usual
from detectors.verdict import Judgement, Outcome
from graph.interactions import Kind
from graph.neighbourhood import Surroundings
from streams.state import decode, encode
from tests.helpers import crowd_of, no_words

START_TICK = 1_709_510_400
MODEL = replace(shipped(), pile_on=0.75, organic=0.35, margin=0.1, smallest=10)
SURE, DOUBTFUL, HARMLESS = 0.99, 0.5, 0.01


def finding_of(
    tick: int,
    newcomers: int = 30,
    probability: float = SURE,
    onset: int | None = None,
    surge: Surge | None = None,
    main_share: float = 0.0,
    rest: float = 12.0,
    known: int = 0,
) -> Finding:
    """What a look at this tick might find; `known` of the newcomers, strangers all, are known by name."""
    time = np.full(known, 1000 * tick)
    accounts, events = [f"k{at}" for at in range(known)], [f"f{at}" for at in range(known)]
    crowd = crowd_of(known, total=newcomers, time=time, first=time, account=accounts, event=events)
    scene = Scene(
        tick=tick,
        onset_ms=1000 * (tick - 60 if onset is None else onset),
        subject="x",
        kind=Kind.ACCOUNT,
        crowd=crowd,
        around=Surroundings(0, 0, 0, 0, -1, frozenset(), 0, 0, 0, 0.0, 0, 0, 0),
        audience=Audience(frozenset(), {}, 0.0),
        surge=surge or Surge(600, newcomers, 0.1, 12.0),
        usual=Usual(0.1, 0.5),
        words=no_words(len(crowd)),
        kin=np.full(len(crowd), -1.0),
        acquainted=None,
        target_flags=0,
        known_ms=10**10,
    )
    return Finding(
        scene=scene,
        signals=tuple(Signal(name, 0.0, 0.0, 0.0) for name in MODEL.spoken.weights),
        judgement=Judgement(probability, tuple(0.0 for _ in MODEL.spoken.weights)),
        strangers=[True] * known,
        origins=[],
        groups=[],
        main_share=main_share,
        rest=rest,
    )


def saying(found: Finding, strength: float) -> Finding:
    """The same, with words as hostile as that; 0 if nothing is known of them."""
    words = Signal("hostility", 0.0, 0.0, strength)
    return replace(found, signals=tuple(words if one.name == "hostility" else one for one in found.signals))


class Told(NamedTuple):
    """What a revision said."""

    tick: int
    revision: int
    status: Status
    verdict: Outcome | None
    severity: Severity
    participants: int


class Story:
    """An episode at which newcomers arrive; it is asked at every tick at which it wants to be, or somebody came."""

    def __init__(self, tick: int, newcomers: int, probability: float = SURE) -> None:
        self.episode = Episode("account", "x", finding_of(tick, newcomers, probability), MODEL, "")
        self.episode.on_finding(self.episode.finding)
        self.tick, self.told = tick, list[Told]()
        self.came: list[int] = []
        self.arrive(tick, newcomers)
        self.ask(tick)

    def arrive(self, tick: int, newcomers: int) -> None:
        before = len(self.came)
        self.came += [tick] * newcomers
        self.episode.count(
            tick,
            [
                Participation(
                    f"a{at}", f"e{at}", 1000 * tick, "zip", stranger=True, fresh=False, late=False, mended=False
                )
                for at in range(before, before + newcomers)
            ],
        )

    def ask(self, tick: int) -> None:
        episode = self.episode
        minutes = episode.minutes_due(tick)
        if minutes:
            episode.on_minutes(tick, [sum(end - MINUTE_S < came <= end for came in self.came) for end in minutes])
        if episode.revise(tick) is not None:
            self.told.append(
                Told(
                    tick, episode.revision, episode.status, episode.verdict, episode.severity, len(episode.participants)
                )
            )

    def until(self, end: int, arrivals: Callable[[int], int] = lambda _: 0, probability: float = SURE) -> None:
        for tick in range(self.tick + 1, end + 1):
            newcomers = arrivals(tick)
            if newcomers:
                self.arrive(tick, newcomers)
                if not self.episode.is_over:
                    self.episode.on_finding(finding_of(tick, len(self.came), probability))
            wanted = self.episode.next_tick
            if newcomers or (wanted is not None and wanted <= tick):
                self.ask(tick)
        self.tick = end

    def restore(self) -> None:
        """Another episode goes on from what a checkpoint holds of this one."""
        state = decode(encode(self.episode.state), EpisodeState)
        self.episode = Episode.restored(state, MODEL, "")

    @property
    def statuses(self) -> list[Status]:
        return [status for status, _ in groupby(told.status for told in self.told)]


def every(seconds: int, newcomers: int = 1) -> Callable[[int], int]:
    """So many come every so many seconds."""
    return lambda tick: newcomers if tick % seconds == 0 else 0
