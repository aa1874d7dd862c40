"""Coordinated sets of accounts, and how they show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from graph.neighbourhood import Crowd

SMALLEST: Final = 3
_STEP_MS: Final = 60_000
_MOST: Final = 0.6
"""Of those who last addressed somebody, so many must have come within a minute of each other."""

TOGETHER: Final = "together_before"
SAME_TEXT: Final = "same_text"
IN_STEP: Final = "in_step"


class Group(NamedTuple):
    """A coordinated set: its accounts, how they are one, and an event of each that shows it."""

    accounts: list[str]
    how: str
    evidence: list[str]


def together_before(crowd: Crowd, groups: Sequence[Sequence[str]]) -> list[Group]:
    """Those who lately were at the same other accounts, as the look found them."""
    event_of = dict(zip(crowd.account, crowd.event, strict=True))
    return [
        Group([*group], TOGETHER, [event_of[account] for account in group if account in event_of]) for group in groups
    ]


def in_step(crowd: Crowd, itself: Collection[int]) -> list[Group]:
    """Those who went from the same other account to the subject within the same minute, one after the other, three or more.

    `itself` are hashes of accounts that do not count: the subject's own. An account that more than half of the crowd came
    from is where something happened, and no more joins them than that.
    """
    last = crowd.recent[:, -1].tolist()
    counts = Counter(last)
    at: dict[int, list[int]] = {}
    for member, other in enumerate(last):
        if other and other not in itself and SMALLEST <= counts[other] <= max(SMALLEST, len(crowd) // 2):
            at.setdefault(other, []).append(member)
    time = crowd.time.tolist()
    found: list[Group] = []
    for members in at.values():
        for run in _runs(sorted(members, key=lambda member: (time[member], crowd.account[member])), time):
            if len(run) >= max(SMALLEST, _MOST * len(members)):
                accounts = sorted((crowd.account[member], crowd.event[member]) for member in run)
                found.append(Group([one for one, _ in accounts], IN_STEP, [event for _, event in accounts]))
    return sorted(found, key=order)


def order(group: Group) -> tuple[int, str, list[str]]:
    """Largest first, then by how and by name."""
    return (-len(group.accounts), group.how, group.accounts)


def _runs(members: list[int], time: list[int]) -> list[list[int]]:
    """Members in the order of time, cut where more than a minute lies between."""
    runs: list[list[int]] = []
    for member in members:
        if runs and time[member] - time[runs[-1][-1]] <= _STEP_MS:
            runs[-1].append(member)
        else:
            runs.append([member])
    return runs
