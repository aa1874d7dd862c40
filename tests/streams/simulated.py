"""What tests of simulated events share."""

from __future__ import annotations

from typing import Any

from streams.simulate import SCENARIOS, START_MS, Simulation

ADDRESSING = {"comment", "reply", "quote", "mention"}
TYPES = ADDRESSING | {"post", "share", "reaction", "report", "delete"}
REACTIONS = {"like", "love", "laugh", "wow", "sad", "angry", "up", "down"}
Event = dict[str, Any]


def targets(event: Event) -> list[str]:
    target = event.get("target", [])
    return [target] if isinstance(target, str) else list(target)


def assert_follows_contract(event: Event) -> None:
    assert event["type"] in TYPES
    assert isinstance(event["time"], int)
    named = ["id", "author", "thread", "thread_author", "parent", "community", "author_home", "lang", "value"]
    for name in named:
        if name in event or name in {"id", "author"}:
            assert isinstance(event[name], str)
            assert 1 <= len(event[name].encode()) <= 512
    if event["type"] in ADDRESSING | {"report"}:
        assert 1 <= len(targets(event)) <= 16
    if event["type"] == "delete":
        assert event["parent"]
    if event["type"] == "reaction":
        assert event["value"] in REACTIONS
    if "text" in event:
        assert 1 <= len(event["text"]) <= 20_000
    for name in ("views", "author_followers", "author_created_at"):
        assert isinstance(event.get(name, 0), int)
        assert event.get(name, 0) >= 0
    assert event.get("author_created_at", 0) <= event["time"]
    assert set(event.get("author_flags", [])) <= {"bot", "staff", "moderator"}
    assert set(event.get("target_flags", [])) <= {"minor", "protected", "moderator", "public_figure", "organisation"}
    assert all(isinstance(link, str) and link for link in event.get("links", []))


def assert_truth_fits(simulation: Simulation, events: list[Event]) -> None:
    authors = {event["author"] for event in events}
    for campaign in simulation.truth["campaigns"]:
        assert campaign["pile_on"] is SCENARIOS[campaign["scenario"]].pile_on
        assert START_MS <= campaign["started_at"] <= campaign["ended_at"] < simulation.end_ms
        assert set(campaign["attackers"]) | set(campaign["defenders"]) <= authors
        assert not set(campaign["attackers"]) & set(campaign["defenders"])
        assert campaign["instigator"] is None or campaign["instigator"] in authors
        assert bool(campaign["attackers"]) is campaign["pile_on"]
        kind, name = campaign["target"]["kind"], campaign["target"]["id"]
        within = [e for e in events if campaign["started_at"] <= e["time"] <= campaign["ended_at"]]
        if kind == "account":
            assert any(name in targets(event) for event in within)
        else:
            assert any(event.get(kind) == name for event in within)
