"""The demo from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Final, Protocol

from detectors.verdict import Outcome
from streams.demo.closing import Closing, close
from streams.demo.player import Gauges, Listener, Player
from streams.demo.story import Note, Story
from streams.runner import Runner
from streams.settings import Settings
from streams.simulate import Simulation, simulate

HOURS: Final = 4.0
SCENARIOS: Final = ("viral_joy", "brigade", "bot_raid", "quote_pile_on", "ama", "breaking_news")
"""What happens; the seed decides when and how."""
CATCH_UP_MS: Final = 30 * 60_000
"""How much of it, quiet yet, the engine reads at once before the clock begins to run."""
_FRAME_S: Final = 0.1


class Audience(Protocol):
    """Whoever the demo is shown to."""

    def note(self, note: Note) -> None:
        """A revision worth a line has come."""
        ...

    def frame(self, story: Story, gauges: Gauges) -> None:
        """The clock has advanced."""
        ...


@dataclass(frozen=True, slots=True)
class Ended:
    """How the demo ended.

    Attributes
    ----------
    alarm
        The note of the first alert called `pile_on`, if there was one.
    closing
        What was said, beside what really happened.
    """

    alarm: Note | None
    closing: Closing


def prepare(seed: int) -> Simulation:
    """The stretch of a platform's life that is played."""
    return simulate(seed, HOURS, SCENARIOS)


def show(
    simulation: Simulation,
    settings: Settings,
    audience: Audience,
    *,
    speed: float,
    until_alert: bool,
    wait: Callable[[float], None] = sleep,
    listener: Listener | None = None,
) -> Ended:
    """Play a simulation into a new engine as its clock advances, and show what becomes of it.

    Parameters
    ----------
    speed
        Event seconds for each second of the wall clock.
    until_alert
        End at the first alert called `pile_on`.
    wait
        Lets so many seconds of the wall clock pass.
    listener
        Is told all that the engine says, with the evidence for it.
    """
    runner = Runner(settings, evidence=listener is not None)
    player, story = Player(simulation, runner, listener), Story()
    audience.frame(story, player.gauges)
    alarm = None
    begin_ms, began = simulation.start_ms + CATCH_UP_MS, monotonic()
    while not player.ended:
        due_ms = begin_ms + int((monotonic() - began) * speed * 1000)
        alarm = _play(player, story, audience, due_ms, alarm, until_alert=until_alert)
        audience.frame(story, player.gauges)
        if alarm is not None and until_alert:
            break
        if not player.ended:
            wait(_FRAME_S)
    if listener is not None:
        listener.end()
    clock_ms = alarm.alert["updated_at"] if alarm is not None and until_alert else simulation.end_ms
    return Ended(alarm, close(simulation.truth, story.revisions, simulation.start_ms, clock_ms))


def _play(
    player: Player, story: Story, audience: Audience, due_ms: int, alarm: Note | None, *, until_alert: bool
) -> Note | None:
    """Let the clock run up to a time; the first alarm, if it has come by then."""
    for revisions in player.play(due_ms):
        for revision in revisions:
            note = story.take(revision)
            if note is not None:
                audience.note(note)
                if alarm is None and revision.verdict is Outcome.PILE_ON:
                    alarm = note
                    if until_alert:
                        return alarm
    return alarm
