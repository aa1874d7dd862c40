"""An alert revision as the console keeps it: what it filters and sorts by, and what the queue shows of it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
import orjson
import xxhash
from msgspec import Meta, Struct

from alerts.severity import Severity

VERDICTS: Final = ("organic_surge", "uncertain", "pile_on")
"""From the least to the most alarming."""
STATUSES: Final = ("open", "escalating", "peaking", "subsiding", "resolved", "retracted")
OVER: Final = frozenset({"resolved", "retracted"})
SEVERITIES: Final = tuple(severity.name.lower() for severity in Severity)

SEVERITY_STEP_MS: Final = 2 * 3_600_000
"""How much newer a case must be to come before one that is a step more severe."""

_SIGNALS: Final = 3
_LARGEST: Final = 2**53

Time = Annotated[int, Meta(ge=0, le=_LARGEST)]
Count = Annotated[int, Meta(ge=0, le=_LARGEST)]
Id = Annotated[str, Meta(min_length=1, max_length=512)]


class MalformedError(Exception):
    """What should be a revision is none; the text says why, without its contents."""


class _Target(Struct):
    kind: Literal["account", "thread", "community"]
    id: Id
    flags: list[str] = []


class _Participants(Struct):
    total: Count


class _Quality(Struct):
    degraded: list[str] = []


class Revision(Struct, rename={"body": "", "crowd": " "}):
    """What the console reads of a revision.

    Attributes
    ----------
    body : the bytes that came
    crowd : how many participants there are
    """

    schema: Literal["breakwater.alert/1"]
    id: Id
    revision: Annotated[int, Meta(ge=1, le=_LARGEST)]
    status: Literal["open", "escalating", "peaking", "subsiding", "resolved", "retracted"]
    verdict: Literal["organic_surge", "uncertain", "pile_on"]
    severity: Literal["info", "low", "medium", "high", "critical"]
    score: Annotated[float, Meta(ge=0, le=1)]
    target: _Target
    started_at: Time
    detected_at: Time
    updated_at: Time
    participants: msgspec.Raw
    interactions: msgspec.Raw
    ended_at: Time | None = None
    protections: list[msgspec.Raw] = []
    signals: list[msgspec.Raw] = []
    quality: _Quality = msgspec.field(default_factory=_Quality)
    body: bytes = b""
    crowd: int = 0

    @property
    def is_over(self) -> bool:
        """Whether the crowd has gone, or was none."""
        return self.status in OVER

    @property
    def severity_rank(self) -> int:
        """From 0, the least."""
        return SEVERITIES.index(self.severity)

    @property
    def verdict_rank(self) -> int:
        """From 0, the least alarming."""
        return VERDICTS.index(self.verdict)

    @property
    def priority(self) -> int:
        """What the queue is sorted by, largest first: severity by recency.

        A step of severity counts four times as much, and every hour that passes halves what a case counts; two hours are
        so worth one step, whatever time it is. Hence the sum, which nobody has to reckon anew as time goes by:
        `updated_at + 2 h · rank`. A case that is over counts as if it were two steps less severe, and so does a harmless one.
        """
        steps = self.severity_rank - 2 * self.is_over - 2 * (self.verdict_rank == 0)
        return self.updated_at + SEVERITY_STEP_MS * steps

    @property
    def target_hash(self) -> int:
        """A number for kind and id of the target, by which other cases of it are found."""
        return xxhash.xxh3_64_intdigest(f"{self.target.kind}:{self.target.id}".encode()) - 2**63

    @property
    def summary(self) -> bytes:
        """What the queue shows of it beside its columns, as the members of a JSON object."""
        shown = {
            "target": {"kind": self.target.kind, "id": self.target.id, "flags": self.target.flags},
            "participants": orjson.Fragment(bytes(self.participants)),
            "interactions": orjson.Fragment(bytes(self.interactions)),
            "protections": [orjson.Fragment(bytes(one)) for one in self.protections],
            "signals": [orjson.Fragment(bytes(one)) for one in self.signals[:_SIGNALS]],
            "degraded": self.quality.degraded,
        }
        return orjson.dumps(shown)


_decoder = msgspec.json.Decoder(Revision)
_participants = msgspec.json.Decoder(_Participants)
_interactions = msgspec.json.Decoder(dict[str, Any])


def read_revision(body: bytes) -> Revision:
    """The revision that a record holds.

    Raises
    ------
    MalformedError
        If it holds none.
    """
    try:
        found = _decoder.decode(body)
        found.crowd = _participants.decode(found.participants).total
        _interactions.decode(found.interactions)
        found.summary  # noqa: B018 - a string that cannot be written again is found here
    except (msgspec.DecodeError, UnicodeError, orjson.JSONEncodeError, RecursionError) as error:
        raise MalformedError(type(error).__name__) from error
    if "\0" in found.id:
        raise MalformedError("its id has a null character")
    found.body = body
    return found


def folded(text: str) -> str:
    """Text as it is searched: regardless of case, and without what PostgreSQL cannot store."""
    return text.casefold().replace("\0", "\ufffd")
