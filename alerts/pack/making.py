"""A pack made from an alert's revisions and the parts of its evidence, and read back: `breakwater.pack/1`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

import msgspec
import orjson

SCHEMA: Final = "breakwater.pack/1"


class PackError(Exception):
    """There is no pack to be made, or what is given is none; the text says why."""


@dataclass(frozen=True, slots=True)
class Pack:
    """All that is known of an alert.

    Attributes
    ----------
    alert : its id
    revisions : all of them, by number
    evidence : parts of its evidence, by number; texts that were taken back since are null
    case : what people made of it, if that is told
    """

    alert: str
    revisions: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    case: dict[str, Any] = field(default_factory=dict)

    @property
    def newest(self) -> dict[str, Any]:
        """The newest revision."""
        return self.revisions[-1]

    @property
    def interactions(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every interaction, with the number of the revision that covers it, in order."""
        for part in self.evidence:
            for one in part["interactions"]:
                yield part["revision"], one

    @property
    def accounts(self) -> list[dict[str, Any]]:
        """Everybody who takes part, as he was told of last; in the order in which they were told of first."""
        return newest_of(self.evidence, "accounts", "account")

    @property
    def minutes(self) -> list[dict[str, Any]]:
        """The minutes, as they were told last, in order."""
        return sorted(newest_of(self.evidence, "minutes", "start"), key=lambda one: int(one["start"]))

    @property
    def omitted(self) -> int:
        """How many interactions are covered by digests, and not kept."""
        return sum(part["omitted"]["interactions"] for part in self.evidence)


def newest_of(parts: Iterable[Mapping[str, Any]], name: str, *keys: str | int) -> list[Any]:
    """What a list of the parts of an evidence says, where a later part stands for an earlier one: of the entries that are the
    same by these keys the newest, in the order in which they were told of first.
    """
    return list({tuple(one[key] for key in keys): one for part in parts for one in part.get(name) or ()}.values())


def make(revisions: Iterable[bytes], chunks: Iterable[bytes], case: Mapping[str, Any] | None = None) -> Pack:
    """The pack of an alert, from the bytes of its revisions and of the parts of its evidence, in any order; one that comes
    twice counts once. Texts that were taken back are left out.

    Raises
    ------
    PackError
        If there are no revisions, or they are of different alerts.
    """
    told = {one["revision"]: one for one in map(orjson.loads, revisions)}
    parts = {one["part"]: one for one in map(orjson.loads, chunks)}
    alerts = {one["id"] for one in told.values()} | {one["alert"] for one in parts.values()}
    if not told:
        raise PackError("There is no revision to make a pack of.")
    if len(alerts) > 1:
        raise PackError("A pack is of one alert.")
    evidence = [
        _nothing() | {name: value for name, value in parts[number].items() if value is not None}
        for number in sorted(parts)
    ]
    gone = {event for part in evidence for event in part["erased"]}
    for part in evidence:
        for one in part["interactions"]:
            if one["event"] in gone and "text" in one:
                one["text"] = None
    return Pack(alerts.pop(), [told[number] for number in sorted(told)], evidence, dict(case or {}))


def _nothing() -> dict[str, Any]:
    """What a part of evidence says where it leaves something out."""
    lists: dict[str, Any] = {name: [] for name in ("interactions", "accounts", "minutes", "erased")}
    return lists | {"omitted": {"interactions": 0, "digest": ""}, "previous_digest": None}


def as_json(pack: Pack) -> bytes:
    """A pack as JSON, with the digest of all that it says."""
    content = _content(pack)
    return orjson.dumps({"schema": SCHEMA, **content, "digest": digest(content)})


def read(data: bytes) -> Pack:
    """A pack from its JSON, whatever it says; that its digests hold is for `check` to find out.

    Raises
    ------
    PackError
        If it is none.
    """
    return _pack(_loaded(data))


def digest(content: Mapping[str, Any]) -> str:
    """The digest of what a pack says: the same however its JSON is laid out."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read_with_digest(data: bytes) -> tuple[Pack, bool]:
    """A pack from its JSON, and whether it says what its digest was made of; `PackError` if it is none."""
    found = _loaded(data)
    content = {name: value for name, value in found.items() if name not in {"schema", "digest"}}
    return _pack(found), found.get("digest") == digest(content)


def _content(pack: Pack) -> dict[str, Any]:
    content: dict[str, Any] = {"alert": pack.alert, "revisions": pack.revisions, "evidence": pack.evidence}
    return content | ({"case": pack.case} if pack.case else {})


def _loaded(data: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise PackError(f"This is no evidence pack: it is not JSON ({error}).") from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise PackError(f"This is no evidence pack: its schema is not {SCHEMA}.")
    return found


def _pack(found: dict[str, Any]) -> Pack:
    try:
        msgspec.convert(found, _Shape)
    except msgspec.ValidationError as error:
        raise PackError(f"This is no evidence pack that can be read: {error}.") from error
    return Pack(found["alert"], found["revisions"], found["evidence"], found.get("case", {}))


class _Sealed(msgspec.Struct):
    events: list[str]
    digest: str
    previous_digest: str | None


class _Count(msgspec.Struct):
    total: int


class _Target(msgspec.Struct):
    kind: str
    id: str


class _Engine(msgspec.Struct):
    version: str
    model: str


class _Alert(msgspec.Struct):
    schema: Literal["breakwater.alert/1"]
    id: str
    revision: int
    status: str
    verdict: str
    severity: str
    score: float
    target: _Target
    started_at: int
    detected_at: int
    updated_at: int
    participants: dict[str, int]
    interactions: _Count
    signals: list[dict[str, Any]]
    evidence: _Sealed
    engine: _Engine

    def __post_init__(self) -> None:
        if "total" not in self.participants:
            raise ValueError("participants without a total")


class _Interaction(msgspec.Struct):
    event: str
    time: int
    account: str
    text_hash: str | None = None
    text: str | None = None


class _Account(msgspec.Struct):
    account: str
    role: str | None = None
    first_at: int | None = None


class _Minute(msgspec.Struct):
    start: int
    newcomers: int
    interactions: int
    shares: int


class _Omitted(msgspec.Struct):
    interactions: int
    digest: str


class _Part(msgspec.Struct):
    schema: Literal["breakwater.evidence/1"]
    alert: str
    revision: int
    part: int
    interactions: list[_Interaction]
    accounts: list[_Account]
    minutes: list[_Minute]
    erased: list[str]
    omitted: _Omitted
    digest: str
    previous_digest: str | None


class _Shape(msgspec.Struct):
    """What of a pack is relied on."""

    alert: str
    revisions: Annotated[list[_Alert], msgspec.Meta(min_length=1)]
    evidence: list[_Part]
    case: dict[str, Any] = {}
