"""One campaign: who comes, what each of them does, and what is true of it. Attacks and surges share all of the code."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from streams.inject.arrivals import arrivals
from streams.inject.cast import Cast, Member, cast_of
from streams.inject.dress import Event, new_id
from streams.inject.ordinary import ON_ROOT, pointing, reaction, report
from streams.inject.parameters import Values
from streams.inject.stage import Side, Stage
from streams.simulate.text import vary

MINUTE_MS: Final = 60_000
_SMALLEST_GROUP, _LARGEST_GROUP = 3, 8


@dataclass(slots=True)
class Campaign:
    """What was injected, and what is true of it in the form of `truth.json`."""

    events: list[Event]
    truth: dict[str, Any]


class Staging:
    """Lets one campaign happen.

    Parameters
    ----------
    stage
        Where.
    number, values, pile_on
        Which one, its parameters, and of which kind.
    begin_ms
        When its first member comes.
    crew
        Members of an earlier attack who come again.
    """

    def __init__(
        self,
        stage: Stage,
        number: str,
        values: Values,
        pile_on: bool,
        begin_ms: int,
        crew: list[Member] | None = None,
    ) -> None:
        self._stage, self._number, self._values = stage, number, values
        self._side = Side.of(values, pile_on)
        self._rng = Random(f"{stage.seed}/campaign/{number}")
        self._begin_ms = begin_ms
        self._length_ms = int(values["minutes"] * MINUTE_MS)
        self._events: list[Event] = []
        self._thread: str | None = None
        self._newest: str | None = None
        self.cast: Cast = cast_of(self._rng, stage.people, stage.wardrobe, values, pile_on, begin_ms, crew)
        self._target = self.cast.target
        self._lang = self._language()
        self._slogan = self._words("plain", 1.0 if pile_on and self._rng.random() < values["abusive"] else 0.0)

    def play(self, preset: str, scenario: str, pair: str) -> Campaign:
        """All that happens, in the order of time."""
        rng, cast, values, side = self._rng, self.cast, self._values, self._side
        self._before()
        times = arrivals(rng, values["shape"], len(cast.members), self._begin_ms, self._length_ms)
        order = list(cast.members)
        rng.shuffle(order)
        said: list[Event] = []
        for member, time_ms in zip(order, times, strict=True):
            said += self._come(member.name, time_ms, said)
        defenders = self._answered(cast.answering, said)
        self._others(times, said)
        speaking = [event["time"] for event in said]
        callers = [] if cast.caller is None or values["call"] != "on" else [cast.caller]
        events = [self._stage.wardrobe.dress(event) for event in self._events]
        events.sort(key=lambda event: (event["time"], event["id"]))
        members = sorted(member.name for member in cast.members)
        place = self._stage.wardrobe.home(self._target)
        truth = {
            "id": self._number,
            "scenario": scenario,
            "pile_on": side.pile_on,
            "target": {"kind": "account", "id": self._target},
            "started_at": min(speaking),
            "ended_at": max(speaking),
            "attackers": members if side.pile_on else [],
            "defenders": sorted(defenders) if side.pile_on else [],
            "instigator": callers[0] if side.pile_on and callers else None,
            "preset": preset,
            "pair": pair,
            "parameters": {name: values[name] for name in sorted(values)},
            "participants": len(members),
            "sharers": sorted({event["author"] for event in events if event["type"] == "share"}),
            "bystanders": sorted(set(cast.onlookers)),
            "caller": callers[0] if callers else None,
            "sources": cast.sources if side.pile_on else [],
            "threads": [] if self._thread is None else [self._thread],
            "communities": [] if place is None else [place],
            "accounts": [],
        }
        return Campaign(events, truth)

    def _before(self) -> None:
        """The target's thread, and the posts and quotes that point at him."""
        rng, stage, values = self._rng, self._stage, self._values
        if stage.wardrobe.world["threads"] == "on":
            opened_ms = self._begin_ms - rng.randrange(2 * MINUTE_MS, 300 * MINUTE_MS)
            post = self._add("post", self._target, max(opened_ms, stage.background.start_ms), None)
            self._thread = self._newest = post["id"]
            self._events[-1].update(self._text("plain", 0.0))
        self._outings()
        lead_ms = min(max(self._length_ms // 4, MINUTE_MS), 30 * MINUTE_MS)
        for author in self.cast.pointing:
            self._point(author, self._begin_ms - rng.randrange(MINUTE_MS, 120 * MINUTE_MS))
        if values["call"] == "on" and self.cast.caller is not None:
            self._point(self.cast.caller, self._begin_ms - rng.randrange(5_000, lead_ms + 5_001))

    def _outings(self) -> None:
        """Some of the crowd were lately together elsewhere: in small groups, each at two others."""
        rng, people = self._rng, self._stage.people
        known = [member.name for member in self.cast.members if member.account >= 0]
        going = rng.sample(known, round(len(known) * self._values["earlier"]))
        start_ms = self._stage.background.start_ms
        while len(going) >= _SMALLEST_GROUP:
            group, going = going[:_LARGEST_GROUP], going[_LARGEST_GROUP:]
            for place in people.places(rng, self._begin_ms, 2):
                when = self._begin_ms - rng.randrange(60 * MINUTE_MS, 2_000 * MINUTE_MS)
                for name in group:
                    time_ms = max(start_ms, when + rng.randrange(60 * MINUTE_MS))
                    event = self._add(
                        rng.choices(*self._stage.ways)[0],
                        name,
                        min(time_ms, self._begin_ms - MINUTE_MS),
                        people.name(place),
                    )
                    event.update(self._text("plain", self._stage.wardrobe.world["ordinary_hostile"]))

    def _point(self, author: str, time_ms: int) -> None:
        rng = self._rng
        time_ms = self._grain(max(time_ms, self._stage.background.start_ms))
        event = pointing(rng, author, self._target, time_ms, self._thread, self._id(), rng.random() < 0.5)
        event.update(self._text("plain", self._stage.wardrobe.world["ordinary_hostile"]))
        self._events.append(event)

    def _come(self, name: str, time_ms: int, earlier: list[Event]) -> list[Event]:
        """Everything that one member does; what he says is given back."""
        rng, values, side = self._rng, self._values, self._side
        said: list[Event] = []
        while True:
            to = None
            if earlier and rng.random() < values["chat"]:
                to = rng.choice(earlier[-30:])
            said.append(self._speak(name, time_ms, to))
            time_ms += 6_000 + int(rng.lognormvariate(5.0, 1.0) * 1000)
            if rng.random() >= values["again"] or time_ms > self._begin_ms + self._length_ms + 10 * MINUTE_MS:
                break
        first_ms = said[0]["time"]
        if rng.random() < values["own_shares"]:
            self._share(name, first_ms + rng.randrange(-20_000, 60_000))
        if self._reacts and rng.random() < 0.3:
            self._react(name, first_ms + rng.randrange(-20_000, 60_000), side.warm)
        if self._reacts and rng.random() < side.reporting:
            when = self._grain(first_ms + rng.randrange(1_000, 300_000))
            self._events.append(report(rng, name, self._target, when, self._id()))
        return said

    def _speak(self, name: str, time_ms: int, to: Event | None) -> Event:
        rng, side, values = self._rng, self._side, self._values
        if to is not None and to["author"] != name:
            event = self._add("reply", name, max(time_ms, to["time"] + 5_000), to["author"])
            self._in_thread(event, to["id"])
            event.update(self._text("plain", self._stage.wardrobe.world["ordinary_hostile"]))
            return event
        kinds, weights = self._stage.ways
        event = self._add(rng.choices(kinds, weights)[0], name, time_ms, self._target)
        parent = self._thread if rng.random() < ON_ROOT else self._newest
        self._in_thread(event, parent)
        self._newest = event["id"]
        if rng.random() < values["alike"] and self._slogan is not None:
            event.update(text=vary(rng, self._slogan), lang=self._lang)
        else:
            event.update(self._text(rng.choice(side.tones), side.hostile))
        return event

    def _answered(self, people: list[str], said: list[Event]) -> set[str]:
        """Let others answer members of the crowd, once or more, with their own words."""
        rng = self._rng
        at_target = [event for event in said if event.get("target") == self._target]
        spoke: set[str] = set()
        for person in people:
            for _ in range(1 + (rng.random() < 0.35)):
                to = rng.choice(at_target)
                event = self._add(
                    "reply", person, to["time"] + 8_000 + int(rng.lognormvariate(4.6, 0.9) * 1000), to["author"]
                )
                self._in_thread(event, to["id"])
                event.update(self._text("warm", self._stage.wardrobe.world["ordinary_hostile"]))
                spoke.add(person)
        return spoke

    def _others(self, times: list[int], said: list[Event]) -> None:
        """Those who share or react without a word, and the target's own answers."""
        rng, side = self._rng, self._side
        for person in self.cast.sharers:
            self._share(person, rng.choice(times) + rng.randrange(-120_000, 120_000))
        if self._reacts:
            for person in self.cast.onlookers:
                self._react(person, rng.choice(times) + rng.randrange(-60_000, 240_000), side.warm)
        for event in said:
            if event.get("target") == self._target and rng.random() < side.answers:
                later = event["time"] + 15_000 + int(rng.lognormvariate(5.0, 0.9) * 1000)
                answer = self._add("reply", self._target, later, event["author"])
                self._in_thread(answer, event["id"])
                answer.update(self._text("plain", self._stage.wardrobe.world["ordinary_hostile"]))

    @property
    def _reacts(self) -> bool:
        return bool(self._stage.wardrobe.world["reactions"] == "on")

    def _share(self, name: str, time_ms: int) -> None:
        time_ms = max(time_ms, self._begin_ms - MINUTE_MS)
        self._add("share", name, time_ms, self._target)
        if self._rng.random() < self._stage.mentions_a_share:
            self._add("mention", name, time_ms, self._target)

    def _react(self, name: str, time_ms: int, warm: float) -> None:
        self._events.append(reaction(self._rng, name, self._target, self._grain(time_ms), self._id(), warm))

    def _add(self, kind: str, author: str, time_ms: int, target: str | None) -> Event:
        event: Event = {"id": self._id(), "type": kind, "time": self._grain(time_ms), "author": author}
        if target is not None:
            event["target"] = target
        self._events.append(event)
        return event

    def _in_thread(self, event: Event, parent: str | None) -> None:
        if self._thread is not None and parent is not None:
            event.update(thread=self._thread, thread_author=self._target, parent=parent)

    def _id(self) -> str:
        return new_id(self._stage.seed, f"{self._number}/{len(self._events)}/{self._rng.getrandbits(32)}")

    def _grain(self, time_ms: int) -> int:
        return time_ms - time_ms % self._stage.background.grain_ms

    def _language(self) -> str | None:
        return self._stage.wardrobe.lang(self._target)

    def _words(self, tone: str, hostile: float) -> str | None:
        return self._stage.wardrobe.words(self._rng, self._lang, hostile, tone)

    def _text(self, tone: str, hostile: float) -> dict[str, Any]:
        words = self._words(tone, hostile)
        return {} if words is None else {"text": words, "lang": self._lang}
