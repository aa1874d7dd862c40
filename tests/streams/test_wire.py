"""Event v1 on the wire: what is taken, what is mended, what is refused and why."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.columns import Batch
from graph.events import EVENT_SCHEMA, EventType, Flag, TargetFlag
from streams.wire import (
    REASONS,
    Decoded,
    Decoder,
    Lines,
    Origin,
    Refusal,
    encode_refusal,
    event_json_schema,
    from_messages,
    mend_sentence,
)
from streams.wire.columns import Pool, build
from streams.wire.mend import mend
from streams.wire.reject import RefusedError
from streams.wire.schema import FIELDS, Event
from streams.wire.times import parse_times

GOOD: dict[str, Any] = {"id": "e1", "type": "reply", "time": 1_709_510_400_000, "author": "ann", "target": "bob"}


def event(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in {**GOOD, **fields}.items() if value is not ...}


def line(**fields: Any) -> bytes:
    return json.dumps(event(**fields)).encode()


def decode(*lines: bytes, **options: Any) -> Decoded:
    return Decoder(**options).decode(Lines.numbered(list(lines), "file"))


def rows(batch: Batch) -> list[dict[str, Any]]:
    columns = {
        name: batch.strings(name) if kind == "code" else batch[name].tolist() for name, kind in EVENT_SCHEMA.items()
    }
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def one(**fields: Any) -> dict[str, Any]:
    decoded = decode(line(**fields))
    assert not decoded.refusals
    (row,) = rows(decoded.batch)
    return row


BROKEN = [
    ("empty_line", b""),
    ("empty_line", b" \t"),
    ("bad_json", b"{"),
    ("bad_json", b"hello"),
    ("bad_json", line(views=float("nan"))),
    ("bad_json", line(views=float("inf"))),
    ("bad_json", line(unknown=float("nan"))),
    ("bad_json", line() + b" {}"),
    ("bad_json", line() + b"\0"),
    ("bad_json", line()[:-1] + b",}"),
    ("bad_json", line(text="\xe9").replace(b"\\u00e9", b"\xe9")),
    ("bad_json", line(unknown="\xe9").replace(b"\\u00e9", b"\xe9")),
    ("bad_json", b"[" + line()),
    ("too_deep", b"[" * 100_000),
    ("too_deep", line(unknown=0).replace(b": 0}", b": " + b"[" * 64 + b"]" * 64 + b"}")),
    ("too_deep", line(unknown=0).replace(b": 0}", b": " + b"[" * 5_000 + b"]" * 5_000 + b"}")),
    ("not_an_object", b"1"),
    ("not_an_object", b"null"),
    ("not_an_object", b'"text"'),
    ("duplicate_key", b'{"id": "e0", ' + line()[1:]),
    ("duplicate_key", b'{"id":"e0",' + line()[1:]),
    ("duplicate_key", b'{"id"\t:"e0",' + line()[1:]),
    ("duplicate_key", b'{"\\u0069d":"e0",' + line()[1:]),
    ("duplicate_key", b'{"x": 1, "x": 2,' + line()[1:]),
    ("duplicate_key", b'{"x": {"a": 1}, "x" : 2,' + line()[1:]),
    ("missing_field", line(id=...)),
    ("missing_field", line(id=None)),
    ("missing_field", line(type=...)),
    ("missing_field", line(time=...)),
    ("missing_field", line(author=...)),
    ("missing_field", line(type="delete")),
    ("missing_field", b"{}"),
    ("wrong_type", line(id=5)),
    ("wrong_type", line(type=["reply"])),
    ("wrong_type", line(time=True)),
    ("wrong_type", line(time=1_709_510_400_000.0)),
    ("wrong_type", line(time=[])),
    ("wrong_type", line(author={"id": "ann"})),
    ("wrong_type", line(target=5)),
    ("wrong_type", line(target=["bob", 5])),
    ("wrong_type", line(type="report", target={})),
    ("wrong_type", line(type="delete", parent=5)),
    ("unknown_type", line(type="like")),
    ("unknown_type", line(type="Reply")),
    ("bad_identifier", line(id="")),
    ("bad_identifier", line(author="x" * 513)),
    ("bad_identifier", line(author="\u20ac" * 171)),
    ("bad_identifier", line(target="")),
    ("bad_identifier", line(target=["bob", "x" * 513])),
    ("bad_identifier", line(type="delete", parent="")),
    ("bad_time", line(time="1709510400000")),
    ("bad_time", line(time="2024-03-04T00:00:00")),
    ("bad_time", line(time="2024-02-30T00:00:00Z")),
    ("bad_time", line(time="2024-03-04")),
    ("bad_time", line(time="yesterday")),
    ("bad_time", line(time="\ud800")),
    ("time_out_of_range", line(time=0)),
    ("time_out_of_range", line(time=1_709_510_400)),
    ("time_out_of_range", line(time=-5)),
    ("time_out_of_range", line(time=10**30)),
    ("time_out_of_range", line(time="1970-01-01T00:00:00Z")),
    ("time_out_of_range", line(time="2190-01-01T00:00:00Z")),
    ("time_out_of_range", line().replace(b"1709510400000", b"1" * 5_000)),
    ("missing_target", line(target=...)),
    ("missing_target", line(target=None)),
    ("missing_target", line(target=[])),
    ("missing_target", line(type="report", target=...)),
    ("too_many_targets", line(target=[f"t{i}" for i in range(17)])),
    ("too_large", b" " * (16 << 20) + line()),
]


@pytest.mark.parametrize(("code", "broken"), BROKEN, ids=[f"{i}-{code}" for i, (code, _) in enumerate(BROKEN)])
def test_a_broken_event_is_refused_once_and_its_neighbours_are_taken(code: str, broken: bytes) -> None:
    decoded = decode(line(id="before"), broken, line(id="after"))
    assert [refusal.code for refusal in decoded.refusals] == [code]
    assert decoded.refusals[0].origin == Origin("file", 2)
    assert decoded.refusals[0].raw == broken
    assert [row["id"] for row in rows(decoded.batch)] == ["before", "after"]
    assert decoded.events == 3
    assert decoded.origin_of(1) == Origin("file", 3)
    assert decoded.raw_of(1) == line(id="after")


def test_every_reason_has_a_sentence_and_the_rejected_line_says_it_all() -> None:
    assert {code for code, _ in BROKEN} == set(REASONS) - {"future", "bad_edge", "after_end"}
    refusal = Refusal("bad_json", REASONS["bad_json"], Origin("a.ndjson", 7, 2), b'{"x')
    assert orjson.loads(encode_refusal(refusal)) == {
        "schema": "breakwater.rejected/1",
        "code": "bad_json",
        "message": REASONS["bad_json"],
        "origin": {"source": "a.ndjson", "line": 7, "element": 2},
        "raw": '{"x',
    }
    binary = orjson.loads(encode_refusal(refusal._replace(raw=b"\xff", origin=Origin("-", 1))))
    assert binary["raw_base64"] == "/w=="
    assert "raw" not in binary
    assert binary["origin"]["element"] is None


def test_elements_of_an_array_are_taken_or_refused_one_by_one() -> None:
    for broken, code in [(b'{"id": 1}', "wrong_type"), (b'{"id": NaN}', "bad_json"), (b"7", "not_an_object")]:
        array = b"[" + line(id="a") + b", " + broken + b" ," + line(id="b") + b"]"
        decoded = decode(array, line(id="c"))
        assert [(r.code, r.origin, r.raw) for r in decoded.refusals] == [(code, Origin("file", 1, 1), broken)]
        assert [row["id"] for row in rows(decoded.batch)] == ["a", "b", "c"]
        assert [decoded.origin_of(row) for row in range(3)] == [
            Origin("file", 1, 0),
            Origin("file", 1, 2),
            Origin("file", 2),
        ]
        assert decoded.raw_of(1) == line(id="b")
        assert decoded.events == 4


def test_arrays_are_as_strict_as_lines() -> None:
    twice = b'{"id":"x",' + line(id="y")[1:]
    nested = b"[" + line() + b"]"
    decoded = decode(b"[" + b",".join([line(id="a"), twice, line(id="b", target=...), nested, line(id="c")]) + b"]")
    assert [refusal.code for refusal in decoded.refusals] == ["duplicate_key", "missing_target", "not_an_object"]
    assert [row["id"] for row in rows(decoded.batch)] == ["a", "c"]
    assert decode(b"[]").events == 0


def test_a_message_may_be_an_object_pretty_printed_or_an_array_or_lines() -> None:
    pretty = json.dumps(event(id="p"), indent=2).encode()
    messages = [line(id="a"), pretty, line(id="b") + b"\n\n" + line(id="c") + b"\r\n", None]
    decoded = Decoder().decode(from_messages(messages, "comments/0", [10, 11, 12, 13]))
    assert [row["id"] for row in rows(decoded.batch)] == ["a", "p", "b", "c"]
    assert [(r.code, r.origin) for r in decoded.refusals] == [
        ("empty_line", Origin("comments/0", 12, 1)),
        ("empty_line", Origin("comments/0", 13)),
    ]


def test_an_event_becomes_the_columns_it_should() -> None:
    row = one(
        type="share",
        time="2024-03-04T01:00:00.123456+01:00",
        thread="t1",
        thread_author="cem",
        parent="p1",
        community="c1",
        author_home="c2",
        lang="en",
        value="like",
        views=7,
        author_followers=8,
        target_followers=9,
        author_created_at="2020-01-01T00:00:00Z",
        text="said",
        links=["t9", "t8"],
        author_flags=["bot", "moderator"],
        target_flags=["minor", "organisation"],
        visibility="limited",
    )
    assert row == {
        "time": 1_709_510_400_123,
        "tick": 0,
        "part": 0,
        "type": EventType.SHARE,
        "flags": Flag.BOT | Flag.MODERATOR | Flag.LIMITED,
        "target_flags": TargetFlag.MINOR | TargetFlag.ORGANISATION,
        "author": "ann",
        "target": "bob",
        "thread": "t1",
        "thread_author": "cem",
        "parent": "p1",
        "community": "c1",
        "home": "c2",
        "lang": "en",
        "value": "like",
        "views": 7,
        "created": 1_577_836_800_000,
        "followers": 8,
        "target_followers": 9,
        "id": "e1",
        "text": "said",
        "links": ("t9", "t8"),
    }


def test_null_and_unknown_fields_change_nothing() -> None:
    optional = {field.name: None for field in FIELDS if not field.required and field.name != "target"}
    decoded = decode(line(), line(**optional), line(unknown={"id": [1, {"a": 'b":'}]}))
    plain, null, unknown = rows(decoded.batch)
    assert plain == null == unknown
    assert plain["text"] is plain["links"] is plain["thread"] is None
    assert plain["views"] == plain["created"] == -1
    assert decoded.mended_events == 0


def test_several_targets_are_several_rows_and_one_event() -> None:
    decoded = decode(line(id="a", target=["x", "y", "x"]), line(id="b"), line(id="c", type="post", target=...))
    assert [(row["id"], row["target"], row["part"]) for row in rows(decoded.batch)] == [
        ("a", "x", 0),
        ("a", "y", 1),
        ("b", "bob", 0),
        ("c", None, 0),
    ]
    assert decoded.events == decoded.taken == 3
    assert decoded.origin_of(2) == Origin("file", 2)
    assert len(decode(line(target=[f"t{i}" for i in range(16)])).batch) == 16


def test_who_addresses_himself_stays_in_the_batch() -> None:
    assert one(type="mention", author="ann", target="ann")["target"] == "ann"


MENDED = [
    ("text_cut", {"text": "x" * 20_001}, {"text": "x" * 20_000}),
    ("text_cut", {"text": "\u20ac" * 7_000}, {"text": "\u20ac" * 6_666}),
    ("links_cut", {"links": ["l"] * 65}, {"links": ("l",) * 64}),
    ("links_cut", {"links": ["l" * 2_049]}, {"links": ("l" * 2_048,)}),
    ("surrogate", {"text": "a\ud800b"}, {"text": "a\ufffdb"}),
    ("surrogate", {"id": "e\udc00"}, {"id": "e\ufffd"}),
    ("surrogate", {"author": "\ud83d"}, {"author": "\ufffd"}),
    ("surrogate", {"target": ["\ud83d"]}, {"target": "\ufffd"}),
    ("links", {"links": "t1"}, {"links": None}),
    ("links", {"links": ["t1", 5, ""]}, {"links": ("t1",)}),
    ("text", {"text": 5}, {"text": None}),
    ("thread", {"thread": ""}, {"thread": None}),
    ("thread_author", {"thread_author": []}, {"thread_author": None}),
    ("parent", {"parent": 7}, {"parent": None}),
    ("community", {"community": "c" * 513}, {"community": None}),
    ("author_home", {"author_home": True}, {"home": None}),
    ("lang", {"lang": ""}, {"lang": None}),
    ("value", {"value": 1}, {"value": None}),
    ("views", {"views": -1}, {"views": -1}),
    ("views", {"views": 1.5}, {"views": -1}),
    ("views", {"views": 10**40}, {"views": -1}),
    ("author_followers", {"author_followers": "7"}, {"followers": -1}),
    ("target_followers", {"target_followers": True}, {"target_followers": -1}),
    ("author_created_at", {"author_created_at": "2020-01-01"}, {"created": -1}),
    ("author_created_at", {"author_created_at": -7}, {"created": -1}),
    ("author_created_at", {"author_created_at": "1960-01-01T00:00:00Z"}, {"created": -1}),
    ("author_created_at", {"author_created_at": "1969-12-31T23:59:59.999Z"}, {"created": -1}),
    ("author_created_at", {"author_created_at": "1969-12-31T23:59:59.998Z"}, {"created": -1}),
    ("author_flags", {"author_flags": ["bot", "nice"]}, {"flags": Flag.BOT | Flag.MENDED}),
    ("author_flags", {"author_flags": "bot"}, {"flags": Flag.MENDED}),
    ("target_flags", {"target_flags": [1]}, {"target_flags": 0}),
    ("visibility", {"visibility": "friends"}, {"flags": Flag.MENDED}),
    ("target", {"type": "share", "target": 5}, {"target": None}),
    ("target", {"type": "post", "target": ["x", ""]}, {"target": "x"}),
]


@pytest.mark.parametrize(("what", "fields", "column"), MENDED, ids=[f"{i}-{m[0]}" for i, m in enumerate(MENDED)])
def test_what_is_optional_is_mended_and_counted(what: str, fields: dict[str, Any], column: dict[str, Any]) -> None:
    decoded = decode(line(**fields))
    (row,) = rows(decoded.batch)
    assert {name: row[name] for name in column} == column
    assert row["flags"] & Flag.MENDED
    assert decoded.mended == {what: 1}
    assert decoded.mended_events == 1
    assert mend_sentence(what)


def test_raw_surrogate_bytes_are_mended_like_escaped_ones() -> None:
    raw = line(text="a?b", id="e?").replace(b"a?b", b"a\xed\xa0\x80b").replace(b"e?", b"e\xed\xbf\xbf")
    decoded = decode(raw)
    (row,) = rows(decoded.batch)
    assert (row["text"], row["id"]) == ("a\ufffdb", "e\ufffd")
    assert decoded.mended == {"surrogate": 1}
    assert decode(line(text="\U0001f600")).mended_events == 0


def test_what_is_within_the_limits_to_the_byte_is_not_touched() -> None:
    full = line(id="i" * 512, author="\u20ac" * 170, text="x" * 20_000, links=["l" * 2_048] * 64, views=2**53 - 1)
    decoded = decode(full)
    assert not decoded.refusals
    assert not decoded.mended


def test_private_events_are_dropped_and_counted_unless_a_setting_takes_them() -> None:
    lines = [line(id="a"), line(id="b", visibility="private", target=["secret", "other"]), line(id="c")]
    dropped = decode(*lines)
    assert (dropped.events, dropped.private, dropped.taken) == (3, 1, 2)
    assert "secret" not in dropped.batch.pool
    assert dropped.origin_of(1) == Origin("file", 3)
    kept = decode(*lines, take_private=True)
    assert (kept.events, kept.private, len(kept.batch)) == (3, 0, 4)
    assert decode(line(visibility="private")).batch.pool == []


TIMES = st.one_of(
    st.integers(946_684_800_000, 4_102_444_800_000),
    st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()),
    st.sampled_from(
        ["2024-12-31T23:59:60Z", "2024-03-04t01:02:03.5z", "2024-03-04 01:02:03+00:00", "2024-03-04T25:00:00Z"]
    ),
)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=200),
    st.lists(st.one_of(st.text(max_size=5), st.integers()), max_size=20),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from(
        ["\ud800", "x" * 600, "\u20ac" * 300, "bot", "private", ["bot"], ["minor", "staff"], 'a":b', '" :']
    ),
)
NAMES = st.sampled_from(["ann", "bob", "cem", "\u00e9"])
EVENTS = st.fixed_dictionaries(
    {"id": NAMES, "type": st.sampled_from([kind.name.lower() for kind in EventType]), "time": TIMES, "author": NAMES},
    optional={
        "target": st.one_of(NAMES, st.lists(NAMES, max_size=4)),
        "thread": NAMES,
        "parent": NAMES,
        "text": st.text(max_size=20),
        "author_created_at": TIMES,
        "visibility": st.sampled_from(["public", "limited", "private"]),
        "unknown": JUNK,
    },
)
WILD = st.builds(
    lambda good, wild: {**good, **wild},
    EVENTS,
    st.dictionaries(st.sampled_from([field.name for field in FIELDS]), JUNK, max_size=2),
)


@st.composite
def wire_lines(draw: st.DrawFn) -> bytes:
    events = draw(st.lists(WILD, min_size=1, max_size=3))
    colon = draw(st.sampled_from([":", ": ", " : "]))
    texts = [json.dumps(one, ensure_ascii=draw(st.booleans()), separators=(",", colon)) for one in events]
    if draw(st.integers(0, 5)) == 0:
        texts[0] = '{"' + draw(st.sampled_from(["id", "text", "x"])) + '"' + colon + '"a",' + texts[0][1:]
    text = texts[0] if len(texts) == 1 else "[" + ",".join(texts) + "]"
    return text.encode(errors="surrogatepass")


def exactly(raw: bytes) -> tuple[list[dict[str, Any]], str | None]:
    """One event by the slow path alone."""
    try:
        found, _ = mend(raw)
    except RefusedError as reason:
        return [], reason.code
    pool = Pool()
    columns = build([found], pool)
    pool.fill()
    return rows(columns.batch), None


@given(st.lists(WILD, min_size=1, max_size=20))
def test_the_fast_path_says_what_the_slow_one_says(events: list[dict[str, Any]]) -> None:
    lines = [json.dumps(one).encode() for one in events]
    decoded = decode(*lines, take_private=True)
    expected = [exactly(raw) for raw in lines]
    got = [{**row, "flags": row["flags"] & ~Flag.MENDED} for row in rows(decoded.batch)]
    assert got == [row for found, _ in expected for row in found]
    assert [refusal.code for refusal in decoded.refusals] == [code for _, code in expected if code]


@given(st.lists(wire_lines(), max_size=12), st.integers(0, 12))
def test_how_lines_are_cut_into_calls_changes_nothing(lines: list[bytes], cut: int) -> None:
    whole = decode(*lines)
    parts = [
        Decoder().decode(Lines.numbered(part, "file", first))
        for part, first in [(lines[:cut], 1), (lines[cut:], cut + 1)]
    ]
    assert rows(whole.batch) == [row for part in parts for row in rows(part.batch)]
    assert whole.refusals == [refusal for part in parts for refusal in part.refusals]
    assert whole.events == sum(part.events for part in parts)
    assert whole.mended == sum((part.mended for part in parts), start=type(whole.mended)())
    assert whole.events == whole.taken + whole.private + len(whole.refusals)


@given(st.lists(st.datetimes(timezones=st.timezones()).filter(lambda at: at.isoformat()[-6] in "+-"), min_size=1))
def test_times_are_the_calendars(times: list[datetime]) -> None:
    expected = [(at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) for at in times]
    assert parse_times([at.isoformat() for at in times]).tolist() == expected


def test_the_schema_names_every_field_and_what_is_required() -> None:
    schema = event_json_schema()
    assert list(schema["properties"]) == list(Event.__struct_fields__) == [field.name for field in FIELDS]
    assert schema["required"] == ["id", "type", "time", "author"]
    assert orjson.loads(orjson.dumps(schema)) == schema
