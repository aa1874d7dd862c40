"""An evidence pack: whoever has it can check it, and nothing in it can be changed unnoticed."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from alerts.evidence import TEXT_BYTES
from alerts.pack import Pack, PackError, as_csv, as_json, as_page, check, make, read
from streams.cli import app
from tests.alerts.packed import SALT, Case, case, loaded, resealed


def test_a_pack_holds() -> None:
    report = check(as_json(case().pack), SALT)
    assert report.holds, report.problems
    assert report.revisions > 3
    assert report.interactions == report.texts + 2 > 100
    assert (report.agreeing, report.erased) == (report.texts, 2)
    assert report.digest == case().pack.newest["evidence"]["digest"]
    assert check(as_json(case().pack), SALT, report.digest).holds


def test_however_its_json_is_laid_out() -> None:
    assert check(json.dumps(loaded(), indent=2, sort_keys=True).encode(), SALT).holds


def test_it_is_made_of_what_comes_in_any_order_and_twice() -> None:
    found = case()
    assert make([*found.bodies[::-1], found.bodies[0]], [*found.chunks[::-1], found.chunks[1]]) == found.pack


@pytest.mark.parametrize("write", [as_json, as_csv, as_page])
def test_a_part_that_leaves_out_what_it_has_nothing_to_say_of_is_one(write: Callable[[Pack], bytes]) -> None:
    found = case()
    bare = {name: json.loads(found.chunks[0])[name] for name in ("schema", "alert", "revision", "part", "digest")}
    whole = json.loads(found.chunks[1]) | {"erased": None, "minutes": None}
    assert write(make(found.bodies, [json.dumps(bare).encode(), json.dumps(whole).encode()]))


def test_it_is_of_one_alert() -> None:
    other = Case()
    other.episode.id = "other"
    with pytest.raises(PackError, match="of one alert"):
        make(case().bodies, [line.replace(b'"alert":"', b'"alert":"x') for line in case().chunks])
    with pytest.raises(PackError, match="no revision"):
        make([], case().chunks)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path


def put(pack: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> None:
    for key in path[:-1]:
        pack = pack[key]
    pack[path[-1]] = change(pack[path[-1]])


def changed(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else value + "x"


def problems(data: bytes, salt: str = SALT) -> list[str]:
    """What is wrong with a pack; that it is none at all is a problem too."""
    try:
        return check(data, salt).problems
    except PackError as error:
        return [str(error)]


@settings(max_examples=150)
@given(st.data())
def test_any_change_is_found(data: st.DataObject) -> None:
    pack = loaded()
    put(pack, data.draw(st.sampled_from([*leaves(pack)])), changed)
    assert problems(json.dumps(pack).encode())


COVERED = ("event", "time", "account", "text_hash", "text")


@settings(max_examples=150)
@given(st.data())
def test_a_changed_interaction_is_found_though_the_pack_is_sealed_anew(data: st.DataObject) -> None:
    pack = loaded()
    part = data.draw(st.sampled_from([one for one in pack["evidence"] if one["interactions"]]))
    rows, revision = part["interactions"], part["revision"]
    at = data.draw(st.integers(0, len(rows) - 1))
    names = [name for name in COVERED if rows[at].get(name) is not None]
    how = data.draw(st.sampled_from([*names, "missing", "twice", "order", "empty"]))
    if how == "missing":
        del rows[at]
    elif how == "twice":
        rows.insert(at, rows[at])
    elif how == "order":
        other = data.draw(st.integers(0, len(rows) - 1).filter(lambda one: one != at))
        rows[at], rows[other] = rows[other], rows[at]
    elif how == "empty":
        rows.clear()
    else:
        rows[at][how] = changed(rows[at][how])
    (found, *_) = problems(resealed(pack))
    assert f"Revision {revision}" in found or f"revision {revision}" in found


@pytest.mark.parametrize(
    ("where", "named"),
    [
        (lambda pack: pack["revisions"].pop(2), "Revision 3 is missing"),
        (lambda pack: pack["revisions"].pop(0), "Revision 1 is missing"),
        (lambda pack: pack["evidence"].pop(1), "Part 1 of the evidence is missing"),
        (lambda pack: pack["evidence"].reverse(), "Part 0 of the evidence"),
        (lambda pack: pack["revisions"].reverse(), "Revision 1 is missing or out of its place"),
        (lambda pack: pack["evidence"][1]["omitted"].update(interactions=3), "Revision 2 does not hold"),
        (lambda pack: pack["evidence"][2]["omitted"].update(digest="00"), "Revision 3 does not hold"),
        (lambda pack: pack["revisions"][1]["evidence"].update(digest="00"), "Revision 2 does not hold"),
        (lambda pack: pack["revisions"][1]["evidence"].update(previous_digest="00"), "Revision 2 does not hold"),
        (lambda pack: pack["revisions"][1]["interactions"].update(total=3), "Revision 2 counts 3"),
        (lambda pack: pack["revisions"][1]["evidence"]["events"].append("zip"), "Revision 2 names an event"),
        (lambda pack: pack["evidence"][2].update(revision=2), "Revision 2 does not hold"),
        (lambda pack: pack["revisions"][1].update(id="zip"), "Revision 2 is of another alert"),
        (lambda pack: pack["evidence"][1].update(alert="zip"), "Part 1 of the evidence is of another alert"),
        (lambda pack: pack["evidence"][1]["interactions"][0].update(text="zip"), "Revision 2: the text of event"),
        (lambda pack: pack["evidence"][1]["interactions"][0].update(community="zip"), "own digest"),
    ],
)
def test_what_does_not_hold_is_named(where: Callable[[Any], Any], named: str) -> None:
    pack = loaded()
    where(pack)
    assert named in problems(json.dumps(pack).encode() if named == "own digest" else resealed(pack))[0]


def test_a_pack_cut_short_is_found_by_who_knows_the_newest_digest() -> None:
    newest = loaded()["revisions"][-1]["evidence"]["digest"]
    pack = loaded()
    gone = pack["revisions"].pop()["revision"]
    pack["evidence"] = [one for one in pack["evidence"] if one["revision"] != gone]
    assert check(resealed(pack), SALT).holds
    assert newest in check(resealed(pack), SALT, newest).problems[0]


def test_what_stands_behind_the_part_of_a_text_that_is_evidence_is_found() -> None:
    found = Case(lambda at: "zip " * 2_000)
    pack = json.loads(as_json(found.pack))
    texts = [one["text"] for part in pack["evidence"] for one in part["interactions"]]
    assert {len(text.encode()) for text in texts} == {TEXT_BYTES}
    assert check(as_json(found.pack), SALT).holds
    pack["evidence"][0]["interactions"][0]["text"] += "and more"
    assert "Revision 1: the text" in check(resealed(pack), SALT).problems[0]


def test_without_the_secret_the_hashes_are_checked_and_that_is_said() -> None:
    report = check(as_json(case().pack), "")
    assert report.holds
    assert report.agreeing == 0 < report.texts
    assert "BREAKWATER_EVIDENCE_SALT" in check(as_json(case().pack), "salt").problems[0]


def test_texts_that_were_taken_back_are_not_in_it() -> None:
    rows = {one["event"]: one for _, one in case().pack.interactions}
    assert (rows["e3-0"]["text"], rows["e50-0"]["text"]) == (None, None)
    assert b"said 50" not in as_json(case().pack) + as_csv(case().pack) + as_page(case().pack)
    assert b"said 51" in as_csv(case().pack)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["schema", "alert", "revisions", "evidence", "digest", "case"]), inner)))  # fmt: skip
def test_what_is_no_pack_is_refused_with_a_sentence(value: Any) -> None:
    if isinstance(value, dict):
        value["schema"] = "breakwater.pack/1"
    with pytest.raises(PackError, match="no evidence pack"):
        check(json.dumps(value).encode(), SALT)


@settings(max_examples=100)
@given(st.data())
def test_a_pack_in_which_anything_is_of_another_kind_is_refused_or_does_not_hold(data: st.DataObject) -> None:
    pack = loaded()
    path = data.draw(st.sampled_from([*leaves(pack)]))
    cut = data.draw(st.integers(1, len(path)))
    put(pack, path[:cut], lambda _: data.draw(st.sampled_from([None, [], {}, 7, "zip", [1], {"x": 1}, -1, 10**30])))
    line = json.dumps(pack).encode()
    problems(line)
    try:
        found = read(line)
    except PackError:
        return
    assert as_csv(found)
    assert as_page(found)


def verify(path: Path, *arguments: str, salt: str = SALT) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["verify", str(path), *arguments], env={"BREAKWATER_EVIDENCE_SALT": salt})
    return done.exit_code, done.output


def test_the_command_says_what_holds(tmp_path: Path) -> None:
    path = tmp_path / "pack.json"
    path.write_bytes(as_json(case().pack))
    status, said = verify(path)
    assert status == 0
    assert "The pack holds" in said
    assert case().pack.newest["evidence"]["digest"] in said
    assert "not checked" in verify(path, salt="")[1]
    status, said = verify(path, "--json")
    assert (status, json.loads(said)["holds"]) == (0, True)
    assert verify(path, "--digest", "00")[0] == 1


def test_the_command_says_which_revision_does_not(tmp_path: Path) -> None:
    path = tmp_path / "pack.json"
    pack = loaded()
    pack["evidence"][2]["interactions"][0]["account"] = "zip"
    path.write_bytes(json.dumps(pack).encode())
    status, said = verify(path)
    assert status == 1
    assert "Revision 3 does not hold" in said
    status, said = verify(path, "--json")
    assert (status, json.loads(said.splitlines()[-1])["holds"]) == (1, False)
    path.write_bytes(b"{")
    status, said = verify(path)
    assert status == 1
    assert "no evidence pack" in said
    status, said = verify(tmp_path / "none")
    assert status == 1
    assert "No such file" in said
