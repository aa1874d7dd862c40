"""One partition of a stage with state: where it stands in its log, and how it comes back to that after a restart.

The messages from `start` to `applied` of the last checkpoint fill the window again; those after it are handled.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from graph.noted import StateError
from streams.frames import Frame
from streams.state import Checkpoint, Checkpoints, Saved
from streams.state.checkpoint import Record
from streams.wire.framing import Reassembly

_NOTHING: Final = -1

Out_co = TypeVar("Out_co", covariant=True)


class GapError(Exception):
    """A message came that is not the next one of its partition."""


class Keeper(Protocol[Out_co]):
    """A stage that keeps state, whatever it is fed with."""

    @property
    def ended(self) -> bool:
        """Whether its input has come to its end."""

    def advance(self) -> Out_co:
        """Handle every tick that is complete."""

    def save(self, number: int, oldest: int) -> Saved:
        """What the checkpoint of this number has to hold, when none before `oldest` is kept."""

    def load(self, checkpoint: Checkpoint) -> None:
        """Take back what a checkpoint holds; checkpoints come in the order of their numbers."""

    def resume(self, live: bytes) -> None:
        """Go on from the newest checkpoint, after the frames of the window were fed again."""


class Stage(Keeper[Out_co], Protocol[Out_co]):
    """A stage that keeps state and is fed with frames."""

    @property
    def needs_tick(self) -> int:
        """The first tick of which rows are needed when it is restored."""

    def feed(self, frame: Frame) -> None:
        """Take a frame."""


Out = TypeVar("Out")


class _Span(NamedTuple):
    """Where a frame begins in the log, and its last tick."""

    offset: int
    last_tick: int


class BasePlace(ABC, Generic[Out]):
    """A stage's partition, whatever its messages are.

    Parameters
    ----------
    keeper
        The stage, fresh, without state.
    release
        Of the program.
    records
        All of the partition's state, in order.
    beginning
        Offset of the oldest message that is still in the log.

    Attributes
    ----------
    next_offset
        The message that it wants next.
    """

    def __init__(self, keeper: Keeper[Out], release: str, records: Iterable[Record], beginning: int) -> None:
        self.keeper = keeper
        self.checkpoints = Checkpoints(release)
        self._live = b""
        for checkpoint in self.checkpoints.read(records):
            keeper.load(checkpoint)
            self._live = checkpoint.saved.live
        manifest = self.checkpoints.manifest
        self.next_offset = beginning if manifest is None else manifest.start
        self._until = _NOTHING if manifest is None else manifest.applied
        self._saved_offset = self.next_offset if manifest is None else manifest.applied + 1
        self._is_touched = False
        if manifest is not None:
            if beginning > manifest.start:
                raise StateError(
                    f"the log begins at message {beginning}, and message {manifest.start} is needed to go on; "
                    "keep frames for longer than the longest outage"
                )
            if not self.is_filling:
                keeper.resume(self._live)

    @property
    def is_filling(self) -> bool:
        """Whether the window is being filled again."""
        return self.next_offset <= self._until

    @property
    def left_to_fill(self) -> int:
        """How many messages are left until the window is full again."""
        return max(0, self._until + 1 - self.next_offset)

    @property
    def is_dirty(self) -> bool:
        """Whether anything was handled since the last checkpoint."""
        return not self.is_filling and (self._is_touched or self.next_offset > self._saved_offset)

    def touch(self) -> None:
        """Something was handled though no message of the partition came."""
        self._is_touched = True

    def skip_to(self, offset: int) -> None:
        """Nothing stands between the message that was to be the next and this offset."""
        self.next_offset = max(self.next_offset, offset)

    @abstractmethod
    def take(self, offset: int, message: bytes) -> int:
        """Take the message at this offset; one that was taken before is left aside.

        Returns
        -------
        How many rows came to be handled with it.

        Raises
        ------
        GapError
            If it is not the next one.
        """

    def advance(self) -> Out | None:
        """Handle every tick that is complete."""
        return None if self.is_filling else self.keeper.advance()

    def save(self) -> list[Record]:
        """The records of a checkpoint of everything that was handled."""
        start = self.start
        saved = self.keeper.save(self.checkpoints.number, self.checkpoints.oldest)
        self._saved_offset, self._is_touched = self.next_offset, False
        return list(self.checkpoints.write(saved, start=start, applied=self.next_offset - 1, ended=self.keeper.ended))

    @property
    def start(self) -> int:
        """Offset of the first message that is needed to go on from here."""
        return self.next_offset

    def _is_next(self, offset: int) -> bool:
        if offset > self.next_offset:
            raise GapError(f"message {offset} came, {self.next_offset} is the next")
        return offset == self.next_offset


class Place(BasePlace[Out]):
    """A place whose messages are frames.

    Parameters
    ----------
    stage
        Fresh, without state.
    release, records, beginning
        As of any place.
    """

    def __init__(self, stage: Stage[Out], release: str, records: Iterable[Record], beginning: int) -> None:
        self.stage = stage
        self._spans: list[_Span] = []
        self._reassembly = Reassembly()
        super().__init__(stage, release, records, beginning)

    def take(self, offset: int, message: bytes) -> int:
        """Take the message at this offset; one that was taken before is left aside.

        Returns
        -------
        How many rows came to be handled with it.

        Raises
        ------
        GapError
            If it is not the next one.
        """
        if not self._is_next(offset):
            return 0
        frame = self._reassembly.feed(message, offset)
        if frame is not None:
            if len(frame.batch):
                self._spans.append(_Span(self._reassembly.first, int(frame.batch["tick"].max())))
            self.stage.feed(frame)
        self.next_offset = offset + 1
        if offset < self._until:
            return 0
        if offset == self._until:
            self.stage.resume(self._live)
            self._live = b""
            return 0
        return 0 if frame is None else len(frame.batch)

    @property
    def start(self) -> int:
        """Offset of the first message that is needed to fill the window again."""
        needed, oldest = self.stage.needs_tick, self._reassembly.oldest
        self._spans = [span for span in self._spans if span.last_tick >= needed]
        start = min([self.next_offset, *(span.offset for span in self._spans)])
        return start if oldest is None else min(start, oldest)


def placing(make: Callable[[int], Stage[Out]], release: str) -> Callable[[int, Iterable[Record], int], BasePlace[Out]]:
    """What takes a partition over by its number, its state and the beginning of its log."""
    return lambda number, records, beginning: Place(make(number), release, records, beginning)
