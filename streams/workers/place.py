"""One partition of a stage with state: where it stands in its log, and how it comes back to that after a restart.

The messages from `start` to `applied` of the last checkpoint fill the window again; those after it are handled.
"""

from __future__ import annotations

from collections.abc import Iterable
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


class Stage(Protocol[Out_co]):
    """A stage that keeps state."""

    @property
    def needs_tick(self) -> int:
        """The first tick of which rows are needed when it is restored."""

    @property
    def ended(self) -> bool:
        """Whether its input has come to its end."""

    def feed(self, frame: Frame) -> None:
        """Take a frame."""

    def advance(self) -> Out_co:
        """Handle every tick that is complete."""

    def save(self, number: int, oldest: int) -> Saved:
        """What the checkpoint of this number has to hold, when none before `oldest` is kept."""

    def load(self, checkpoint: Checkpoint) -> None:
        """Take back what a checkpoint holds; checkpoints come in the order of their numbers."""

    def resume(self, live: bytes) -> None:
        """Go on from the newest checkpoint, after the frames of the window were fed again."""


Out = TypeVar("Out")


class _Span(NamedTuple):
    """Where a frame begins in the log, and its last tick."""

    offset: int
    last_tick: int


class Place(Generic[Out]):
    """A stage's partition.

    Parameters
    ----------
    stage
        Fresh, without state.
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

    def __init__(self, stage: Stage[Out], release: str, records: Iterable[Record], beginning: int) -> None:
        self.stage = stage
        self.checkpoints = Checkpoints(release)
        self._live = b""
        for checkpoint in self.checkpoints.read(records):
            stage.load(checkpoint)
            self._live = checkpoint.saved.live
        manifest = self.checkpoints.manifest
        self.next_offset = beginning if manifest is None else manifest.start
        self._until = _NOTHING if manifest is None else manifest.applied
        self._spans: list[_Span] = []
        self._reassembly = Reassembly()
        self._saved_offset = self.next_offset if manifest is None else manifest.applied + 1
        if manifest is not None:
            if beginning > manifest.start:
                raise StateError(
                    f"the log begins at message {beginning}, and message {manifest.start} is needed to go on; "
                    "keep frames for longer than the longest outage"
                )
            if not self.is_filling:
                stage.resume(self._live)

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
        return not self.is_filling and self.next_offset > self._saved_offset

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
        if offset < self.next_offset:
            return 0
        if offset > self.next_offset:
            raise GapError(f"message {offset} came, {self.next_offset} is the next")
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

    def advance(self) -> Out | None:
        """Handle every tick that is complete."""
        return None if self.is_filling else self.stage.advance()

    def save(self) -> list[Record]:
        """The records of a checkpoint of everything that was handled."""
        needed = self.stage.needs_tick
        self._spans = [span for span in self._spans if span.last_tick >= needed]
        oldest = self._reassembly.oldest
        start = min([self.next_offset, *(span.offset for span in self._spans)])
        saved = self.stage.save(self.checkpoints.number, self.checkpoints.oldest)
        self._saved_offset = self.next_offset
        return list(
            self.checkpoints.write(
                saved,
                start=start if oldest is None else min(start, oldest),
                applied=self.next_offset - 1,
                ended=self.stage.ended,
            )
        )
