"""What a shard's checkpoint holds beside the tables of its window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.noted import StateError
from streams.stages.control import ControlState
from streams.stages.order import Progress

Subject = tuple[int, str]
"""Kind and id."""


@dataclass(frozen=True, slots=True)
class ShardLive:
    """What every checkpoint has the whole of.

    Attributes
    ----------
    progress : of its sources
    tick : the first that was not handled
    begin_ms : since when the log has run
    first, end : numbers of the rows in the window
    watches : subjects that are watched, each with its next look
    slow, episodes : subjects that are watched slowly, and those with a case; what these are is in parts
    taken_back : id and author of items that were taken back lately, and when, oldest first
    control : what is known of the learner's records
    """

    progress: Progress
    tick: int
    begin_ms: int
    first: int
    end: int
    watches: list[tuple[int, str, tuple[int, int]]]
    slow: list[Subject]
    episodes: list[Subject]
    taken_back: list[tuple[str | None, str | None, int]]
    control: ControlState = field(default_factory=ControlState)


class Parts:
    """Which things are in which checkpoint, each under its name.

    Parameters
    ----------
    family
        What the names begin with.
    """

    def __init__(self, family: str) -> None:
        self._family = family
        self._saved: dict[Subject, int] = {}
        self._loaded: dict[str, tuple[int, bytes]] = {}

    def touch(self, subject: Subject) -> None:
        """The thing has changed."""
        self._saved.pop(subject, None)

    def to_save(self, subjects: list[Subject], number: int, oldest: int) -> dict[str, Subject]:
        """Those of all that there are which the checkpoint of this number has to hold, by name."""
        due = [subject for subject in subjects if self._saved.get(subject, oldest - 1) < oldest]
        here = dict.fromkeys(due, number)
        self._saved = {subject: self._saved.get(subject, number) for subject in subjects} | here
        return {self._name(subject): subject for subject in due}

    def load(self, parts: dict[str, bytes], number: int) -> None:
        """Take back what the checkpoint of this number holds."""
        self._loaded |= {name: (number, part) for name, part in parts.items() if name.startswith(self._family)}

    def take(self, subjects: list[Subject]) -> Iterator[tuple[Subject, bytes]]:
        """What was loaded of these, all that there are.

        Raises
        ------
        StateError
            If a thing is in none of the checkpoints.
        """
        for subject in subjects:
            found = self._loaded.get(self._name(subject))
            if found is None:
                raise StateError(f"none of the checkpoints has {self._name(subject)}")
            self._saved[subject], part = found
            yield subject, part
        self._loaded.clear()

    def _name(self, subject: Subject) -> str:
        return f"{self._family}{subject[0]}/{subject[1]}"
