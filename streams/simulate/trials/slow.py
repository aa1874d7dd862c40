"""Harassment that takes its time: too few in any hour to be a crowd, too many over days to be chance."""

from __future__ import annotations

from typing import Final

from streams.simulate.attacks import hostile_manner
from streams.simulate.crowd import Campaign, Crowd, Gathering
from streams.simulate.growth import log_uniform
from streams.simulate.people import Account
from streams.simulate.platform import Thread
from streams.simulate.scene import Scene
from streams.simulate.times import DAY_MS, HOUR_MS, MINUTE_MS

DAYS: Final = 3
A_DAY: Final = 20
LENGTH_MS: Final = DAYS * DAY_MS
"""How long it lasts, and how many come on each of the days."""


def slow_harassment(scene: Scene) -> Campaign:
    """Twenty people a day, some of them on several days, have something unkind to say to somebody for three days."""
    rng, people = scene.rng, scene.people
    target = scene.somebody()
    home = scene.origin(3 * A_DAY, target.home)
    threads = [thread for day in range(DAYS) for thread in _threads(scene, target, scene.start_ms + day * DAY_MS)]
    gathering = Gathering(people, rng, [target])
    campaign = Campaign("slow_harassment", True, "account", target, threads=threads)
    crowd = Crowd(scene.platform, rng, scene.start_ms + LENGTH_MS)
    manner = hostile_manner(rng, (60, 14, 6, 20))
    main, back = rng.uniform(0.3, 0.9), rng.uniform(0.1, 0.5)
    crew: list[Account] = []
    for day in range(DAYS):
        begin_ms = scene.start_ms + day * DAY_MS
        again = rng.sample(crew, round(A_DAY * back)) if crew else []
        came = [(person, begin_ms + rng.randrange(DAY_MS)) for person in again]
        while len(came) < A_DAY:
            time_ms = begin_ms + rng.randrange(DAY_MS)
            source = people.crowd_by_home[home] if rng.random() < main else people.crowd
            came += [(person, time_ms) for person in gathering.pick(source, 1, time_ms)]
        crew += [person for person, _ in came if person not in again]
        for person, time_ms in sorted(came, key=lambda one: (one[1], one[0].name)):
            thread = [found for found in threads if found.root.time_ms < time_ms - MINUTE_MS][-1]
            campaign.crowd += crowd.join(person, time_ms, thread, target, manner)
    for thread in threads:
        thread.show(thread.root.time_ms, A_DAY * log_uniform(rng, 6, 60), 6 * HOUR_MS)
    friends = scene.defenders(gathering, rng.randint(3, 12), target, target.home)
    campaign.defence = crowd.defend(friends, campaign.crowd, target)
    crowd.respond(target, campaign.crowd, rng.choice((0.0, 0.02, 0.08)), "ask")
    return campaign


def _threads(scene: Scene, target: Account, begin_ms: int) -> list[Thread]:
    """What the target posts on one of the days; the first thing a little before it begins."""
    rng = scene.rng
    times = [begin_ms - rng.randint(2, 40) * MINUTE_MS]
    times += [begin_ms + rng.randint(4, 18) * HOUR_MS for _ in range(rng.randint(0, 2))]
    return [scene.background.ordinary_thread(target, time_ms) for time_ms in sorted(times)]
