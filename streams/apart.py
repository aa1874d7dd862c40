"""Shards in processes of their own, so that a backlog is handled on all cores of a machine.

While the shards handle one frame, the process that reads makes the next ready: there is always one on its way, and what
comes of it is handed on with the next. What is said does not depend on it, only when.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final, NamedTuple

from alerts.alert import Revision
from alerts.chunk import Chunk
from streams.frames import Frame
from streams.garbage import no_collection
from streams.stages.shard import ShardStage, ShardStatus

_PROTOCOL: Final = 5
_LONG_BYTES: Final = 8_000_000
_MOST: Final = 4
"""What reads keeps no more of them busy."""
_END: Final = b""
"""By what a process knows that no more will come: that the other end closes it cannot see while a sister has it open."""
_END_S: Final = 10.0


class ShardProcessError(Exception):
    """A process that handles targets failed or is gone; the text says how."""


def worthwhile(size_bytes: int) -> int:
    """In how many processes to handle a backlog of this size; 1 if it is short, or cannot be shared on this system."""
    if sys.platform != "linux" or size_bytes < _LONG_BYTES:
        # Elsewhere there is no fork, or it is not safe.
        return 1
    return min(len(os.sched_getaffinity(0)), _MOST)


@dataclass(frozen=True, slots=True)
class _Failure:
    """What a shard sends in the place of an answer when it cannot go on."""

    trace: str


class Answer(NamedTuple):
    """What came of some frames: the revisions that became due, their evidence if it is wanted, and how the shard stands."""

    revisions: list[Revision]
    evidence: list[Chunk]
    status: ShardStatus


class ShardProcess:
    """A shard stage, as it is, in a process of its own.

    Parameters
    ----------
    shard
        The stage, which has taken nothing yet; the caller's stays as it is.
    """

    def __init__(self, shard: ShardStage) -> None:
        self.status = shard.status
        """How it stood after the last frame that was handled."""
        context = multiprocessing.get_context("fork")
        self._connection, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(shard, there, self._connection), daemon=True)
        self._process.start()
        there.close()
        self._frames: list[Frame] = []
        self._evidence: list[Chunk] = []
        self._is_asked = False

    def feed(self, frame: Frame) -> None:
        """Take a frame, which is sent by `exchange`."""
        self._frames.append(frame)

    def exchange(self) -> list[Revision]:
        """Send the frames that were fed, if any were; the revisions that came of those before them.

        Raises
        ------
        ShardProcessError
            If it cannot go on.
        """
        packed = pickle.dumps(self._frames, _PROTOCOL) if self._frames else None
        self._frames = []
        # It is sent nothing before it has answered, so neither side ever waits for the other to read.
        revisions = self._receive() if self._is_asked else []
        if packed is not None:
            try:
                self._connection.send_bytes(packed)
            except OSError as error:
                raise self._gone() from error
            self._is_asked = True
        return revisions

    def take_evidence(self) -> list[Chunk]:
        """The evidence that came with the revisions since the last call."""
        evidence, self._evidence = self._evidence, []
        return evidence

    def close(self) -> None:
        """Let the process end; nothing more is asked of it, and what it is doing is left."""
        if self._connection.closed:
            return
        if self._is_asked:
            self._process.kill()
        with suppress(OSError):
            self._connection.send_bytes(_END)
        self._connection.close()
        self._process.join(_END_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _receive(self) -> list[Revision]:
        try:
            answer = pickle.loads(self._connection.recv_bytes())  # noqa: S301 - from our own process
        except (EOFError, OSError) as error:
            raise self._gone() from error
        self._is_asked = False
        if isinstance(answer, _Failure):
            raise ShardProcessError(f"A process that handles targets failed:\n{answer.trace}")
        self.status = answer.status
        self._evidence += answer.evidence
        return list(answer.revisions)

    def _gone(self) -> ShardProcessError:
        self._process.join(_END_S)
        return ShardProcessError(
            f"A process that handles targets is gone (exit code {self._process.exitcode}), perhaps for want of memory. "
            "--processes 1 does all in one process."
        )


def _serve(shard: ShardStage, connection: Connection, theirs: Connection) -> None:
    """Handle what comes, until there is no more."""
    theirs.close()
    # The process that reads is interrupted, and closes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What came from there is never garbage here, and to search it would copy its pages.
    gc.freeze()
    with suppress(EOFError, OSError):
        while packed := connection.recv_bytes():
            connection.send_bytes(pickle.dumps(_answer(shard, packed), _PROTOCOL))


def _answer(shard: ShardStage, packed: bytes) -> Answer | _Failure:
    try:
        with no_collection():
            for frame in pickle.loads(packed):  # noqa: S301 - from our own process
                shard.feed(frame)
            revisions = shard.advance()
        shard.looks.drain()
        return Answer(revisions, shard.take_evidence(), shard.status)
    except Exception:  # noqa: BLE001 - told where it can be seen
        return _Failure(traceback.format_exc())
