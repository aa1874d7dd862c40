"""The harmless surges: a crowd that comes because something is liked, asked, new, broken or due."""

from __future__ import annotations

from streams.simulate.crowd import SHAPES, Campaign, Crowd, Gathering, Manner, Source, arrivals, circle
from streams.simulate.growth import log_uniform
from streams.simulate.people import Account
from streams.simulate.platform import Thread
from streams.simulate.scene import Scene
from streams.simulate.text import point_at, say, vary
from streams.simulate.times import HOUR_MS, MINUTE_MS


def look_on(
    scene: Scene, crowd: Crowd, thread: Thread, count: int, times: list[int], *, share: float, mood: str
) -> None:
    """Let `count` others share or like without a word, while the crowd is there or a little later."""
    rng = scene.rng
    gathering = Gathering(scene.people, rng, [thread.author])
    people = gathering.mix(min(count, 2_500), scene.start_ms, [(circle(thread.author), 0.1)])
    moments = [
        max(rng.choice(times), thread.root.time_ms) + 1_000 + int(rng.lognormvariate(4.5, 1.2) * 1000) for _ in people
    ]
    crowd.look_on(people, moments, thread, share=share, mood=mood)


def with_newcomers(scene: Scene, gathering: Gathering, count: int, shares: list[tuple[Source, float]]) -> list[Account]:
    """`count` members of a crowd from these sources, with a few newcomers among them."""
    new = round(count * scene.rng.uniform(0.01, 0.08))
    members = gathering.mix(count - new, scene.start_ms, shares)
    members += gathering.newcomers(scene.background, new, scene.start_ms, 40 * HOUR_MS)
    scene.rng.shuffle(members)
    return members


def viral_joy(scene: Scene) -> Campaign:
    """A post goes round, because people like it; bigger accounts pass it on, and people come from everywhere."""
    rng, platform = scene.rng, scene.platform
    target = scene.somebody()
    opened_ms = scene.start_ms - rng.randint(2, 30) * MINUTE_MS
    thread = platform.post(opened_ms, target, target.home, say(rng, "warm"))
    count, length_ms = scene.size(50, 800), scene.length(8, 240)
    gathering = Gathering(scene.people, rng, [target])
    boosters = [scene.influencer(target) for _ in range(rng.randint(1, 3))]
    for position, booster in enumerate(boosters):
        when = scene.start_ms + int(position * length_ms * rng.uniform(0.05, 0.3))
        if rng.random() < 0.6:
            shown = platform.quote(when, booster, thread.root, point_at(rng))
        else:
            shown = platform.post(when, booster, booster.home, point_at(rng), (thread.root,))
        scene.background.growth.grow(shown, int(count * rng.uniform(0.02, 0.15)))
    fans = rng.uniform(0.15, 0.4) / len(boosters)
    shares: list[tuple[Source, float]] = [(booster.fans, fans) for booster in boosters]
    shares += [
        (circle(target), rng.uniform(0.04, 0.15)),
        (scene.people.crowd_by_home[target.home], rng.uniform(0.1, 0.25)),
    ]
    members = with_newcomers(scene, gathering, count, shares)
    campaign = Campaign("viral_joy", False, "account", target, threads=[thread])
    begin_ms = scene.start_ms + scene.delay(10, 200)
    times = arrivals(rng, rng.choice(SHAPES), len(members), begin_ms, length_ms)
    manner = Manner(
        ways=(70, 12, 10, 8),
        tones=("warm", "warm", "plain", "ask"),
        again=rng.uniform(0.05, 0.3),
        react=rng.uniform(0.4, 0.8),
        mood="warm",
        share=rng.uniform(0.15, 0.5),
        chant=rng.uniform(0, 0.25),
    )
    crowd = Crowd(platform, rng, times[-1] + 10 * MINUTE_MS, say(rng, "warm"))
    campaign.crowd += crowd.come(members, times, thread, target, manner)
    look_on(
        scene, crowd, thread, int(count * log_uniform(rng, 1.5, 7)), times, share=rng.uniform(0.25, 0.5), mood="warm"
    )
    crowd.respond(target, campaign.crowd, rng.choice((0.0, 0.02, 0.1)), "warm")
    thread.show(begin_ms, count * log_uniform(rng, 70, 600), length_ms / 2)
    return campaign


def ama(scene: Scene) -> Campaign:
    """Somebody lets himself be asked anything, has said so before, and answers."""
    rng, platform = scene.rng, scene.platform
    target = scene.somebody(figure=0.3)
    said_ms = max(scene.start_ms - int(rng.uniform(0.4, 10) * HOUR_MS), scene.background.start_ms + 5 * MINUTE_MS)
    notice = platform.post(said_ms, target, target.home, say(rng, "ask"))
    scene.background.growth.grow(notice, rng.randint(2, 25))
    opened_ms = max(scene.start_ms - rng.randint(20, 900) * 1000, said_ms + MINUTE_MS)
    thread = platform.post(opened_ms, target, target.home, say(rng, "ask"), (notice.root,))
    count, length_ms = scene.size(50, 500), scene.length(25, 200)
    gathering = Gathering(scene.people, rng, [target])
    shares: list[tuple[Source, float]] = [
        (circle(target), rng.uniform(0.15, 0.35)),
        (scene.people.crowd_by_home[target.home], rng.uniform(0.3, 0.5)),
    ]
    members = with_newcomers(scene, gathering, count, shares)
    campaign = Campaign("ama", False, "account", target, threads=[thread])
    times = arrivals(rng, rng.choice(("decay", "steady", "waves")), len(members), scene.start_ms, length_ms)
    manner = Manner(
        ways=(76, 18, 2, 4),
        tones=("ask", "ask", "plain", "warm"),
        again=rng.uniform(0.15, 0.45),
        react=rng.uniform(0.2, 0.5),
        mood="ask",
        share=rng.uniform(0.03, 0.2),
        cheer=0.35,
    )
    crowd = Crowd(platform, rng, times[-1] + 10 * MINUTE_MS)
    campaign.crowd += crowd.come(members, times, thread, target, manner)
    crowd.respond(target, campaign.crowd, rng.uniform(0.15, 0.55))
    look_on(
        scene, crowd, thread, int(count * log_uniform(rng, 0.3, 2)), times, share=rng.uniform(0.08, 0.2), mood="ask"
    )
    thread.show(opened_ms, count * log_uniform(rng, 40, 250), length_ms / 2)
    return campaign


def breaking_news(scene: Scene) -> Campaign:
    """Somebody known is in the news, and everybody has something to say."""
    rng, platform, people = scene.rng, scene.platform, scene.people
    target = scene.take(people.figures + people.organisations + people.celebrities[:3])
    thread = scene.thread_of(target)
    count, length_ms = scene.size(50, 700), scene.length(5, 240)
    gathering = Gathering(people, rng, [target])
    reporters = gathering.pick(people.by_popularity, rng.randint(3, 18), scene.start_ms)
    reports = []
    for reporter in reporters:
        when = scene.start_ms + int(rng.random() ** 2 * length_ms * 0.5)
        link = f"https://news.example/{rng.randrange(10**6)}"
        news = platform.post(when, reporter, reporter.home, point_at(rng), (link, target))
        scene.background.growth.grow(news, int(count * rng.uniform(0.01, 0.08)))
        reports.append(news)
    shares: list[tuple[Source, float]] = [
        (circle(target), rng.uniform(0.05, 0.25)),
        (people.crowd_by_home[target.home], rng.uniform(0.02, 0.12)),
    ]
    members = with_newcomers(scene, gathering, count, shares)
    campaign = Campaign("breaking_news", False, "account", target, threads=[thread])
    times = arrivals(rng, rng.choice(SHAPES), len(members), scene.start_ms + scene.delay(15, 25), length_ms)
    manner = Manner(
        ways=(22, 10, 14, 54),
        tones=("plain", "ask", "cross", "warm"),
        hostile=rng.uniform(0.01, 0.06),
        again=rng.uniform(0.1, 0.4),
        react=rng.uniform(0.2, 0.5),
        mood="news",
        share=rng.uniform(0.1, 0.4),
    )
    crowd = Crowd(platform, rng, times[-1] + 10 * MINUTE_MS)
    campaign.crowd += crowd.come(members, times, thread, target, manner)
    for shown in [thread, *reports]:
        part = 0.5 if shown is thread else 1.2 / len(reports)
        number = int(count * part * log_uniform(rng, 0.7, 4))
        look_on(scene, crowd, shown, number, times, share=rng.uniform(0.3, 0.6), mood="news")
        shown.show(scene.start_ms, number * log_uniform(rng, 60, 300), length_ms / 2)
    return campaign


def outage(scene: Scene) -> Campaign:
    """Something does not work, and customers tell its maker from everywhere."""
    rng, platform, people = scene.rng, scene.platform, scene.people
    target = scene.take(people.organisations)
    thread = scene.thread_of(target)
    count, length_ms = scene.size(40, 500), scene.length(8, 200)
    gathering = Gathering(people, rng, [target])
    shares: list[tuple[Source, float]] = [(circle(target), rng.uniform(0.1, 0.35))]
    members = with_newcomers(scene, gathering, count, shares)
    campaign = Campaign("outage", False, "account", target, threads=[thread])
    times = arrivals(rng, rng.choice(("decay", "grow", "waves")), len(members), scene.start_ms, length_ms)
    manner = Manner(
        ways=(34, 10, 4, 52),
        tones=("cross", "cross", "ask", "plain"),
        hostile=rng.uniform(0.02, 0.09),
        again=rng.uniform(0.15, 0.45),
        react=rng.uniform(0.1, 0.4),
        mood="cross",
        share=rng.uniform(0.05, 0.25),
        chant=rng.uniform(0, 0.15),
    )
    crowd = Crowd(platform, rng, times[-1] + 10 * MINUTE_MS, say(rng, "ask"))
    campaign.crowd += crowd.come(members, times, thread, target, manner)
    crowd.respond(target, campaign.crowd, rng.choice((0.0, 0.1, 0.3)))
    look_on(
        scene, crowd, thread, int(count * log_uniform(rng, 0.2, 1.5)), times, share=rng.uniform(0.1, 0.4), mood="cross"
    )
    thread.show(scene.start_ms, count * log_uniform(rng, 30, 200), length_ms / 2)
    return campaign


def scheduled_event(scene: Scene) -> Campaign:
    """A match or a show, in a thread opened for it: the community's own people, at a set hour, at the same moments."""
    rng, platform, people = scene.rng, scene.platform, scene.people
    count, length_ms = scene.size(50, 400), scene.length(25, 170)
    home = scene.origin(count)
    host = people.bots[home % len(people.bots)] if rng.random() < 0.5 else rng.choice(people.moderators[home])
    opened_ms = scene.start_ms - rng.randint(2, 120) * MINUTE_MS
    thread = platform.post(opened_ms, host, home, say(rng))
    gathering = Gathering(people, rng, [host])
    shares: list[tuple[Source, float]] = [(people.crowd_by_home[home], rng.uniform(0.82, 0.97))]
    members = with_newcomers(scene, gathering, count, shares)
    campaign = Campaign("scheduled_event", False, "thread", thread.root, threads=[thread])
    times = arrivals(rng, rng.choice(SHAPES), len(members), scene.start_ms, length_ms)
    moments = [scene.start_ms + int(rng.random() * length_ms) for _ in range(rng.randint(3, 10))]
    crowd = Crowd(platform, rng, scene.start_ms + length_ms)
    manner = Manner(
        ways=(58, 42, 0, 0), tones=("plain", "warm", "cross", "ask"), hostile=0.01, again=rng.uniform(0.4, 0.7)
    )
    campaign.crowd += crowd.come(members, times, thread, host, manner)
    for moment_ms in moments:
        slogan = say(rng, "warm")
        for person in members:
            if person.created_ms < moment_ms and rng.random() < rng.uniform(0.02, 0.5):
                text = vary(rng, slogan) if rng.random() < 0.4 else say(rng, rng.choice(manner.tones))
                when = moment_ms + 2_000 + int(rng.lognormvariate(2.8, 0.8) * 1000)
                campaign.crowd.append(platform.answer(when, person, thread, thread.root, text))
    look_on(scene, crowd, thread, int(count * rng.uniform(0.1, 0.6)), times, share=rng.uniform(0, 0.15), mood="plain")
    thread.show(opened_ms, count * log_uniform(rng, 20, 120), length_ms / 2)
    return campaign
