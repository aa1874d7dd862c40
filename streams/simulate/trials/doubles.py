"""One thing that arrives twice: what two instances of a federated platform both pass on."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace

from streams.simulate.attacks import brigade
from streams.simulate.crowd import Campaign
from streams.simulate.people import Account
from streams.simulate.platform import Act, Thread
from streams.simulate.scene import Scene
from streams.simulate.surges import viral_joy


def federated_twice(scene: Scene) -> Campaign:
    """A harmless post and all that is said under it arrive from two instances, with two ids each.

    The accounts are the same, so the crowd is no larger than it is.
    """
    return _twice(scene, "federated_twice", viral_joy, renamed=False)


def federated_names(scene: Scene) -> Campaign:
    """A harmless post and all that is said under it arrive from two instances, with two ids and two names of accounts.

    The second instance calls everybody but the post's author by a name of its own.
    """
    return _twice(scene, "federated_names", viral_joy, renamed=True)


def federated_pile_on(scene: Scene) -> Campaign:
    """A pile-on arrives from two instances, with two ids for all that is said, and is one all the same."""
    return _twice(scene, "federated_pile_on", brigade, renamed=False)


def _twice(scene: Scene, name: str, happen: Callable[[Scene], Campaign], *, renamed: bool) -> Campaign:
    once = happen(scene)
    thread = once.threads[0]
    came = {id(act) for act in (*once.crowd, *once.defence)}
    acts = [act for act in scene.platform.acts if act.thread is thread or id(act) in came]
    mirror = _Mirror(scene, thread, renamed=renamed)
    doubles = {id(act): mirror.double(act) for act in sorted(acts, key=lambda act: act.time_ms)}
    scene.platform.acts += doubles.values()
    crowd, defence = list(once.crowd), list(once.defence)
    if not renamed:
        crowd += [doubles[id(act)] for act in once.crowd]
        defence += [doubles[id(act)] for act in once.defence]
    threads = [thread, mirror.thread]
    return replace(once, scenario=name, crowd=crowd, defence=defence, threads=threads)


class _Mirror:
    """What another instance makes of a thread: everything comes a little later, in a community of its own."""

    def __init__(self, scene: Scene, thread: Thread, *, renamed: bool) -> None:
        self._rng = scene.rng
        self._community = scene.people.draw_community(scene.rng)
        self._instance = scene.people.communities[self._community]
        self._renamed = renamed
        self._behind_ms = scene.rng.randint(300, 90_000)
        self._author = thread.author
        self._names: dict[str, Account] = {}
        self._made: dict[int, Act] = {}
        self.thread = Thread(self._copy(thread.root, thread.root.author))
        self.thread.root.thread = self.thread
        self.thread.shown = list(thread.shown)
        self._made[id(thread.root)] = self.thread.root

    def double(self, act: Act) -> Act:
        """The same thing as it arrives from the other instance."""
        made = self._made.get(id(act))
        if made is None:
            made = self._copy(act, self._name(act.author))
            made.targets = tuple(self._name(target) for target in act.targets)
            if act.thread is not None:
                made.thread = self.thread
                self.thread.answers += [made] if act.kind in ("comment", "reply") else []
            self._made[id(act)] = made
        return made

    def _copy(self, act: Act, author: Account) -> Act:
        parent = act.parent and self._made.get(id(act.parent), act.parent)
        time_ms = act.time_ms + self._behind_ms + self._rng.randint(0, 3_000)
        if parent is not None:
            time_ms = max(time_ms, parent.time_ms + 1)
        links = tuple(self._made.get(id(link), link) if isinstance(link, Act) else link for link in act.links)
        return replace(act, time_ms=time_ms, author=author, community=self._community, parent=parent, links=links)

    def _name(self, account: Account) -> Account:
        if not self._renamed or account is self._author:
            return account
        if account.name not in self._names:
            other = copy(account)
            other.name = f"{account.name}@{self._instance}"
            self._names[account.name] = other
        return self._names[account.name]
