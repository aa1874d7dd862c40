"""What tests of several rooms build: rows of interactions, a crowd, and events on their way through the embedded runner."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st

from detectors.hostility import HostilityModel
from detectors.words import NO_TEXT, Words
from graph.columns import CODE, OBJECT, Batch, dtype_of, objects
from graph.interactions import INTERACTION_SCHEMA, Act, Kind
from graph.neighbourhood import Crowd, Surroundings
from streams.runner import Runner
from streams.settings import Settings
from streams.wire import Decoder, Lines

BY_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
"""Begins a program that Ctrl-C is to end: what a shell starts in the background has it switched off."""
COMMAND = [sys.executable, "-c", BY_CTRL_C + "from streams.cli import main; main()"]
"""The command line as a process of its own."""

DAY_MS = 86_400_000
START_MS = 1_709_510_400_000


@dataclass
class Row:
    """One interaction; what is not told is absent or 0."""

    tick: int
    subject: str
    author: str | None
    id: str = ""
    act: Act = Act.ADDRESS
    kind: Kind = Kind.ACCOUNT
    home: str | None = None
    flags: int = 0
    late_ms: int = 0
    text: str | None = None

    @property
    def time(self) -> int:
        return 1000 * self.tick - self.late_ms


def batch_of(rows: list[Row]) -> Batch:
    return columns_of([{name: getattr(row, name, None) for name in INTERACTION_SCHEMA} for row in rows])


def columns_of(rows: Sequence[Mapping[str, Any]]) -> Batch:
    """Interactions given by field, absent ones left out or None."""
    pool: list[str] = []
    columns = {}
    for name, kind in INTERACTION_SCHEMA.items():
        values = [row.get(name) for row in rows]
        if kind == CODE:
            codes = []
            for value in values:
                codes.append(-1 if value is None else len(pool))
                pool += [] if value is None else [value]
            columns[name] = np.array(codes, np.int32)
        elif kind == OBJECT:
            columns[name] = objects(values)
        else:
            columns[name] = np.array([0 if value is None else value for value in values], dtype_of(kind))
    return Batch(INTERACTION_SCHEMA, columns, pool)


def cut(rows: list[Row], data: st.DataObject) -> list[list[Row]]:
    """Batches of whole ticks."""
    borders = [at for at in range(1, len(rows)) if rows[at].tick > rows[at - 1].tick]
    cuts = data.draw(st.lists(st.sampled_from(borders), unique=True).map(sorted)) if borders else []
    return [rows[start:stop] for start, stop in pairwise([0, *cuts, len(rows)])]


def crowd_of(size: int = 20, **columns: Any) -> Crowd:
    """A crowd of so many, old accounts without a home, one every ten seconds."""
    time = START_MS + 10_000 * np.arange(size)
    filled: dict[str, Any] = {
        "total": size,
        "time": time,
        "first": time,
        "account": [f"a{number}" for number in range(size)],
        "event": [f"e{number}" for number in range(size)],
        "home": [None] * size,
        "created": np.full(size, START_MS - 1_000 * DAY_MS),
        "seen": np.full(size, START_MS - 100 * DAY_MS),
        "activity": np.full(size, 50),
        "recent": np.zeros((size, 4), np.int64),
        "liked": np.zeros((size, 3), np.int64),
        "kin": np.zeros(size),
        "audience": np.zeros(size),
        "target": ["x"] * size,
        "thread": [None] * size,
        "reporter": np.zeros(size, bool),
    }
    return Crowd(**{**filled, **columns})


AROUND = Surroundings(
    sharers=0,
    warm=0,
    cold=0,
    answers=0,
    views=-1,
    at_home=frozenset({"own"}),
    regulars=0,
    others=0,
    unseen=0,
    shown=0.0,
    reporters=0.0,
    mutual=0,
    defenders=0,
)

Event = dict[str, Any]
GOOD: Event = {"id": "e", "type": "reply", "time": START_MS, "author": "ann", "target": "bob"}


def event(**given: Any) -> Event:
    return {key: value for key, value in {**GOOD, **given}.items() if value is not ...}


Said = list[tuple[str, int, bytes]]


def detect(
    events: list[Event], size: int = 1_000, partitions: int = 1, hostility: HostilityModel | None = None
) -> Said:
    """What is said of events that come in the order of their times."""
    return detect_in_turn(sorted(events, key=lambda one: int(one["time"])), size, partitions, hostility)


def detect_in_turn(
    events: list[Event], size: int = 1_000, partitions: int = 1, hostility: HostilityModel | None = None
) -> Said:
    runner = Runner(Settings(), partitions=partitions, hostility=hostility)
    lines = [json.dumps(one).encode() for one in events]
    revisions = []
    for start in range(0, len(lines), size):
        revisions += runner.push(Decoder().decode(Lines.numbered(lines[start : start + size], "file", start + 1)))
    revisions += runner.end()
    return sorted((revision.id, revision.revision, revision.body) for revision in revisions)


def alerts(said: Said, kind: str = "account", subject: str = "vic") -> list[dict[str, Any]]:
    found = [json.loads(body) for _, _, body in said]
    return [alert for alert in found if (alert["target"]["kind"], alert["target"]["id"]) == (kind, subject)]


def no_words(size: int) -> Words:
    """Of a crowd of this size nothing is known that it said."""
    return Words(np.full(size, NO_TEXT), np.zeros(size, np.int64), np.ones(size), np.zeros(size, bool), 0.0, 0, [])
