"""A case whose evidence is told, and the pack that is made of it, for the tests of packs."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from alerts.alert import Engine, write
from alerts.attributed import roles
from alerts.chunk import Sealed
from alerts.evidence import Omitted
from alerts.pack import Pack, as_json, make
from alerts.pack.making import digest
from alerts.record import Detail, Participation, Record
from tests.alerts.story import START_TICK, Story

SALT = "pepper"


class Case(Story):
    """An episode whose evidence is told with each revision."""

    def __init__(self, text: Callable[[int], str | None] = lambda at: f"said {at}", each: int = 1) -> None:
        self.text, self.each, self.salt = text, each, SALT
        self.bodies: list[bytes] = []
        self.chunks: list[bytes] = []
        super().__init__(START_TICK, 30)

    def arrive(self, tick: int, newcomers: int) -> None:
        episode = self.episode
        if episode.record is None:
            episode.record, episode.chain.salt = Record(), self.salt
        before = len(self.came)
        self.came += [tick] * newcomers
        said = []
        for at in range(before, before + newcomers):
            for turn in range(self.each):
                text = self.text(at)
                said.append(
                    Participation(
                        f"a{at}", f"e{at}-{turn}", 1000 * tick + at, text, stranger=True, fresh=False, late=False, mended=False,
                        detail=Detail("reply", "here", f"h{at % 3}", "t", f"e{at - 1}", "x", text),
                    )
                )  # fmt: skip
        episode.count(tick, said)

    def ask(self, tick: int) -> None:
        episode = self.episode
        minutes = episode.minutes_due(tick)
        if minutes:
            episode.on_minutes(tick, [0 for _ in minutes])
        events = episode.revise(tick)
        if events is not None:
            self.bodies.append(write(episode, tick, events, Engine("1", "d", "m")).body)
            self.chunks += [
                one.body for one in self._record.tell(tick, self._sealed(episode.chain.omitted), {}, [], [])
            ]

    def take_back(self, events: dict[str, str], tick: int) -> None:
        self._record.take_back(dict.fromkeys(events.items(), tick))
        self.chunks += [one.body for one in self._record.tell_erased(tick, self._sealed(Omitted(0, "")))]

    @property
    def _record(self) -> Record:
        assert self.episode.record is not None
        return self.episode.record

    def _sealed(self, omitted: Omitted) -> Sealed:
        episode = self.episode
        return Sealed(
            alert=episode.id,
            revision=episode.revision,
            digest=episode.chain.digest,
            previous=episode.chain.previous,
            omitted=omitted,
            roles=roles(episode),
            usual_per_minute=0.1,
            is_sample=False,
            is_salted=bool(self.salt),
            has_texts=True,
        )

    @property
    def pack(self) -> Pack:
        return make(self.bodies, self.chunks)


@cache
def case() -> Case:
    found = Case()
    found.until(START_TICK + 120, lambda tick: 3)
    found.take_back({"e3-0": "a3", "e50-0": "a50"}, START_TICK + 130)
    return found


def loaded() -> Any:
    return json.loads(as_json(case().pack))


def resealed(pack: Any) -> bytes:
    """A pack whose own digest was made anew, as who tampers with it would do."""
    pack["digest"] = digest({name: value for name, value in pack.items() if name not in {"schema", "digest"}})
    return json.dumps(pack).encode()
