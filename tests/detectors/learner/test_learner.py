"""What analysts' decisions can do, and what they cannot, whatever they are."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.learner import Decision, Feedback, Learner, Learnt, Look, Result, adjusted, guaranteed
from detectors.learner.baselines import QUANTILES, Baseline
from detectors.learner.bounds import FACTORS, MOST_MOVED, MOST_SHIFT, SLOPES, kept
from detectors.learner.learner import FORGET_S
from detectors.learner.ledger import MOST_BY_ANALYST, MOST_IN_EPOCH, MOST_ON_ALERT
from detectors.model import Model, shipped
from detectors.signals import Signal
from detectors.verdict import judge
from streams.state import decode, encode

MODEL = shipped()
NAMES = sorted(MODEL.spoken.weights)
STRENGTHS = st.fixed_dictionaries({name: st.floats(-1, 1) for name in NAMES})


def probability(strengths: dict[str, float], model: Model = MODEL) -> float:
    return judge([Signal(name, 0.0, 0.0, strength) for name, strength in strengths.items()], model).probability


def look(alert: str, strengths: dict[str, float], tick: int = 0, revision: int = 1) -> Look:
    return Look(tick, alert, revision, strengths, probability(strengths))


def said(alert: str, decision: Decision, analyst: str = "ann", revision: int | None = None) -> Feedback:
    return Feedback(alert, revision, decision, "", analyst, 0)


def like(share: float) -> dict[str, float]:
    """Strengths so that what speaks for a pile-on is so strong, and nothing speaks against it."""
    return {name: share if MODEL.spoken.weights[name] > 0 else 0.0 for name in NAMES}


DOUBTFUL = like(-MODEL.spoken.intercept / sum(weight for weight in MODEL.spoken.weights.values() if weight > 0))
DECISIONS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(Decision), st.sampled_from(["ann", "bob", "cat", "dan"])),
    max_size=300,
)


def taught(looks: list[dict[str, float]], decisions: list[tuple[int, Decision, str]], epochs: int = 1) -> Learner:
    learner = Learner(MODEL)
    for at, strengths in enumerate(looks):
        learner.learn_one(look(str(at), strengths))
    for at, (alert, decision, analyst) in enumerate(decisions):
        learner.decide_one(said(str(alert % max(1, len(looks))), decision, analyst))
        if at % (len(decisions) // epochs + 1) == 0:
            learner.close_epoch()
    learner.close_epoch()
    return learner


def test_nothing_is_learnt_without_decisions() -> None:
    learner = taught([like(0.1 * at) for at in range(10)], [])

    assert learner.learnt == Learnt()
    assert learner.revision == 0
    assert adjusted(MODEL, learner.learnt, 0) is MODEL


@given(st.lists(STRENGTHS, min_size=1, max_size=30), DECISIONS, st.integers(1, 10))
@settings(max_examples=60)
def test_what_is_learnt_stays_within_the_stated_bounds(
    looks: list[dict[str, float]], decisions: list[tuple[int, Decision, str]], epochs: int
) -> None:
    learnt = taught(looks, decisions, epochs).learnt
    moved = sum(abs(MODEL.spoken.weights[name] * (factor - 1)) for name, factor in learnt.factors.items())

    assert SLOPES[0] <= learnt.slope <= SLOPES[1]
    assert abs(learnt.shift) <= MOST_SHIFT
    assert all(FACTORS[0] <= factor <= FACTORS[1] for factor in learnt.factors.values())
    assert moved <= MOST_MOVED + 1e-4


@given(
    st.lists(STRENGTHS, min_size=1, max_size=30),
    DECISIONS,
    STRENGTHS,
)
@settings(max_examples=60)
@example([like(0.9)], [(0, Decision.NOT_PILE_ON, str(analyst)) for analyst in range(300)], like(0.9))
@example([like(0.0)], [(0, Decision.PILE_ON, str(analyst)) for analyst in range(300)], like(0.0))
def test_no_decisions_turn_a_clear_case(
    looks: list[dict[str, float]], decisions: list[tuple[int, Decision, str]], other: dict[str, float]
) -> None:
    """A crowd of which the shipped model is sure keeps its verdict, whoever floods the learner with what."""
    learner = taught(looks, decisions, 3)
    model = adjusted(MODEL, learner.learnt, learner.revision)
    low, high = guaranteed(MODEL)
    for strengths in [*looks, other]:
        before, after = probability(strengths), probability(strengths, model)
        if before >= high:
            assert after >= MODEL.pile_on - 1e-5
        if before <= low:
            assert after <= MODEL.organic + 1e-5


@given(
    factors=st.fixed_dictionaries({name: st.sampled_from([FACTORS[0], 0.9, 1.0, 1.1, FACTORS[1]]) for name in NAMES}),
    slope=st.sampled_from(SLOPES),
    shift=st.sampled_from([-MOST_SHIFT, MOST_SHIFT]),
    strengths=STRENGTHS,
)
@settings(max_examples=300)
def test_nor_does_the_worst_that_could_be_learnt(
    factors: dict[str, float], slope: float, shift: float, strengths: dict[str, float]
) -> None:
    model = adjusted(MODEL, kept(slope, shift, factors, MODEL), 1)
    low, high = guaranteed(MODEL)
    before, after = probability(strengths), probability(strengths, model)

    assert before < high or after >= MODEL.pile_on - 1e-5
    assert before > low or after <= MODEL.organic + 1e-5


def test_the_guarantee_covers_what_is_clear() -> None:
    low, high = guaranteed(MODEL)

    assert 0.02 < low < MODEL.organic < MODEL.pile_on < high < 0.995


def test_what_changes_nothing_is_nothing() -> None:
    assert Learnt().is_nothing
    assert Learnt(factors={"surge": 1.0}).is_nothing
    assert not Learnt(shift=0.1).is_nothing


def trusted(learner: Learner, analyst: str) -> None:
    """Make an analyst known as one who agrees with the model where it is sure."""
    for at in range(8):
        name = f"sure-{analyst}-{at}"
        learner.learn_one(look(name, like(1.0) if at % 2 else like(0.0)))
        learner.decide_one(said(name, Decision.PILE_ON if at % 2 else Decision.NOT_PILE_ON, analyst))


def test_decisions_move_the_score_of_what_looks_alike() -> None:
    for decision, sign in ((Decision.PILE_ON, 1), (Decision.NOT_PILE_ON, -1)):
        learner = Learner(MODEL)
        trusted(learner, "ann")
        for at in range(10):
            learner.learn_one(look(f"alike-{at}", DOUBTFUL))
            learner.decide_one(said(f"alike-{at}", decision))
        assert learner.close_epoch()
        after = probability(DOUBTFUL, adjusted(MODEL, learner.learnt, learner.revision))
        assert sign * (after - probability(DOUBTFUL)) > 0.05
        assert learner.revision == 1


def test_the_order_of_analysts_says_nothing_and_the_newest_decision_wins() -> None:
    learner, other = Learner(MODEL), Learner(MODEL)
    for one in (learner, other):
        one.learn_one(look("a", DOUBTFUL))
    learner.decide_one(said("a", Decision.PILE_ON, "ann"))
    learner.decide_one(said("a", Decision.NOT_PILE_ON, "bob"))
    learner.decide_one(said("a", Decision.NOT_PILE_ON, "ann"))
    other.decide_one(said("a", Decision.NOT_PILE_ON, "bob"))
    other.decide_one(said("a", Decision.NOT_PILE_ON, "ann"))

    assert learner.close_epoch()
    assert other.close_epoch()
    assert learner.learnt == other.learnt


def test_who_is_unsure_takes_back_what_he_said() -> None:
    learner = Learner(MODEL)
    learner.learn_one(look("a", DOUBTFUL))
    learner.decide_one(said("a", Decision.PILE_ON))
    assert learner.close_epoch()
    assert not learner.learnt.is_nothing
    assert learner.decide_one(said("a", Decision.UNSURE)) is Result.UNSURE
    assert learner.close_epoch()
    assert learner.learnt.is_nothing
    assert learner.revision == 2


def test_a_flood_is_capped_and_counted() -> None:
    learner = Learner(MODEL)
    for at in range(MOST_IN_EPOCH * 2):
        learner.learn_one(look(str(at), DOUBTFUL))
    for at in range(MOST_BY_ANALYST + 5):
        learner.decide_one(said(str(at), Decision.PILE_ON))
    assert learner.results == {Result.COUNTED: MOST_BY_ANALYST, Result.OVER_ANALYST: 5}
    for at in range(MOST_IN_EPOCH):
        learner.decide_one(said(str(at), Decision.PILE_ON, f"analyst-{at}"))
    assert learner.results[Result.COUNTED] == MOST_IN_EPOCH
    assert learner.results[Result.OVER_EPOCH] == MOST_BY_ANALYST
    learner.close_epoch()
    assert learner.decide_one(said("9", Decision.PILE_ON)) is Result.COUNTED


def test_many_on_one_alert_weigh_no_more_than_one() -> None:
    learner = Learner(MODEL)
    learner.learn_one(look("a", DOUBTFUL))
    for at in range(MOST_ON_ALERT + 3):
        learner.decide_one(said("a", Decision.PILE_ON, f"analyst-{at}"))
    learner.close_epoch()

    assert learner.results[Result.OVER_ALERT] == 3
    assert learner.trust.weight == 1.0
    assert learner.trust.discounted == MOST_ON_ALERT - 1


def test_who_contradicts_what_is_sure_is_not_trusted() -> None:
    learner, honest = Learner(MODEL), Learner(MODEL)
    trusted(honest, "ann")
    for at in range(8):
        learner.learn_one(look(str(at), like(1.0) if at % 2 else like(0.0)))
        learner.decide_one(said(str(at), Decision.NOT_PILE_ON if at % 2 else Decision.PILE_ON, "liar"))
    learner.close_epoch()
    honest.close_epoch()

    assert (learner.trust.distrusted, honest.trust.distrusted) == (1, 0)
    assert learner.trust.weight == 0
    assert learner.learnt.is_nothing


def test_analysts_in_league_do_not_vouch_for_each_other_against_what_is_sure() -> None:
    learner = Learner(MODEL)
    for at in range(30):
        strengths = like(1.0) if at % 3 == 1 else like(0.0) if at % 3 == 2 else DOUBTFUL
        learner.learn_one(look(str(at), strengths))
        for liar in range(MOST_ON_ALERT):
            decision = Decision.NOT_PILE_ON if at % 3 == 1 else Decision.PILE_ON
            learner.decide_one(said(str(at), decision, f"liar-{liar}"))
        learner.close_epoch()

    assert learner.trust.distrusted == learner.trust.analysts == MOST_ON_ALERT
    assert learner.learnt.is_nothing


def test_of_an_alert_that_is_not_known_nothing_is_learnt() -> None:
    learner = Learner(MODEL)
    learner.learn_one(look("a", DOUBTFUL))
    learner.learn_one(look("b", DOUBTFUL, tick=FORGET_S + 1))

    assert learner.decide_one(said("never", Decision.PILE_ON)) is Result.UNKNOWN
    assert learner.decide_one(said("a", Decision.PILE_ON)) is Result.UNKNOWN
    assert not learner.close_epoch()


def test_the_revision_that_was_seen_is_learnt_from() -> None:
    learnt = []
    for strengths, revision in (([DOUBTFUL, like(0.9)], 1), ([like(0.9), DOUBTFUL], 2), ([DOUBTFUL], None)):
        learner = Learner(MODEL)
        for at, one in enumerate(strengths, 1):
            learner.learn_one(look("a", one, revision=at))
        learner.decide_one(said("a", Decision.PILE_ON, revision=revision))
        learner.close_epoch()
        learnt.append(learner.learnt)

    assert learnt[0] == learnt[1] == learnt[2]


@given(st.lists(STRENGTHS, min_size=1, max_size=10), DECISIONS, st.integers(0, 300))
@settings(max_examples=20)
def test_it_goes_on_from_its_state(
    looks: list[dict[str, float]], decisions: list[tuple[int, Decision, str]], cut: int
) -> None:
    first = taught(looks, decisions[:cut])
    again = Learner(MODEL)
    again.state = decode(encode(first.state), type(first.state))
    for learner in (first, again):
        for alert, decision, analyst in decisions[cut:]:
            learner.decide_one(said(str(alert % len(looks)), decision, analyst))
        learner.close_epoch()

    assert again.state == first.state


def test_what_was_learnt_for_another_model_is_learnt_anew() -> None:
    first = taught([DOUBTFUL], [(0, Decision.PILE_ON, "ann")])
    again = Learner(replace(MODEL, name="another"))
    again.state = first.state

    assert again.learnt.is_nothing
    assert again.revision == first.revision + 1
    assert again.close_epoch()
    assert again.learnt == first.learnt


def test_what_is_usual_is_told_of_harmless_looks_alone() -> None:
    learner = Learner(MODEL)
    learner.learn_one(look("harmless", like(0.0)))
    learner.learn_one(look("attack", like(1.0)))

    assert learner.usual == {name: [0.0, 0.0] for name in NAMES}


@given(st.integers(0, 99))
def test_quantiles_come_near_what_is_so(start: int) -> None:
    baseline = Baseline()
    for at in range(3_000):
        baseline.learn_one((start + at * 37 % 100) % 100 / 100)

    assert baseline.values == [pytest.approx(share, abs=0.06) for share in QUANTILES]
