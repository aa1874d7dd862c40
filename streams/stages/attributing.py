"""Who did what in an episode, made out when there is something to say of it."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.episode import Episode
from alerts.evidence import Erased
from detectors.reading import Read, Reader, Reading
from detectors.surge import WINDOWS_S
from detectors.verdict import Outcome
from detectors.watch import Watch
from graph.window import Window


class Attributing:
    """Makes out who did what.

    Parameters
    ----------
    window
        Where rows are.
    read
        What reads texts.
    """

    def __init__(self, window: Window, read: Read) -> None:
        self._window, self._read = window, read

    def take(self, watch: Watch, episode: Episode, tick: int) -> None:
        """Let an episode take note of who did what up to the end of a tick, if it is about to tell, or if rows would leave
        the window before it does. In a harmless crowd nobody has a part that could be named.
        """
        if episode.verdict is Outcome.ORGANIC_SURGE:
            return
        attribution = episode.attribution
        if not episode.is_telling(tick) and (episode.is_over or not attribution.is_due(tick)):
            return
        around = watch.rows_between(tick - WINDOWS_S[-1], tick)
        if len(around):
            episode.played = attribution.take(
                self._window, watch.subject, around, episode.onset_tick, tick, episode.finding, self._read
            )


def reading_with(reader: Reader) -> Read:
    """What reads texts as the window holds them: one that was taken back was read before it went."""

    def read(texts: Sequence[object]) -> list[Reading | None]:
        found = [text.reading if isinstance(text, Erased) else None for text in texts]
        whole = [at for at, text in enumerate(texts) if isinstance(text, str)]
        readings = reader.read([text for text in texts if isinstance(text, str)])
        for at, reading in zip(whole, readings, strict=True):
            found[at] = reading
        return found

    return read
