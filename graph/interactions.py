"""The columns of an interaction: one event as it concerns one subject.

A subject is an account, a thread or a community. An event concerns several: the accounts addressed, the thread
and the community where it was said, and, as context, whose thread it is, its own author and what its links name.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from graph.authors import LIKED, RECENT
from graph.columns import CODE, OBJECT, Array


class Kind(IntEnum):
    """What a subject is."""

    ACCOUNT = 0
    THREAD = 1
    COMMUNITY = 2


class Act(IntEnum):
    """How an interaction concerns its subject. Only `ADDRESS` is participation; the rest is context."""

    ADDRESS = 0
    """The subject was addressed, or is the thread or community where it was said."""
    THREAD = 1
    """Said in a thread of the subject's, to somebody else."""
    OWN = 2
    """The subject, an account, acted himself; `author` is the account that he addressed, if any."""
    SHARE = 3
    """The subject, or what he said, was shared."""
    REACTION = 4
    """Somebody reacted to what the subject said."""
    REPORT = 5
    """Somebody complained about the subject."""
    CALL = 6
    """A link named the subject."""
    DELETE = 7
    """Something said was taken back."""
    OWN_SHARE = 8
    """The subject, an account, shared what `author` had said."""


OWN_ACTS: Final = (Act.OWN, Act.OWN_SHARE)
"""What the subject himself did; `author` is the other side, not who acted."""


def does(act: Array, *acts: Act) -> Array:
    """Which values of a column of acts are one of these, shape `(n,)`.

    Compared as plain numbers: a member of an enumeration makes NumPy widen the whole column first.
    """
    found: Array = act == acts[0].value
    for one in acts[1:]:
        found |= act == one.value
    return found


RECENT_COLUMNS: Final = tuple(f"recent{number}" for number in range(RECENT))
LIKED_COLUMNS: Final = tuple(f"liked{number}" for number in range(LIKED))

INTERACTION_SCHEMA: Final[dict[str, str]] = {
    "tick": "int64",
    "time": "int64",  # ms UTC
    "seq": "uint16",  # which of the event's interactions this is
    "kind": "uint8",  # Kind of the subject
    "act": "uint8",  # Act
    "type": "uint8",  # EventType
    "flags": "uint16",  # Flag
    "target_flags": "uint8",  # TargetFlag
    "warmth": "int8",  # of a reaction: 1 warm, -1 cold, 0 neither
    "subject": CODE,
    "author": CODE,
    "target": CODE,  # the account addressed
    "other": CODE,  # of several accounts addressed, the first that is not `target`
    "thread": CODE,
    "parent": CODE,
    "community": CODE,
    "home": CODE,  # the author's home community
    "views": "int64",  # -1: not given
    "created": "int64",  # ms UTC, -1: not given
    "seen": "int64",  # ms UTC of the author's first event
    "activity": "int64",  # how many events of the author came before
    "reports": "int64",  # how many of them were reports: who reports in mass counts for little
    **dict.fromkeys(RECENT_COLUMNS, "int64"),  # hashes of the accounts that the author addressed last, newest last
    **dict.fromkeys(LIKED_COLUMNS, "int64"),  # the same of the accounts that he shared or reacted to last
    "id": OBJECT,
    "text": OBJECT,
}
"""Columns of a batch of interactions; `CODE` columns are -1 where there is nothing."""
