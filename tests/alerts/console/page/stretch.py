"""A simulated hour and a half that has just ended, and all that the engine says of it."""

import json
import time
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from alerts.alert import Revision
from alerts.record import Chunk
from streams.runner import Runner
from streams.settings import load
from streams.simulate import simulate
from streams.stages.signals import SignalRecord
from streams.wire import Decoder, Lines

HAPPENS = ("bot_raid", "brigade", "thread_raid", "viral_joy", "ama")
_HOUR_MS = 3_600_000
_BATCH = 200


class Stretch(NamedTuple):
    """What was said, in the order in which it was, and the second of event time that all of it precedes."""

    revisions: list[Revision]
    chunks: list[Chunk]
    signals: list[SignalRecord]
    end_tick: int

    @property
    def alerts(self) -> dict[str, list[Revision]]:
        """The revisions of each alert."""
        found: dict[str, list[Revision]] = {}
        for one in self.revisions:
            found.setdefault(one.id, []).append(one)
        return found

    def rests_on(self, revisions: Iterable[Revision]) -> list[Chunk]:
        """The evidence that came with these."""
        wanted = {(one.id, one.revision) for one in revisions}
        return [one for one in self.chunks if (one.alert, one.revision) in wanted]


def newest(revisions: list[Revision]) -> dict[str, Any]:
    """The alert as it stands."""
    alert: dict[str, Any] = json.loads(revisions[-1].body)
    return alert


@cache
def stretch() -> Stretch:
    """The stretch; the clock of its platform shows the same minutes as on any other day, so that the same is said of it."""
    simulation = simulate(11, 1.5, HAPPENS, pace=0.6)
    shift_ms = (int(1000 * time.time()) - simulation.end_ms) // _HOUR_MS * _HOUR_MS
    lines = [json.dumps(_later(event, shift_ms)).encode() for event in simulation.events]
    runner, decoder = Runner(load(), evidence=True), Decoder()
    found = Stretch([], [], [], (simulation.end_ms + shift_ms) // 1000)

    def note(revisions: list[Revision]) -> None:
        found.revisions.extend(revisions)
        found.chunks.extend(runner.evidence)
        found.signals.extend(runner.signals)

    for start in range(0, len(lines), _BATCH):
        note(runner.push(decoder.decode(Lines.numbered(lines[start : start + _BATCH], "stretch", start + 1))))
    note(runner.end())
    return found


def pile_on(size: int = 100) -> list[Revision]:
    """Of the alerts that turned out to be pile-ons on an account, the one with the largest crowd, which grows all the time."""
    found = [one for one in stretch().alerts.values() if _is_pile_on(newest(one))]
    largest = max(found, key=lambda one: one[-1].participants)
    assert largest[-1].participants >= size
    return largest


def harmless() -> list[Revision]:
    """The largest crowd that is none."""
    found = [one for one in stretch().alerts.values() if newest(one)["verdict"] == "organic_surge"]
    return max(found, key=lambda one: one[-1].participants)


def _is_pile_on(alert: dict[str, Any]) -> bool:
    return alert["verdict"] == "pile_on" and alert["target"]["kind"] == "account"


def _later(event: dict[str, Any], by_ms: int) -> dict[str, Any]:
    return {**event, **{name: event[name] + by_ms for name in ("time", "author_created_at") if name in event}}
