"""What the shards looked at: records that name every revision, and do not depend on how events came."""

import json
from functools import cache

import pytest

from alerts.alert import Revision
from detectors.model import shipped
from streams.frames import END_TICK
from streams.runner import Runner
from streams.settings import load
from streams.simulate import simulate
from streams.stages.signals import SignalError, SignalRecord, mark_body, read_mark
from streams.wire import Decoder, Lines


@cache
def lively() -> tuple[bytes, ...]:
    return tuple(
        line.rstrip(b"\n") for line in simulate(5, 1.5, ["quote_pile_on", "viral_joy", "brigade"], pace=0.3).lines
    )


def looked_at(batch_size: int, partitions: int) -> tuple[list[SignalRecord], list[Revision]]:
    runner, decoder, lines = Runner(load(), partitions=partitions), Decoder(), [*lively()]
    signals: list[SignalRecord] = []
    revisions: list[Revision] = []
    for start in range(0, len(lines), batch_size):
        revisions += runner.push(decoder.decode(Lines.numbered(lines[start : start + batch_size])))
        signals += runner.signals
    revisions += runner.end()
    return sorted([*signals, *runner.signals], key=lambda one: one.order), revisions


@cache
def undisturbed() -> tuple[list[SignalRecord], list[Revision]]:
    return looked_at(1_000, 1)


def test_every_revision_has_a_record_with_its_strengths() -> None:
    signals, revisions = undisturbed()
    told = {(one.alert, one.revision): one for one in signals if one.revision is not None}

    assert revisions
    for one in revisions:
        record = told[one.id, one.revision]
        assert (record.tick, record.kind, record.subject) == (one.tick, one.kind, one.subject)
        assert record.verdict is one.verdict
        assert record.strengths.keys() == shipped().spoken.weights.keys()
        assert record.probability == pytest.approx(one.score, abs=1e-4)


def test_of_other_looks_a_share_is_kept() -> None:
    signals, revisions = undisturbed()
    others = [one for one in signals if one.revision is None]

    assert len(signals) == len(revisions) + len(others)
    assert others


@pytest.mark.parametrize(("batch_size", "partitions"), [(37, 1), (1_000, 5)])
def test_they_do_not_depend_on_batches_or_partitions(batch_size: int, partitions: int) -> None:
    assert looked_at(batch_size, partitions)[0] == undisturbed()[0]


def test_a_record_is_read_back_as_it_was_written() -> None:
    for one in undisturbed()[0]:
        assert json.loads(one.body)["schema"] == "breakwater.signals/1"
        assert SignalRecord.read(one.body) == one


def test_marks_are_told_from_records() -> None:
    assert [read_mark(mark_body(tick)) for tick in (0, 1_709_510_400, END_TICK)] == [0, 1_709_510_400, END_TICK]
    assert read_mark(undisturbed()[0][0].body) is None


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"schema": "other/1"}', b'{"schema": "breakwater.signals/1"}'])
def test_what_is_no_record_is_named(body: bytes) -> None:
    assert read_mark(body) is None
    with pytest.raises(SignalError):
        SignalRecord.read(body)
