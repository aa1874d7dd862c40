"""What an episode rests on, told in chunks beside its alert: `breakwater.evidence/1`.

A record takes note of the interactions that are kept, of everybody who takes part, of minutes and ties, and tells what is new
with each revision, in parts numbered over the alert's life. It is part of the episode's state, so a restart goes on with the
same bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from alerts.chunk import Chunk, Sealed, parts
from alerts.evidence import Erased, evident
from detectors.attribution import Played, Role
from detectors.attribution.case import LARGEST as ATTRIBUTED
from graph.hashing import stable_hash

MINUTE_S: Final = 60
_TIES: Final = 2_000
_MOVED: Final = 0.1
"""By how much a confidence must have moved to be told again."""

Item = tuple[str | None, str | None]
"""Id and author of an event."""


class Detail(NamedTuple):
    """What is told of an interaction beside what an episode counts by; `text` as it may be read."""

    type: str | None = None
    community: str | None = None
    home: str | None = None
    thread: str | None = None
    parent: str | None = None
    target: str | None = None
    text: str | None = None


class Participation(NamedTuple):
    """One interaction of a participant, as an episode takes note of it; with details where evidence is wanted."""

    account: str
    event: str
    time_ms: int
    text: str | Erased | None
    stranger: bool
    fresh: bool
    late: bool
    mended: bool
    detail: Detail | None = None


class Kept(NamedTuple):
    """An interaction that is evidence, in the order in which the digests cover them."""

    event: str
    time_ms: int
    account: str
    text_hash: str
    stranger: bool
    fresh: bool
    late: bool
    mended: bool
    detail: Detail


class Minute(NamedTuple):
    """What came in a minute of event time."""

    start_ms: int
    newcomers: int
    interactions: int
    shares: int


@dataclass(slots=True)
class Person:
    """Somebody who takes part: since when, from where, and how often."""

    first_ms: int
    home: str | None
    stranger: bool
    fresh: bool
    interactions: int = 0


@dataclass(slots=True)
class Record:
    """The evidence of one episode that is still to be told, and what has to be known of what was.

    Attributes
    ----------
    part : number of the next part
    waiting : interactions that were not told yet
    people : everybody who takes part
    told : what was told of each account last: how many interactions, which role, how sure
    ties : how often one addressed another, since the last part
    minutes : whole minutes that were not told yet
    next_minute : the first that is not over, or was not counted
    seen_tick : up to the end of which ties were counted
    open_texts : hashes of the events whose texts were told, and not taken back
    gone : events whose told texts were taken back, with the tick at which
    """

    part: int = 0
    waiting: list[Kept] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    told: dict[str, tuple[int, str | None, float]] = field(default_factory=dict)
    ties: dict[tuple[str, str], int] = field(default_factory=dict)
    minutes: list[Minute] = field(default_factory=list)
    next_minute: int = 0
    seen_tick: int = -1
    open_texts: dict[int, None] = field(default_factory=dict)
    gone: list[tuple[int, str]] = field(default_factory=list)

    @property
    def due(self) -> int | None:
        """The tick at whose end it is to be told what was taken back; None if nothing was."""
        if not self.gone:
            return None
        return (min(tick for tick, _ in self.gone) // MINUTE_S + 1) * MINUTE_S - 1

    def note(self, one: Participation, hashed: str | None) -> None:
        """Take note of an interaction; `hashed` is the hash of its text, None if it is not kept."""
        detail = one.detail or Detail()
        person = self.people.get(one.account)
        if person is None:
            person = self.people[one.account] = Person(one.time_ms, detail.home, one.stranger, one.fresh)
        person.interactions += 1
        if hashed is not None:
            kept = Kept(
                event=one.event,
                time_ms=one.time_ms,
                account=one.account,
                text_hash=hashed,
                stranger=one.stranger,
                fresh=one.fresh,
                late=one.late,
                mended=one.mended,
                detail=detail,
            )
            self.waiting.append(kept)

    def tie(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Somebody addressed somebody, once for each pair."""
        for pair in pairs:
            if pair in self.ties or len(self.ties) < _TIES:
                self.ties[pair] = self.ties.get(pair, 0) + 1

    def take_back(self, items: Mapping[Item, int]) -> bool:
        """Items were taken back, each at a tick: note those whose texts were told; whether any was."""
        found = False
        for (event, author), tick in items.items():
            if event is None or author is None:
                continue
            key = _key(event, author)
            if key in self.open_texts:
                del self.open_texts[key]
                self.gone.append((tick, event))
                found = True
        return found

    def forget(self, items: Container[Item]) -> bool:
        """Erase the texts of items that were not told yet; whether there were any."""
        found = False
        for at, one in enumerate(self.waiting):
            if one.detail.text is not None and (one.event, one.account) in items:
                self.waiting[at] = one._replace(detail=one.detail._replace(text=None))
                found = True
        return found

    def erasing(self, tick: int) -> list[str]:
        """The events whose texts were taken back up to the end of a tick, which are told with that and not again."""
        due = sorted(one for one in self.gone if one[0] <= tick)
        self.gone = [one for one in self.gone if one[0] > tick]
        return [event for _, event in due]

    def tell(
        self,
        tick: int,
        sealed: Sealed,
        gone: Mapping[Item, int],
        now: Collection[Minute],
        in_common: list[tuple[str, str, int]],
    ) -> list[Chunk]:
        """The parts that are due with a revision at the end of a tick.

        Parameters
        ----------
        gone : items that are being taken back, each with the tick from which on its text may not be read
        now : the minute that is not over, if anything came in it
        in_common : members who lately addressed the same others, and how many
        """
        interactions = []
        for one in self.waiting:
            gone_at = gone.get((one.event, one.account))
            text = one.detail.text if gone_at is None or gone_at > tick else None
            if text is not None and gone_at is not None:
                self.gone.append((gone_at, one.event))
            elif text is not None:
                self.open_texts[_key(one.event, one.account)] = None
            interactions.append(_interaction(one, text, has_texts=sealed.has_texts))
        named = self.people.keys() | {one.account for one in sealed.roles}
        ties = [[one, other, n] for (one, other), n in sorted(self.ties.items()) if {one, other} <= named]
        lists: dict[str, list[Any]] = {
            "interactions": interactions,
            "accounts": list(self._accounts(sealed.roles)),
            "ties": ties,
            "in_common": [[one, other, n] for one, other, n in in_common if {one, other} <= named],
            "minutes": [_minute(one) for one in (*self.minutes, *now)],
            "erased": self.erasing(tick),
        }
        self.waiting, self.ties, self.minutes = [], {}, []
        return self._told(tick, sealed, lists)

    def tell_erased(self, tick: int, sealed: Sealed) -> list[Chunk]:
        """The parts that are due because texts were taken back, though there is no revision."""
        return self._told(tick, sealed, {"erased": self.erasing(tick)})

    def _accounts(self, roles: list[Played]) -> Iterator[dict[str, Any]]:
        """Everybody who is new, or of whom something else is to be said; who matter most first.

        Who spoke to others than the target only is not counted among those who came to it, and has a role all the same.
        """
        played = {one.account: one for one in roles}
        for account in (*played, *sorted((self.people.keys() | self.told.keys()) - played.keys())):
            one, person, before = played.get(account), self.people.get(account), self.told.get(account)
            count = 0 if person is None else person.interactions
            role, sure = (None, 0.0) if one is None else (one.role.value, round(one.confidence, 3))
            if one is None and before is not None and len(roles) >= ATTRIBUTED and before[1] != Role.INSTIGATOR:
                # It is not known of everybody any more.
                role, sure = before[1:]
            if before is not None and before[:2] == (count, role) and abs(sure - before[2]) < _MOVED:
                continue
            self.told[account] = count, role, sure
            said = _said(account=account, role=role, confidence=None if role is None else sure, interactions=count)
            if person is not None:
                said |= _said(first_at=person.first_ms, home=person.home, stranger=person.stranger, fresh=person.fresh)
            yield said

    def _told(self, tick: int, sealed: Sealed, lists: Mapping[str, list[Any]]) -> list[Chunk]:
        chunks = parts(tick, sealed, self.part, lists)
        self.part += len(chunks)
        return chunks


def _key(event: str, author: str) -> int:
    return stable_hash(f"{event}\x00{author}")


def _minute(one: Minute) -> dict[str, int]:
    return {
        "start": one.start_ms,
        "newcomers": one.newcomers,
        "interactions": one.interactions,
        "shares": one.shares,
    }


def _interaction(one: Kept, text: str | None, *, has_texts: bool) -> dict[str, Any]:
    """An interaction as it is told: without `text` if nothing was said or texts are left out; null if it was taken back."""
    detail = one.detail
    said = _said(
        event=one.event,
        time=one.time_ms,
        account=one.account,
        type=detail.type,
        text_hash=one.text_hash or None,
        community=detail.community,
        home=detail.home,
        thread=detail.thread,
        parent=detail.parent,
        target=detail.target,
        stranger=one.stranger,
        fresh=one.fresh,
        late=one.late,
        mended=one.mended,
    )
    if has_texts and one.text_hash:
        said["text"] = None if text is None else evident(text)
    return said


def _said(**fields: object) -> dict[str, Any]:
    """Those fields in which something is said."""
    return {name: value for name, value in fields.items() if value is not None}
