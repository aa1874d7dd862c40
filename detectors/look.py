"""The deep look: from a crowd and what is around it to signals and a judgement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from detectors import signals, speech
from detectors.model import Model
from detectors.signals import Audience, Origin, Signal
from detectors.surge import OPEN_AT_ACCOUNT, OPEN_ATTACK, OPEN_EVIDENCE, OPEN_SLOW_ATTACK, WINDOWS_S, Surge, Usual, tail
from detectors.verdict import Judgement, judge
from detectors.words import Words
from graph.columns import Array
from graph.interactions import Kind
from graph.neighbourhood import Crowd, Surroundings

UNLIKELY: Final = 0.005
"""Probability below which a crowd is hardly a pile-on, and need not be looked at again so soon."""
_HALF: Final = 0.5


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
    words : what they said
    kin : of each of the crowd whether he dealt with the subject's circle, see `kin_of`
    acquainted : how many that circle has, None for too many
    target_flags : what the platform says of the subject
    known_ms : for how long the log has run
    early : the ticks of those of a slow crowd who came first, and of whom nothing else is known
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
    words: Words
    kin: Array
    acquainted: int | None
    target_flags: int
    known_ms: int
    early: tuple[int, ...] = ()

    @property
    def is_slow(self) -> bool:
        """Whether the crowd comes over hours or days, longer than any exact window."""
        return self.surge.window_s > WINDOWS_S[-1]


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
        """See `Scene`."""
        return self.scene.is_slow

    @property
    def is_surprising(self) -> bool:
        """Whether the crowd is surprising enough to be an episode, whatever it is."""
        return self.scene.surge.evidence >= (OPEN_AT_ACCOUNT if self._is_at_account else OPEN_EVIDENCE)

    @property
    def speaks(self) -> bool:
        """Whether it is known what the crowd says."""
        return self._words != 0.0

    @property
    def may_be_attack(self) -> bool:
        """Whether it is surprising enough to be one if it is called a pile-on; over days at an account also by what it says, however
        many come anyhow: in a thread or a community they may talk like that at all times.
        """
        evidence = self.scene.surge.evidence
        if not self.is_slow:
            at_account = OPEN_EVIDENCE if self.speaks else OPEN_AT_ACCOUNT
            return evidence >= (at_account if self._is_at_account else OPEN_ATTACK)
        return evidence >= OPEN_SLOW_ATTACK or (self.scene.kind is Kind.ACCOUNT and self._words > _HALF)

    @property
    def _words(self) -> float:
        """The strength of the signal of what they say, exactly 0 if that is not known."""
        return next((one.strength for one in self.signals if one.name == "hostility"), 0.0)

    @property
    def _is_at_account(self) -> bool:
        return self.scene.kind is Kind.ACCOUNT and not self.is_slow

    @property
    def newcomers(self) -> int:
        """How many came since the onset."""
        return self.scene.crowd.total


def examine(scene: Scene, model: Model) -> Finding:
    """Measure every signal of a scene and judge it."""
    people, around, population = scene.crowd, scene.around, model.population
    strangers = signals.strangers_of(people, scene.onset_ms - 1000 * WINDOWS_S[-1])
    origins = signals.origins_of(people, scene.audience, population)
    words, of_all = speech.hostility(scene.words, people.home, population, slowly=scene.is_slow)
    # Where nothing is known of what they say, that they are strangers has to carry more, but must not decide alone.
    known, acquainted = [not one for one in strangers], None if words.strength else scene.acquainted
    plain, told = signals.PLAIN, 1.0
    if not words.strength:
        plain = signals.PLAIN_ALONE
        told = 1.0 if scene.acquainted is None else signals.told_of(people, scene.kin, known)
    in_groups, groups = signals.together(people, people.in_common(scene.subject))
    measured = (
        signals.surge(scene.surge),
        signals.days(scene.surge),
        signals.strangers(strangers, population, acquainted, plain, told),
        signals.circle(scene.kin, known, population, scene.acquainted, told),
        signals.outsiders(people, scene.audience, origins, population),
        signals.origin(people, scene.audience, origins, population, of_all),
        signals.accounts(people, around, scene.known_ms, population),
        in_groups,
        signals.step(people),
        words,
        speech.copies(scene.words),
        signals.mutual(people, around, (scene.tick + 1) * 1000),
        signals.defended(people, around),
        signals.reported(people, around),
        signals.exposure(people, around),
        signals.warmth(around),
        signals.answered(people, around),
    )
    main_share, rest = main_part(scene.kind, people.target, people.thread, scene.surge, scene.usual)
    return Finding(
        scene=scene,
        signals=measured,
        judgement=judge(measured, model),
        strangers=strangers,
        origins=origins,
        groups=groups,
        main_share=main_share,
        rest=rest,
    )


def main_part(
    kind: Kind, targets: Sequence[str | None], threads: Sequence[str | None], surge: Surge, usual: Usual
) -> tuple[float, float]:
    """The largest share of a crowd that addresses one account, or is in one thread, within a subject of this kind; and how
    surprising the crowd would be without them.
    """
    within = (targets,) if kind is Kind.THREAD else (targets, threads)
    share = max(max(Counter(filter(None, names)).values(), default=0) for names in within) / len(targets)
    others = round(surge.newcomers * (1 - share))
    return share, tail(others, surge.expected, usual.shape)


def is_elsewhere(main_share: float, rest: float) -> bool:
    """Whether a crowd at a thread or a community is really at one account or thread in it: half of it is, or a quarter
    without which the others would be no crowd.
    """
    return main_share >= _HALF or (main_share >= _HALF / 2 and rest < OPEN_EVIDENCE)
