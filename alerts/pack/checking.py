"""Whether a pack holds: its digests are recomputed, over all revisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.evidence import Omitted, covering, evident, sealing, text_hash
from alerts.pack.making import Pack, read_with_digest


@dataclass(slots=True)
class Report:
    """What a pack holds, and what does not.

    Attributes
    ----------
    alert, digest : the alert's id, and the digest of its newest revision
    revisions, interactions, omitted : how many there are
    texts, agreeing, erased : how many texts there are, how many of them agree with their hashes, and how many were taken
        back or left out
    is_salted : whether a secret is needed to check texts
    problems : sentences, each of one thing that does not hold, the earliest revision first
    """

    alert: str
    digest: str
    revisions: int
    interactions: int
    omitted: int
    texts: int = 0
    agreeing: int = 0
    erased: int = 0
    is_salted: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.problems


def check(data: bytes, salt: str, known: str | None = None) -> Report:
    """Check a pack.

    Parameters
    ----------
    salt
        The secret that hashes of texts are salted with; without one, texts of a pack that has one are not checked.
    known
        The digest of the newest revision as it is known from elsewhere, if it is.

    Raises
    ------
    PackError
        If it is no pack.
    """
    pack, is_whole = read_with_digest(data)
    report = Report(
        alert=pack.alert,
        digest=pack.newest["evidence"]["digest"],
        revisions=len(pack.revisions),
        interactions=sum(1 for _ in pack.interactions),
        omitted=pack.omitted,
        is_salted=any(part.get("salted") for part in pack.evidence),
    )
    report.problems += _order(pack)
    report.problems += _chain(pack)
    report.problems += _texts(pack, salt, report)
    if known is not None and known != report.digest:
        report.problems.append(f"The newest digest is {report.digest}, and not {known}.")
    if not is_whole and not report.problems:
        report.problems.append(
            "The pack's own digest does not hold: something was changed that the alert's digests do not cover."
        )
    return report


def _order(pack: Pack) -> Iterator[str]:
    """Whether everything is there, in its place."""
    for place, alert in enumerate(pack.revisions, 1):
        if alert["id"] != pack.alert:
            yield f"Revision {alert['revision']} is of another alert, {alert['id']!r}."
        if alert["revision"] != place:
            yield f"Revision {place} is missing or out of its place: revision {alert['revision']} stands there."
            return
    newest = 1
    for place, part in enumerate(pack.evidence):
        if part["alert"] != pack.alert:
            yield f"Part {part['part']} of the evidence is of another alert, {part['alert']!r}."
        if part["part"] != place:
            yield f"Part {place} of the evidence is missing or out of its place: part {part['part']} stands there."
            return
        if not newest <= part["revision"] <= len(pack.revisions):
            yield f"Part {place} of the evidence belongs to revision {part['revision']}, which is not in its place."
            return
        newest = part["revision"]


def _chain(pack: Pack) -> Iterator[str]:
    """Whether the digests are those of what is there, revision by revision; what follows the first that is not is left."""
    before, total = "", 0
    for alert in pack.revisions:
        number, said = alert["revision"], alert["evidence"]
        parts = [part for part in pack.evidence if part["revision"] == number]
        rows = [one for part in parts for one in part["interactions"]]
        left = [part["omitted"] for part in parts if part["omitted"]["interactions"] or part["omitted"]["digest"]]
        omitted = Omitted(left[0]["interactions"], left[0]["digest"]) if left else Omitted(0, "")
        covered = b""
        for one in rows:
            covered = covering(covered, one["event"], one["time"], one["account"], one.get("text_hash") or "")
        found = sealing(before, covered, omitted)
        told = {said["digest"], *(part["digest"] for part in parts)}
        previous = {said["previous_digest"] or "", *(part["previous_digest"] or "" for part in parts)}
        if told != {found} or previous != {before} or len(left) > 1:
            yield (
                f"Revision {number} does not hold: its digest is not that of the interactions in the pack. One of them was "
                "changed, moved, added or left out, or the digest was."
            )
            return
        total += len(rows) + omitted.interactions
        if total != alert["interactions"]["total"]:
            yield f"Revision {number} counts {alert['interactions']['total']} interactions, and the evidence has {total}."
            return
        if not {one["event"] for one in rows}.issuperset(said["events"]):
            yield f"Revision {number} names an event that is not in its evidence."
            return
        before = found


def _texts(pack: Pack, salt: str, report: Report) -> Iterator[str]:
    """Whether texts agree with their hashes."""
    can_check = bool(salt) or not report.is_salted
    wrong: list[str] = []
    for revision, one in pack.interactions:
        text = one.get("text")
        if not isinstance(text, str):
            report.erased += bool(one.get("text_hash"))
            continue
        report.texts += 1
        if not can_check:
            continue
        if _agrees(one, text, salt if report.is_salted else ""):
            report.agreeing += 1
        else:
            wrong.append(f"Revision {revision}: the text of event {one['event']!r} does not agree with its hash.")
    if wrong and not report.agreeing and report.is_salted:
        yield (
            "No text agrees with its hash: either they were changed, or BREAKWATER_EVIDENCE_SALT is not the secret that was "
            "set when they were hashed."
        )
    else:
        yield from wrong


def _agrees(one: Mapping[str, Any], text: str, salt: str) -> bool:
    return evident(text) == text and text_hash(salt, one["event"], text) == one.get("text_hash")
