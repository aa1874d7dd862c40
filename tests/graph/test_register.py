"""The register: whose an item is, also after a restart, and for no longer than it is told."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph.columns import CODE, Batch
from graph.register import KEEP_S, Register

SCHEMA = {"author": CODE, "target": CODE, "tick": "int64"}
Notice = tuple[str, str, int, bool]
"""Item, account, tick, and whether he opened it."""


def notices(told: list[Notice]) -> tuple[Batch, Any]:
    pool = [name for item, account, _, _ in told for name in (item, account)]
    places = 2 * np.arange(len(told), dtype=np.int32)
    columns = {
        "author": places,
        "target": places + np.int32(1),
        "tick": np.array([tick for _, _, tick, _ in told], np.int64),
    }
    return Batch(SCHEMA, columns, pool), np.array([opens for *_, opens in told], bool)


TOLD = st.lists(
    st.tuples(
        st.sampled_from(["p", "q", "r"]),
        st.sampled_from(["ann", "bob"]),
        st.sampled_from([0, 1, KEEP_S // 2, KEEP_S, KEEP_S + 1]),
        st.booleans(),
    ),
    max_size=12,
)


def in_turn(told: list[Notice]) -> list[Notice]:
    tick, found = 10_000_000, []
    for item, account, later, opens in told:
        tick += later
        found.append((item, account, tick, opens))
    return found


def plainly(told: list[Notice]) -> list[str | None]:
    """Whose each item is, read off one notice after the other."""
    known: dict[str, tuple[str, int]] = {}
    found: list[str | None] = []
    for item, account, tick, opens in told:
        owner, since = known.get(item, ("", -(10**18)))
        fresh = since >= tick - KEEP_S
        if opens and not fresh:
            known[item] = (account, tick)
        found.append(owner if fresh and not opens else None)
    return found


@given(TOLD, st.integers(0, 12))
def test_it_knows_who_opened_what_also_after_a_restart(plan: list[Notice], cut: int) -> None:
    told = in_turn(plan)
    first, second = Register(), Register()
    found = first.owners(*notices(told[:cut])) if told[:cut] else []
    if told[:cut]:
        first.release(told[:cut][-1][2])
    second.load(first.save(1, 1), 1)
    found += second.owners(*notices(told[cut:])) if told[cut:] else []
    assert found == plainly(told)
