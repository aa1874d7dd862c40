"""The cases of a shard: each subject's episode, what a finding means for it, and what participants said in it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from itertools import repeat
from typing import Final

from alerts.episode import Episode, EpisodeState, opens
from alerts.record import Item, Participation, Record
from detectors.look import Finding
from detectors.model import Model
from detectors.signals import fresh_by_age
from detectors.surge import WINDOWS_S
from detectors.watch import Watch
from graph.events import NOT_PEOPLE, Flag
from graph.interactions import Act, Kind, does
from graph.window import Window
from streams.stages.recording import Recording
from streams.stages.shard_state import Parts, Subject
from streams.state import decode, encode

_LATE, _MENDED = int(Flag.LATE), int(Flag.MENDED)
_STRANGER_MS: Final = 1000 * WINDOWS_S[-1]


class Cases:
    """The episodes of a shard's subjects, at most one each: under way, or lately over.

    Parameters
    ----------
    window
        Where rows are.
    model
        Figures and weights of the verdict.
    salt
        Secret that text hashes are salted with.
    recording
        What makes their evidence; None if nobody wants that.
    """

    def __init__(self, window: Window, model: Model, salt: str, recording: Recording | None = None) -> None:
        self._window, self._model, self._salt = window, model, salt
        self._recording = recording
        self._episodes: dict[Subject, Episode] = {}
        self._parts = Parts("episode/")

    def __iter__(self) -> Iterator[Episode]:
        return iter(self._episodes.values())

    def get(self, subject: Subject) -> Episode | None:
        """A subject's episode, None if it has none."""
        return self._episodes.get(subject)

    def waiting(self, until: int | None = None) -> list[Subject]:
        """The subjects whose episodes want to be asked again though nothing happens; those before tick `until`, if given."""
        ticks = ((subject, episode.next_tick) for subject, episode in self._episodes.items())
        return [subject for subject, tick in ticks if tick is not None and (until is None or tick < until)]

    def take(self, subject: Subject, finding: Finding) -> Episode | None:
        """What a finding means for the subject's case: it goes on, opens, opens again, or stays as it is."""
        episode, kind = self._episodes.get(subject), Kind(subject[0]).name.lower()
        if episode is not None and not episode.is_over and episode.is_slow == finding.is_slow:
            episode.on_finding(finding)
            return episode
        if not opens(kind, finding, self._model):
            return episode
        if episode is not None and episode.is_recent(finding.scene.tick):
            if episode.is_another_wave(finding):
                episode.reopen(finding)
            return episode
        opened = Episode(kind, subject[1], finding, self._model, self._salt)
        if self._recording is not None:
            opened.record = Record()
        opened.on_finding(finding)
        self._episodes[subject] = opened
        return opened

    def touch(self, subject: Subject) -> None:
        """A subject's case has changed, or is about to."""
        self._parts.touch(subject)

    def count(self, watch: Watch, episode: Episode, tick: int, known_ms: int) -> None:
        """Let an episode take note of what was said since it last did, up to the end of a tick; `known_ms` is for how long
        the log has run.
        """
        numbers = watch.rows_between(episode.counted_tick, tick)
        if not len(numbers):
            episode.counted_tick = tick
            return
        ring, names = self._window.ring, self._window.strings
        spoke = ring.rows(numbers)
        numbers = numbers[does(spoke["act"], Act.ADDRESS) & (spoke["flags"] & NOT_PEOPLE == 0)]
        said = ring.rows(numbers)
        time, flags = said["time"], said["flags"].tolist()
        fresh = fresh_by_age(time, said["created"], said["seen"], known_ms, self._model.population)
        stranger = said["first"] >= episode.started_ms - _STRANGER_MS
        recording = self._recording if episode.record is not None else None
        details = repeat(None) if recording is None else recording.details(watch, numbers, tick)
        episode.count(
            tick,
            map(
                Participation,
                [names[code] for code in said["author"].tolist()],
                said["id"].tolist(),
                time.tolist(),
                said["text"].tolist(),
                stranger.tolist(),
                fresh.tolist(),
                [flag & _LATE > 0 for flag in flags],
                [flag & _MENDED > 0 for flag in flags],
                details,
            ),
        )

    def erasing(self, until: int) -> list[Subject]:
        """The subjects of whose episodes it has to be told before tick `until` that texts were taken back."""
        return [
            subject
            for subject, episode in self._episodes.items()
            if episode.record is not None and episode.record.due is not None and episode.record.due < until
        ]

    def take_back(self, items: Mapping[Item, int]) -> None:
        """These items are being taken back, each at a tick: let it be told where their texts were."""
        for subject, episode in self._episodes.items():
            if episode.record is not None and episode.record.take_back(items):
                self.touch(subject)

    def forget(self, items: Container[Item]) -> None:
        """Erase the texts of these items where they were not told yet."""
        for subject, episode in self._episodes.items():
            if episode.record is not None and episode.record.forget(items):
                self.touch(subject)

    def let_go(self, tick: int) -> None:
        """Forget the episodes that ended so long ago that another wave would be another case."""
        for subject, episode in list(self._episodes.items()):
            is_told = episode.record is None or episode.record.due is None
            if episode.next_tick is None and is_told and not episode.is_recent(tick):
                del self._episodes[subject]
        if self._recording is not None:
            self._recording.forget(self._episodes.keys())

    @property
    def subjects(self) -> list[Subject]:
        """The subjects that have a case."""
        return list(self._episodes)

    def save(self, number: int, oldest: int) -> dict[str, bytes]:
        """The episodes that the checkpoint of this number has to hold, when none before `oldest` is kept."""
        due = self._parts.to_save(self.subjects, number, oldest)
        return {name: encode(self._episodes[subject].state) for name, subject in due.items()}

    def load(self, parts: dict[str, bytes], number: int) -> None:
        """Take back what the checkpoint of this number holds; checkpoints come in the order of their numbers."""
        self._parts.load(parts, number)

    def resume(self, subjects: list[Subject]) -> None:
        """Go on with the cases of these subjects, after `load`."""
        for subject, part in self._parts.take(subjects):
            self._episodes[subject] = Episode.restored(decode(part, EpisodeState), self._model, self._salt)
