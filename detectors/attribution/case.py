"""What is made out about who did what in one episode, revision by revision.

What somebody did is noted when it is still in the window, and stays when it has left; roles are weighed anew each
time. Everything follows from the rows of the subject up to given ticks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Final, NamedTuple

import numpy as np

from detectors.attribution import groups, instigators, messages, roles
from detectors.attribution.groups import Group
from detectors.attribution.instigators import Comers, Instigator
from detectors.attribution.messages import Item, Message
from detectors.attribution.roles import Played, Record, Role
from detectors.likeness import IN_DOUBT, SMALLEST, same_text
from detectors.look import Finding
from detectors.reading import Read
from detectors.signals import Audience
from detectors.similarity import Sketch
from detectors.surge import WINDOWS_S, onset
from graph.columns import Array
from graph.events import EventType
from graph.hashing import signed_hash, stable_hash
from graph.interactions import Act, Kind
from graph.summary import LONGEST_S
from graph.window import Window

AGAIN_S: Final = WINDOWS_S[-1] // 2
"""After how long it is time to take note again though nothing is said of it, lest rows leave the window unread."""
LARGEST: Final = 1000
"""Of how many accounts is kept what they did; of more, those with the lowest hash of their name."""
_ITEMS: Final = 40
_SETTLED_S: Final = 2400
"""After how long since the onset it is settled who set it off."""
_SETTLED_SLOWLY_S: Final = LONGEST_S
"""The same of a crowd that comes over days: after that its beginning is no longer in sight."""
_BOUND: Final = 500
_DOUBTS: Final = 100
"""How many messages in words that are perhaps hostile are remembered, until it is known whether many say the same."""


class Spoken(NamedTuple):
    """Something that an account said to the subject: in which event, in which words, and how hostile they are."""

    account: str
    event: str
    sketch: Sketch
    hostility: float
    weight: float = 0.0
    """What it weighs against him."""


@dataclass(slots=True)
class Attribution:
    """Who did what in one episode.

    Attributes
    ----------
    tick : up to the end of which rows were taken note of
    records : what each account did
    comers : of a thread or a community, who came to it in this episode
    reporters : accounts that complained about the subject
    items : what may have shown it to others
    instigators : who may have set it off
    groups : coordinated sets
    doubts : what was said in words that are perhaps hostile, and by few or nobody else so far; the newest
    quotes, came : how many came to it, and how many of them by a quote
    probability : that the crowd is a pile-on, when it was last looked at
    defenders : accounts that defend, as it was last seen
    """

    tick: int = -1
    records: dict[str, Record] = field(default_factory=dict)
    comers: list[str] = field(default_factory=list)
    reporters: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    instigators: list[Instigator] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    doubts: list[Spoken] = field(default_factory=list)
    quotes: int = 0
    came: int = 0
    probability: float = 0.0
    defenders: list[str] = field(default_factory=list)

    def is_due(self, tick: int) -> bool:
        """Whether rows would soon leave the window unread."""
        return tick - self.tick >= AGAIN_S

    def take(
        self, window: Window, subject: int, around: Array, onset_tick: int, tick: int, finding: Finding, read: Read
    ) -> list[Played]:
        """Take note of what was done up to the end of a tick; everybody's `roles`.

        Parameters
        ----------
        window, subject : where the rows are, and the key of whose they are
        around : all rows of the subject within the longest exact window up to the tick, in order
        onset_tick : when the crowd began to come
        finding : what the last look found
        read : what reads texts
        """
        ticks = window.ring.column("tick", around)
        since = max(self.tick, onset_tick - 1)
        fresh = around[ticks > since]
        self.probability = finding.judgement.probability
        self._who(window, subject, around, fresh)
        before_ms = 1000 * (onset_tick - WINDOWS_S[-1])
        near = finding.scene.audience.at_home
        self._say(subject, messages.messages(window, subject, around, fresh, before_ms, near), read)
        if subject & 3 == Kind.ACCOUNT:
            for account in sorted(messages.who(window, around, Act.REACTION, warm=True)):
                if account in self.records:
                    self.records[account].warm = True
        self._group(finding)
        if finding.is_slow and subject & 3 == Kind.ACCOUNT and onset_tick + _SETTLED_SLOWLY_S >= tick:
            since = finding.scene.onset_ms // 1000 - instigators.SLOW_REACH_MS // 1000
            self._set_off(messages.items_of_days(window, subject, since, tick), finding)
        elif onset_tick + _SETTLED_S >= tick and not finding.is_slow:
            self._set_off(messages.items(window, subject, around), finding)
        self.tick = tick
        if len(self.records) > LARGEST:
            kept = set(_bounded(self.records, LARGEST))
            self.records = {name: one for name, one in self.records.items() if name in kept}
        played = self.roles()
        self.defenders = sorted(one.account for one in played if one.role is Role.DEFENDER)
        return played

    def roles(self, *, accuse: bool = True) -> list[Played]:
        """Everybody's role, those first who matter most: attackers, defenders, bystanders; the surest first. Nobody is
        called an attacker unless one may `accuse`.
        """
        rank = {role: place for place, role in enumerate(Role)}
        records = [self.records[name] for name in sorted(self.records)]
        found = roles.roles(records, self.probability if accuse else 0.0)
        return sorted(found, key=lambda one: (rank[one.role], -one.confidence, -self._said(one), one.account))

    def _said(self, one: Played) -> int:
        return self.records[one.account].said

    def _record(self, account: str) -> Record:
        found = self.records.get(account)
        if found is None:
            found = self.records[account] = Record(account)
        return found

    def _who(self, window: Window, subject: int, around: Array, fresh: Array) -> None:
        """Who reported the subject, who came to it, and who by a quote."""
        self.reporters = _bounded({*self.reporters, *messages.who(window, around, Act.REPORT)}, _BOUND)
        rows = window.ring.rows(fresh)
        came = rows["newcomer"]
        if subject & 3 != Kind.ACCOUNT:
            newcomers = {window.strings[code] for code in rows["author"][came].tolist() if code >= 0}
            self.comers = _bounded({*self.comers, *newcomers}, LARGEST)
        self.came += int(np.count_nonzero(came))
        self.quotes += int(np.count_nonzero(came & (rows["type"] == EventType.QUOTE)))

    def _say(self, subject: int, said: list[Message], read: Read) -> None:
        """What each said, and who said the same."""
        if subject & 3 != Kind.ACCOUNT:
            comers = set(self.comers)
            said = [one if one.aim in comers else one._replace(aim=None) for one in said]
        readings = read([one.text for one in said])
        spoken, place = [*self.doubts], dict[int, int]()
        for at, (message, reading) in enumerate(zip(said, readings, strict=True)):
            if message.aim is None and reading is not None:
                place[at] = len(spoken)
                spoken.append(Spoken(message.account, message.event, reading.sketch, reading.hostility or 0.0))
        alike = same_text([one.account for one in spoken], [one.sketch for one in spoken])
        heats = [round(sum(sorted(spoken[at].hostility for at in group)) / len(group), 4) for group in alike]
        least, sure = IN_DOUBT
        slogans = [group for group, heat in zip(alike, heats, strict=True) if least <= heat < sure]
        doubtful = set(chain.from_iterable(slogans))
        for at in sorted(doubtful):
            spoken[at] = self._forgiven(spoken[at])
        for at, (message, reading) in enumerate(zip(said, readings, strict=True)):
            weight = self._record(message.account).note(message, reading, doubtful=place.get(at) in doubtful)
            if at in place:
                spoken[place[at]] = spoken[place[at]]._replace(weight=weight)
        alone = set(range(len(spoken))).difference(*alike)
        doubts = [at for at in alone if spoken[at].sketch and spoken[at].weight > 0.0 and spoken[at].hostility < sure]
        # Of a slogan so many are kept that one more makes it known again.
        doubts += chain.from_iterable(group[-SMALLEST + 1 :] for group in slogans)
        self.doubts = [spoken[at] for at in sorted(doubts)[-_DOUBTS:]]
        for group, heat in zip(alike, heats, strict=True):
            self._same(heat, {spoken[at].account: spoken[at].event for at in reversed(group)})

    def _forgiven(self, one: Spoken) -> Spoken:
        """It, held against nobody."""
        if one.weight > 0.0 and one.account in self.records:
            self.records[one.account].forgive(one.event, one.weight)
        return one._replace(weight=0.0)

    def _same(self, heat: float, first_of: dict[str, str]) -> None:
        """These said the same in these events, and so hostile it was."""
        for account in first_of:
            record = self.records.get(account)
            if record is not None and len(first_of) > record.same_text:
                record.same_text, record.same_hostile = len(first_of), heat
        accounts = sorted(first_of)
        self._add(Group(accounts, groups.SAME_TEXT, [first_of[account] for account in accounts]))

    def _group(self, finding: Finding) -> None:
        scene = finding.scene
        itself = {signed_hash(scene.subject)}
        for group in (*groups.together_before(scene.crowd, finding.groups), *groups.in_step(scene.crowd, itself)):
            self._add(group)
            for account in group.accounts:
                record = self.records.get(account)
                if record is not None and group.how == groups.TOGETHER:
                    record.together = max(record.together, len(group.accounts))
                elif record is not None:
                    record.in_step = max(record.in_step, len(group.accounts))

    def _add(self, group: Group) -> None:
        """Keep a group; of those alike in how, which share members, only the largest."""
        mine = set(group.accounts)
        rivals = [one for one in self.groups if one.how == group.how and not mine.isdisjoint(one.accounts)]
        if any(groups.order(one) <= groups.order(group) for one in rivals):
            return
        kept = [one for one in self.groups if one not in rivals]
        self.groups = sorted([*kept, group], key=groups.order)[:_ITEMS]

    def _set_off(self, items: list[Item], finding: Finding) -> None:
        scene = finding.scene
        known: dict[str, Item] = {}
        for one in (*self.items, *items):
            known.setdefault(one.event, one)
        near = sorted(
            known.values(),
            key=lambda one: (abs(one.time_ms - scene.onset_ms), one.event),
        )
        self.items = near[:_ITEMS]
        comers = _comers(finding, self.items, self.quotes, self.came)
        excused = {scene.subject, *self.reporters}
        self.instigators = instigators.instigators(self.items, comers, self.probability, excused)


def _comers(finding: Finding, items: list[Item], quotes: int, came: int) -> Comers:
    """The crowd of a finding as those whom somebody may have sent. Who came first to a slow one is known by name only if he came
    with one of these items.
    """
    scene, crowd = finding.scene, finding.scene.crowd
    order = sorted(range(len(crowd)), key=lambda at: (int(crowd.time[at]), crowd.event[at]))
    unknown, by_tick = len(scene.early), {one.time_ms // 1000: one.account for one in items if one.comes}
    time = np.append(1000 * np.array(scene.early, np.int64), crowd.time[order])
    rise = onset(time // 1000, max(scene.tick, int(time[-1]) // 1000), scene.usual)
    homes = {home for home in crowd.home if home is not None}
    return Comers(
        time=time,
        account=[by_tick.get(tick, "") for tick in scene.early] + [crowd.account[at] for at in order],
        home=[*repeat(None, unknown), *(crowd.home[at] for at in order)],
        contacts=np.pad(crowd.recent[order], ((unknown, 0), (0, 0))),
        rise=rise,
        usual=scene.usual.expected(1),
        quoting=(quotes + 0.5) / (came + 2.0),
        expected=_expected(scene.audience, homes),
        reach_ms=instigators.SLOW_REACH_MS if finding.is_slow else instigators.REACH_MS,
    )


def _expected(audience: Audience, homes: set[str]) -> dict[str, float]:
    """By community, the share of newcomers that came from there before."""
    if audience.total <= 0.0:
        return dict.fromkeys(homes & audience.at_home, 1.0 / max(1, len(audience.at_home)))
    return {
        home: max(audience.kin.get(home, 0.0) / (audience.total + 4.0), 0.25 if home in audience.at_home else 0.0)
        for home in homes
    }


def _bounded(names: set[str] | dict[str, Record], most: int) -> list[str]:
    """Names in order; of too many, those with the lowest hash."""
    if len(names) <= most:
        return sorted(names)
    return sorted(sorted(names, key=lambda name: (stable_hash(name), name))[:most])
