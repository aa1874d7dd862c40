"""One source partition on Kafka: its messages as frames, and what a restart needs to go on exactly there.

The committed offset is that of the first message of which anything still waits; the state from before that message
travels in the commit's metadata. What is read again gives the same frames again, which their readers drop.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec
import numpy as np

from streams.detection import Summary
from streams.frames import TICK_MS, Frame
from streams.ingest import Ingest, SourceProgress
from streams.settings import Settings
from streams.wire import REASONS, Decoded, Decoder, Refusal
from streams.wire.origin import Origin, from_messages

_MOST_FLOORS: Final = 50
"""A broker takes 4,096 bytes with a committed offset."""


class Message(NamedTuple):
    """A message of a source.

    Attributes
    ----------
    offset : in its partition
    appended_ms : when the broker appended it, ms UTC
    value : its bytes, None if it has none
    is_end : whether it is the end mark
    """

    offset: int
    appended_ms: int
    value: bytes | None
    is_end: bool


class Position(msgspec.Struct, frozen=True, array_like=True):
    """What is committed with an offset.

    Attributes
    ----------
    progress : of the source before the message at the offset
    floors : offsets, and the marks that the source was carried to before the message there was read
    ended : whether the end mark has been read
    """

    progress: SourceProgress
    floors: list[tuple[int, int]]
    ended: bool


@dataclass(slots=True)
class _Waiting:
    """Messages from an offset on of which something may wait, until the source is complete up to `newest_ms`."""

    offset: int
    before: SourceProgress
    newest_ms: int


class SourcePartition:
    """One source partition.

    Parameters
    ----------
    settings
        What is set.
    number
        Of the source.
    name
        What origins call it.
    offset, metadata
        What is committed; None and "" for a new one.
    beginning
        Offset of its oldest message.
    summary
        Where events are counted.

    Attributes
    ----------
    next_offset
        The message that it wants next.
    ended
        Whether it has had its end mark.
    """

    def __init__(
        self,
        settings: Settings,
        number: int,
        name: str,
        *,
        offset: int | None,
        metadata: str,
        beginning: int,
        summary: Summary,
    ) -> None:
        position = read_position(metadata)
        self._name = name
        self._append_future_ms = 1000 * settings.kafka.append_future_s
        self._decoder = Decoder(take_private=settings.take_private)
        self.ingest = Ingest(
            number,
            allowed_lateness_ms=1000 * settings.allowed_lateness_s,
            future_ms=1000 * settings.future_s,
            progress=position.progress,
        )
        self.next_offset = beginning if offset is None else max(offset, beginning)
        self.ended = position.ended
        self._summary = summary
        self._floors = deque(position.floors)
        self._given: list[tuple[int, int]] = list(position.floors)
        self._waiting: deque[_Waiting] = deque()

    def take(self, messages: Sequence[Message]) -> tuple[list[Frame], list[Refusal]]:
        """The frames that became complete with these messages, the next ones in order, and what was refused."""
        frames: list[Frame] = []
        refusals: list[Refusal] = []
        start = 0
        for stop in range(1, len(messages) + 1):
            last = messages[stop - 1]
            cut = self._floors and stop < len(messages) and messages[stop].offset >= self._floors[0][0]
            if stop == len(messages) or last.is_end or messages[stop].is_end or cut:
                self._carry_again(messages[start].offset, frames)
                self._take(messages[start:stop], frames, refusals)
                start = stop
        return frames, refusals

    def carry(self, mark: int) -> None:
        """Nothing comes: from the next message on the source is complete up to this tick.

        `position` says so from now on; the frame that says so is made by `carried`, once that has been committed.
        """
        self._floors.append((self.next_offset, mark))
        self._given.append((self.next_offset, mark))

    def carried(self) -> list[Frame]:
        """The frames of what `carry` said, in order."""
        frames: list[Frame] = []
        self._carry_again(self.next_offset, frames)
        return frames

    @property
    def can_be_carried(self) -> bool:
        """Whether there is room to say one thing more with the committed offset, and the source has not ended."""
        return not self.ended and len(self._given) < _MOST_FLOORS

    @property
    def mark(self) -> int:
        """The first tick that is not complete."""
        return self.ingest.progress.mark

    @property
    def position(self) -> tuple[int, str]:
        """The offset to commit, and its metadata, once every frame that was given is safe."""
        while self._waiting and not self._holds(0) and self._waiting[0].newest_ms // TICK_MS < self.mark:
            self._waiting.popleft()
        offset = self._waiting[0].offset if self._waiting else self.next_offset
        progress = self._waiting[0].before if self._waiting else self.ingest.progress
        self._given = [one for one in self._given if one[0] >= offset and one[1] > progress.floor]
        return offset, msgspec.json.encode(Position(progress, self._given, self.ended)).decode()

    def _holds(self, at: int) -> bool:
        return at == len(self._waiting) - 1 and self.ingest.is_holding

    def _carry_again(self, offset: int, frames: list[Frame]) -> None:
        while self._floors and self._floors[0][0] <= offset:
            _, mark = self._floors.popleft()
            frame = self.ingest.carry(mark)
            if frame is not None:
                frames.append(frame)

    def _take(self, messages: Sequence[Message], frames: list[Frame], refusals: list[Refusal]) -> None:
        first = messages[0]
        self.next_offset = messages[-1].offset + 1
        if self.ended:
            refusals += [
                Refusal("after_end", REASONS["after_end"], Origin(self._name, one.offset), one.value or b"")
                for one in messages
                if not one.is_end
            ]
        elif first.is_end:
            frames.append(self.ingest.end())
            self.ended = True
            self._waiting.clear()
        else:
            before, held, late = self.ingest.progress, self.ingest.is_holding, self.ingest.late
            frame = self.ingest.push(self._decode(messages, refusals))
            self._summary.late += self.ingest.late - late
            newest_ms = self.ingest.progress.newest_ms
            if held and self._waiting:
                self._waiting[-1].newest_ms = newest_ms if newest_ms is not None else -1
            else:
                self._waiting.append(_Waiting(first.offset, before, -1 if newest_ms is None else newest_ms))
            if frame is not None:
                frames.append(frame)
        refusals += self.ingest.refused
        self.ingest.refused.clear()

    def _decode(self, messages: Sequence[Message], refusals: list[Refusal]) -> Decoded:
        lines = from_messages([one.value for one in messages], self._name, [one.offset for one in messages])
        decoded = self._decoder.decode(lines)
        appended = {one.offset: one.appended_ms for one in messages}
        limits = np.array([appended[lines.locate(at).line] for at in range(len(lines.values))], np.int64)
        decoded, ahead = without_future(decoded, limits + self._append_future_ms)
        self._summary.note(decoded)
        refusals += decoded.refusals
        refusals += ahead
        return decoded


def without_future(decoded: Decoded, limits_ms: np.ndarray) -> tuple[Decoded, list[Refusal]]:
    """What was decoded, less the events that are later than a limit, and these as refusals.

    Parameters
    ----------
    limits_ms
        The latest time that an event of each line may have, of shape `(lines,)`.
    """
    rows = np.arange(decoded.taken) if decoded.event_of_row is None else decoded.event_of_row
    if not len(rows):
        return decoded, []
    first = decoded.batch["part"] == 0
    ahead = decoded.batch["time"][first] > limits_ms[decoded.line_of]
    if not ahead.any():
        return decoded, []
    starts = np.flatnonzero(first)
    refusals = [
        Refusal("future", _AHEAD, decoded.origin_of(row), decoded.raw_of(row)) for row in starts[ahead].tolist()
    ]
    kept = ~ahead
    decoded.batch = decoded.batch.take(kept[rows])
    decoded.event_of_row = (np.cumsum(kept) - 1)[rows[kept[rows]]]
    decoded.line_of = decoded.line_of[kept]
    decoded.element_of = None if decoded.element_of is None else decoded.element_of[kept]
    return decoded, refusals


_AHEAD: Final = (
    "The event lies further ahead of the moment when the broker appended it than a clock may be wrong; correct the "
    "sender's clock and send it again."
)


def read_position(metadata: str) -> Position:
    """What was committed with an offset; a fresh start if nothing was, or by somebody else."""
    try:
        return msgspec.json.decode(metadata, type=Position)
    except msgspec.MsgspecError:
        return Position(SourceProgress(), [], ended=False)
