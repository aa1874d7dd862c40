"""The deep look: from a crowd and what is around it to signals and a judgement."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from detectors import signals
from detectors.model import Model
from detectors.signals import Audience, Origin, Signal
from detectors.surge import WINDOWS_S, Surge, Usual, tail
from detectors.verdict import Judgement, judge
from graph.interactions import Kind
from graph.neighbourhood import Crowd, Surroundings


@dataclass(frozen=True, slots=True)
class Scene:
    """What is looked at.

    Attributes
    ----------
    tick : the tick at whose end it is looked at
    onset_ms : when the crowd began to come
    subject, kind : at whom
    crowd, around, audience : who came, who else was there, who came before them
    surge, usual : in which window the crowd is most surprising, and against what
    target_flags : what the platform says of the subject
    known_ms : for how long the log has run
    """

    tick: int
    onset_ms: int
    subject: str
    kind: Kind
    crowd: Crowd
    around: Surroundings
    audience: Audience
    surge: Surge
    usual: Usual
    target_flags: int
    known_ms: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look found.

    Attributes
    ----------
    scene : what was looked at
    signals, judgement : what was measured and what it amounts to
    strangers : of each row of the crowd, whether he is one
    origins, groups : where they came from, who was together before
    main_share : the largest share of the crowd that is at one account or in one thread within the subject
    rest : how surprising the crowd would be without them
    """

    scene: Scene
    signals: tuple[Signal, ...]
    judgement: Judgement
    strangers: list[bool]
    origins: list[Origin]
    groups: list[list[str]]
    main_share: float
    rest: float

    @property
    def is_slow(self) -> bool:
        """Whether the crowd comes over hours or days, longer than any exact window."""
        return self.scene.surge.window_s > WINDOWS_S[-1]

    @property
    def newcomers(self) -> int:
        """How many came since the onset."""
        return self.scene.crowd.total


def examine(scene: Scene, model: Model) -> Finding:
    """Measure every signal of a scene and judge it."""
    people, around, population = scene.crowd, scene.around, model.population
    strangers = signals.strangers_of(people, scene.onset_ms - 1000 * WINDOWS_S[-1])
    origins = signals.origins_of(people, scene.audience, population)
    in_groups, groups = signals.together(people, people.in_common(scene.subject))
    measured = (
        signals.surge(scene.surge),
        signals.strangers(strangers, population),
        signals.outsiders(people, scene.audience, origins, population),
        signals.origin(people, scene.audience, origins, population),
        signals.accounts(people, around, scene.known_ms, population),
        in_groups,
        signals.step(people),
        signals.exposure(people, around),
        signals.warmth(around),
        signals.answered(people, around),
    )
    main_share = _main_share(scene)
    others = round(scene.surge.newcomers * (1 - main_share))
    return Finding(
        scene=scene,
        signals=measured,
        judgement=judge(measured, model),
        strangers=strangers,
        origins=origins,
        groups=groups,
        main_share=main_share,
        rest=tail(others, scene.surge.expected, scene.usual.shape),
    )


def _main_share(scene: Scene) -> float:
    """The largest share of the crowd at one account, or in one thread."""
    people = scene.crowd
    within = [people.target] if scene.kind is Kind.THREAD else [people.target, people.thread]
    return max(max(Counter(filter(None, names)).values(), default=0) for names in within) / len(people)
