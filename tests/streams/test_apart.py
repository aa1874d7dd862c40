"""Targets handled in processes of their own."""

import os
import signal
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alerts.alert import Revision
from detectors.hostility import HostilityModel
from streams.apart import ShardProcessError, worthwhile
from streams.cli import app
from streams.metrics import EngineMetrics
from streams.runner import Runner
from streams.settings import load
from streams.simulate import simulate
from streams.wire import Decoder, Lines

BATCH = 1000


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """An hour with one attack and one harmless crowd."""
    return [line.rstrip(b"\n") for line in simulate(5, 1, ["quote_pile_on", "viral_joy"], pace=0.5).lines]


def batches(lines: list[bytes]) -> Iterator[Lines]:
    for start in range(0, len(lines), BATCH):
        yield Lines.numbered(lines[start : start + BATCH])


def told(runner: Runner, lines: list[bytes]) -> list[Revision]:
    decoder = Decoder()
    revisions = [one for batch in batches(lines) for one in runner.push(decoder.decode(batch))]
    return revisions + runner.end()


@pytest.mark.parametrize("processes", [2, 3])
def test_the_same_is_said_in_the_same_order(lines: list[bytes], processes: int) -> None:
    runner = Runner(load(), processes=processes)
    found = [one.body for one in told(runner, lines)]
    runner.close()

    assert found
    assert found == [one.body for one in told(Runner(load()), lines)]


def test_how_the_shards_stand_is_known(lines: list[bytes]) -> None:
    here, apart = Runner(load()), Runner(load(), processes=2)
    told(here, lines)
    told(apart, lines)
    apart.close()
    (one,), two = here.shard_statuses, apart.shard_statuses

    for name in ("rows", "subjects", "ties", "watched", "open_episodes"):
        assert getattr(one, name) == sum(getattr(status, name) for status in two), name
    assert {one.tick} == {status.tick for status in two}
    assert one.counts.looks == sum(status.counts.looks for status in two)
    assert EngineMetrics(apart).collect()


def test_processes_end_when_the_runner_is_closed() -> None:
    before = set(active_children())
    runner = Runner(load(), processes=2)
    assert len(set(active_children()) - before) == 2
    runner.end()
    runner.close()
    runner.close()
    assert set(active_children()) == before


def test_one_that_is_killed_is_missed(lines: list[bytes]) -> None:
    before = set(active_children())
    runner = Runner(load(), processes=2)
    victim = min(one.pid or 0 for one in set(active_children()) - before)
    os.kill(victim, signal.SIGKILL)

    with pytest.raises(ShardProcessError, match=r"exit code -9.*--processes 1"):
        told(runner, lines)
    runner.close()
    assert set(active_children()) == before


class Broken(HostilityModel):
    """One that fails at the first text."""

    def score(self, texts: object) -> list[float]:
        raise RuntimeError("no lexicon")


def test_what_went_wrong_in_one_is_told(lines: list[bytes]) -> None:
    runner = Runner(load(), processes=2, hostility=Broken())
    with pytest.raises(ShardProcessError, match="no lexicon"):
        told(runner, lines)
    runner.close()


def test_nothing_is_learnt_from_them() -> None:
    with pytest.raises(ValueError, match="not learnt from"):
        Runner(load(), processes=2, feedback=[])


def test_only_a_long_backlog_is_worth_it() -> None:
    assert worthwhile(1_000_000) == 1
    assert 1 <= worthwhile(100_000_000) <= 4


def detect(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["detect", *map(str, arguments)])
    return done.exit_code, done.stderr


def test_detect_writes_the_same_file(tmp_path: Path, lines: list[bytes]) -> None:
    events = tmp_path / "events"
    events.write_bytes(b"\n".join(lines))
    for count in (1, 2):
        assert detect(events, "--alerts", tmp_path / f"{count}", "--processes", f"{count}")[0] == 0
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes() != b""


def test_detect_learns_in_one_process_only(tmp_path: Path) -> None:
    events = tmp_path / "events"
    events.touch()
    status, said = detect(events, "--alerts", tmp_path / "out", "--feedback", events, "--processes", 2)
    assert status == 2
    assert "leave --processes or --feedback out" in said
