"""An injected stream: the background with campaigns in it, as events in the order of time, and its truth."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson

from streams.inject.background import Background
from streams.inject.campaign import Campaign, Staging
from streams.inject.cast import Member
from streams.inject.communities import communities_of
from streams.inject.corpus import Corpus
from streams.inject.dress import Event, Wardrobe
from streams.inject.errors import InjectError
from streams.inject.ordinary import Ordinary
from streams.inject.parameters import WORLD, Values, draw, pinned
from streams.inject.people import People
from streams.inject.plan import pairs_for, plan
from streams.inject.stage import Stage
from streams.inject.ties import Ties
from streams.simulate.writer import EVENTS_FILE, TRUTH_FILE
from streams.wire import Lines

_BATCH: Final = 8_000


class Ground:
    """A background with what is computed from it once: its graph and the homes of its accounts."""

    def __init__(self, background: Background, corpus: Corpus) -> None:
        self.background, self.corpus = background, corpus
        self.ties = Ties(background)
        self.homes = communities_of(background)


@dataclass(slots=True)
class Injected:
    """A stream with campaigns in it.

    Attributes
    ----------
    world
        Which fields there are.
    campaigns
        What was injected.
    truth
        As in `truth.json`.
    """

    world: Values
    campaigns: list[Campaign]
    truth: dict[str, Any]
    ordinary: Ordinary

    def events(self) -> Iterator[Event]:
        """All events, in the order of time."""
        injected = sorted(
            (event for campaign in self.campaigns for event in campaign.events),
            key=lambda event: (event["time"], event["id"]),
        )
        return heapq.merge(self.ordinary, injected, key=lambda event: event["time"])

    def lines(self) -> Iterator[Lines]:
        """All events as JSON lines, in batches."""
        values: list[bytes] = []
        first = 1
        for event in self.events():
            values.append(orjson.dumps(event))
            if len(values) == _BATCH:
                yield Lines.numbered(values, "injected", first)
                first += len(values)
                values = []
        if values:
            yield Lines.numbered(values, "injected", first)

    def write(self, directory: Path) -> None:
        """Write `events.ndjson` and `truth.json` into a directory, which is made if need be."""
        directory.mkdir(parents=True, exist_ok=True)
        with (directory / EVENTS_FILE).open("wb") as file:
            for lines in self.lines():
                file.write(b"\n".join(lines.values) + b"\n")
        (directory / TRUTH_FILE).write_bytes(orjson.dumps(self.truth, option=orjson.OPT_INDENT_2) + b"\n")


def inject(
    ground: Ground, seed: int, preset: str = "mixed", settings: dict[str, str] | None = None, pairs: int | None = None
) -> Injected:
    """Inject campaigns into a background: the same seed, preset and settings give the same bytes.

    Parameters
    ----------
    preset, settings
        What is pinned, see `streams.inject.parameters`.
    pairs
        How many attacks, each with its harmless surge; None: as many as fit.

    Raises
    ------
    InjectError
        If a preset, a parameter or a value is not one, or the background is too short.
    """
    background, corpus = ground.background, ground.corpus
    pins = pinned(preset, settings or {})
    name = f"{seed}/{preset}"
    world = draw(Random(f"{name}/world"), WORLD, {**background.world, **pins})
    wardrobe = Wardrobe(background, ground.homes, world, corpus, name)
    people = People(background, ground.ties, ground.homes.of, Random(f"{name}/names"))
    stage = Stage(background, people, wardrobe, name)
    campaigns: list[Campaign] = []
    crews: dict[str, list[Member]] = {}
    for one in plan(background, pins, name, pairs or pairs_for(background)):
        crew = crews.get(one.pair) if one.again else None
        staging = Staging(stage, one.number, {**world, **one.values}, one.pile_on, one.begin_ms, crew)
        if one.pile_on:
            crews[one.pair] = staging.cast.members
        scenario = f"{preset}, {one.values['shape']}"
        campaigns.append(staging.play(preset, scenario, one.pair))
    if len(campaigns) < 2:
        raise InjectError("The background has no room for campaigns; give a longer one.")
    truth = {
        "days": round(background.days, 6),
        "seed": seed,
        "preset": preset,
        "world": world,
        "campaigns": [campaign.truth for campaign in campaigns],
    }
    return Injected(world, campaigns, truth, Ordinary(background, wardrobe, name))
