"""Strict decoding of events: fast where nothing is wrong, exact where something is."""

from __future__ import annotations

from typing import Final

import numpy as np

from graph.columns import Batch
from graph.events import EVENT_SCHEMA
from streams.frames import compact
from streams.garbage import no_collection
from streams.wire.chunk import Chunk
from streams.wire.columns import lay_out
from streams.wire.decoded import Decoded
from streams.wire.gather import Ints, Pool
from streams.wire.origin import Lines

_CHUNK_LINES: Final = 1024
_CHUNK_BYTES: Final = 512 << 10


class Decoder:
    """Decodes lines of JSON into columns.

    A line is one event or a JSON array of events, whose elements are taken or refused one by one.

    Parameters
    ----------
    take_private
        Whether events with `visibility` `private` are taken; otherwise they are dropped and counted.
    """

    def __init__(self, *, take_private: bool = False) -> None:
        self.take_private = take_private

    def decode(self, lines: Lines) -> Decoded:
        """Decode lines; refuses what is wrong and never raises for it.

        Parameters
        ----------
        lines
            Lines without their ends. How they are cut into calls changes nothing.
        """
        with no_collection():
            return self._decode(lines)

    def _decode(self, lines: Lines) -> Decoded:
        pool = Pool()
        total = sum(map(len, lines.values))
        count = len(lines.values)
        step = min(_CHUNK_LINES, max(1, count * _CHUNK_BYTES // max(total, _CHUNK_BYTES)))
        chunks: list[Chunk] = []
        for start in range(0, count, step):
            chunk = Chunk(lines, start, min(start + step, count))
            chunk.decode(pool)
            chunks.append(chunk)
        pool.fill()
        return self._merged(lines, chunks, pool)

    def _merged(self, lines: Lines, chunks: list[Chunk], pool: Pool) -> Decoded:
        out = Decoded(Batch.empty(EVENT_SCHEMA), 0, [], lines, np.empty(0, np.int64))
        mended: dict[int, frozenset[str]] = {}
        events = 0
        for chunk in chunks:
            chunk.refused.sort(key=lambda refused: refused[:2])
            out.refusals += [refusal for _, _, refusal in chunk.refused]
            if chunk.part is not None:
                mended.update((events + event, whats) for event, whats in chunk.slow.items() if whats)
                events += len(chunk.part.ids)
        if events:
            self._lay_out(out, [chunk for chunk in chunks if chunk.part is not None], mended, pool)
        if out.private or out.refusals or out.mended:
            out.batch = compact(out.batch)
        out.events = out.taken + out.private + len(out.refusals)
        return out

    def _lay_out(self, out: Decoded, chunks: list[Chunk], mended: dict[int, frozenset[str]], pool: Pool) -> None:
        columns = lay_out([chunk.part for chunk in chunks if chunk.part is not None], pool, list(mended))
        out.batch, out.event_of_row = columns.batch, columns.event_of_row
        out.line_of, out.element_of = _places(chunks)
        if columns.private.any() and not self.take_private:
            keep = ~columns.private
            out.private = int(columns.private.sum())
            rows = np.arange(len(keep)) if out.event_of_row is None else out.event_of_row
            out.batch = out.batch.take(keep[rows])
            out.event_of_row = (np.cumsum(keep) - 1)[rows[keep[rows]]]
            out.line_of = out.line_of[keep]
            out.element_of = None if out.element_of is None else out.element_of[keep]
            mended = {event: whats for event, whats in mended.items() if keep[event]}
        out.mended_events = len(mended)
        for whats in mended.values():
            out.mended.update(whats)


def _places(chunks: list[Chunk]) -> tuple[Ints, Ints | None]:
    """The line of each event, and its place in the line's array; None when there are no arrays."""
    if all(chunk.places is None for chunk in chunks):
        return np.concatenate([np.arange(chunk.start, chunk.stop) for chunk in chunks]), None
    places = [chunk.line_and_element() for chunk in chunks]
    return np.concatenate([line for line, _ in places]), np.concatenate([element for _, element in places])
