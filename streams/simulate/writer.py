"""Acts as events, and the files `events.ndjson` and `truth.json`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson

from streams.simulate.crowd import Campaign
from streams.simulate.people import Account
from streams.simulate.platform import Act, Platform, Thread
from streams.simulate.times import DAY_MS

EVENTS_FILE: Final = "events.ndjson"
TRUTH_FILE: Final = "truth.json"

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID_EPOCH_MS: Final = 1_577_836_800_000
_IN_THREAD: Final = frozenset({"comment", "reply", "reaction", "share", "delete", "report"})


def name_acts(acts: Iterable[Act], rng: Random) -> list[Act]:
    """Give every act its id, and bring them into the order (time, id)."""
    taken: set[int] = set()
    for act in acts:
        number = (act.time_ms - _ID_EPOCH_MS) * 4096 + rng.randrange(4096)
        while number in taken:
            number += 1
        taken.add(number)
        act.id = _base36(number)
    return sorted(acts, key=lambda act: (act.time_ms, act.id))


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits


class EventWriter:
    """Turns acts into events; which optional fields are present is a matter of chance, the same for all.

    Parameters
    ----------
    platform
        Whose acts they are.
    rng
        Source of chance.
    """

    def __init__(self, platform: Platform, rng: Random) -> None:
        self._communities = platform.people.communities
        self._rng = rng
        self._views: dict[str, int] = {}

    def event(self, act: Act) -> dict[str, Any]:
        """One event as in the contract, version 1."""
        event: dict[str, Any] = {"id": act.id, "type": act.kind, "time": act.time_ms, "author": act.author.name}
        if act.targets:
            names = [target.name for target in act.targets]
            event["target"] = names[0] if len(names) == 1 else names
            if len(names) == 1 and act.targets[0].target_flags:
                event["target_flags"] = list(act.targets[0].target_flags)
        self._add_place(event, act)
        self._add_content(event, act)
        self._add_author(event, act.author)
        return event

    def _add_place(self, event: dict[str, Any], act: Act) -> None:
        if act.thread is not None and act.kind in _IN_THREAD:
            event["thread"] = act.thread.root.id
            event["thread_author"] = act.thread.author.name
            if self._rng.random() < 0.7:
                event["views"] = self._shown(act.thread, act.time_ms)
        if act.parent is not None:
            event["parent"] = act.parent.id
        event["community"] = self._communities[act.community]

    def _add_content(self, event: dict[str, Any], act: Act) -> None:
        if act.text is not None:
            event["text"] = act.text
            if self._rng.random() < 0.8:
                event["lang"] = act.author.lang
        if act.value is not None:
            event["value"] = act.value
        if act.links:
            event["links"] = [link if isinstance(link, str) else _link(link) for link in act.links]

    def _add_author(self, event: dict[str, Any], author: Account) -> None:
        draw = self._rng.random
        if draw() < 0.92:
            event["author_created_at"] = author.created_ms
        if author.home_known and draw() < 0.97:
            event["author_home"] = self._communities[author.home]
        if draw() < 0.9:
            event["author_followers"] = author.followers
        if author.flags:
            event["author_flags"] = list(author.flags)

    def _shown(self, thread: Thread, time_ms: int) -> int:
        views = max(thread.views(time_ms), self._views.get(thread.root.id, 0))
        self._views[thread.root.id] = views
        return views


def _link(link: Act | Account) -> str:
    return link.id if isinstance(link, Act) else link.name


def truth_of(platform: Platform, campaigns: Iterable[Campaign], start_ms: int, end_ms: int) -> dict[str, Any]:
    """What happened, in the form of `truth.json`.

    Besides the fields of the contract, every campaign has `threads`, `communities` and `accounts`: what lies
    around the target and was part of it; `participants`, how many accounts came; `right`, what may rightly be said
    of it; and, where there are such accounts, `never_named`: who must not be named as an attacker or instigator.
    """
    names = platform.people.communities
    entries = []
    seen = {act.author.name for act in platform.acts if start_ms <= act.time_ms < end_ms}
    for number, campaign in enumerate(campaigns, 1):
        crowd = [act for act in campaign.crowd if start_ms <= act.time_ms < end_ms]
        times = [act.time_ms for act in crowd]
        came = _accounts(crowd)
        defenders = _accounts(act for act in campaign.defence if start_ms <= act.time_ms < end_ms)
        target = campaign.target
        name = target.name if isinstance(target, Account) else target.id if isinstance(target, Act) else names[target]
        instigator = campaign.instigator
        entry: dict[str, Any] = {
            "id": f"campaign-{number}",
            "scenario": campaign.scenario,
            "pile_on": campaign.pile_on,
            "target": {"kind": campaign.kind, "id": name},
            "started_at": min(times),
            "ended_at": max(times),
            "attackers": came if campaign.pile_on else [],
            "defenders": [who for who in defenders if who not in set(came)],
            "instigator": instigator.name if instigator else None,
            "participants": len(came),
            "threads": sorted({thread.root.id for thread in campaign.threads}),
            "communities": sorted(names[place] for place in campaign.communities),
            "accounts": _addressed(campaign, crowd),
            "right": list(campaign.right),
        }
        if campaign.never_named:
            entry["never_named"] = sorted(
                ({who.name for who in campaign.never_named} & seen) - {*came, entry["instigator"]}
            )
        entries.append(entry)
    return {"days": round((end_ms - start_ms) / DAY_MS, 6), "campaigns": entries}


def _accounts(acts: Iterable[Act]) -> list[str]:
    return sorted({act.author.name for act in acts})


def _addressed(campaign: Campaign, crowd: list[Act]) -> list[str]:
    """In a raid on a place: those whom at least five of the crowd addressed there."""
    if campaign.kind == "account":
        return []
    came: dict[str, set[str]] = {}
    for act in crowd:
        for target in act.targets:
            came.setdefault(target.name, set()).add(act.author.name)
    return sorted(name for name, authors in came.items() if len(authors) >= 5)


def write_files(lines: Iterator[bytes], truth: dict[str, Any], out_dir: Path) -> None:
    """Write `events.ndjson` and `truth.json` into a directory, which is made if need be."""
    out_dir.mkdir(parents=True, exist_ok=True)
    with (out_dir / EVENTS_FILE).open("wb") as file:
        file.writelines(lines)
    (out_dir / TRUTH_FILE).write_bytes(orjson.dumps(truth, option=orjson.OPT_INDENT_2) + b"\n")
