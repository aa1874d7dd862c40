"""Where the obvious culprit is the wrong one: raids under a false flag, and complaints in numbers."""

from __future__ import annotations

from streams.simulate.attacks import hostile_manner
from streams.simulate.crowd import SHAPES, Campaign, Crowd, Gathering, Manner, arrivals, circle
from streams.simulate.growth import log_uniform
from streams.simulate.people import Account
from streams.simulate.scene import Scene
from streams.simulate.text import point_at, say
from streams.simulate.times import DAY_MS, HOUR_MS, MINUTE_MS
from streams.simulate.trials.crew import come


def false_flag_fresh(scene: Scene) -> Campaign:
    """A small crew opens accounts in a rival community and raids somebody in its name, to have the rival locked.

    The rival's genuine members must not be named. That the crew's accounts claim to come from there is a fact, and
    may be told as one.
    """
    return _false_flag(scene, "false_flag_fresh", aged=False)


def false_flag_aged(scene: Scene) -> Campaign:
    """A small crew has old accounts in a rival community and raids somebody in its name, to have the rival locked.

    The rival's genuine members must not be named.
    """
    return _false_flag(scene, "false_flag_aged", aged=True)


def _false_flag(scene: Scene, name: str, *, aged: bool) -> Campaign:
    rng, people, platform = scene.rng, scene.people, scene.platform
    count, length_ms = scene.size(25, 70), scene.length(8, 90)
    rival = scene.origin(count)
    target = scene.somebody(avoid=rival)
    gathering = Gathering(people, rng, [target])
    crew = _crew(scene, count, rival, aged=aged)
    gathering.exclude(crew)
    thread = scene.thread_of(target)
    genuine = list(people.members[rival])
    campaign = Campaign(name, True, "account", target, instigator=crew[0], threads=[thread], never_named=genuine)
    opening = platform.post(scene.start_ms, crew[0], rival, point_at(rng), (thread.root,))
    manner = hostile_manner(rng, (60, 22, 6, 12), chant=rng.choice((0.0, 0.0, 0.3)))
    crowd = come(scene, campaign, gathering, target, crew[1:], length_ms, manner)
    for reader in gathering.pick(people.crowd_by_home[rival], rng.randint(2, 12), scene.start_ms):
        when = scene.start_ms + rng.randint(60_000, max(length_ms, 2 * MINUTE_MS))
        platform.answer(when, reader, opening, opening.root, say(rng, rng.choice(("ask", "plain", "cross"))))
    honest = gathering.pick(people.crowd_by_home[rival], rng.randint(2, 8), scene.start_ms)
    campaign.defence += crowd.defend(honest, campaign.crowd, target)
    return campaign


def _crew(scene: Scene, count: int, home: int, *, aged: bool) -> list[Account]:
    """Accounts opened in a community by people who do not belong to it; they do little besides."""
    rng, background, crew = scene.rng, scene.background, []
    for _ in range(count):
        age_ms = int(rng.uniform(150, 1_800) * DAY_MS if aged else 20 * MINUTE_MS + rng.random() ** 2 * 60 * HOUR_MS)
        account = scene.people.mint(rng, scene.start_ms - age_ms, home)
        since_ms = max(account.created_ms, background.begin_ms)
        background.dabble(account, since_ms, min(scene.start_ms + 6 * HOUR_MS, background.end_ms))
        crew.append(account)
    return crew


def mass_reporting(scene: Scene) -> Campaign:
    """Many complain about one target at once, and only a few say anything.

    At least doubt has to be said of it. Who complains must never be named, rightly or wrongly.
    """
    rng, people, platform = scene.rng, scene.people, scene.platform
    target = scene.somebody()
    thread = scene.thread_of(target)
    count, length_ms = scene.size(40, 250), scene.length(8, 120)
    home = scene.origin(count, target.home)
    gathering = Gathering(people, rng, [target])
    crew = gathering.mix(count, scene.start_ms, [(people.crowd_by_home[home], rng.uniform(0.2, 0.9))])
    campaign = Campaign("mass_reporting", True, "account", target, threads=[thread], never_named=crew)
    if rng.random() < 0.5:
        campaign.instigator = gathering.one(people.by_home[home], scene.start_ms)
        platform.post(scene.start_ms, campaign.instigator, home, point_at(rng), (thread.root,))
    begin_ms = scene.start_ms + scene.delay(20, 300)
    items = [thread.root, *(found.root for found in platform.threads_of(target, begin_ms)[-3:])]
    for person, time_ms in zip(crew, arrivals(rng, rng.choice(SHAPES), count, begin_ms, length_ms), strict=True):
        platform.report(time_ms, person, rng.choice(items))
    speakers = gathering.mix(rng.randint(3, 8), begin_ms, [(people.crowd_by_home[home], 0.6)])
    times = [begin_ms, *sorted(begin_ms + rng.randrange(length_ms) for _ in speakers[1:])]
    crowd = Crowd(platform, rng, begin_ms + length_ms)
    manner = Manner(ways=(80, 10, 0, 10), tones=("cross", "plain"), hostile=rng.uniform(0.1, 0.3), again=0.1)
    campaign.crowd += crowd.come(speakers, times, thread, target, manner)
    friends = scene.defenders(gathering, rng.randint(1, 3), target, target.home)
    campaign.defence = crowd.defend(friends, campaign.crowd, target)
    return campaign


def honest_reports(scene: Scene) -> Campaign:
    """Something that ought not to stand there is shown to many, and of those who see it many complain by themselves.

    The counterpart of `mass_reporting`: complaints grow with how widely it is shown. Here too nobody who complains
    may be named.
    """
    rng, people, platform = scene.rng, scene.people, scene.platform
    target = scene.somebody()
    opened_ms = scene.start_ms - rng.randint(2, 30) * MINUTE_MS
    link = f"https://market.example/{rng.randrange(10**6)}"
    thread = platform.post(opened_ms, target, target.home, point_at(rng), (link,))
    count, length_ms = scene.size(40, 250), scene.length(20, 200)
    gathering = Gathering(people, rng, [target])
    complainers = gathering.mix(
        count, scene.start_ms, [(circle(target), 0.15), (people.crowd_by_home[target.home], rng.uniform(0.2, 0.5))]
    )
    campaign = Campaign("honest_reports", False, "account", target, threads=[thread], never_named=complainers)
    for person, time_ms in zip(
        complainers, arrivals(rng, rng.choice(SHAPES), count, scene.start_ms, length_ms), strict=True
    ):
        platform.report(time_ms, person, thread.root)
    speakers = gathering.mix(rng.randint(6, 25), scene.start_ms, [(people.crowd_by_home[target.home], 0.4)])
    times = [scene.start_ms, *sorted(scene.start_ms + rng.randrange(length_ms) for _ in speakers[1:])]
    crowd = Crowd(platform, rng, scene.start_ms + length_ms)
    manner = Manner(ways=(80, 18, 0, 2), tones=("ask", "plain", "cross"), hostile=0.02, share=0.1)
    campaign.crowd += crowd.come(speakers, times, thread, target, manner)
    readers = gathering.mix(int(count * rng.uniform(0.3, 1.2)), scene.start_ms, [(circle(target), 0.2)])
    moments = [scene.start_ms + rng.randrange(length_ms) for _ in readers]
    crowd.look_on(readers, moments, thread, share=rng.uniform(0.2, 0.5), mood="news")
    thread.show(opened_ms, count * log_uniform(rng, 60, 400), length_ms / 2)
    return campaign
