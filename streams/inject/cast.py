"""Who plays in a campaign: its target, its crowd, those who answer, share, look on and point at it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from streams.inject.dress import DAY_MS, Wardrobe
from streams.inject.parameters import Values
from streams.inject.people import People

_ONLOOKERS: Final = 0.6
_MOST_ONLOOKERS: Final = 1_500
_AUDIENCE: Final = 0.8
"""How large an audience a target should have, for each that comes."""
_SOURCE: Final = 0.3
"""A community is a source from this share of a crowd on."""


class Member(NamedTuple):
    """One of a crowd: his name, and his account in the background, -1 if he was never seen before."""

    name: str
    account: int


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in a campaign; all but members are names."""

    target: str
    members: list[Member]
    caller: str | None
    answering: list[str]
    sharers: list[str]
    onlookers: list[str]
    pointing: list[str]
    sources: list[str]


def cast_of(
    rng: Random,
    people: People,
    wardrobe: Wardrobe,
    values: Values,
    pile_on: bool,
    at_ms: int,
    crew: list[Member] | None,
) -> Cast:
    """Find everybody for a campaign that begins at a time."""
    size = values["size"]
    target = people.target(rng, values["degree"], at_ms, round(size * _AUDIENCE))
    caller = people.caller(rng, at_ms)
    fresh = round(size * values["fresh"])
    origin = values["origin"] if pile_on else values["others"]
    if crew is not None:
        members = list(crew)
        foreign = None
    else:
        known = size - fresh
        ties = round(known * values["near"]) if pile_on else min(round(size * values["audience"]), known)
        foreign = people.foreign_home(rng, target, at_ms, known) if origin == "community" else None
        found = people.near(rng, target, at_ms, ties, foreign) if pile_on else people.audience(rng, target, at_ms, ties)
        found += _from(rng, people, origin, caller, foreign, target, at_ms, known - len(found), found)
        members = [Member(people.name(account), account) for account in found]
        homes = [home for account in found if (home := people.homes.get(account)) is not None]
        for _ in range(size - len(members)):
            name = people.fresh()
            new = rng.random() < values["new"]
            home = rng.choice(homes) if homes else None
            wardrobe.introduce(name, wardrobe.age(name, at_ms, new), home)
            members.append(Member(name, -1))
    mine = people.homes.get(target)
    came = Counter(home for member in members if (home := wardrobe.home(member.name)) is not None)
    others = round(size * values["defenders"])
    answering = people.audience(rng, target, at_ms, others)
    answering += people.scattered(rng, at_ms, others - len(answering))
    sharers = _crowd(rng, people, target, at_ms, round(size * values["shares"]))
    onlookers: list[int] = []
    if wardrobe.world["reactions"] == "on":
        onlookers = _crowd(rng, people, target, at_ms, min(round(size * _ONLOOKERS), _MOST_ONLOOKERS))
    return Cast(
        target=people.name(target),
        members=members,
        caller=people.name(caller),
        answering=[people.name(account) for account in answering],
        sharers=[people.name(account) for account in sharers],
        onlookers=[people.name(account) for account in onlookers],
        pointing=[people.name(account) for account in people.scattered(rng, at_ms, values["pointed"])],
        sources=sorted(home for home, count in came.items() if home != mine and count >= _SOURCE * len(members)),
    )


def _from(
    rng: Random,
    people: People,
    origin: str,
    caller: int,
    foreign: str | None,
    target: int,
    at_ms: int,
    count: int,
    there: list[int],
) -> list[int]:
    """Those who are not there for their ties to the target."""
    if count <= 0:
        return []
    found: list[int] = []
    if origin == "caller":
        found = people.following(rng, caller, at_ms, count)
    elif origin == "community" and foreign is not None:
        found = people.of_home(rng, foreign, at_ms, count)
    elif origin == "crew":
        found = people.together(rng, at_ms, count)
    avoid = {caller, *people.ties.of(target, at_ms), *found, *there}
    return found + people.scattered(rng, at_ms, count - len(found), avoid)


def _crowd(rng: Random, people: People, target: int, at_ms: int, count: int) -> list[int]:
    """Those who see it: a third from the audience, the others from anywhere."""
    found = people.audience(rng, target, at_ms, count // 3)
    return found + people.scattered(rng, at_ms, count - len(found))


__all__ = ["DAY_MS", "Cast", "Member", "cast_of"]
