"""Streams of interactions in which everything happens that a window takes note of."""

from functools import cache

import numpy as np
from hypothesis import strategies as st

from graph.columns import Batch
from graph.events import Flag
from graph.fading import BUCKET_S, FORGET_S
from graph.interactions import INTERACTION_SCHEMA, Act, Kind
from tests.helpers import Row, batch_of

EXACT_S, SLOW_S = 3_600, 48 * 3_600
START = 5 * FORGET_S
NEAR = st.sampled_from([0, 0, 0, 1, 30, 599, 600, 601, 3_599, 3_600, 3_601, 86_400, SLOW_S, SLOW_S + 1])
FAR = st.sampled_from([0, 1, 700, 86_400, FORGET_S - 600, FORGET_S, FORGET_S + 1, FORGET_S + 599, FORGET_S + 1_300])


@st.composite
def streams(draw: st.DrawFn, gaps: st.SearchStrategy[int]) -> list[Row]:
    tick, rows = START + draw(st.integers(0, BUCKET_S)), []
    authors = [f"a{number}" for number in range(12)]
    for number in range(draw(st.integers(1, 50))):
        tick += draw(gaps)
        rows.append(
            Row(
                tick,
                draw(st.sampled_from(["x", "x", "y"])),
                draw(st.sampled_from([*authors, None])),
                f"e{number}",
                draw(st.sampled_from([Act.ADDRESS] * 6 + [Act.SHARE, Act.OWN, Act.REPORT, Act.CALL, Act.THREAD])),
                draw(st.sampled_from([Kind.ACCOUNT] * 4 + [Kind.THREAD])),
                draw(st.sampled_from(["north", "south", None])),
                draw(st.sampled_from([0] * 6 + [Flag.BOT, Flag.STAFF])),
                draw(st.sampled_from([0, 0, 70_000])),
            )
        )
    return rows


def bystanders(tick: int) -> list[Row]:
    return [Row(tick, f"s{number}", f"b{number}", home=f"h{number}") for number in range(22_000)]


@cache
def _many() -> Batch:
    return batch_of(bystanders(START))


def many(tick: int) -> Batch:
    """So many subjects and accounts that memory is freed the next time that it may be."""
    columns = {**_many().columns, "tick": np.full(22_000, tick), "time": np.full(22_000, 1000 * tick)}
    return Batch(INTERACTION_SCHEMA, columns, _many().pool)
