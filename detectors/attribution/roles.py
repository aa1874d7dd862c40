"""Who attacks, who defends, who only stands by.

What an account is known to have done is kept in a `Record`, and weighed by a sum of log-odds whose parts are the
constants below. Nobody is an attacker without positive evidence, and the evidence counts only as far as the crowd as a
whole is likely a pile-on; who answers an attacker or is warm must have done a lot to be one; who cannot be told is a
bystander. Where one is wrong about an attacker somebody is wronged, so the bar is high.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from detectors.attribution.messages import Message
from detectors.likeness import IN_DOUBT
from detectors.reading import Reading

_BASE: Final = -3.1
"""Log-odds that somebody who said something attacks, before anything is known of him."""
_BAR: Final = math.log(0.7 / 0.3)
"""Log-odds from which somebody is called an attacker."""
_ACCUSE_FROM: Final = 0.05
"""Probability of a pile-on below which nobody is called an attacker."""
_LIKELY: Final = 0.0
"""Log-odds from which whoever answers him is taken to defend."""
_JUDGED: Final = (0.13, -2.0, 2.0)
"""How much of the log-odds that the crowd is a pile-on counts, and between which bounds."""
_HOT: Final = (1.5, 0.1, 0.3)
"""What it adds that the crowd is hostile: this much at most, from this share of hostile messages on, over this much more."""
_CALM_CROWD: Final = 10.0
"""Messages of the usual kind that are thought beside those of the crowd."""
_STRONGEST: Final = 3.0
"""The most that one hostile message counts."""
_BENEATH: Final = (0.7, 0.0)
"""What part of that counts if it stands under what somebody else said, of a stranger and of one near to the subject: it
may be meant for the other.
"""
_CALM: Final = (0.2, -0.3, -0.9)
"""Up to which hostility a message is calm, what each such message takes away, and the most that they take."""
_KIND_WORDS: Final = -1.0
_WARM: Final = -0.7
"""What a warm reaction to the subject takes away: little, for it costs nothing, and attackers react too."""
_ANSWERS: Final = (-2.0, -1.0, -4.0)
"""What it takes away to have answered one likely attacker, each more, and the most; the most at once of somebody who was
hostile to the subject but once.
"""
_SURE_BLOWS: Final = 2
_SAME_TEXT: Final = (0.6, 1.0, 3.5)
"""What nearly the same words add: this, and this times the logarithm of the number of accounts, at most that."""
_GENTLE_SAME: Final = 0.8
"""What part of that counts if the words are not surely hostile."""
_CHORUS: Final = 0.5
"""Share of those who spoke to the subject from which nearly the same words count though they are not surely hostile: of fewer
they may be a greeting, or a catchword of people who mean well.
"""
_TOGETHER: Final = 1.5
_IN_STEP: Final = 1.0
_CONCERTED_FROM: Final = 0.5
"""Probability of a pile-on below which it does not count that people act alike: audiences do too."""

_RESIDENT: Final = -1.0
"""What it takes away not to have come by it, but to have been there before."""
_DEFENDS: Final = (-1.5, 2.0, 1.3, 3.0)
"""Log-odds that somebody defends, what each answer to an attacker adds by one who is near to the subject and by one who is
not, and the most: attackers talk with each other too."""
_FOR: Final = (2.0, 1.0)
"""What words of support add, and a warm reaction."""
_AGAINST: Final = -1.5
"""What it takes away that he is hostile to the subject."""
_DEFENDER_BAR: Final = 0.4

_EVENTS: Final = 5
_ANSWERED: Final = 8


class Role(StrEnum):
    """What somebody does in a crowd."""

    ATTACKER = "attacker"
    DEFENDER = "defender"
    BYSTANDER = "bystander"
    INSTIGATOR = "instigator"


class Played(NamedTuple):
    """An account's role, how sure that is (0 to 1), and the events that show it."""

    account: str
    role: Role
    confidence: float
    events: list[str]


@dataclass(slots=True)
class Record:
    """What an account is known to have done at one subject.

    Attributes
    ----------
    account : whose it is
    said : how many messages
    addressed : how many of them were aimed at the subject
    hostile : log-odds that those were hostile, summed over the hostile ones
    judged, blows, calm, kind_words : how many of those could be judged, were hostile, were calm, had words of support
    comes, near : whether he came to the subject with what he said, and has to do with it from before
    warm : whether he reacted warmly to the subject
    answered : accounts that he answered
    same_text, together, in_step : the largest set that he was in, of those who said the same, were together
        before, or came in step; 0 for none
    same_hostile : how hostile the words that he shared were
    events : of the messages that weigh most against him, else of the first
    answers : of those that answered others
    """

    account: str
    said: int = 0
    addressed: int = 0
    hostile: float = 0.0
    judged: int = 0
    blows: int = 0
    calm: int = 0
    kind_words: int = 0
    comes: bool = False
    near: bool = False
    warm: bool = False
    answered: list[str] = field(default_factory=list)
    same_text: int = 0
    same_hostile: float = 0.0
    together: int = 0
    in_step: int = 0
    events: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    def note(self, message: Message, reading: Reading | None, *, doubtful: bool = False) -> float:
        """Take in a message of his, in order, and tell what it weighs against him; the reading is None where there is no text.
        One that is `doubtful`, since many say nearly the same and it is not surely hostile, is held neither against him nor for
        him.
        """
        self.said += 1
        self.comes |= message.newcomer
        self.near |= message.near
        if message.aim is not None:
            if message.aim not in self.answered and len(self.answered) < _ANSWERED:
                self.answered.append(message.aim)
            if len(self.answers) < _EVENTS:
                self.answers.append(message.event)
            return 0.0
        self.addressed += 1
        weight = 0.0
        if reading is not None:
            self.kind_words += reading.kind
            if reading.hostility is not None and not doubtful:
                self.judged += 1
                weight = _evidence(reading.hostility)
                if message.beneath:
                    weight *= _BENEATH[self.near]
                self.calm += reading.hostility <= _CALM[0]
        if weight > 0.0:
            self.hostile = round(self.hostile + weight, 6)
            # Hostile ones stand first, so they are never pushed out by others.
            self.events.insert(min(self.blows, len(self.events)), message.event)
            self.blows += 1
        else:
            self.events.append(message.event)
        del self.events[_EVENTS:]
        return weight

    def forgive(self, event: str, weight: float) -> None:
        """Hold a message no more against him, which weighed so much."""
        self.hostile = round(self.hostile - weight, 6)
        self.blows -= 1
        self.judged -= 1
        if event in self.events:
            self.events.remove(event)
            self.events.append(event)


def _evidence(hostility: float) -> float:
    """What a message's hostility says of its author, in log-odds; 0 if it is not hostile rather than hostile."""
    if hostility <= 0.5:
        return 0.0
    return min(_STRONGEST, math.log(hostility / max(1e-6, 1.0 - hostility)))


def roles(records: Sequence[Record], probability: float) -> list[Played]:
    """The role of each account, in the order of the records.

    Parameters
    ----------
    records : what each is known to have done, all accounts different
    probability : that the crowd is a pile-on
    """
    heat, chorus = _heat(records), _is_chorus(records)
    odds = [_attacks(one, probability, heat, chorus) for one in records]
    likely = {one.account for one, odd in zip(records, odds, strict=True) if odd >= _LIKELY}
    odds = [odd + _answering(one, likely) for one, odd in zip(records, odds, strict=True)]
    if probability < _ACCUSE_FROM:
        attackers: set[str] = set()
    else:
        attackers = {one.account for one, odd in zip(records, odds, strict=True) if odd >= _BAR}
    return [_played(one, odd, attackers, likely) for one, odd in zip(records, odds, strict=True)]


def _played(one: Record, odd: float, attackers: set[str], likely: set[str]) -> Played:
    attacks = _probability(odd)
    if one.account in attackers:
        return Played(one.account, Role.ATTACKER, attacks, one.events[:_EVENTS])
    answered = sum(other in likely for other in one.answered if other != one.account)
    if not likely or not (answered or one.kind_words):
        return Played(one.account, Role.BYSTANDER, _sure(1.0 - attacks), (one.events or one.answers)[:_EVENTS])
    start, by_near, by_others, most = _DEFENDS
    support = (
        start
        + min(most, (by_near if one.near else by_others) * answered)
        + _FOR[0] * (one.kind_words > 0)
        + _FOR[1] * one.warm
    )
    support += _AGAINST * (one.blows > 0)
    defends = _probability(support)
    if support >= _DEFENDER_BAR:
        shows = one.answers if answered else one.events
        return Played(one.account, Role.DEFENDER, defends, shows[:_EVENTS])
    return Played(
        one.account, Role.BYSTANDER, _sure(1.0 - max(attacks, defends)), (one.events or one.answers)[:_EVENTS]
    )


def _attacks(one: Record, probability: float, heat: float, chorus: bool) -> float:
    """Log-odds that somebody attacks, without regard to whom he answered."""
    if not one.addressed:
        return -math.inf
    part, low, high = _JUDGED
    p = min(max(probability, 1e-6), 1.0 - 1e-6)
    judged = max(low, min(high, part * math.log(p / (1.0 - p))))
    hostile = one.hostile + (_HOT[0] * heat if one.blows else 0.0)
    calm = max(_CALM[2], _CALM[1] * one.calm)
    support = _KIND_WORDS * (one.kind_words > 0) + _WARM * one.warm
    concerted = _concerted(one, chorus) if probability >= _CONCERTED_FROM else 0.0
    resident = 0.0 if one.comes else _RESIDENT
    return math.fsum((_BASE, judged, hostile, calm, support, concerted, resident))


def _is_chorus(records: Sequence[Record]) -> bool:
    """Whether most of those who spoke to the subject say nearly the same as others, and nothing that is surely hostile."""
    spoke = [one for one in records if one.addressed]
    return sum(one.same_text > 0 and _is_gentle(one) for one in spoke) >= _CHORUS * len(spoke)


def _is_gentle(one: Record) -> bool:
    """Whether the words that he shares with others are not surely hostile."""
    return one.same_hostile < IN_DOUBT[1]


def _concerted(one: Record, chorus: bool) -> float:
    found = 0.0
    if one.same_text:
        base, each, most = _SAME_TEXT
        same = min(most, base + each * math.log(one.same_text))
        gentle = _is_gentle(one)
        found += 0.0 if gentle and (one.kind_words or not chorus) else same * (_GENTLE_SAME if gentle else 1.0)
    return found + _TOGETHER * (one.together > 0) + _IN_STEP * (one.in_step > 0)


def _answering(one: Record, likely: set[str]) -> float:
    answered = sum(other in likely for other in one.answered if other != one.account)
    if not answered:
        return 0.0
    first, more, most = _ANSWERS
    if one.blows < _SURE_BLOWS:
        return most
    return max(most, first + more * (answered - 1))


def _heat(records: Iterable[Record]) -> float:
    """How hostile the crowd is: 0 as usual, 1 very."""
    blows = judged = 0
    for one in records:
        blows, judged = blows + one.blows, judged + one.judged
    _, usual, over = _HOT
    share = (blows + usual * _CALM_CROWD) / (judged + _CALM_CROWD)
    return min(1.0, max(0.0, (share - usual) / over))


def _probability(odds: float) -> float:
    return round(1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds)))), 3)


def _sure(probability: float) -> float:
    return round(max(0.0, min(1.0, probability)), 3)
