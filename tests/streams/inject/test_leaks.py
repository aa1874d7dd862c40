"""No single field may tell what is a pile-on, and one that does is found."""

from collections.abc import Callable
from typing import Any

import pytest

from streams.inject import Ground, Injected, inject
from streams.inject.leaks import check

WORLD = {"text": "en", "ages": "on", "homes": "on", "threads": "on", "reactions": "on"}
PINS = {**WORLD, "size": "15", "minutes": "30", "fresh": "0.4", "targets": "1"}


def leaking(ground: Ground, spoil: Callable[[dict[str, Any], bool], None] | None = None) -> set[str]:
    def spoilt(stream: Injected) -> Injected:
        for campaign in stream.campaigns:
            for event in campaign.events:
                if spoil is not None:
                    spoil(event, campaign.truth["pile_on"])
        return stream

    streams = (spoilt(inject(ground, seed, "mixed", PINS, 12)) for seed in (1, 2))
    return {finding.field for finding in check(streams) if finding.leaks}


def test_no_field_of_an_injected_stream_tells(ground: Ground) -> None:
    assert not leaking(ground)


def _younger(event: dict[str, Any], pile_on: bool) -> None:
    if pile_on and "author_created_at" in event:
        event["author_created_at"] = event["time"] - 1_000


def _longer(event: dict[str, Any], pile_on: bool) -> None:
    if pile_on and "text" in event:
        event["text"] += " and so on and so forth, as they say"


def _odd_ids(event: dict[str, Any], _: bool) -> None:
    event["id"] = "x" + event["id"]


def _half_a_second(event: dict[str, Any], _: bool) -> None:
    event["time"] += 500


def _without_home(event: dict[str, Any], pile_on: bool) -> None:
    if pile_on:
        event.pop("author_home", None)


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (_younger, "author_created_at.age"),
        (_longer, "text.length"),
        (_odd_ids, "id.length"),
        (_half_a_second, "time.millisecond"),
        (_without_home, "author_home.present"),
    ],
)
def test_a_field_that_tells_is_named(ground: Ground, spoil: Callable[[dict[str, Any], bool], None], field: str) -> None:
    assert field in leaking(ground, spoil)
