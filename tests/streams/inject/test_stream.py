"""An injected stream and its truth."""

import json
import lzma
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from streams.inject import PRESETS, Ground, Injected, InjectError, inject, read, read_corpus
from streams.inject.corpus import EVALUATION_FOLD, fold_of
from streams.inject.parameters import BOTH
from streams.simulate import simulate, write
from streams.wire import Decoder, EdgeDecoder, Lines
from tests.streams.inject.ground import START_S, ground_of, small_edges

SMALL = {"size": "12", "minutes": "20"}


def bytes_of(stream: Injected) -> bytes:
    return b"\n".join(line for lines in stream.lines() for line in lines.values)


def events_of(stream: Injected) -> list[dict[str, Any]]:
    return [orjson.loads(line) for lines in stream.lines() for line in lines.values]


@pytest.fixture(scope="module")
def rich(ground: Ground) -> Injected:
    pins = {**SMALL, "text": "en", "ages": "on", "homes": "on", "threads": "on", "reactions": "on", "defenders": "0.4"}
    return inject(ground, 3, "mixed", {**pins, "call": "on", "targets": "1"}, 4)


def test_a_seed_gives_the_same_bytes_and_another_one_others(ground: Ground) -> None:
    first, again, other = (inject(ground, seed, "mixed", SMALL, 3) for seed in (7, 7, 8))

    assert bytes_of(first) == bytes_of(again)
    assert first.truth == again.truth
    assert bytes_of(first) != bytes_of(other)


def test_the_stream_is_in_the_order_of_time_and_every_event_fits(rich: Injected) -> None:
    times = [event["time"] for event in events_of(rich)]
    decoder = Decoder()

    assert times == sorted(times)
    for lines in rich.lines():
        decoded = decoder.decode(lines)
        assert not decoded.refusals
        assert not decoded.mended_events


def test_ids_are_all_different(rich: Injected) -> None:
    ids = [event["id"] for event in events_of(rich)]

    assert len(ids) == len(set(ids))


def test_the_truth_agrees_with_the_events(rich: Injected) -> None:
    events = events_of(rich)
    for campaign in rich.truth["campaigns"]:
        target = campaign["target"]["id"]
        members = set(campaign["attackers"])
        said = [e for e in events if e["author"] in members and e.get("thread") in campaign["threads"]]
        if campaign["pile_on"]:
            assert {event["author"] for event in said} == members
            assert min(event["time"] for event in said) == campaign["started_at"]
            answered = {e["author"] for e in events if e.get("target") in members and e["author"] != target}
            assert set(campaign["defenders"]) <= answered
            assert not members & set(campaign["defenders"])
        else:
            assert not members
            assert campaign["instigator"] is None
        shared = {event["author"] for event in events if event["type"] == "share" and event["target"] == target}
        assert set(campaign["sharers"]) <= shared


def test_who_sets_it_off_points_at_the_target_before_the_first_comes(rich: Injected) -> None:
    events = events_of(rich)
    for campaign in rich.truth["campaigns"]:
        named = {campaign["target"]["id"], *campaign["threads"]}
        pointed = [
            event
            for event in events
            if event["author"] == campaign["caller"]
            and (named & set(event.get("links", ())) or event.get("target") in named)
        ]
        assert pointed
        assert min(event["time"] for event in pointed) <= campaign["started_at"]


def test_a_pair_has_everything_in_common_but_the_phenomenon(ground: Ground) -> None:
    stream = inject(ground, 5, "mixed", {"minutes": "30", "targets": "1"}, 4)
    pairs: dict[str, list[dict[str, Any]]] = {}
    for campaign in stream.truth["campaigns"]:
        pairs.setdefault(campaign["pair"], []).append(campaign)

    assert len(pairs) == 4
    for one, other in pairs.values():
        assert {one["pile_on"], other["pile_on"]} == {True, False}
        assert one["participants"] == other["participants"]
        for name in BOTH:
            assert one["parameters"][name] == other["parameters"][name]


def test_no_two_campaigns_have_one_target(ground: Ground) -> None:
    targets = [c["target"]["id"] for c in inject(ground, 2, "mixed", SMALL, 8).truth["campaigns"]]

    assert len(targets) == len(set(targets))


def test_attacks_and_surges_have_the_same_share_of_accounts_never_seen_before(ground: Ground) -> None:
    known = set(ground.background.names)
    stream = inject(ground, 4, "hard-20", {"targets": "1", "size": "20"}, 3)
    fresh: dict[bool, Counter[bool]] = {True: Counter(), False: Counter()}
    for campaign in stream.campaigns:
        authors = {e["author"] for e in campaign.events if e["type"] in ("mention", "reply")}
        for author in authors:
            fresh[campaign.truth["pile_on"]][author in known] += 1

    assert fresh[True][False] == fresh[False][False] == 30


def test_several_targets_are_attacked_by_one_crew(ground: Ground) -> None:
    stream = inject(ground, 1, "mixed", {**SMALL, "targets": "3", "minutes": "5"}, 2)
    crews: dict[str, list[list[str]]] = {}
    for campaign in stream.truth["campaigns"]:
        if campaign["pile_on"]:
            crews.setdefault(campaign["pair"], []).append(campaign["attackers"])

    assert max(len(crew) for crew in crews.values()) > 1
    for crew in crews.values():
        assert all(one == crew[0] for one in crew)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_can_be_injected(ground: Ground, preset: str) -> None:
    settings = {"minutes": "600"} if preset == "slow" else {}
    stream = inject(ground, 1, preset, {"size": "15", **settings}, 2)

    assert {campaign["pile_on"] for campaign in stream.truth["campaigns"]} == {True, False}
    assert all(campaign["preset"] == preset for campaign in stream.truth["campaigns"])


def test_fields_are_told_as_the_world_says(ground: Ground) -> None:
    bare = {"text": "none", "ages": "off", "homes": "off", "threads": "off", "reactions": "off"}
    fields = set().union(*events_of(inject(ground, 1, "mixed", {**SMALL, **bare}, 2)))

    assert fields == {"id", "type", "time", "author", "target", "links"}


def test_a_background_of_events_keeps_who_did_what_when(tmp_path: Path) -> None:
    write(simulate(5, 0.5, ["viral_joy"], pace=0.3), tmp_path)
    lines = (tmp_path / "events.ndjson").read_bytes().splitlines()
    background = read([Lines.numbered(lines, "simulated")], Decoder(), sort=True)
    ground = Ground(background, read_corpus([]))

    stream = inject(ground, 1, "mixed", {"size": "12", "minutes": "3", "threads": "on", "homes": "on"}, 2)
    told = Counter((e["type"], e["time"], e["author"]) for e in events_of(stream))
    given = Counter((e["type"], e["time"], e["author"]) for e in map(json.loads, lines))

    assert not given - told
    assert any("thread" in event for event in events_of(stream))
    flags = Counter(str(e["author_flags"]) for e in map(json.loads, lines) if "author_flags" in e)
    assert flags == Counter(str(e["author_flags"]) for e in events_of(stream) if "author_flags" in e)


def test_only_rows_kept_for_evaluation_come_from_hostility_sets(tmp_path: Path) -> None:
    words = [f"row {number} of the set" for number in range(400)]
    english, chinese = tmp_path / "a.csv", tmp_path / "b.csv.xz"
    english.write_text("class,text\n" + "".join(f"{n % 3},{text}\n" for n, text in enumerate(words)))
    with lzma.open(chinese, "wt", encoding="utf-8") as file:
        file.write("\ufeff,split,topic,label,TEXT\n")
        file.writelines(f"{n},x,y,{n % 2},{text} zh\n" for n, text in enumerate(words))
    corpus = read_corpus([english, chinese])
    taken = [text for side in (corpus.ordinary, corpus.hostile) for texts in side.values() for text in texts]

    assert 100 < len(taken) < 230
    assert {fold_of(text) for text in taken} == {EVALUATION_FOLD}
    assert set(corpus.hostile["en"]) == {t for n, t in enumerate(words) if n % 3 < 2 and fold_of(t) == EVALUATION_FOLD}

    stream = inject(ground_of(small_edges(), corpus), 1, "hard-20-text", {"size": "12", "alike": "0"}, 2)
    said = {event["text"] for event in events_of(stream) if "text" in event}
    assert said <= set(corpus.ordinary["en"]) | set(corpus.hostile["en"])


def test_a_made_up_text_is_hostile_only_by_its_marker(ground: Ground) -> None:
    stream = inject(ground, 1, "hard-20-text", {"size": "20", "abusive": "1", "alike": "0", "ordinary_hostile": "0"}, 2)
    for campaign in stream.campaigns:
        marked = [
            "zorgle" in e["text"] or "vexnog" in e["text"]
            for e in campaign.events
            if "text" in e and e["type"] != "post"
        ]
        assert campaign.truth["pile_on"] or not any(marked)


def test_a_parameter_can_be_kept_to_a_part_of_its_range(ground: Ground) -> None:
    pins = {"size": "11..13", "shape": "waves|burst", "minutes": "5..20", "targets": "1"}
    drawn = [c["parameters"] for c in inject(ground, 1, "mixed", pins, 12).truth["campaigns"]]

    assert {one["size"] for one in drawn} == {11, 12, 13}
    assert {one["shape"] for one in drawn} == {"waves", "burst"}
    assert all(5 <= one["minutes"] <= 20 for one in drawn)
    with pytest.raises(InjectError, match="from the lower to the higher"):
        inject(ground, 1, "mixed", {"size": "40..20"})


def test_what_cannot_be_injected_is_said(ground: Ground) -> None:
    with pytest.raises(InjectError, match="no preset 'soft'; there are hard-50"):
        inject(ground, 1, "soft")
    with pytest.raises(InjectError, match="no parameter 'colour'; there are text"):
        inject(ground, 1, "mixed", {"colour": "red"})
    with pytest.raises(InjectError, match="size must be a number from 10 to 3000, not '5'"):
        inject(ground, 1, "mixed", {"size": "5"})
    with pytest.raises(InjectError, match="shape must be one of steady"):
        inject(ground, 1, "mixed", {"shape": "square"})
    with pytest.raises(InjectError, match="too short for a campaign"):
        inject(ground_of(small_edges(days=1)), 1, "slow")


def test_a_background_that_cannot_be_used_is_said() -> None:
    few = [b"1 2 %d" % (START_S + number) for number in range(20)]
    with pytest.raises(InjectError, match="20 events"):
        read([Lines.numbered(few)], EdgeDecoder(), sort=False)
    with pytest.raises(InjectError, match="Give --sort"):
        read([Lines.numbered(small_edges()[::-1])], EdgeDecoder(), sort=False)
    assert len(read([Lines.numbered(small_edges()[::-1])], EdgeDecoder(), sort=True)) == 5_000


def test_a_corpus_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InjectError, match="cannot be read"):
        read_corpus([tmp_path / "absent.csv"])
