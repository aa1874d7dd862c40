"""What alerts rest on is told beside them: the same bytes however the events come, bounded, and without what was taken back."""

import json
import random
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from alerts import evidence
from alerts.alert import Revision
from alerts.chunk import LARGEST, Chunk
from alerts.pack import Pack, as_json, check, make
from detectors.learner import Feedback
from streams.cli import app
from streams.runner import Runner
from streams.settings import Settings, load
from streams.wire import Decoder, Lines
from tests.helpers import START_MS, Event, event
from tests.streams.test_determinism import alerts_of, decided, in_order, lively, short
from tests.streams.workers.platform import crowd, events

Told = tuple[list[Revision], list[Chunk]]


def told(
    lines: list[bytes],
    size: int = 1_000,
    partitions: int = 1,
    processes: int = 1,
    settings: Settings | None = None,
    feedback: list[Feedback] | None = None,
) -> Told:
    """Revisions and the parts of their evidence, in the order in which they came."""
    runner, decoder = (
        Runner(settings or load(), partitions=partitions, processes=processes, feedback=feedback, evidence=True),
        Decoder(),
    )
    revisions, chunks = list[Revision](), list[Chunk]()
    for start in range(0, len(lines), size):
        revisions += runner.push(decoder.decode(Lines.numbered(lines[start : start + size], "file", start + 1)))
        chunks += runner.evidence
    revisions += runner.end()
    chunks += runner.evidence
    runner.close()
    return revisions, chunks


def bodies(chunks: list[Chunk]) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in chunks]


def as_lines(given: list[Event]) -> list[bytes]:
    return [json.dumps(one).encode() for one in sorted(given, key=lambda one: (int(one["time"]), str(one["id"])))]


def packs(found: Told) -> dict[str, Pack]:
    revisions, chunks = found
    return {
        alert: make(
            [one.body for one in revisions if one.id == alert], [one.body for one in chunks if one.alert == alert]
        )
        for alert in dict.fromkeys(one.id for one in revisions)
    }


def only(found: Told, subject: str) -> Pack:
    """The pack of the one alert on a subject."""
    (pack,) = (pack for pack in packs(found).values() if pack.newest["target"]["id"] == subject)
    return pack


@cache
def undisturbed() -> Told:
    return told([*lively()])


@cache
def platform() -> Told:
    return told(as_lines(events()))


def test_the_files_are_worth_comparing() -> None:
    found = bodies(undisturbed()[1]) + bodies(platform()[1])
    for name in ("interactions", "accounts", "ties", "minutes", "erased"):
        assert any(one[name] for one in found), name
    rows = [row for one in found for row in one["interactions"]]
    assert all(any(name in row for row in rows) for name in ("text", "thread", "parent", "community", "home", "type"))
    assert any(row.get("text", "") is None for row in rows)


def test_alerts_are_the_same_whether_it_is_wanted_or_not() -> None:
    assert in_order(undisturbed()[0]) == alerts_of([*lively()])


@pytest.mark.parametrize("size", [13, 997, 20_000])
def test_in_batches_of_another_size(size: int) -> None:
    assert told([*lively()], size) == undisturbed()


@pytest.mark.parametrize(("partitions", "processes"), [(3, 1), (8, 1), (1, 2), (1, 3)])
def test_in_several_partitions_and_processes(partitions: int, processes: int) -> None:
    assert told([*lively()], 1_000, partitions, processes) == undisturbed()


@settings(max_examples=10)
@given(size=st.integers(1, 400), partitions=st.integers(1, 8))
def test_however_a_platform_on_which_much_is_taken_back_is_cut(size: int, partitions: int) -> None:
    assert told(as_lines(events()), size, partitions) == platform()


def test_with_a_learner_too() -> None:
    feedback = [*decided(short)]
    assert told([*short()], 7, 3, feedback=feedback) == told([*short()], 5_000, feedback=feedback)


def test_it_comes_in_the_order_of_ticks_alerts_revisions_and_parts() -> None:
    revisions, chunks = undisturbed()
    assert [one[:4] for one in chunks] == sorted(one[:4] for one in chunks)
    assert {(one.alert, one.revision) for one in chunks} == {(one.id, one.revision) for one in revisions}
    for alert in {one.alert for one in chunks}:
        parts = [one.part for one in chunks if one.alert == alert]
        assert parts == list(range(len(parts)))
    for one in chunks:
        body = json.loads(one.body)
        assert (body["alert"], body["revision"], body["part"]) == one[1:4]


@pytest.mark.parametrize("found", [undisturbed, platform])
def test_every_pack_holds(found: Any) -> None:
    assert len(packs(found())) > 2
    for pack in packs(found()).values():
        report = check(as_json(pack), "")
        assert report.holds, report.problems
        assert report.agreeing == report.texts
        assert sum(1 for _ in pack.interactions) == pack.newest["interactions"]["total"]
        assert {one["account"] for _, one in pack.interactions} <= {one["account"] for one in pack.accounts}


def test_with_a_secret_texts_are_checked_by_who_knows_it() -> None:
    found = told([*short()], settings=load(evidence_salt="pepper"))
    for pack in packs(found).values():
        data = as_json(pack)
        assert check(data, "pepper").agreeing == check(data, "pepper").texts > 0
        assert check(data, "").holds
        assert check(data, "").agreeing == 0
        assert "BREAKWATER_EVIDENCE_SALT" in check(data, "salt").problems[0]


def test_texts_can_be_left_out() -> None:
    found = told([*short()], settings=load(evidence_text=False))
    assert found[0] == told([*short()])[0]
    for pack in packs(found).values():
        assert check(as_json(pack), "").holds
        assert not any("text" in one for _, one in pack.interactions)
        assert any(one["text_hash"] for _, one in pack.interactions)


def test_everybody_has_the_role_that_the_alert_says() -> None:
    for pack in packs(undisturbed()).values():
        roles = {one["account"]: one.get("role") for one in pack.accounts}
        for one in pack.newest["roles"]:
            assert roles[one["account"]] == one["role"]
        if pack.newest["verdict"] == "organic_surge":
            assert not {"attacker", "instigator"} & set(roles.values())


def test_minutes_add_up() -> None:
    for pack in packs(undisturbed()).values():
        counted: dict[int, int] = {}
        for _, one in pack.interactions:
            minute = one["time"] // 60_000 * 60_000
            counted[minute] = counted.get(minute, 0) + 1
        said = {one["start"]: one["interactions"] for one in pack.minutes}
        assert all(said.get(start, 0) >= count for start, count in counted.items() if start in said)
        assert counted.keys() <= said.keys() | {max(counted)}


def pile_on(texts: int = 60, **given: Any) -> list[Event]:
    """A crowd on an account that others spoke with before."""
    chance = random.Random(3)
    quiet = [
        event(id=f"q{at}", author=f"n{at % 9}", target=f"n{(at + 1) % 9}", time=START_MS + 60_000 * at, text="zip")
        for at in range(50)
    ]
    return quiet + [
        event(
            id=f"x{at}", author=f"far{at}", target="vic", time=START_MS + 3_000_000 + 4_000 * at + chance.randrange(900),
            author_home="far", text=f"said {at}", **given,
        )
        for at in range(texts)
    ]  # fmt: skip


def quiet(hours: int) -> list[Event]:
    """So many hours in which hardly anything happens."""
    return [
        event(id=f"s{at}", author=f"n{at % 9}", target=f"n{(at + 1) % 9}", time=START_MS + 3_000_000 * at)
        for at in range(1, hours * 3_600 // 3_000)
    ]


def delete(of: Event, time_ms: int) -> Event:
    return event(id=f"{of['id']}-gone", type="delete", author=of["author"], parent=of["id"], target=..., time=time_ms)


LATER = {"soon": 500, "in a minute": 61_000, "when it is over": 3 * 3_600_000, "after a day": 30 * 3_600_000}


@pytest.mark.parametrize("later", LATER)
@pytest.mark.parametrize("size", [1, 40, 5_000])
def test_a_text_that_was_taken_back_is_told_no_more_within_a_minute(later: str, size: int) -> None:
    """And every size gives the same, whether it was told before or not; the digests hold all the same."""
    given = pile_on()
    said = given[50:]
    gone = [delete(one, int(one["time"]) + LATER[later]) for one in said[::3]]
    found = told(as_lines([*given, *gone, *quiet(40)]), size)
    assert found == told(as_lines([*given, *gone, *quiet(40)]))

    ids = {one["parent"]: int(one["time"]) for one in gone}
    shown: set[str] = set()
    for chunk in found[1]:
        body = json.loads(chunk.body)
        for row in body["interactions"]:
            if row["event"] in ids and row["text"] is not None:
                assert 1000 * (chunk.tick + 1) <= ids[row["event"]] + 1000
                shown.add(row["event"])
        for erased in body["erased"]:
            assert erased in shown
            shown.remove(erased)
            assert 0 <= chunk.tick - ids[erased] // 1000 <= 60
    assert not shown
    pack = only(found, "vic")
    rows = [one for _, one in pack.interactions]
    assert {one["event"] for one in rows if one["text"] is None} == ids.keys()
    assert check(as_json(pack), "").holds
    assert check(as_json(pack), "").erased == len(ids)


def test_what_is_taken_back_long_after_the_case_is_not_told() -> None:
    given = pile_on()
    late = delete(given[60], START_MS + 60 * 3_600_000)
    for size in (1, 5_000):
        assert not any(one["erased"] for one in bodies(told(as_lines([*given, late, *quiet(70)]), size)[1]))


def test_reporters_never_appear() -> None:
    given = pile_on()
    reports = [
        event(id=f"r{at}", type="report", author=f"rep{at}", target="vic", time=START_MS + 3_050_000 + 900 * at)
        for at in range(30)
    ]
    found = told(as_lines([*given, *reports]))
    assert only(found, "vic").newest["signals"]
    assert not any(re.search(rb'"rep\d', one.body) for one in found[1])


def test_answers_and_who_addressed_whom_are_told() -> None:
    given = pile_on(thread="root", thread_author="vic")
    root = event(id="root", type="post", author="vic", target=..., time=START_MS + 2_990_000)
    answers = [
        event(
            id=f"y{at}", author=f"far{at}", target=["vic", f"far{at - 1}"], parent=f"x{at - 1}", thread="root",
            thread_author="vic", time=START_MS + 3_001_000 + 4_000 * at, text="zip",
        )
        for at in range(5, 40)
    ]  # fmt: skip
    pack = only(told(as_lines([*given, root, *answers])), "vic")
    parents = {one["event"]: one.get("parent") for _, one in pack.interactions}
    assert all(parents[f"y{at}"] == f"x{at - 1}" for at in range(5, 40))
    ties = {(one, other) for part in pack.evidence for one, other, _ in part["ties"]}
    assert {(f"far{at}", f"far{at - 1}") for at in range(6, 39)} <= ties


def test_of_a_crowd_that_comes_over_days_only_a_sample_is_known_and_that_is_said() -> None:
    pack = only(platform(), "vic")
    assert {part["sample"] for part in pack.evidence} == {True}
    assert any("text_hash" not in one for _, one in pack.interactions)
    assert all(one["home"] == "afar" for _, one in pack.interactions)
    assert check(as_json(pack), "").holds


def test_no_part_is_larger_than_a_message_may_be() -> None:
    long = [{**one, "text": f"{at} " + "\U0001f30a" * 4_900} for at, one in enumerate(pile_on(1_600))]
    revisions, chunks = told(as_lines(long))
    assert max(len(one.body) for one in chunks) <= LARGEST
    assert max(len([c for c in chunks if (c.alert, c.revision) == (r.id, r.revision)]) for r in revisions) > 1
    pack = only((revisions, chunks), "vic")
    assert check(as_json(pack), "").holds
    assert max(len(one["text"].encode()) for _, one in pack.interactions) <= evidence.TEXT_BYTES


def test_a_long_episode_is_told_as_a_sample_in_which_everybody_has_his_first() -> None:
    chance = random.Random(5)
    talk = [
        event(
            id=f"z{at}", author=f"far{chance.randrange(40 + at // 60)}", target="vic", text=f"said {at}",
            time=START_MS + 3_300_000 + 250 * at, author_home="far",
        )
        for at in range(12_000)
    ]  # fmt: skip
    found = told(as_lines([*pile_on(), *talk, *quiet(4)]))
    pack = only(found, "vic")
    kept = [one for _, one in pack.interactions]
    total, people = pack.newest["interactions"]["total"], pack.newest["participants"]["total"]
    assert len(kept) + pack.omitted == total > 10_000
    assert evidence.WHOLE < len(kept) <= evidence.WHOLE + evidence.SAMPLED + people
    assert len(kept) < 0.7 * total
    assert len({one["account"] for one in kept}) == people
    assert sum(one["interactions"] for one in pack.accounts) == total
    report = check(as_json(pack), "")
    assert report.holds, report.problems
    assert report.omitted == pack.omitted > 0


def detect(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["detect", *map(str, arguments)])
    return done.exit_code, done.stderr


def test_detect_writes_it_one_part_a_line(tmp_path: Path) -> None:
    given = tmp_path / "events"
    given.write_bytes(b"\n".join(short()))
    for count in (1, 2):
        out = tmp_path / f"{count}"
        assert detect(given, "--alerts", tmp_path / "a", "--evidence", out, "--processes", count)[0] == 0
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    assert (tmp_path / "1").read_bytes().splitlines() == [one.body for one in told([*short()])[1]]


def test_detect_wants_a_place_for_each_of_its_results(tmp_path: Path) -> None:
    given = tmp_path / "events"
    given.touch()
    status, said = detect(given, "--alerts", tmp_path / "a", "--evidence", tmp_path / "a")
    assert status == 2
    assert "name one for each" in said
    assert detect(given, "--alerts", tmp_path / "a", "--evidence", given)[0] == 2


def test_a_crowd_that_comes_again_is_told_on() -> None:
    found = [*pile_on(), *crowd("again", "vic", 20_000, 5, 60)]
    pack = only(told(as_lines(found)), "vic")
    assert check(as_json(pack), "").holds
    starts = [one["start"] for one in pack.minutes]
    assert min(starts) < START_MS + 3_200_000
    assert max(starts) >= START_MS + 20_000_000


def test_a_pack_is_made_of_what_detect_wrote(tmp_path: Path) -> None:
    given, alerts, parts = tmp_path / "events", tmp_path / "alerts", tmp_path / "evidence"
    given.write_bytes(b"\n".join(short()))
    assert detect(given, "--alerts", alerts, "--evidence", parts)[0] == 0

    def run(*arguments: object) -> int:
        return CliRunner().invoke(app, [str(one) for one in arguments]).exit_code

    for alert, pack in packs(told([*short()])).items():
        out = tmp_path / f"{alert}.json"
        assert run("pack", alert, alerts, parts, "--out", out) == 0
        assert out.read_bytes() == as_json(pack)
        assert run("verify", out) == 0
        assert run("pack", alert, alerts, parts, "--out", tmp_path / "x.csv") == 0
        assert run("pack", alert, alerts, parts, "--out", tmp_path / "x.html") == 0
        assert run("pack", alert, alerts, parts, "--out", tmp_path / "x.pdf") == 2
        assert run("pack", alert, given, parts, "--out", out) == 1
    assert run("pack", "nobody", alerts, parts, "--out", tmp_path / "x.csv") == 1
