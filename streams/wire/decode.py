"""Strict decoding of events: fast where nothing is wrong, exact where something is."""

from __future__ import annotations

from typing import Final

import numpy as np

from graph.columns import Batch
from graph.events import EVENT_SCHEMA
from streams.frames import compact
from streams.wire.chunk import Chunk
from streams.wire.columns import Ints, Pool
from streams.wire.decoded import Decoded
from streams.wire.origin import Lines

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
        pool = Pool()
        total = sum(map(len, lines.values))
        step = max(1, len(lines.values) * _CHUNK_BYTES // max(total, _CHUNK_BYTES))
        chunks: list[Chunk] = []
        for start in range(0, len(lines.values), step):
            chunk = Chunk(lines, start, min(start + step, len(lines.values)))
            chunk.decode(pool)
            chunks.append(chunk)
        pool.fill()
        return self._merged(lines, chunks)

    def _merged(self, lines: Lines, chunks: list[Chunk]) -> Decoded:
        out = Decoded(Batch.empty(EVENT_SCHEMA), 0, [], lines, np.empty(0, np.int64))
        batches: list[Batch] = []
        line_of: list[Ints] = []
        element_of: list[Ints] = []
        event_of_row: list[Ints] = []
        events = 0
        for chunk in chunks:
            chunk.refused.sort(key=lambda refused: refused[:2])
            out.refusals += [refusal for _, _, refusal in chunk.refused]
            if chunk.columns is None:
                continue
            columns = chunk.columns
            keep = np.full(len(columns.present), True) if self.take_private else ~columns.private
            rows = columns.rows()
            batch = columns.batch
            if not keep.all():
                out.private += int((~keep).sum())
                batch = batch.take(keep[rows])
                rows = (np.cumsum(keep) - 1)[rows[keep[rows]]]
            for event, whats in chunk.slow.items():
                if whats and keep[event]:
                    out.mended.update(whats)
                    out.mended_events += 1
            batches.append(batch)
            of_line, of_element = chunk.line_and_element()
            line_of.append(of_line[keep])
            element_of.append(of_element[keep])
            event_of_row.append(rows + events)
            events += int(keep.sum())
        if batches:
            out.batch = Batch.concat(batches)
            out.line_of = np.concatenate(line_of)
            out.element_of = np.concatenate(element_of)
            out.event_of_row = np.concatenate(event_of_row)
        if out.private or out.refusals or out.mended:
            out.batch = compact(out.batch)
        out.events = events + out.private + len(out.refusals)
        return out
