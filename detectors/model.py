"""The shipped figures: what is usual in a population, and what each signal weighs.

They stand in `model.json`, beside this module, in the units of the signals, so that a person can read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import orjson

SIGNALS: Final = (
    "surge",
    "days",
    "strangers",
    "circle",
    "outsiders",
    "origin",
    "accounts",
    "together",
    "step",
    "hostility",
    "copies",
    "mutual",
    "defended",
    "reported",
    "exposure",
    "warmth",
    "answered",
)
"""The names of the signals, each of which has a weight."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Gamma prior of a rate a bucket of ten minutes: its shape, and the number of buckets that it counts for."""

    shape: float
    buckets: float


@dataclass(frozen=True, slots=True)
class Population:
    """What is usual over all subjects.

    Attributes
    ----------
    rates
        By kind of subject, the prior of its newcomers in ten minutes.
    strangers, fresh, outsiders
        Shares of a harmless surge's newcomers who have no tie to the subject, have a new account, come from
        communities that are not the subject's.
    origin
        Largest share of a harmless surge that one community, not the subject's, may send.
    circle
        Share of a harmless surge's newcomers, of those of whom it can be told, who know the subject or somebody of its
        circle.
    hostile, hostile_chinese
        How hostile texts are taken to be, on the average, where nobody is attacked: in general, and those in Chinese.
    unseen
        Share of those at a harmless surge who have little history in the log, where nobody else around tells better.
    audience_weight
        For how many newcomers it counts that a subject belongs to a community.
    fresh_days
        Up to which age an account is fresh.
    """

    rates: dict[str, Rate]
    strangers: float
    fresh: float
    outsiders: float
    circle: float
    hostile: float
    hostile_chinese: float
    unseen: float
    origin: float
    audience_weight: float
    fresh_days: float


@dataclass(frozen=True, slots=True)
class Weighing:
    """A logistic model: its intercept, and its weights by signal; a signal's sign is fixed by what it means."""

    intercept: float
    weights: dict[str, float]


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of the verdict.

    Attributes
    ----------
    name : which model this is, told in every alert
    spoken, silent : how signals are weighed where it is known what the crowd says, and where it is not: then who they
        are and how they came has to tell alone
    pile_on, organic : probabilities from which, and up to which, the verdict is not left open
    margin : how far the probability must fall back before a verdict is taken back
    smallest : how many newcomers a `pile_on` needs
    """

    name: str
    spoken: Weighing
    silent: Weighing
    pile_on: float
    organic: float
    margin: float
    smallest: int
    population: Population

    def weighing(self, strengths: Mapping[str, float]) -> Weighing:
        """How signals of these strengths are weighed; hostility of exactly 0 means that it could not be measured."""
        return self.silent if strengths.get("hostility", 0.0) == 0.0 else self.spoken


@cache
def shipped() -> Model:
    """The figures that come with the program."""
    return parse(resources.files(__package__).joinpath("model.json").read_bytes())


def parse(content: bytes) -> Model:
    """A model from the bytes of such a file; `ValueError` if something in it is missing or unknown."""
    fields: dict[str, Any] = orjson.loads(content)
    try:
        population = dict(fields["population"])
        population["rates"] = {kind: Rate(**rate) for kind, rate in population["rates"].items()}
        weighed = {name: Weighing(**fields[name]) for name in ("spoken", "silent")}
        model = Model(**{**fields, **weighed, "population": Population(**population)})
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a model file: {error}; compare it with the shipped model.json") from error
    for weighing in (model.spoken, model.silent):
        if set(weighing.weights) != set(SIGNALS):
            raise ValueError(
                f"a model file weighs {', '.join(SIGNALS)}; this one weighs {', '.join(sorted(weighing.weights))}"
            )
    return model
