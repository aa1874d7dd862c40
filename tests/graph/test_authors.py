"""What an author's own history tells: the same event by event, whatever the batches, freed or not."""

from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.authors import LIKED, RECENT, AuthorMemory
from graph.columns import CODE, OBJECT, Batch, dtype_of, objects
from graph.events import EVENT_SCHEMA, EventType
from graph.fading import FORGET_S
from graph.hashing import stable_hash

DUPLICATE_S = 100
BLANK: dict[str, Any] = {"part": 0, "type": EventType.MENTION, "flags": 0, "target_flags": 0}


@dataclass
class Event:
    tick: int
    time: int
    id: str
    author: str
    type: EventType = EventType.MENTION
    targets: tuple[str, ...] = ()
    community: str | None = None
    home: str | None = None
    text: str | None = None


def batch_of(events: list[Event]) -> Batch:
    """One row a target, as the columns of an event are laid out; each event with strings of its own in the pool."""
    rows = [
        {**BLANK, **vars(event), "part": part, "target": target, "event": number}
        for number, event in enumerate(events)
        for part, target in enumerate(event.targets or (None,))
    ]
    places: dict[tuple[int, str], int] = {}
    columns = {}
    for name, kind in EVENT_SCHEMA.items():
        values = [row.get(name) for row in rows]
        if kind == CODE:
            keys = [None if row.get(name) is None else (row["event"], row[name]) for row in rows]
            codes = [-1 if key is None else places.setdefault(key, len(places)) for key in keys]
            columns[name] = np.array(codes, np.int32)
        elif kind == OBJECT:
            columns[name] = objects(values)
        else:
            columns[name] = np.array([-1 if value is None else value for value in values], dtype_of(kind))
    return Batch(EVENT_SCHEMA, columns, [name for _, name in places])


@cache
def _many() -> Batch:
    return batch_of([Event(0, 0, f"x{number}", f"x{number}") for number in range(66_000)])


def many(tick: int) -> Batch:
    """So many authors that memory is freed the next time that it may be."""
    return Batch(EVENT_SCHEMA, {**_many().columns, "tick": np.full(66_000, tick)}, _many().pool)


KINDS = (EventType.MENTION, EventType.REPLY, EventType.SHARE, EventType.REACTION, EventType.REPORT)
STEPS = st.sampled_from([0, 0, 0, 1, 2, DUPLICATE_S, DUPLICATE_S + 1, 5_000, FORGET_S, FORGET_S + 1])
AUTHORS = st.sampled_from(["ann", "bob", "cid"])
TARGETS = st.lists(st.sampled_from(["bob", "cid", "eve", "fay", "gus"]), max_size=3, unique=True).map(tuple)


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    tick, events = 10 * FORGET_S, []
    for number in range(draw(st.integers(1, 25))):
        tick += draw(STEPS)
        kind = draw(st.sampled_from(KINDS))
        author, targets = draw(AUTHORS), draw(TARGETS)
        if kind == EventType.MENTION and not targets:
            targets = ("eve",)
        if author in targets:
            targets = (author,)
        events.append(
            Event(
                tick,
                1000 * tick + number,
                f"e{number:02}",
                author,
                kind,
                targets,
                draw(st.sampled_from(["north", "south", None])),
                draw(st.sampled_from([None, None, None, "west"])),
                draw(st.sampled_from([None, "", "zip zap"])),
            )
        )
    return events


def between_ticks(events: list[Event], draw: st.DataObject) -> list[list[Event]]:
    """The events cut into batches of whole ticks."""
    borders = [at for at in range(1, len(events)) if events[at].tick > events[at - 1].tick]
    cuts = draw.draw(st.lists(st.sampled_from(borders), unique=True).map(sorted)) if borders else []
    return [events[start:stop] for start, stop in pairwise([0, *cuts, len(events)])]


Latest = tuple[tuple[int, ...], tuple[int, ...]]
Told = tuple[int, tuple[int, int], str | None, Latest | None, bool]


def learnt(batches: list[list[Event]], freed_before: int = 0) -> list[Told]:
    """What the memory says of each row; memory is freed before this batch."""
    memory = AuthorMemory(DUPLICATE_S)
    out: list[Told] = []
    for number, events in enumerate(batches):
        if freed_before and number == freed_before:
            memory.learn(many(batches[number - 1][-1].tick))
        memory.release(events[0].tick)
        batch = batch_of(events)
        told = memory.learn(batch)
        addresses = [
            name is not None and name != author
            for name, author in zip(batch.strings("target"), batch.strings("author"), strict=True)
        ]
        addresses = [one and kind <= EventType.MENTION for one, kind in zip(addresses, batch["type"], strict=True)]
        out += zip(
            told.seen.tolist(),
            zip(told.activity.tolist(), told.reports.tolist(), strict=True),
            [told.homes[place] for place in told.home.tolist()],
            [
                (tuple(row), tuple(liked)) if wanted else None
                for row, liked, wanted in zip(told.recent.tolist(), told.liked.tolist(), addresses, strict=True)
            ],
            told.exposure.tolist(),
            strict=True,
        )
    return out


@dataclass
class Account:
    """All that is known of an author, plainly."""

    seen: int
    tick: int
    count: int = 0
    reports: int = 0
    declared: str | None = None
    communities: list[str] = field(default_factory=list)
    addressed: list[str] = field(default_factory=list)
    liked: list[str] = field(default_factory=list)


def signed(name: str) -> int:
    value = stable_hash(name)
    return value - 2**64 if value >= 2**63 else value


def newest(names: list[str], count: int) -> tuple[int, ...]:
    """Hashes of the newest names, newest last, after zeros."""
    return (*(0,) * max(0, count - len(names)), *(signed(name) for name in names[-count:]))


def reference(
    events: list[Event],
) -> list[tuple[int, tuple[int, int], str | None, list[str], Latest | None, bool]]:
    accounts: dict[str, Account] = {}
    out = []
    for event in events:
        account = accounts.get(event.author)
        if account is None or event.tick - account.tick > FORGET_S:
            account = accounts[event.author] = Account(event.time, event.tick)
        account.declared = event.home or account.declared
        recent, liked = newest(account.addressed, RECENT), newest(account.liked, LIKED)
        for target in event.targets or (None,):
            addresses = target not in (None, event.author) and event.type <= EventType.MENTION
            with_it = [
                other
                for other in events
                if other.type == EventType.SHARE
                and (other.author, other.tick, other.time // 1000) == (event.author, event.tick, event.time // 1000)
                and (not event.text or target in other.targets)
            ]
            out.append(
                (
                    account.seen,
                    (account.count, account.reports),
                    account.declared,
                    list(account.communities),
                    (recent, liked) if addresses else None,
                    event.type == EventType.MENTION and bool(with_it),
                )
            )
            if addresses and target is not None:
                account.addressed.append(target)
            if target not in (None, event.author) and event.type in (EventType.SHARE, EventType.REACTION):
                account.liked.append(target or "")
        account.tick = event.tick
        account.count += 1
        account.reports += event.type == EventType.REPORT
        account.communities += [event.community] if event.community else []
    return out


@given(streams(), st.data())
def test_it_says_of_an_event_what_its_author_did_before(events: list[Event], data: st.DataObject) -> None:
    told = learnt(between_ticks(events, data))
    assert told == learnt([events])
    for (seen, activity, home, recent, exposure), expected in zip(told, reference(events), strict=True):
        assert (seen, activity, recent, exposure) == (*expected[:2], *expected[4:])
        declared, communities = expected[2:4]
        if declared is not None or not communities:
            assert home == declared
        else:
            assert home in communities
            if 2 * max(map(communities.count, communities)) > len(communities):
                assert home == max(communities, key=communities.count)


@given(streams(), st.data())
@settings(max_examples=8)
def test_freeing_memory_changes_nothing(events: list[Event], data: st.DataObject) -> None:
    batches = between_ticks(events, data)
    freed_before = data.draw(st.integers(1, max(1, len(batches) - 1)))
    assert learnt(batches, freed_before) == learnt(batches)


def test_memory_is_bounded_by_who_was_heard_of_lately() -> None:
    memory = AuthorMemory(DUPLICATE_S)
    for number in range(3):
        tick = (number + 1) * (FORGET_S + 1)
        memory.learn(batch_of([Event(tick, 1000 * tick, f"{number} {at}", f"{number} {at}") for at in range(17_000)]))
        memory.release(tick)
        assert len(memory) == 17_000


def repeats(batches: list[list[Event]]) -> list[bool]:
    memory = AuthorMemory(DUPLICATE_S)
    out: list[bool] = []
    for events in batches:
        memory.release(events[0].tick)
        out += memory.duplicates(batch_of(events)).tolist()
    return out


@given(streams(), st.data())
def test_the_same_id_of_the_same_author_is_a_duplicate_for_a_while(events: list[Event], data: st.DataObject) -> None:
    for event in events:
        event.id = f"e{event.time % 3}"
        event.targets = ("eve",) if event.id == "e0" else ("eve", "fay")
    sent: dict[tuple[str, str], int] = {}
    expected = []
    for event in events:
        before = sent.get((event.author, event.id))
        sent[event.author, event.id] = event.tick
        expected += [before is not None and event.tick - before <= DUPLICATE_S] * len(event.targets)
    assert repeats(between_ticks(events, data)) == expected


def test_a_duplicate_that_names_more_targets_is_a_duplicate_as_a_whole() -> None:
    first = Event(100, 100_000, "e1", "ann", targets=("bob",))
    again = Event(101, 101_000, "e1", "ann", targets=("bob", "cid"))
    assert repeats([[first, again]]) == [False, True, True]
    assert repeats([[first], [again]]) == [False, True, True]


def test_who_also_addresses_himself_is_still_known_by_whom_he_addressed() -> None:
    earlier = Event(100, 100_000, "e1", "ann", targets=("bob",))
    both = Event(101, 101_000, "e2", "ann", targets=("ann", "cid"))
    assert learnt([[earlier, both]])[-1][3] == ((0, 0, 0, signed("bob")), (0, 0, 0))


ACTS = {
    "the same target in the same second": (("eve",), 100_900, "zip", True),
    "another target": (("fay",), 100_900, "zip", False),
    "no words of his own": (("fay",), 100_900, None, True),
    "the next second": (("eve",), 101_000, None, False),
}


@pytest.mark.parametrize(("targets", "time", "text", "exposed"), ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("mention_first", [True, False])
def test_a_share_and_a_mention_in_one_second_are_one_act(
    targets: tuple[str, ...], time: int, text: str | None, exposed: bool, mention_first: bool
) -> None:
    mention = Event(100, 100_100, "m", "ann", EventType.MENTION, ("eve",), text=text)
    share = Event(time // 1000, time, "s", "ann", EventType.SHARE, targets)
    if not mention_first and share.tick == mention.tick:
        mention.time, share.time = share.time, mention.time
    told = dict(
        zip(
            ("m", "s") if mention.time <= share.time else ("s", "m"),
            (row[4] for row in learnt([sorted([mention, share], key=lambda one: one.time)])),
            strict=True,
        )
    )
    assert told == {"m": exposed, "s": False}


def test_only_his_own_share_makes_a_mention_exposure() -> None:
    share = Event(100, 100_000, "s", "bob", EventType.SHARE, ("eve",))
    mention = Event(100, 100_100, "m", "ann", EventType.MENTION, ("eve",))
    assert [row[4] for row in learnt([[share, mention]])] == [False, False]
