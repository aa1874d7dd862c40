"""Pile-ons in disguise: amid joy, from within, at night, with likes, by accounts without a past."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from streams.simulate.attacks import hostile_manner
from streams.simulate.crowd import Campaign, Gathering, Source, circle
from streams.simulate.people import Account
from streams.simulate.scene import Scene
from streams.simulate.surges import viral_joy
from streams.simulate.times import DAY_MS, HOUR_MS, MINUTE_MS
from streams.simulate.trials.crew import call, call_at_home, come

_AWAY: Final = (60.0, 20.0, 8.0, 12.0)
"""How those who come from elsewhere address somebody; see `Manner.ways`."""


def viral_pile_on(scene: Scene) -> Campaign:
    """A post goes round because people like it, and while it does a crowd turns on its author."""
    rng, people = scene.rng, scene.people
    joy = viral_joy(scene)
    target, thread = joy.threads[0].author, joy.threads[0]
    glad = list(dict.fromkeys(act.author for act in joy.crowd))
    campaign = Campaign("viral_pile_on", True, "account", target, threads=[thread], never_named=glad)
    gathering = Gathering(people, rng, [target, *glad])
    count, length_ms = scene.size(40, 250), scene.length(8, 120)
    scene.start_ms += min(rng.randint(3, 40) * MINUTE_MS, scene.room_ms // 4)
    instigator = scene.influencer(target)
    gathering.exclude([instigator])
    call(scene, campaign, instigator, rng.randint(3, 30))
    shares: list[tuple[Source, float]] = [
        (instigator.fans, rng.uniform(0.25, 0.45)),
        (people.crowd_by_home[instigator.home], rng.uniform(0.25, 0.45)),
    ]
    crew = gathering.mix(count, scene.start_ms, shares)
    come(scene, campaign, gathering, target, crew, length_ms, hostile_manner(rng, (62, 20, 10, 8)))
    return campaign


def own_dogpile(scene: Scene) -> Campaign:
    """A community turns on one of its own: its members, some of them his friends, and hardly a stranger."""
    rng, people = scene.rng, scene.people
    count, length_ms = scene.size(30, 160), scene.length(15, 180)
    home = scene.origin(count)
    members = [a for a in people.members[home] if a.ordinary and a.created_ms < scene.start_ms - 30 * DAY_MS]
    target = scene.take([a for a in members if len(circle(a)) >= 15] or members)
    thread = scene.thread_of(target)
    gathering = Gathering(people, rng, [target])
    campaign = Campaign("own_dogpile", True, "account", target, threads=[thread])
    call_at_home(scene, campaign, gathering, home)
    near = [account for account in circle(target) if account.home == home]
    shares: list[tuple[Source, float]] = [(near, rng.uniform(0.1, 0.3)), (people.crowd_by_home[home], 0.9)]
    crew = gathering.mix(count, scene.start_ms, shares)
    manner = replace(hostile_manner(rng, (56, 30, 4, 10)), again=rng.uniform(0.25, 0.5))
    come(scene, campaign, gathering, target, crew, length_ms, manner)
    return campaign


def quiet_hour(scene: Scene) -> Campaign:
    """While the target and most of those around him sleep, people who are awake elsewhere set upon him."""
    rng, people, background = scene.rng, scene.people, scene.background
    target = _sleeper(scene)
    opened_ms = scene.start_ms - rng.randint(5 * 60, 8 * 60) * MINUTE_MS
    thread = background.ordinary_thread(target, max(opened_ms, background.begin_ms))
    count, length_ms = scene.size(25, 120), scene.length(8, 90)
    home = scene.origin(count, target.home)
    gathering = Gathering(people, rng, [target])
    campaign = Campaign("quiet_hour", True, "account", target, threads=[thread])
    call_at_home(scene, campaign, gathering, home)
    crew = gathering.mix(count, scene.start_ms, [(people.crowd_by_home[home], rng.uniform(0.3, 0.8))])
    come(scene, campaign, gathering, target, crew, length_ms, hostile_manner(rng, _AWAY), awake=False)
    return campaign


def _sleeper(scene: Scene) -> Account:
    """Somebody, and the scene moved to a time in his night; in a short stretch to the quietest time there is."""
    rng, background = scene.rng, scene.background
    last_ms = max(background.end_ms - scene.room_ms, scene.start_ms)
    times = [*range(background.start_ms + min(HOUR_MS, scene.room_ms // 2), last_ms, 30 * MINUTE_MS)]
    rng.shuffle(times)
    grown = [
        account
        for account in scene.people.accounts
        if account.ordinary and account.created_ms < background.begin_ms and account.name not in scene.used
    ]
    known = [account for account in grown if len(circle(account)) >= 8] or grown
    for time_ms in (scene.start_ms, *times):
        asleep = [account for account in known if account.awake(time_ms) < 0.2]
        if asleep:
            scene.start_ms = time_ms
            return scene.take(asleep)
    return scene.take(sorted(known, key=lambda account: account.awake(scene.start_ms))[:40])


def bought_silence(scene: Scene) -> Campaign:
    """Attackers share and like what they attack, so that it looks as if it were going round."""
    rng, people = scene.rng, scene.people
    target = scene.somebody()
    thread = scene.thread_of(target)
    count, length_ms = scene.size(40, 250), scene.length(8, 120)
    home = scene.origin(count, target.home)
    gathering = Gathering(people, rng, [target])
    campaign = Campaign("bought_silence", True, "account", target, threads=[thread])
    call_at_home(scene, campaign, gathering, home)
    crew = gathering.mix(count, scene.start_ms, [(people.crowd_by_home[home], rng.uniform(0.4, 0.9))])
    manner = replace(
        hostile_manner(rng, _AWAY),
        react=rng.uniform(0.8, 1),
        mood="warm",
        cheer=rng.uniform(0.3, 0.7),
        share=rng.uniform(0.75, 1),
    )
    come(scene, campaign, gathering, target, crew, length_ms, manner)
    return campaign


def aged_once(scene: Scene) -> Campaign:
    """Accounts of a certain age that hardly ever say anything come from nowhere and say one thing each."""
    rng, people = scene.rng, scene.people
    target = scene.somebody()
    thread = scene.thread_of(target)
    count, length_ms = scene.size(30, 200), scene.length(5, 90)
    gathering = Gathering(people, rng, [target])
    campaign = Campaign("aged_once", True, "account", target, threads=[thread])
    grown_ms = scene.start_ms - 200 * DAY_MS
    silent = [account for account in people.accounts if account.created_ms < grown_ms and account.activity < 0.5]
    crew = gathering.pick(silent, count, scene.start_ms, ever=True)
    ways = rng.choice(((80.0, 10.0, 0.0, 10.0), (30.0, 0.0, 10.0, 60.0)))
    manner = replace(hostile_manner(rng, ways), again=0.0, react=0.0, cheer=0.0, share=0.0)
    come(scene, campaign, gathering, target, crew, length_ms, manner)
    return campaign
