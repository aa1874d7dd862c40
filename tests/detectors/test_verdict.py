"""The verdict: which way each signal pushes, and when it is taken back."""

import math
from dataclasses import fields, replace
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detectors.model import Model, Population, parse, shipped
from detectors.signals import Signal
from detectors.verdict import Judgement, Outcome, judge, outcome
from graph.events import TargetFlag

MODEL = replace(shipped(), pile_on=0.75, organic=0.35, margin=0.1, smallest=10)
SIGNS = {
    "surge": 1,
    "days": -1,
    "strangers": 1,
    "outsiders": 1,
    "origin": 1,
    "accounts": 1,
    "together": 1,
    "step": 1,
    "hostility": 1,
    "copies": 1,
    "mutual": -1,
    "defended": 1,
    "reported": 1,
    "circle": -1,
    "exposure": -1,
    "warmth": -1,
    "answered": -1,
}


def measured(**strengths: float) -> list[Signal]:
    return [Signal(name, strengths.get(name, 0.0), 0.0, strengths.get(name, 0.0)) for name in SIGNS]


def test_every_signal_has_a_weight_of_its_sign() -> None:
    for weighing in (shipped().spoken, shipped().silent):
        assert {name: math.copysign(1, weight) for name, weight in weighing.weights.items()} == SIGNS
        assert all(weighing.weights.values())


@given(st.sampled_from(sorted(SIGNS)), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_signal_pushes_one_way_only(name: str, weaker: float, stronger: float, rest: float) -> None:
    weaker, stronger = sorted((weaker, stronger))
    assume(name != "hostility" or weaker > 0)
    before, after = (
        judge(measured(**{**dict.fromkeys(SIGNS, rest), name: strength}), shipped()).probability
        for strength in (weaker, stronger)
    )
    assert SIGNS[name] * (after - before) >= 0


@given(st.fixed_dictionaries(dict.fromkeys(SIGNS, st.floats(-1, 1))))
def test_contributions_add_up_to_the_probability(strengths: dict[str, float]) -> None:
    judgement = judge(measured(**strengths), shipped())
    odds = shipped().weighing(strengths).intercept + sum(judgement.contributions)
    assert judgement.probability == pytest.approx(1 / (1 + math.exp(-odds)))
    assert len(judgement.contributions) == len(SIGNS)


def test_where_nothing_is_known_of_words_the_other_signals_are_weighed_by_themselves() -> None:
    told, untold = (judge(measured(strangers=1.0, hostility=value), shipped()) for value in (1e-9, 0.0))
    model = shipped()
    assert told.contributions[list(SIGNS).index("strangers")] == model.spoken.weights["strangers"]
    assert untold.contributions[list(SIGNS).index("strangers")] == model.silent.weights["strangers"]


def test_no_single_signal_but_what_they_say_makes_a_pile_on_nor_all_of_them_a_surge() -> None:
    for name in SIGNS.keys() - {"hostility"}:
        assert judge(measured(**{name: 1.0, "hostility": 1e-9}), shipped()).probability < shipped().pile_on
        assert judge(measured(**{name: 1.0}), shipped()).probability < shipped().pile_on
    crowd = {name: 1.0 for name, sign in SIGNS.items() if sign > 0}
    assert judge(measured(**crowd), shipped()).probability > 0.99


P, S, U = Outcome.PILE_ON, Outcome.ORGANIC_SURGE, Outcome.UNCERTAIN
HELD = [
    # probability, what is said after nothing, a pile-on, a surge, doubt
    (0.76, P, P, P, P),
    (0.75, P, P, P, P),
    (0.74, U, P, U, U),
    (0.66, U, P, U, U),
    (0.64, U, U, U, U),
    (0.46, U, U, U, U),
    (0.44, U, U, S, U),
    (0.36, U, U, S, U),
    (0.35, S, S, S, S),
    (0.01, S, S, S, S),
]


@pytest.mark.parametrize(("probability", "fresh", "after_pile_on", "after_surge", "after_doubt"), HELD)
def test_a_verdict_is_held_until_the_probability_is_well_away(
    probability: float, fresh: Outcome, after_pile_on: Outcome, after_surge: Outcome, after_doubt: Outcome
) -> None:
    said = [outcome(Judgement(probability, ()), measured(), 50, 0, before, MODEL) for before in (None, P, S, U)]
    assert said == [fresh, after_pile_on, after_surge, after_doubt]


@pytest.mark.parametrize(("newcomers", "said"), [(1, U), (9, U), (10, P), (1000, P)])
def test_a_pile_on_needs_many(newcomers: int, said: Outcome) -> None:
    assert outcome(Judgement(0.99, ()), measured(), newcomers, 0, None, MODEL) is said


FIGURES = [TargetFlag.PUBLIC_FIGURE, TargetFlag.ORGANISATION, TargetFlag.ORGANISATION | TargetFlag.MINOR]


@pytest.mark.parametrize("flags", FIGURES)
@pytest.mark.parametrize("before", [None, P, U, S])
def test_anger_at_a_public_figure_stays_open_unless_it_is_concerted_or_abusive(
    flags: TargetFlag, before: Outcome | None
) -> None:
    sure = Judgement(0.99, ())
    assert outcome(sure, measured(strangers=1.0, step=1.0, surge=1.0, outsiders=1.0), 500, flags, before, MODEL) is U
    for name in ("origin", "together", "accounts", "copies", "hostility"):
        assert outcome(sure, measured(**{name: 0.9}), 500, flags, before, MODEL) is P
    assert outcome(sure, measured(hostility=0.45), 500, flags, before, MODEL) is U
    assert outcome(Judgement(0.01, ()), measured(), 500, flags, before, MODEL) is S


@pytest.mark.parametrize("flag", [TargetFlag.MINOR, TargetFlag.PROTECTED, TargetFlag.MODERATOR])
def test_other_flags_do_not_change_what_is_said(flag: TargetFlag) -> None:
    assert outcome(Judgement(0.99, ()), measured(), 50, flag, None, MODEL) is P


@pytest.mark.parametrize("probability", [0.01, 0.5, 0.99])
def test_complaints_alone_are_left_open_whatever_is_likely(probability: float) -> None:
    assert outcome(Judgement(probability, ()), measured(), 500, 0, None, MODEL, complaints=True) is U


def fields_of(model: Model) -> dict[str, Any]:
    population = {one.name: getattr(model.population, one.name) for one in fields(Population)}
    weighed = {
        name: {"intercept": one.intercept, "weights": one.weights}
        for name, one in (("spoken", model.spoken), ("silent", model.silent))
    }
    return {one.name: getattr(model, one.name) for one in fields(Model)} | weighed | {"population": population}


def weighing_of(weights: dict[str, float]) -> dict[str, Any]:
    return {"intercept": 0.0, "weights": weights}


def test_a_model_is_read_from_its_file() -> None:
    assert parse(orjson.dumps(fields_of(shipped()))) == shipped()


def without(content: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key != name}


CONTENT = fields_of(shipped())
BROKEN: dict[str, Any] = {
    "a field is missing": without(CONTENT, "spoken"),
    "a field is unknown": {**CONTENT, "surprise": 1},
    "the population is missing": without(CONTENT, "population"),
    "the population is a number": {**CONTENT, "population": 1},
    "a population figure is missing": {**CONTENT, "population": without(CONTENT["population"], "strangers")},
    "a population figure is unknown": {**CONTENT, "population": {**CONTENT["population"], "surprise": 1}},
    "a list": [CONTENT],
    "nothing": None,
    "a weight is missing": {**CONTENT, "silent": weighing_of(without(CONTENT["silent"]["weights"], "surge"))},
    "a weight is unknown": {**CONTENT, "spoken": weighing_of({**CONTENT["spoken"]["weights"], "surprise": 1.0})},
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_is_no_model_is_refused(content: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is all that is promised
        parse(orjson.dumps(content))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is all that is promised
        parse(content)
