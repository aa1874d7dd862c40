"""What pointed at accounts: the first of every six hours, as a plain reading of the rows gives them, however they were cut."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.calls import KEEP_S, KEPT
from graph.events import EventType, Flag
from graph.interactions import INTERACTION_SCHEMA, Act, Kind
from graph.interner import Interner
from graph.memory import Memory
from graph.tables import Tables
from graph.window import Window
from tests.graph.rows import EXACT_S, SLOW_S, START, many
from tests.helpers import Row, batch_of, columns_of, cut

BLOCK_S = 6 * 3_600


def said(
    window: Window | Memory, strings: Interner, since: int, tick: int, subject: str = "x"
) -> list[tuple[Any, ...]]:
    """What is kept of a subject, by its names."""
    memory = window.memory if isinstance(window, Window) else window
    found = memory.calls.at(strings.find(subject) * 4, since, tick)
    named = {name: strings.names(found[name].tolist()) for name in ("author", "event", "community", "home")}
    return list(zip(found["time"].tolist(), found["comes"].tolist(), *named.values(), strict=True))


def call(tick: int, number: int, **other: Any) -> dict[str, Any]:
    row = Row(tick, "x", f"a{number}", f"e{number}", Act.CALL, home="far")
    return {**{name: getattr(row, name, None) for name in INTERACTION_SCHEMA}, "type": EventType.POST, **other}


def test_who_pointed_at_an_account_when_and_from_where_is_known_for_days() -> None:
    window = Window(EXACT_S, SLOW_S)
    quote = {"act": Act.ADDRESS, "type": EventType.QUOTE, "home": None, "community": "fair"}
    window.add(columns_of([call(START, 0), call(START + 60, 1, **quote)]))
    window.expire(START + KEEP_S)
    assert said(window, window.strings, START, START + KEEP_S) == [
        (1000 * START, False, "a0", "e0", None, "far"),
        (1000 * START + 60_000, True, "a1", "e1", "fair", None),
    ]
    assert [row[3] for row in said(window, window.strings, START + 1, START + 60)] == ["e1"]
    assert [row[3] for row in said(window, window.strings, START, START + 59)] == ["e0"]


@pytest.mark.parametrize(
    "other",
    [
        {"act": Act.SHARE, "type": EventType.SHARE},
        {"type": EventType.SHARE},
        {"act": Act.ADDRESS, "type": EventType.REPLY},
        {"kind": Kind.THREAD},
        {"flags": Flag.BOT},
        {"author": None},
        {"author": "x"},
    ],
)
def test_shares_answers_bots_and_what_he_says_himself_point_at_nobody(other: dict[str, Any]) -> None:
    window = Window(EXACT_S, SLOW_S)
    window.add(columns_of([call(START, 0, **other)]))
    assert said(window, window.strings, START, START) == []


STEPS = st.lists(
    st.tuples(st.sampled_from([0, 1, 900, BLOCK_S, 4 * BLOCK_S]), st.sampled_from("xxy")), min_size=1, max_size=30
)


@given(STEPS, st.data())
@settings(max_examples=60)
def test_the_first_of_every_six_hours_are_kept_however_they_were_cut_and_given_back(
    steps: list[tuple[int, str]], data: st.DataObject
) -> None:
    tick, rows, expected = START, list[Row](), dict[tuple[str, int], list[str]]()
    for number, (gap, subject) in enumerate(steps):
        tick += gap
        rows.append(Row(tick, subject, f"a{number}", f"e{number}", Act.CALL))
        block = expected.setdefault((subject, tick // BLOCK_S), [])
        if len(block) < KEPT:
            block.append(f"e{number}")
    window, kept = Window(EXACT_S, SLOW_S), dict[int, Tables]()
    for number, batch in enumerate(cut(rows, data), start=1):
        window.add(batch_of(batch))
        kept[number] = window.memory.save(window.strings, number, number - 1)
        kept.pop(number - 2, None)
    strings, memory = Interner(), Memory()
    strings.code("other")
    for number, tables in sorted(kept.items()):
        memory.load(tables, strings, number)
    for subject in {subject for subject, _ in expected}:
        wanted = [name for (whose, _), names in expected.items() if whose == subject for name in names]
        assert [row[3] for row in said(window, window.strings, START, tick, subject)] == wanted
        assert said(memory, strings, START, tick, subject) == said(window, window.strings, START, tick, subject)


def test_what_is_too_old_is_freed() -> None:
    window = Window(EXACT_S, SLOW_S)
    window.add(columns_of([call(START, 0), call(START + KEEP_S, 1)]))
    later = START + KEEP_S + 1
    rows = many(later)
    columns = {
        **rows.columns,
        "act": np.full(len(rows), Act.CALL, np.uint8),
        "type": np.full(len(rows), EventType.POST, np.uint8),
    }
    window.add(type(rows)(INTERACTION_SCHEMA, columns, rows.pool))
    window.expire(later)
    assert [row[3] for row in said(window, window.strings, START, later)] == ["e1"]
    assert len(window.memory.calls) == 1 + len(rows)
