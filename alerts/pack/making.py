"""A pack made from an alert's revisions and the parts of its evidence, and read back: `breakwater.pack/1`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from alerts.alert import SCHEMA as ALERT_SCHEMA
from alerts.record import SCHEMA as EVIDENCE_SCHEMA

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
        return list({one["account"]: one for part in self.evidence for one in part["accounts"]}.values())

    @property
    def minutes(self) -> list[dict[str, Any]]:
        """The minutes, as they were told last, in order."""
        found = {one["start"]: one for part in self.evidence for one in part["minutes"]}
        return [found[start] for start in sorted(found)]

    @property
    def omitted(self) -> int:
        """How many interactions are covered by digests, and not kept."""
        return sum(part["omitted"]["interactions"] for part in self.evidence)


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
    evidence = [parts[number] for number in sorted(parts)]
    gone = {event for part in evidence for event in part["erased"]}
    for part in evidence:
        for one in part["interactions"]:
            if one["event"] in gone and "text" in one:
                one["text"] = None
    return Pack(alerts.pop(), [told[number] for number in sorted(told)], evidence, dict(case or {}))


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
        pack = Pack(found["alert"], found["revisions"], found["evidence"], found.get("case", {}))
        _look_through(pack)
    except (KeyError, TypeError, AttributeError) as error:
        raise PackError(
            "This is no evidence pack that can be read: a field is missing, or is not what it should be."
        ) from error
    return pack


def _look_through(pack: Pack) -> None:
    """Let every field that is relied on be touched once; `TypeError`, `KeyError` or `AttributeError` if one is wrong."""
    if not pack.revisions:
        raise TypeError
    _must(str, pack.alert)
    _must(dict, pack.case)
    for alert in pack.revisions:
        evidence, engine = alert["evidence"], alert["engine"]
        _must(str, alert["id"], alert["status"], alert["verdict"], alert["severity"], evidence["digest"])
        _must(str, alert["target"]["kind"], alert["target"]["id"], engine["version"], engine["model"])
        _must(int, alert["revision"], alert["interactions"]["total"], alert["participants"]["total"])
        _must(int, alert["started_at"], alert["detected_at"], alert["updated_at"])
        _must(list, alert["signals"], evidence["events"])
        _must(dict, *alert["signals"])
        if alert["schema"] != ALERT_SCHEMA:
            raise TypeError
    for part in pack.evidence:
        _must(str, part["alert"], part["digest"], part["omitted"]["digest"])
        _must(int, part["revision"], part["part"], part["omitted"]["interactions"])
        _must(list, part["interactions"], part["accounts"], part["minutes"], part["erased"])
        if part["schema"] != EVIDENCE_SCHEMA:
            raise TypeError
        for one in part["interactions"]:
            _must(str, one["event"], one["account"], one.get("text_hash") or "", one.get("text") or "")
            _must(int, one["time"])
        for one in part["accounts"]:
            _must(str, one["account"])
        for one in part["minutes"]:
            _must(int, one["start"], one["newcomers"], one["interactions"], one["shares"])


def _must(kind: type, *values: object) -> None:
    for value in values:
        if not isinstance(value, kind) or isinstance(value, bool):
            raise TypeError
