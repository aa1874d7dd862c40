"""Loud and not a pile-on: a celebrity's every day, two sides at each other, anger at those who hold power."""

from __future__ import annotations

from collections import Counter
from heapq import heapify, heappop, heappush
from typing import Final

from streams.simulate.crowd import SHAPES, Campaign, Crowd, Gathering, Manner, Source, arrivals, circle
from streams.simulate.growth import feeling, log_uniform
from streams.simulate.people import Account
from streams.simulate.platform import Act
from streams.simulate.scene import Scene
from streams.simulate.surges import look_on
from streams.simulate.text import point_at, say
from streams.simulate.times import HOUR_MS, MINUTE_MS

_AT_ONE: Final = 3
"""How many of one side answer the same words of the other, or the host before there are any: of more, somebody would be alone
against many. Who finds nobody to answer waits."""
_IN_SIGHT: Final = 14
"""Of the other side's words, the latest so many are answered."""
_FIGHT_TONES: Final = ("cross", "cross", "plain", "ask")


def celebrity(scene: Scene) -> Campaign:
    """A celebrity is spoken to all day, as every day, by hundreds an hour, not all of them friendly."""
    rng, platform, people, background = scene.rng, scene.platform, scene.people, scene.background
    target = scene.take(people.celebrities)
    campaign = Campaign("celebrity", False, "account", target)
    an_hour, rude = log_uniform(rng, 60, 240), rng.uniform(0.02, 0.08)
    time_ms = float(background.begin_ms)
    while True:
        time_ms += rng.expovariate(an_hour / HOUR_MS)
        if time_ms >= background.end_ms:
            campaign.threads = platform.threads_of(target, background.end_ms)
            return campaign
        when = int(time_ms)
        fan = rng.choice(target.fans) if target.fans and rng.random() < 0.5 else people.everybody.draw_awake(rng, when)
        if fan is target or fan.created_ms >= when:
            continue
        words = say(rng, rng.choice(("plain", "warm", "ask", "cross")), rude)
        known = platform.threads_of(target, when)
        if known and rng.random() < 0.4:
            thread = known[-1]
            campaign.crowd.append(platform.answer(when, fan, thread, thread.root, words))
            if rng.random() < 0.3:
                platform.react(when + rng.randint(500, 60_000), fan, thread.root, feeling(rng, "plain"))
        else:
            campaign.crowd.append(platform.mention(when, fan, (target,), words, fan.home))


def mutual_fight(scene: Scene) -> Campaign:
    """Two communities go at each other under one post, and give as good as they get.

    No pile-on: nobody is alone against many, and to say that one side attacks the other is to take a side. That it
    is loud may be said.
    """
    rng, people, platform = scene.rng, scene.people, scene.platform
    count, length_ms = scene.size(25, 120), scene.length(15, 180)
    first = scene.origin(count)
    second = scene.origin(count, first)
    host = scene.take([account for account in people.members[first] if account.ordinary and not account.target_flags])
    thread = scene.thread_of(host)
    gathering = Gathering(people, rng, [host])
    sides = [
        gathering.mix(round(count * rng.uniform(0.8, 1.2)), scene.start_ms, [(people.crowd_by_home[home], 0.92)])
        for home in (first, second)
    ]
    for home in (first, second):
        caller = gathering.one(people.by_home[home], scene.start_ms)
        platform.post(scene.start_ms + rng.randint(-90_000, 90_000), caller, home, point_at(rng), (thread.root,))
    campaign = Campaign("mutual_fight", False, "thread", thread.root, threads=[thread])
    begin_ms = scene.start_ms + scene.delay(100, 300)
    crowd = Crowd(platform, rng, begin_ms + length_ms)
    manner = Manner(tones=_FIGHT_TONES, hostile=rng.uniform(0.15, 0.35))
    again, shape = rng.uniform(0.4, 0.7), rng.choice(SHAPES)
    turns: list[tuple[int, str, int, Account]] = []
    for side, members in enumerate(sides):
        for person, time_ms in zip(members, arrivals(rng, shape, len(members), begin_ms, length_ms), strict=True):
            turns += [(when, person.name, side, person) for when in crowd.turns(time_ms, again)]
    heapify(turns)
    said: tuple[list[Act], list[Act]] = ([], [])
    answered: Counter[Act] = Counter()
    while turns:
        when, _, side, person = heappop(turns)
        others = [act for act in said[1 - side][-_IN_SIGHT:] if act.time_ms < when - 2_000 and answered[act] < _AT_ONE]
        if not others and len(said[side]) >= _AT_ONE:
            later = when + rng.randint(2_000, 30_000)
            if later < begin_ms + length_ms:
                heappush(turns, (later, person.name, side, person))
            continue
        parent = rng.choice(others) if others else thread.root
        answered[parent] += 1
        act = platform.answer(when, person, thread, parent, crowd.words(manner, person))
        said[side].append(act)
        if rng.random() < 0.15:
            platform.react(when + rng.randint(500, 90_000), person, parent, feeling(rng, "cross"))
        if rng.random() < 0.02:
            platform.report(when + rng.randint(9_000, 400_000), parent.author, act)
    campaign.crowd += [*said[0], *said[1]]
    look_on(scene, crowd, thread, count // 2, [act.time_ms for act in campaign.crowd], share=0.3, mood="cross")
    thread.show(begin_ms, 2 * count * log_uniform(rng, 12, 150), length_ms / 2)
    return campaign


def angry_figure(scene: Scene) -> Campaign:
    """People hold a public figure to account for what he has done: angry, from everywhere, and hardly ever abusive."""
    return _anger(scene, "angry_figure", scene.take(scene.people.figures + scene.people.celebrities[:3]))


def angry_company(scene: Scene) -> Campaign:
    """Customers hold a company to account for what it has done: angry, from everywhere, and hardly ever abusive."""
    return _anger(scene, "angry_company", scene.take(scene.people.organisations))


def _anger(scene: Scene, name: str, target: Account) -> Campaign:
    """What became known about the target goes round; critics with followers pass it on, and nobody steers it."""
    rng, people, platform, growth = scene.rng, scene.people, scene.platform, scene.background.growth
    thread = scene.thread_of(target)
    count, length_ms = scene.size(60, 600), scene.length(20, 240)
    gathering = Gathering(people, rng, [target])
    critics = [scene.influencer(target) for _ in range(rng.randint(1, 4))]
    link, shown = f"https://news.example/{rng.randrange(10**6)}", []
    for position, critic in enumerate(critics):
        when = scene.start_ms + int(position * length_ms * rng.uniform(0.02, 0.2))
        if rng.random() < 0.5:
            shown.append(platform.quote(when, critic, thread.root, point_at(rng)))
        else:
            shown.append(platform.post(when, critic, critic.home, point_at(rng), (link, target)))
        growth.grow(shown[-1], int(count * rng.uniform(0.02, 0.12)))
    shares: list[tuple[Source, float]] = [(critic.fans, rng.uniform(0.1, 0.3) / len(critics)) for critic in critics]
    shares.append((circle(target), rng.uniform(0.05, 0.25)))
    members = gathering.mix(count, scene.start_ms, shares)
    members += gathering.newcomers(scene.background, round(count * rng.uniform(0, 0.06)), scene.start_ms, 40 * HOUR_MS)
    rng.shuffle(members)
    campaign = Campaign(name, False, "account", target, threads=[thread])
    begin_ms = scene.start_ms + scene.delay(20, 200)
    times = arrivals(rng, rng.choice(SHAPES), len(members), begin_ms, length_ms)
    manner = Manner(
        ways=(38, 14, 12, 36),
        tones=("cross", "cross", "cross", "ask"),
        hostile=rng.uniform(0.02, 0.1),
        again=rng.uniform(0.1, 0.4),
        react=rng.uniform(0.2, 0.5),
        mood="cross",
        share=rng.uniform(0.15, 0.5),
    )
    crowd = Crowd(platform, rng, times[-1] + 10 * MINUTE_MS)
    campaign.crowd += crowd.come(members, times, thread, target, manner)
    loyal = scene.defenders(gathering, round(count * rng.uniform(0.02, 0.15)), target, target.home)
    campaign.defence = crowd.defend(loyal, campaign.crowd, target)
    for seen in (thread, *shown):
        number = int(count * log_uniform(rng, 0.4, 2) / (1 + len(shown)))
        look_on(scene, crowd, seen, number, times, share=rng.uniform(0.3, 0.6), mood="cross")
        seen.show(scene.start_ms, (count + number) * log_uniform(rng, 30, 200), length_ms / 2)
    crowd.respond(target, campaign.crowd, rng.choice((0.0, 0.0, 0.05)))
    return campaign
