"""Ring: rows come at the end and leave at the front; each subject's rows are chained."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph.columns import objects
from graph.ring import NO_ROW, Ring

SCHEMA = {"tick": "int64", "subject": "int32", "text": "object"}
# Rows to add as (steps of ticks, subject), then by how many ticks the oldest that may stay lies behind.
STEPS = st.lists(
    st.tuples(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8), st.integers(-2, 12)), max_size=8
)


@given(STEPS, st.integers(1, 700))
def test_it_holds_what_a_list_would(steps: list[tuple[list[tuple[int, int]], int]], repeat: int) -> None:
    ring = Ring(SCHEMA)
    rows: list[tuple[int, int, str]] = []
    last: dict[int, int] = {}
    tick = first = 0
    for added, behind in steps:
        start = len(rows)
        before = []
        for gap, subject in added * repeat:
            tick += gap
            before.append(last.get(subject, NO_ROW))
            last[subject] = len(rows)
            rows.append((tick, subject, f"row {len(rows)}"))
        new = rows[start:]
        numbers = ring.append(
            {
                "tick": np.array([row[0] for row in new], np.int64),
                "subject": np.array([row[1] for row in new], np.int32),
                "text": objects(row[2] for row in new),
                "before": np.array(before, np.int64),
            }
        )
        assert numbers.tolist() == list(range(start, len(rows)))
        ring.expire(tick - behind)
        while first < len(rows) and rows[first][0] < tick - behind:
            first += 1
        assert (ring.first, ring.end, len(ring)) == (first, len(rows), len(rows) - first)
        assert ring.all("tick").tolist() == [row[0] for row in rows[first:]]
        assert ring.all("text").tolist() == [row[2] for row in rows[first:]]
        for subject, number in last.items():
            expected = [at for at in range(first, len(rows)) if rows[at][1] == subject]
            assert ring.chain(number).tolist() == expected
            if number >= first:
                assert ring.value("text", number) == rows[number][2]
                assert ring.value("tick", number) == rows[number][0]


def test_a_value_can_be_changed() -> None:
    ring = Ring(SCHEMA)
    columns = {"tick": np.arange(3), "subject": np.zeros(3, np.int32), "before": np.arange(3) - 1}
    ring.append({**columns, "text": objects(["a", "b", "c"])})
    ring.put("text", 1, None)
    assert ring.column("text", np.array([2, 1, 0])).tolist() == ["c", None, "a"]
