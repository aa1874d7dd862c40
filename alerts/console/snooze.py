"""A case put aside until it grows: how it stood then, and what brings it back."""

from __future__ import annotations

from typing import Final

import msgspec

from alerts.console.revision import Revision

GROWN: Final = 1.5


class Standing(msgspec.Struct, frozen=True):
    """How a case stood when it was put aside.

    Attributes
    ----------
    crowd : participants
    severity, verdict : by rank, 0 the least
    over : whether it was over, then or since
    """

    crowd: int
    severity: int
    verdict: int
    over: bool

    @classmethod
    def of(cls, revision: Revision) -> Standing:
        """How it stands by a revision."""
        return cls(revision.crowd, revision.severity_rank, revision.verdict_rank, revision.is_over)

    def after(self, revision: Revision) -> Standing | None:
        """How it stood, with what a later revision adds; None if that brings the case back.

        It comes back when it has half as many participants again, is more severe or more alarming, or is open again.
        """
        returns = (
            revision.crowd >= GROWN * self.crowd
            or revision.severity_rank > self.severity
            or revision.verdict_rank > self.verdict
            or (self.over and not revision.is_over)
        )
        return None if returns else msgspec.structs.replace(self, over=self.over or revision.is_over)

    @classmethod
    def read(cls, stored: bytes) -> Standing:
        """As it was written."""
        return msgspec.json.decode(stored, type=cls)

    def write(self) -> bytes:
        """For the database."""
        return msgspec.json.encode(self)
