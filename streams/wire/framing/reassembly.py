"""Messages put together to frames again, whoever wrote them and however they are mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from graph.columns import Batch
from streams.frames import Frame
from streams.wire.framing.body import unpack, verify
from streams.wire.framing.header import Header, damaged, group_of, peek


@dataclass(slots=True)
class _Set:
    """Parts of one frame that have come: by number, where each stood last, and what it is."""

    mark_tick: int
    parts: dict[int, tuple[int, Header, bytes]] = field(default_factory=dict)

    @property
    def oldest(self) -> int:
        return min(position for position, _, _ in self.parts.values())


class Reassembly:
    """Puts the messages of one partition together.

    While a partition changes hands two writers may send to it, mixing their parts; a frame may come twice; a writer
    may stop in the middle of one. So parts are collected by source and frame. What is left over of a frame is
    forgotten when a whole frame of its source has come with a mark that is not below its own, and so are parts that
    come after that: all of their rows have come by then. Who begins to read anew begins with an empty one.

    Attributes
    ----------
    first
        The least position among the messages of the frame that `feed` gave last; -1 before the first.
    """

    def __init__(self) -> None:
        self._sets: dict[tuple[int, int], _Set] = {}
        self._marks: dict[int, int] = {}
        self.first = -1

    @property
    def waiting(self) -> bool:
        """Whether parts of a frame are held that is not complete."""
        return bool(self._sets)

    @property
    def oldest(self) -> int | None:
        """The least position among the parts that are held, None if there are none.

        Who begins to read anew must not begin after it.
        """
        return min((one.oldest for one in self._sets.values()), default=None)

    def feed(self, message: bytes, position: int) -> Frame | None:
        """Take the message at this position in; the frame that it completes, if it does.

        A frame of one part is given whenever it comes; one of several parts once.

        Raises
        ------
        FrameError
            If the message cannot be read.
        """
        header = peek(message)
        if header.parts == 1:
            return self._give([(position, header, message)])
        verify(header, message)
        passed = self._marks.get(header.source)
        if passed is not None and header.mark_tick <= passed:
            return None
        held = self._sets.setdefault((header.source, header.group), _Set(header.mark_tick))
        held.parts[header.part] = position, header, message
        if len(held.parts) < header.parts:
            return None
        return self._give([held.parts[number] for number in sorted(held.parts)])

    def _give(self, parts: Sequence[tuple[int, Header, bytes]]) -> Frame:
        headers = [header for _, header, _ in parts]
        head = headers[0]
        if group_of(headers) != head.group:
            raise damaged(head.release, "its parts do not belong together")
        batch = Batch.concat([unpack(header, message) for _, header, message in parts])
        self.first = min(position for position, _, _ in parts)
        mark = self._marks[head.source] = max(head.mark_tick, self._marks.get(head.source, head.mark_tick))
        for key in [key for key, one in self._sets.items() if key[0] == head.source and one.mark_tick <= mark]:
            del self._sets[key]
        return Frame(head.source, batch, head.mark_tick, head.begin_ms, head.newest_ms)
