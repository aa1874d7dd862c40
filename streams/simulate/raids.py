"""The raids on a place: raiders set upon whoever speaks in one thread, or all over one community."""

from __future__ import annotations

from streams.simulate.attacks import hostile_manner
from streams.simulate.crowd import SHAPES, Campaign, Crowd, Gathering, Manner, arrivals
from streams.simulate.growth import feeling, log_uniform
from streams.simulate.people import Account
from streams.simulate.platform import Act, Thread
from streams.simulate.scene import Scene
from streams.simulate.text import point_at, say
from streams.simulate.times import HOUR_MS, MINUTE_MS


def _raiders(scene: Scene, gathering: Gathering, count: int, avoid: int) -> tuple[list[Account], int]:
    """A crew mostly of one or two communities, and the first of these."""
    rng, people = scene.rng, scene.people
    first, second = scene.origin(count, avoid), scene.origin(count // 2, avoid)
    main = rng.uniform(0.5, 0.9)
    shares = [(people.crowd_by_home[first], main), (people.crowd_by_home[second], (1 - main) * 0.7)]
    new = round(count * rng.uniform(0, 0.1))
    crew = gathering.mix(count - new, scene.start_ms, shares)
    crew += gathering.newcomers(scene.background, new, scene.start_ms, 40 * HOUR_MS)
    rng.shuffle(crew)
    if rng.random() < 0.4:
        scene.seen_together(crew)
    return crew, first


def _call(scene: Scene, campaign: Campaign, gathering: Gathering, home: int, link: Act | str) -> None:
    """In most cases somebody of the crew's community has posted a link; else it was arranged elsewhere."""
    if scene.rng.random() < 0.7:
        campaign.instigator = gathering.one(scene.people.by_home[home], scene.start_ms)
        post = scene.platform.post(scene.start_ms, campaign.instigator, home, point_at(scene.rng), (link,))
        scene.background.growth.grow(post, scene.rng.randint(0, 12))


def _set_upon(crowd: Crowd, person: Account, time_ms: int, item: Act, manner: Manner) -> Act:
    """Answer somebody's item, and at times react to it or share it."""
    rng, thread = crowd.rng, item.thread or Thread(item)
    act = crowd.platform.answer(time_ms, person, thread, item, crowd.words(manner, person))
    if rng.random() < manner.react:
        crowd.platform.react(time_ms + rng.randint(500, 60_000), person, item, feeling(rng, "cross"))
    if rng.random() < manner.share * 0.5:
        crowd.platform.share(time_ms + rng.randint(500, 90_000), person, thread.root)
    return act


def thread_raid(scene: Scene) -> Campaign:
    """Raiders come to a lively thread and set upon whoever speaks there."""
    rng = scene.rng
    thread = _lively_thread(scene)
    scene.used.add(thread.author.name)
    count, length_ms = scene.size(30, 250), scene.length(6, 120)
    gathering = Gathering(scene.people, rng, [thread.author, *(act.author for act in thread.answers)])
    crew, home = _raiders(scene, gathering, count, thread.root.community)
    campaign = Campaign("thread_raid", True, "thread", thread.root, threads=[thread])
    _call(scene, campaign, gathering, home, thread.root)
    begin_ms = scene.start_ms + scene.delay(20, 300)
    locals_ = _speakers(thread, begin_ms)
    manner = hostile_manner(rng, (0, 0, 0, 0))
    times = arrivals(rng, rng.choice(SHAPES), len(crew), begin_ms, length_ms)
    crowd = Crowd(scene.platform, rng, times[-1])
    for person, time_ms in zip(crew, times, strict=True):
        for when in crowd.turns(time_ms, manner.again):
            parent = thread.root if rng.random() < 0.1 else rng.choice(locals_)
            campaign.crowd.append(_set_upon(crowd, person, when, parent, manner))
    thread.show(begin_ms, count * log_uniform(rng, 12, 150), length_ms / 2)
    insiders = [act.author for act in locals_]
    friends = rng.sample(insiders, min(len(insiders), round(count * 0.1)))
    friends += scene.defenders(gathering, round(count * rng.uniform(0.03, 0.2)), None, thread.root.community)
    campaign.defence = crowd.defend([a for a in friends if a.created_ms < begin_ms], campaign.crowd, None)
    return campaign


def _speakers(thread: Thread, time_ms: int) -> list[Act]:
    """The newest answer of each guest who has lately spoken in the thread."""
    newest = {act.author.name: act for act in thread.before(time_ms, 60) if act.author is not thread.author}
    return list(newest.values())


def _lively_thread(scene: Scene) -> Thread:
    """A thread of the last hours in which many have spoken; one is made if there is none."""
    rng, start_ms = scene.rng, scene.start_ms
    for _ in range(400):
        found = scene.platform.some_thread(rng, start_ms - 6 * HOUR_MS, start_ms - 10 * MINUTE_MS)
        if found is None or not found.author.ordinary or found.author.name in scene.used:
            continue
        if len(_speakers(found, start_ms)) >= 12:
            return found
    thread = scene.platform.post(start_ms - rng.randint(90, 150) * MINUTE_MS, scene.somebody(), 0, say(rng))
    thread.root.community = thread.author.home
    for time_ms in arrivals(rng, "decay", 40, thread.root.time_ms + MINUTE_MS, 80 * MINUTE_MS):
        guest = scene.background.growth.visitor(thread, time_ms, wide=True)
        scene.platform.answer(time_ms, guest, thread, thread.root, say(rng))
    return thread


def community_raid(scene: Scene) -> Campaign:
    """Raiders post and answer all over one community."""
    rng, people, platform = scene.rng, scene.people, scene.platform
    count, length_ms = scene.size(40, 300), scene.length(8, 150)
    sizes = [len(group) for group in people.members]
    place = rng.choices(range(len(sizes)), sizes)[0]
    gathering = Gathering(people, rng, [])
    crew, home = _raiders(scene, gathering, count, place)
    campaign = Campaign("community_raid", True, "community", place, communities=[place])
    _call(scene, campaign, gathering, home, people.communities[place])
    begin_ms = scene.start_ms + scene.delay(20, 300)
    manner = hostile_manner(rng, (0, 0, 0, 0), chant=rng.choice((0.0, 0.0, 0.3, 0.6)))
    times = arrivals(rng, rng.choice(SHAPES), len(crew), begin_ms, length_ms)
    crowd = Crowd(platform, rng, times[-1])
    outsiders = {person.name for person in crew}
    open_threads = [t for t in platform.threads if t.root.community == place and t.author.name not in outsiders]
    for person, time_ms in zip(crew, times, strict=True):
        for when in crowd.turns(time_ms, manner.again + 0.2):
            near = [t for t in open_threads if when - 9 * HOUR_MS < t.root.time_ms < when - 20_000]
            if not near or rng.random() < 0.2:
                post = platform.post(when, person, place, crowd.words(manner, person))
                campaign.crowd.append(post.root)
                campaign.threads.append(post)
                continue
            thread = near[-1 - int(len(near) * rng.random() ** 1.3)]
            recent = [act for act in thread.before(when - 4_000, 8) if act.author.name not in outsiders]
            parent = rng.choice(recent) if recent and rng.random() < 0.5 else thread.root
            campaign.crowd.append(_set_upon(crowd, person, when, parent, manner))
            campaign.threads.append(thread)
    friends = gathering.pick(people.crowd_by_home[place], round(count * rng.uniform(0.1, 0.3)), scene.start_ms)
    campaign.defence = crowd.defend(friends, campaign.crowd, None)
    return campaign
