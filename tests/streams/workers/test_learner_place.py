"""The learner's partition: what was committed is said once, and the same, however often it stops and begins again."""

import random
from functools import cache

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from alerts.feedback import write_feedback
from detectors.learner import Decision, Feedback, Result
from detectors.model import shipped
from detectors.verdict import Outcome
from streams.frames import END_TICK
from streams.stages.control import EPOCH_S, ControlRecord
from streams.stages.learner import LearnerStage
from streams.stages.signals import SignalError, SignalRecord, mark_body
from streams.state.checkpoint import Record
from streams.workers.learner_place import LearnerPlace
from streams.workers.place import GapError

SHARDS = 2
BEGIN = 5_000_000 * EPOCH_S
Step = tuple[int | None, int, bytes]
"""A message: of which shard, None for a decision; where it stands; what it is."""


def looked(alert: str, tick: int) -> bytes:
    strengths = {name: 0.1 + len(name) % 5 / 10 for name in shipped().spoken.weights}
    return SignalRecord(tick, "account", alert, alert, 1, 20, False, strengths, 0.5, Outcome.UNCERTAIN).body


def said(alert: str, analyst: str, decision: Decision) -> bytes:
    return write_feedback(Feedback(alert, 1, decision, "", analyst, 1000 * BEGIN))


@cache
def steps() -> tuple[Step, ...]:
    """Two hours of two shards, and what analysts say meanwhile; now and then something that cannot be read."""
    chance, found, offsets = random.Random(3), list[Step](), {None: 0, 0: 0, 1: 0}

    def put(shard: int | None, body: bytes) -> None:
        found.append((shard, offsets[shard], body))
        # A transaction's mark takes an offset too.
        offsets[shard] += 1 if shard is None else chance.choice([1, 1, 2])

    for minute in range(120):
        for shard in range(SHARDS):
            tick = BEGIN + 60 * minute + shard
            put(shard, looked(f"alert-{minute // 4}-{shard}", tick))
            put(shard, mark_body(tick + 30))
        if minute % 3 == 1:
            put(None, said(f"alert-{minute // 4}-0", f"analyst-{minute % 4}", chance.choice([*Decision])))
        if minute % 40 == 7:
            put(None, b"{")
    for shard in range(SHARDS):
        put(shard, mark_body(END_TICK))
    return tuple(found)


def new(topic: list[Record], beginning: int = 0) -> LearnerPlace:
    return LearnerPlace(LearnerStage(SHARDS, shipped()), "release", topic, beginning)


def run(seed: int, saves: float, stops: float) -> tuple[list[ControlRecord], LearnerPlace]:
    """What is committed, and where the learner stands in the end."""
    chance, topic, committed, pending = (
        random.Random(seed),
        list[Record](),
        list[ControlRecord](),
        list[ControlRecord](),
    )
    place, at, restarts = new([]), 0, 0
    while at < len(steps()):
        shard, offset, body = steps()[at]
        at += 1
        if shard is None:
            place.take(offset, body)
        else:
            place.look(shard, offset, body)
        pending += place.advance() or []
        if place.is_dirty and (chance.random() < saves or at == len(steps())):
            topic += place.save()
            committed += pending
            pending = []
        if restarts < 20 and chance.random() < stops:
            place, at, pending, restarts = new(topic), 0, [], restarts + 1
    return committed, place


@cache
def undisturbed() -> list[ControlRecord]:
    return run(0, 0.1, 0)[0]


def test_there_is_something_to_learn() -> None:
    assert max(one.revision for one in undisturbed()) > 5
    assert undisturbed()[-1].until == END_TICK
    assert undisturbed()[-1].feedback[Result.MALFORMED] == 3
    assert [one.number for one in undisturbed()] == list(range(1, len(undisturbed()) + 1))


@given(st.integers(0, 2**32), st.sampled_from([0.02, 0.1, 0.5]), st.sampled_from([0.01, 0.04]))
@settings(max_examples=12, phases=[Phase.generate])
def test_what_is_committed_is_the_same_once(seed: int, saves: float, stops: float) -> None:
    committed, place = run(seed, saves, stops)
    assert committed == undisturbed()
    assert place.keeper.ended


def test_a_gap_between_decisions_is_not_passed_over_unless_nothing_is_there() -> None:
    place = new([], beginning=4)
    with pytest.raises(GapError, match="message 6 came, 4 is the next"):
        place.take(6, said("a", "ann", Decision.PILE_ON))
    place.skip_to(6)
    assert place.take(6, said("a", "ann", Decision.PILE_ON)) == 1
    assert (place.next_offset, place.is_dirty) == (7, True)


def test_a_message_that_is_no_signal_is_not_passed_over() -> None:
    with pytest.raises(SignalError):
        new([]).look(0, 0, b"{}")
