"""SNAP's temporal edges as events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.events import EventType
from streams.wire import Decoded, EdgeDecoder, Lines, Origin


def decode(*lines: bytes) -> Decoded:
    return EdgeDecoder().decode(Lines.numbered(list(lines), "edges"))


def test_the_word_at_the_end_says_what_was_done() -> None:
    decoded = decode(
        b"1 2 1341100972 RT", b"1\t3 1341100973 MT", b"4 4 1341100974 RE", b"# a comment", b"1 5 1341100975"
    )
    batch = decoded.batch
    assert batch["type"].tolist() == [EventType.SHARE, EventType.MENTION, EventType.REPLY, EventType.REPLY]
    assert batch.strings("author") == ["1", "1", "4", "1"]
    assert batch.strings("target") == ["2", "3", "4", "5"]
    assert batch["time"].tolist() == [1341100972000, 1341100973000, 1341100974000, 1341100975000]
    assert batch["views"].tolist() == batch["created"].tolist() == [-1] * 4
    assert batch["text"].tolist() == [None] * 4
    assert decoded.events == 4
    assert decoded.origin_of(3) == Origin("edges", 5)


@pytest.mark.parametrize(
    ("code", "broken"),
    [
        ("bad_edge", b"1 2"),
        ("bad_edge", b"1 2 soon"),
        ("bad_edge", b"1 2 -5"),
        ("bad_edge", b"1 2 1341100972 XX"),
        ("bad_edge", b"1 2 1341100972 RT more"),
        ("bad_edge", b"\xff 2 1341100972"),
        ("empty_line", b""),
        ("bad_identifier", b"x" * 513 + b" 2 1341100972"),
        ("time_out_of_range", b"1 2 7"),
        ("time_out_of_range", b"1 2 " + b"9" * 5_000),
    ],
)
def test_what_is_no_edge_is_refused_and_its_neighbours_are_taken(code: str, broken: bytes) -> None:
    decoded = decode(b"1 2 1341100972", broken, b"3 4 1341100972")
    assert [(r.code, r.origin, r.raw) for r in decoded.refusals] == [(code, Origin("edges", 2), broken)]
    assert decoded.batch.strings("author") == ["1", "3"]
    assert decoded.events == 3


LINES = st.sampled_from(
    [b"1 2 1341100972", b"1 2 1341100972 RT", b"2 1 1341100973 MT", b"# c", b"bad", b"\0 \0 1341100972"]
)


@given(st.lists(LINES, max_size=30), st.integers(0, 30))
def test_ids_follow_from_the_lines_and_not_from_how_they_are_cut(lines: list[bytes], cut: int) -> None:
    whole = decode(*lines)
    decoder = EdgeDecoder()
    parts = [decoder.decode(Lines.numbered(part)) for part in (lines[:cut], lines[cut:])]
    ids = whole.batch["id"].tolist()
    assert ids == [one for part in parts for one in part.batch["id"].tolist()]
    assert len(set(ids)) == len(ids)


def test_equal_lines_are_told_apart_and_other_lines_do_not_matter() -> None:
    first = decode(b"1 2 1341100972", b"1 2 1341100972").batch["id"].tolist()
    mixed = decode(b"1 2 1341100972", b"9 9 1341100972", b"1 2 1341100972").batch["id"].tolist()
    assert first == [mixed[0], mixed[2]]
