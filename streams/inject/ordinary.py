"""The background as it is told in an injected stream: dressed like everything else, with ordinary posts and quotes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import numpy as np
import orjson

from graph.events import LAST_ADDRESSING, EventType
from streams.inject.background import TYPE_NAMES, Background
from streams.inject.dress import Event, Wardrobe, new_id

_HOUR_MS: Final = 3_600_000
_IN_THREADS: Final = frozenset({int(EventType.COMMENT), int(EventType.REPLY), int(EventType.MENTION)})
_CONTEXT: Final = frozenset({int(EventType.REACTION), int(EventType.REPORT)})
_ELSEWHERE: Final = 0.5
ON_ROOT: Final = 0.6
_REACTS: Final = 0.15
_REPORTS: Final = 0.0008
WARM_VALUES: Final = ("like", "like", "love", "up", "laugh")
COLD_VALUES: Final = ("angry", "down", "sad")
_WARM: Final = 0.75
_REFERENCES: Final = ("thread", "parent")
_DROPPED: Final = ("views", "visibility", "author_created_at", "author_home", "author_followers", "target_followers")


@dataclass(slots=True)
class _Place:
    """Where an account can be answered: a thread, whose it is, what was said there last."""

    thread: str
    owner: str
    last: str
    since_ms: int


def pointing(
    rng: Random, author: str, target: str, time_ms: int, thread: str | None, event_id: str, as_quote: bool
) -> Event:
    """A post or quote that points at somebody, as ordinary ones do and as those do that bring a crowd."""
    event: Event = {"id": event_id, "type": "quote" if as_quote else "post", "time": time_ms, "author": author}
    if as_quote:
        event["target"] = target
        if thread is not None and rng.random() < 0.7:
            event["links"] = [thread]
    else:
        event["links"] = [thread if thread is not None and rng.random() < 0.5 else target]
    return event


def reaction(rng: Random, author: str, target: str, time_ms: int, event_id: str, warm: float) -> Event:
    """A reaction, warm with a probability."""
    value = rng.choice(WARM_VALUES if rng.random() < warm else COLD_VALUES)
    return {"id": event_id, "type": "reaction", "time": time_ms, "author": author, "target": target, "value": value}


class Ordinary:
    """The events of the background.

    Parameters
    ----------
    background, wardrobe
        What happened, and what is told of it.
    seed
        Seed of all chance.
    """

    def __init__(self, background: Background, wardrobe: Wardrobe, seed: str) -> None:
        self._background, self._wardrobe, self._seed = background, wardrobe, seed
        self._makes_threads = wardrobe.world["threads"] == "on" and not background.has_threads
        self._keeps_threads = wardrobe.world["threads"] == "on" and background.has_threads
        self._extra: list[Event] = []
        self._placed: list[tuple[str, str, str] | None] = []
        self._walk()
        self._extra.sort(key=lambda event: (event["time"], event["id"]))

    def __iter__(self) -> Iterator[Event]:
        """All events, in the order of time; each is dressed."""
        extra, at = self._extra, 0
        for event in self._plain():
            while at < len(extra) and extra[at]["time"] <= event["time"]:
                yield extra[at]
                at += 1
            yield event
        yield from extra[at:]

    def id_of(self, row: int) -> str:
        """The id of the background's event in a row."""
        return new_id(self._seed, f"e{row}")

    def _walk(self) -> None:
        """Threads, and what happens besides: the posts that open them, ordinary posts and quotes, reactions, reports."""
        background, wardrobe = self._background, self._wardrobe
        world, rng = wardrobe.world, Random(f"{self._seed}/ordinary")
        names, reacts = background.names, world["reactions"] == "on" and not background.world
        own: dict[str, _Place] = {}
        spoke: dict[str, _Place] = {}
        hostile = world["ordinary_hostile"]
        for row, (time_ms, kind, a, b, exposed) in enumerate(_rows(background)):
            placed = None
            if b >= 0 and a != b and not exposed:
                author, target = names[a], names[b]
                if self._makes_threads and kind in _IN_THREADS:
                    placed = self._place(rng, row, time_ms, author, target, own, spoke)
                thread = own[target].thread if target in own else None
                if kind <= LAST_ADDRESSING and rng.random() < world["decoys"]:
                    when = self._grain(max(background.start_ms, time_ms - rng.randrange(1_000, 600_000)))
                    event = pointing(
                        rng, author, target, when, thread, new_id(self._seed, f"d{row}"), rng.random() < 0.5
                    )
                    self._add(event, wardrobe.words(rng, wardrobe.lang(author), hostile))
                if reacts and rng.random() < _REACTS:
                    when = self._grain(time_ms + rng.randrange(1_000, 300_000))
                    self._add(reaction(rng, author, target, when, new_id(self._seed, f"r{row}"), _WARM), None)
                if reacts and rng.random() < _REPORTS:
                    self._add(report(rng, author, target, time_ms, new_id(self._seed, f"c{row}")), None)
            if self._makes_threads:
                self._placed.append(placed)

    def _place(
        self,
        rng: Random,
        row: int,
        time_ms: int,
        author: str,
        target: str,
        own: dict[str, _Place],
        spoke: dict[str, _Place],
    ) -> tuple[str, str, str]:
        """Thread, its author and parent of a reply to somebody: where he spoke lately, or in a thread of his own."""
        place = spoke.get(target)
        event_id = self.id_of(row)
        if place is None or time_ms - place.since_ms > 6 * _HOUR_MS or rng.random() > _ELSEWHERE:
            place = own.get(target)
            if place is None or time_ms - place.since_ms > (8 + 40 * self._wardrobe.chance(target, "life")) * _HOUR_MS:
                thread = new_id(self._seed, f"t{row}")
                opened_ms = max(self._background.start_ms, time_ms - rng.randrange(15_000, 1_800_000))
                place = own[target] = _Place(thread, target, thread, opened_ms)
                event = {"id": thread, "type": "post", "time": self._grain(opened_ms), "author": target}
                words = self._wardrobe.words(rng, self._wardrobe.lang(target), self._wardrobe.world["ordinary_hostile"])
                self._add(event, words)
            parent = place.thread if rng.random() < ON_ROOT else place.last
        else:
            parent = place.last
        if place.owner == target:
            place.last = event_id
        if place.owner != author:
            spoke[author] = _Place(place.thread, place.owner, event_id, time_ms)
        return place.thread, place.owner, parent

    def _add(self, event: Event, words: str | None) -> None:
        if words is not None:
            event["text"] = words
            event["lang"] = self._wardrobe.lang(event["author"])
        self._extra.append(self._wardrobe.dress(event))

    def _grain(self, time_ms: int) -> int:
        return time_ms - time_ms % self._background.grain_ms

    def _plain(self) -> Iterator[Event]:
        background, wardrobe = self._background, self._wardrobe
        rng = Random(f"{self._seed}/words")
        hostile = wardrobe.world["ordinary_hostile"]
        names = background.names
        for row, (time_ms, kind, a, b, exposed) in enumerate(_rows(background)):
            author = names[a]
            event: Event
            if kind in _CONTEXT and wardrobe.world["reactions"] == "off":
                continue
            if background.raw:
                event = self._from_raw(background.raw[row], time_ms)
            else:
                event = {"id": self.id_of(row), "type": TYPE_NAMES[kind], "time": time_ms, "author": author}
                if b >= 0:
                    event["target"] = names[b]
            if self._makes_threads:
                placed = self._placed[row]
                if placed is not None:
                    event["thread"], event["thread_author"], event["parent"] = placed
            if kind <= EventType.POST and not exposed:
                words = wardrobe.words(rng, wardrobe.lang(author), hostile)
                if words is not None:
                    event["text"], event["lang"] = words, wardrobe.lang(author)
            yield wardrobe.dress(event)

    def _from_raw(self, raw: bytes, time_ms: int) -> Event:
        """An event of the file, with ids of the stream's own and without what others do not carry."""
        event: dict[str, Any] = orjson.loads(raw)
        event["time"] = time_ms
        event["id"] = new_id(self._seed, f"f{event['id']}")
        for name in _REFERENCES:
            if isinstance(event.get(name), str):
                event[name] = new_id(self._seed, f"f{event[name]}")
        if not self._keeps_threads:
            for name in ("thread", "thread_author", *(() if event["type"] == "delete" else ("parent",))):
                event.pop(name, None)
        if isinstance(event.get("links"), list):
            known = self._wardrobe.known
            event["links"] = [
                link if "://" in link or link in known else new_id(self._seed, f"f{link}")
                for link in event["links"]
                if isinstance(link, str)
            ]
        for name in ("text", "lang", "community", "author_flags", "target_flags", *_DROPPED):
            event.pop(name, None)
        if event.get("value") is None:
            event.pop("value", None)
        return event


def report(rng: Random, author: str, target: str, time_ms: int, event_id: str) -> Event:
    """A complaint about somebody."""
    value = rng.choice(("harassment", "spam", "other"))
    return {"id": event_id, "type": "report", "time": time_ms, "author": author, "target": target, "value": value}


def _rows(background: Background) -> Iterator[tuple[int, int, int, int, bool]]:
    columns = (background.time, background.kind, background.author, background.target, background.exposed)
    for low in range(0, len(background), 65_536):
        yield from zip(*(np.asarray(column[low : low + 65_536]).tolist() for column in columns), strict=True)
