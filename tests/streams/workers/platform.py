"""A small made-up platform on which crowds come, as frames for the stages with state."""

import json
import random
from collections.abc import Iterator
from functools import cache

from streams.frames import Frame
from streams.ingest import Ingest
from streams.partition import by_author
from streams.simulate import HOSTILE_MARKERS
from streams.stages.authors import AuthorsStage
from streams.stages.shard import LONGEST_S
from streams.wire import Decoder, Lines
from streams.wire.framing import encode
from tests.helpers import START_MS, Event, event

SOURCES = 2
DUPLICATE_S = LONGEST_S + 5
HOUR_S = 3_600
LIMITS = (500, 900, 1 << 20)
"""Bytes of a message: a frame takes several parts, some do, none does."""


def talk(chance: random.Random) -> Iterator[Event]:
    """Neighbours who speak with each other for five hours, and again after a silence of more than an hour."""
    for number in range(700):
        time_s = 30 * number if number < 600 else 30 * number + 5_000
        author, target = chance.sample(range(25), 2)
        kind = chance.choice(["reply"] * 6 + ["mention", "share", "reaction"])
        yield event(
            id=f"t{number}",
            type=kind,
            author=f"n{author}",
            target=f"n{target}",
            time=START_MS + 1_000 * time_s + chance.randrange(1_000),
            community="here",
            value="like" if kind == "reaction" else ...,
            **({"thread": f"t{target}", "thread_author": f"n{target}"} if author % 2 else {}),
        )


def crowd(name: str, target: str, start_s: int, every_s: float, count: int) -> Iterator[Event]:
    """Strangers, some of whom soon take back what they said."""
    for number in range(count):
        time = START_MS + int(1_000 * (start_s + every_s * number))
        said = event(
            id=f"{name}{number}",
            type="mention",
            author=f"{name}-a{number}",
            target=target,
            time=time,
            author_home="afar",
            text=f"said {number}" if number % 3 else f"said {number}, you {HOSTILE_MARKERS[2]}",
        )
        yield said
        if number % 9 == 4:
            yield {**said, "time": time + 3_000}
        if number % 6 == 1:
            yield event(
                id=f"{name}{number}-gone",
                type="delete",
                author=said["author"],
                parent=said["id"],
                target=target,
                time=time + 40_000,
            )


@cache
def events() -> list[Event]:
    """A small platform on which crowds come: two quick ones, a second wave, a slow one, one in a thread."""
    found = [
        *talk(random.Random(1)),
        *crowd("first", "n1", 2_000, 4, 60),
        *crowd("again", "n1", 12_000, 5, 40),
        *crowd("other", "n2", 9_000, 7, 50),
        *crowd("slow", "vic", 500, 400, 60),
    ]
    found += [
        {**one, "target": f"n{3 + number % 9}", "thread": "t", "thread_author": "n24"}
        for number, one in enumerate(crowd("thread", "n3", 5_500, 6, 50))
    ]
    return sorted(found, key=lambda one: (int(one["time"]), str(one["id"])))


@cache
def frames() -> list[Frame]:
    """The platform's events as frames of two sources, one some minutes ahead of the other now and then."""
    chance, found = random.Random(2), []
    ingests, waiting = [Ingest(source) for source in range(SOURCES)], [list[bytes]() for _ in range(SOURCES)]

    def push(source: int) -> None:
        frame = ingests[source].push(Decoder().decode(Lines.numbered(waiting[source], "file")))
        found.extend([] if frame is None else [frame])
        waiting[source].clear()

    for one in events():
        source = chance.randrange(SOURCES)
        waiting[source].append(json.dumps(one).encode())
        if len(waiting[source]) > chance.randrange(1, 9):
            push(source)
    for source in range(SOURCES):
        push(source)
    return [*found, *(ingest.end() for ingest in ingests)]


def halves(frame: Frame, chance: random.Random) -> list[Frame]:
    """A frame as two with an earlier mark between, each of whole ticks."""
    tick = frame.batch["tick"]
    if not len(tick):
        return [frame]
    mark = chance.choice(tick.tolist())
    return [
        frame._replace(batch=frame.batch.take(tick < mark), mark_tick=mark),
        frame._replace(batch=frame.batch.take(tick >= mark)),
    ]


def messages(every: list[Frame], limit: int, seed: int) -> list[bytes]:
    """Frames as a partition's messages; here and there a writer stops in the middle of one, and begins it anew later,
    sends the end of one again, or cuts one elsewhere.
    """
    chance, found = random.Random(seed), list[bytes]()
    for frame in every:
        parts = encode(frame, limit)
        if chance.random() < 0.1:
            found += parts[: chance.randrange(len(parts) + 1)]
        for one in halves(frame, chance) if chance.random() < 0.2 else [frame]:
            found += encode(one, limit)
        if chance.random() < 0.1:
            found += parts[chance.randrange(len(parts)) :]
    return found


@cache
def to_authors(limit: int) -> list[bytes]:
    return messages(frames(), limit, limit)


@cache
def to_shard(limit: int) -> list[bytes]:
    """What two partitions of authors say."""
    authors = [AuthorsStage(number, SOURCES, DUPLICATE_S) for number in range(SOURCES)]
    routed = list[Frame]()
    for frame in frames():
        for stage, batch in zip(authors, by_author(frame.batch, SOURCES), strict=True):
            stage.feed(frame._replace(batch=batch))
            out = stage.advance()
            routed += [] if out is None else [out]
    return messages(routed, limit, limit)
