"""The shipped figures: what is usual in a population, and what each signal weighs.

They stand in `model.json`, beside this module, in the units of the signals, so that a person can read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Population:
    """What is usual over all subjects.

    Attributes
    ----------
    rate_shape, rate_buckets
        Gamma prior of a subject's newcomers in ten minutes: shape, and the number of buckets it counts for.
    strangers, fresh, outsiders
        Shares of a harmless surge's newcomers who have no tie to the subject, have a new account, come from
        communities that are not the subject's.
    origin
        Largest share of a harmless surge that one community, not the subject's, may send.
    unseen
        Share of those at a harmless surge who were never seen before, where nobody else around tells better.
    audience_weight
        For how many newcomers it counts that a subject belongs to a community.
    fresh_days
        Up to which age an account is fresh.
    """

    rate_shape: float
    rate_buckets: float
    strangers: float
    fresh: float
    outsiders: float
    unseen: float
    origin: float
    audience_weight: float
    fresh_days: float


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of the verdict.

    Attributes
    ----------
    name : which model this is, told in every alert
    intercept : of the logistic model
    weights : by signal; a signal's sign is fixed by what it means
    pile_on, organic : probabilities from which, and up to which, the verdict is not left open
    margin : how far the probability must fall back before a verdict is taken back
    smallest : how many newcomers a `pile_on` needs
    """

    name: str
    intercept: float
    weights: dict[str, float]
    pile_on: float
    organic: float
    margin: float
    smallest: int
    population: Population


@cache
def shipped() -> Model:
    """The figures that come with the program."""
    return parse(resources.files(__package__).joinpath("model.json").read_bytes())


def parse(content: bytes) -> Model:
    """A model from the bytes of such a file; `ValueError` if something in it is missing or unknown."""
    fields: dict[str, Any] = orjson.loads(content)
    try:
        return Model(**{**fields, "population": Population(**fields["population"])})
    except (TypeError, KeyError) as error:
        raise ValueError(f"not a model file: {error}; compare it with the shipped model.json") from error
