"""Those who keep order: moderators as targets and at work, and the bots that help them."""

from __future__ import annotations

from typing import Final

from streams.simulate.attacks import hostile_manner
from streams.simulate.crowd import Campaign, Crowd, Gathering, Source, arrivals
from streams.simulate.growth import poisson
from streams.simulate.people import Account
from streams.simulate.platform import Act, Thread
from streams.simulate.scene import Scene
from streams.simulate.text import say, vary
from streams.simulate.times import HOUR_MS, MINUTE_MS
from streams.simulate.trials.crew import call_at_home, come

_FLAG: Final = "moderator"


def _take_moderator(scene: Scene, home: int) -> Account:
    """A moderator of a community; the platform tells of all moderators that they are, when they are addressed."""
    for group in scene.people.moderators:
        for account in group:
            if _FLAG not in account.target_flags:
                account.target_flags = (*account.target_flags, _FLAG)
    return scene.take(scene.people.moderators[home])


def moderator_pile_on(scene: Scene) -> Campaign:
    """A moderator says what he has decided, and for that a crowd turns on him in person."""
    rng, people, platform = scene.rng, scene.people, scene.platform
    count, length_ms = scene.size(30, 200), scene.length(10, 150)
    home = scene.origin(count)
    target = _take_moderator(scene, home)
    thread = platform.post(scene.start_ms - rng.randint(3, 40) * MINUTE_MS, target, home, say(rng))
    gathering = Gathering(people, rng, [target])
    campaign = Campaign("moderator_pile_on", True, "account", target, threads=[thread])
    call_at_home(scene, campaign, gathering, home)
    abroad = scene.origin(count // 2, home)
    shares: list[tuple[Source, float]] = [
        (people.crowd_by_home[home], rng.uniform(0.3, 0.8)),
        (people.crowd_by_home[abroad], rng.uniform(0.1, 0.3)),
    ]
    crew = gathering.mix(count, scene.start_ms, shares)
    come(scene, campaign, gathering, target, crew, length_ms, hostile_manner(rng, (54, 18, 8, 20)))
    return campaign


def moderator_at_work(scene: Scene) -> Campaign:
    """A moderator has a word under many posts, and those whom it concerns answer him, some of them crossly."""
    rng, people, platform = scene.rng, scene.people, scene.platform
    count, length_ms = scene.size(30, 120), scene.length(40, 300)
    since_ms = scene.start_ms - 6 * HOUR_MS
    lively = [t.root.community for t in platform.threads if since_ms < t.root.time_ms < scene.start_ms]
    home = rng.choice(lively) if lively else scene.origin(count)
    target = _take_moderator(scene, home)
    near = [t for t in platform.threads if t.root.community == home and t.author is not target]
    gathering = Gathering(people, rng, [target])
    campaign = Campaign("moderator_at_work", False, "account", target)
    crowd = Crowd(platform, rng, scene.start_ms + length_ms)
    told: set[str] = set()
    for time_ms in arrivals(rng, "steady", count, scene.start_ms, length_ms):
        thread = _untold(scene, near, told, time_ms, home)
        told.add(thread.root.author.name)
        recent = [act for act in thread.before(time_ms, 6) if act.author is not target and act.author.ordinary]
        about: Act = rng.choice(recent) if recent and rng.random() < 0.4 else thread.root
        note = platform.answer(time_ms, target, thread, about, say(rng, rng.choice(("plain", "ask"))))
        concerned = [about.author, *gathering.pick(people.crowd_by_home[home], poisson(rng, 0.5), time_ms)]
        for person in concerned:
            later = time_ms + 20_000 + int(rng.lognormvariate(5.4, 1.0) * 1000)
            tone = rng.choice(("ask", "plain", "cross", "cross"))
            if later < crowd.stop_ms or not campaign.crowd:
                campaign.crowd.append(platform.answer(later, person, thread, note, say(rng, tone, 0.05)))
    crowd.respond(target, campaign.crowd, rng.uniform(0.1, 0.4))
    return campaign


def _untold(scene: Scene, threads: list[Thread], told: set[str], time_ms: int, home: int) -> Thread:
    """A recent thread of somebody to whom the moderator has not yet spoken; one is opened if there is none."""
    recent = [t for t in threads if time_ms - 8 * HOUR_MS < t.root.time_ms < time_ms - 30_000]
    fresh = [t for t in recent if t.author.name not in told and not t.author.flags]
    if fresh:
        return scene.rng.choice(fresh)
    author = scene.people.by_home[home].draw_awake(scene.rng, time_ms - MINUTE_MS)
    for _ in range(20):
        if not author.flags and author.name not in told:
            break
        author = scene.people.by_home[home].draw_awake(scene.rng, time_ms - MINUTE_MS)
    return scene.platform.post(time_ms - MINUTE_MS, author, home, say(scene.rng))


def auto_moderators(scene: Scene) -> Campaign:
    """Bots and auto-moderators have the same few things to say under all that somebody writes.

    They check links, remove, count and remind, dozens of them at once; bots are marked as such, and never make a crowd.
    """
    rng, people, platform = scene.rng, scene.people, scene.platform
    count, length_ms = scene.size(14, 34), scene.length(2, 60)
    target = scene.somebody()
    opened = [scene.start_ms - rng.randint(10, 900) * 1000 for _ in range(rng.randint(1, 4))]
    threads = [scene.thread_of(target)]
    threads += [platform.post(time_ms, target, target.home, say(rng)) for time_ms in opened]
    bots = rng.sample(people.bots, min(count, len(people.bots)))
    campaign = Campaign("auto_moderators", False, "account", target, threads=threads)
    phrases = [say(rng, tone) for tone in ("plain", "ask", "cross")]
    crowd = Crowd(platform, rng, scene.start_ms + length_ms)
    for bot, time_ms in zip(bots, arrivals(rng, "steady", len(bots), scene.start_ms, length_ms), strict=True):
        phrase = rng.choice(phrases)
        for when in crowd.turns(time_ms, 0.7):
            thread = rng.choice(threads)
            campaign.crowd.append(platform.answer(when, bot, thread, thread.root, vary(rng, phrase)))
    for moderator in people.moderators[target.home][: rng.randint(1, 3)]:
        if moderator is not target:
            when = scene.start_ms + rng.randint(30_000, max(length_ms, 60_000))
            campaign.crowd.append(platform.answer(when, moderator, threads[0], threads[0].root, say(rng)))
    crowd.respond(target, campaign.crowd, rng.choice((0.0, 0.1)), "ask")
    return campaign
