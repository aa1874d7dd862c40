"""When what analysts decide takes effect, and how far shards may go meanwhile."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import Engine, Revision
from detectors.learner import Decision, Feedback, Learnt, Result
from detectors.model import shipped
from detectors.verdict import Outcome
from graph.noted import StateError
from streams.frames import END_TICK
from streams.ingest import Ingest
from streams.stages.authors import AuthorsStage
from streams.stages.control import EPOCH_S, Control, ControlError, ControlRecord
from streams.stages.learner import MOST_AHEAD, LearnerStage
from streams.stages.shard import ShardStage
from streams.stages.signals import SignalRecord
from streams.state import Checkpoint
from streams.wire import Decoder, Lines
from tests.helpers import START_MS, event

MODEL = shipped()
BEGIN = 5_000_000 * EPOCH_S
"""A tick at which an epoch begins."""


def looked(alert: str, tick: int, probability: float = 0.6) -> SignalRecord:
    strengths = dict.fromkeys(MODEL.spoken.weights, 0.5)
    return SignalRecord(tick, "account", "ann", alert, 1, 20, False, strengths, probability, Outcome.UNCERTAIN)


def said(alert: str, time_ms: int = 0, decision: Decision = Decision.PILE_ON) -> Feedback:
    return Feedback(alert, 1, decision, "", "ann", time_ms)


def passed(stage: LearnerStage, tick: int) -> list[ControlRecord]:
    """What the learner says when its one shard has passed a tick."""
    stage.mark(0, tick)
    return stage.advance()


def test_what_is_decided_in_an_epoch_is_in_force_from_the_one_after_the_next() -> None:
    stage = LearnerStage(1, MODEL)
    passed(stage, BEGIN + 10)
    stage.look(looked("a", BEGIN + 5))
    stage.decide(said("a"))
    assert [one.revision for one in passed(stage, BEGIN + EPOCH_S - 1)] == []
    (record, *_) = passed(stage, BEGIN + EPOCH_S)

    assert (record.revision, record.tick, record.until) == (1, BEGIN + 2 * EPOCH_S, BEGIN + 3 * EPOCH_S)
    assert not record.learnt.is_nothing
    assert record.feedback["counted"] == 1
    assert record.model == MODEL.name


def test_decisions_of_a_file_count_in_the_epochs_of_their_times() -> None:
    stage = LearnerStage(1, MODEL)
    times = [1000 * (BEGIN + 3 * EPOCH_S + 7), 1000 * (BEGIN + 9 * EPOCH_S)]
    stage.decide_all([said("a", times[0]), said("a", times[1], Decision.UNSURE)])
    (first,) = stage.advance()
    assert (first.revision, first.until) == (0, BEGIN + 5 * EPOCH_S)
    stage.look(looked("a", BEGIN + 5))
    records = [*passed(stage, BEGIN + 5 * EPOCH_S), *passed(stage, BEGIN + 11 * EPOCH_S)]

    changes = [(one.revision, one.tick) for one in records if one.revision]
    assert changes[0] == (1, BEGIN + 5 * EPOCH_S)
    assert (2, BEGIN + 11 * EPOCH_S) in changes
    assert records[-1].until == END_TICK
    assert records[-1].learnt.is_nothing


def test_a_decision_waits_two_epochs_for_what_was_looked_at() -> None:
    for late, result in ((1, "counted"), (2, "counted"), (3, "unknown")):
        stage = LearnerStage(1, MODEL)
        passed(stage, BEGIN)
        stage.decide(said("a"))
        passed(stage, BEGIN + late * EPOCH_S)
        stage.look(looked("a", BEGIN + late * EPOCH_S))
        passed(stage, BEGIN + 4 * EPOCH_S)
        assert stage.learner.results[Result(result)] == 1


@given(st.lists(st.integers(1, EPOCH_S), min_size=5, max_size=200))
def test_live_shards_are_never_held_up_nor_told_more_than_needs_be(steps: list[int]) -> None:
    """A shard may always go on for an epoch beyond the one that the learner has closed."""
    stage, tick, until = LearnerStage(1, MODEL), BEGIN, 0
    for step in steps:
        for record in passed(stage, tick):
            assert record.until > until
            until = record.until
        assert tick + EPOCH_S <= until <= tick + 2 * EPOCH_S
        tick = min(tick + step, until - 1)


def test_a_replay_without_decisions_is_told_further_and_further_ahead() -> None:
    stage, until, spans = LearnerStage(1, MODEL), BEGIN, []
    for _ in range(20):
        (record,) = passed(stage, until)
        spans.append((record.until - until) // EPOCH_S)
        until = record.until

    assert spans[0] == 2
    assert spans == sorted(spans)
    assert spans[-1] == MOST_AHEAD + 2
    stage.look(looked("a", BEGIN))
    stage.decide(said("a"))
    first, *_ = passed(stage, until)
    assert (first.revision, first.tick, first.until) == (1, until, until + EPOCH_S)


def test_a_decision_waits_for_the_epoch_of_the_alert_that_it_is_on() -> None:
    """A shard may be ahead of the one that the learner waits for."""
    stage = LearnerStage(2, MODEL)
    stage.mark(1, BEGIN)
    passed(stage, BEGIN + 1)
    stage.look(looked("a", BEGIN + EPOCH_S))
    stage.decide(said("a"))
    stage.mark(1, BEGIN + 2 * EPOCH_S)
    assert not any(one.revision for one in passed(stage, BEGIN + EPOCH_S))
    assert passed(stage, BEGIN + 2 * EPOCH_S)[0].revision == 1


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, EPOCH_S), st.booleans()), max_size=60),
    st.integers(0, 60),
)
def test_it_goes_on_from_a_checkpoint(steps: list[tuple[int, int, bool]], cut: int) -> None:
    def run(restart: bool) -> list[ControlRecord]:
        stage, tick, found = LearnerStage(2, MODEL), BEGIN, list[ControlRecord]()
        for at, (shard, step, decides) in enumerate(steps):
            tick += step
            stage.look(looked(f"{at}", tick))
            if decides:
                stage.decide(said(f"{at // 2}"))
            stage.mark(shard % 2, tick)
            found += stage.advance()
            if restart and at == cut:
                saved = stage.save(1, 0)
                stage = LearnerStage(2, MODEL)
                stage.resume(saved.live)
        return found

    assert run(True) == run(False)


def test_a_checkpoint_of_other_shards_is_refused() -> None:
    with pytest.raises(StateError, match="knows 2 shards, there are 3"):
        LearnerStage(3, MODEL).resume(LearnerStage(2, MODEL).save(1, 0).live)


RECORD = ControlRecord(
    number=3,
    tick=BEGIN,
    until=END_TICK,
    mark=BEGIN - EPOCH_S,
    model=MODEL.name,
    revision=2,
    changed=True,
    learnt=Learnt(0.9, -0.25, {"surge": 1.2}),
    feedback={"counted": 4},
    analysts={"known": 2, "weight": 1.5},
    usual={"surge": [0.1, 0.4]},
)


def test_a_record_is_read_back_as_it_was_written() -> None:
    assert ControlRecord.read(RECORD.body) == RECORD
    assert json.loads(RECORD.body)["schema"] == "breakwater.control/1"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"schema": "breakwater.control/1"}', b'{"schema": "other"}'])
def test_what_is_no_record_is_named(body: bytes) -> None:
    with pytest.raises(ControlError):
        ControlRecord.read(body)


def test_what_was_learnt_for_another_model_is_not_in_force() -> None:
    control = Control(MODEL, waits=True)
    control.take(ControlRecord(1, 10, 20, 0, "another", 1, True, Learnt(shift=0.3)))

    assert control.switch(10) is MODEL


def frames(events: list[dict[str, object]]) -> AuthorsStage:
    authors, ingest = AuthorsStage(0, 1, 3605), Ingest(0)
    lines = [json.dumps(one).encode() for one in events]
    frame = ingest.push(Decoder().decode(Lines.numbered(lines, "file")))
    assert frame is not None
    authors.feed(frame)
    authors.feed(ingest.end())
    return authors


def crowd(begin_s: int, target: str) -> list[dict[str, object]]:
    return [
        event(
            id=f"{target}-{at}",
            type="mention",
            author=f"{target}-a{at}",
            author_home="afar",
            target=target,
            time=START_MS + 1_000 * (begin_s + 3 * at),
        )
        for at in range(60)
    ]


def shard() -> ShardStage:
    """A shard that waits for the learner, and has all of two crowds, an hour apart."""
    stage = ShardStage(1, MODEL, Engine("1", "digest", MODEL.name), "salt", waits=True)
    out = frames([*crowd(0, "ann"), *crowd(3_600, "bob")]).advance()
    assert out is not None
    stage.feed(out)
    return stage


def told(revisions: list[Revision], name: Callable[[dict[str, dict[str, object]]], object]) -> set[object]:
    return {str(name(json.loads(one.body))) for one in revisions}


def test_a_shard_waits_for_the_learner_an_epoch_after_the_log_begins() -> None:
    stage = shard()
    stage.advance()
    begin = START_MS // 1000 // EPOCH_S * EPOCH_S
    assert stage.tick == stage.held_at == begin + 2 * EPOCH_S
    stage.control.take(ControlRecord(1, 0, begin + 5 * EPOCH_S, 0, MODEL.name, 0, False, Learnt()))
    stage.advance()
    assert stage.tick == stage.held_at == begin + 5 * EPOCH_S
    stage.control.take(ControlRecord(2, 0, END_TICK, 0, MODEL.name, 0, False, Learnt()))
    assert "bob" in {one.subject for one in stage.advance()}
    assert stage.held_at is None
    assert stage.mark == END_TICK


def test_a_shard_that_goes_on_alone_says_so_and_goes_on_so_after_a_restart() -> None:
    stage = shard()
    before = stage.advance()
    held = stage.held_at
    stage.go_on_alone()
    assert stage.advance() == []
    saved = stage.save(1, 0)
    stage.control.go_alone(stage.control.alone[1])
    alone = stage.advance()
    again = shard()
    again.load(Checkpoint(1, saved))
    again.resume(saved.live)
    # The learner is back, and had something else to say of a time that is past by now.
    for one in (stage, again):
        one.control.take(ControlRecord(1, held or 0, END_TICK, 0, MODEL.name, 1, True, Learnt(shift=0.5)))
    also_alone = again.advance()

    assert told(before, lambda alert: alert["quality"]["degraded"]) == {"[]"}
    assert told(alone, lambda alert: alert["quality"]["degraded"]) == {"['learner']"}
    assert alone
    assert [one.body for one in also_alone] == [one.body for one in alone]
    assert told(alone, lambda alert: alert["engine"]["model"]) == {MODEL.name}
