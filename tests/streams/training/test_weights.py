"""What the weights are learnt from, and that what is learnt keeps its meaning."""

from dataclasses import replace
from random import Random

import pytest

from detectors.model import SIGNALS, shipped
from streams.settings import Settings
from streams.simulate import simulate
from streams.training.fit import LEAST, LIMITS, SPOKEN_LIMITS, fit, probability
from streams.training.looks import Look, collect
from streams.training.weights import SIGNS
from streams.wire import Decoder, Lines


def look(group: str, pile_on: bool, chance: Random, scenario: str = "made_up") -> Look:
    """A pile-on is of strangers from elsewhere, a harmless surge is of those who know the subject; the rest is noise."""
    strengths = {name: chance.uniform(0.0, 0.3) for name in SIGNALS}
    strengths["strangers"] = chance.uniform(0.5, 0.9) if pile_on else chance.uniform(0.1, 0.6)
    strengths["outsiders"] = chance.uniform(0.4, 0.9) if pile_on else chance.uniform(0.1, 0.6)
    strengths["circle"] = chance.uniform(0.0, 0.3) if pile_on else chance.uniform(0.2, 0.9)
    return Look(group, scenario, pile_on, False, 20, 0, strengths, 0.5)


def looks(seed: int) -> list[Look]:
    chance = Random(seed)
    return [look(f"g{at // 3}", at // 3 % 2 == 0, chance, "organic" if at % 7 == 1 else "x") for at in range(300)]


@pytest.mark.parametrize(
    ("care", "limits"), [(1.0, LIMITS), (4.0, LIMITS), (1.0, SPOKEN_LIMITS), (1.0, {"strangers": 2.0})]
)
def test_every_weight_keeps_its_sign_and_its_limits_and_the_phenomenon_is_found(
    care: float, limits: dict[str, float]
) -> None:
    learnt = fit(looks(1), SIGNS, 10, 0.001, care, limits)
    for name, weight in learnt.weights.items():
        assert weight * SIGNS[name] >= LEAST
        assert abs(weight) <= limits.get(name, 100.0)
    model = replace(shipped(), spoken=learnt)
    found = [probability(one, model) for one in looks(2)]
    attacks = [value for value, one in zip(found, looks(2), strict=True) if one.pile_on]
    surges = [value for value, one in zip(found, looks(2), strict=True) if not one.pile_on]
    assert sum(attacks) / len(attacks) > 0.3 + sum(surges) / len(surges)


def test_with_more_care_more_is_called_a_pile_on() -> None:
    careless, careful = (replace(shipped(), spoken=fit(looks(1), SIGNS, 10, 0.001, care)) for care in (1.0, 4.0))
    assert sum(probability(one, careless) for one in looks(2)) < sum(probability(one, careful) for one in looks(2))


def test_small_crowds_teach_nothing() -> None:
    few = [replace(one, newcomers=9, pile_on=not one.pile_on) for one in looks(3)]
    assert fit([*looks(1), *few], SIGNS, 10, 0.001) == fit(looks(1), SIGNS, 10, 0.001)


def test_looks_are_labelled_by_the_truth_and_those_of_which_it_says_nothing_are_left_out() -> None:
    day = simulate(5, 8.0, ["bot_raid", "viral_joy"])
    decoder = Decoder()
    found = collect([decoder.decode(Lines.numbered(list(day.lines), "day", 1))], day.truth, Settings(), name="day")
    kinds = {(one.scenario, one.pile_on) for one in found}
    assert ("bot_raid", True) in kinds
    assert kinds <= {("bot_raid", True), ("viral_joy", False), ("organic", False)}
    attackers = {name for campaign in day.truth["campaigns"] if campaign["pile_on"] for name in campaign["attackers"]}
    assert not {one.group.rsplit(":", 1)[-1] for one in found} & attackers
    assert all(one.strengths.keys() == set(SIGNALS) for one in found)


def test_what_is_left_of_a_crowd_when_a_campaign_is_over_is_not_taken_for_an_organic_one() -> None:
    day = simulate(5, 8.0, ["bot_raid"])
    campaigns = [{**campaign, "ended_at": campaign["started_at"] - 3_540_000} for campaign in day.truth["campaigns"]]
    lines = Lines.numbered(list(day.lines), "day", 1)
    found = collect([Decoder().decode(lines)], {**day.truth, "campaigns": campaigns}, Settings(), name="day")
    targets = {campaign["target"]["id"] for campaign in campaigns}
    assert targets
    assert not {one.group.rsplit(":", 1)[-1] for one in found if one.scenario == "organic"} & targets
