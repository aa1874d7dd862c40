"""The pile-ons on one account: a crowd that comes from elsewhere, or from nowhere, to turn on somebody."""

from __future__ import annotations

from random import Random

from streams.simulate.crowd import (
    SHAPES,
    Campaign,
    Crowd,
    Gathering,
    Manner,
    Source,
    Tongue,
    arrivals,
    circle,
    own_words,
)
from streams.simulate.growth import log_uniform
from streams.simulate.people import Account, Weighted
from streams.simulate.scene import Scene
from streams.simulate.text import point_at, say
from streams.simulate.times import HOUR_MS, MINUTE_MS


def hostile_manner(rng: Random, ways: tuple[float, float, float, float], chant: float = 0.0) -> Manner:
    """How attackers behave."""
    return Manner(
        ways=ways,
        tones=("cross", "cross", "plain", "ask"),
        hostile=rng.uniform(0.27, 0.45),
        again=rng.uniform(0.1, 0.45),
        react=rng.uniform(0.1, 0.45),
        mood="cross",
        cheer=rng.uniform(0.1, 0.4),
        share=rng.uniform(0.1, 0.5),
        chant=chant,
    )


def strike(
    scene: Scene,
    campaign: Campaign,
    *,
    crew: list[Account],
    times: list[int],
    target: Account,
    manner: Manner,
    slogan: str = "",
    tongue: Tongue = own_words,
) -> Crowd:
    """Let the crew arrive at the target's thread at these times, and be seen by some who only look on."""
    rng, thread = scene.rng, campaign.threads[0]
    crowd = Crowd(scene.platform, rng, times[-1] + 5 * MINUTE_MS, slogan, tongue)
    campaign.crowd += crowd.come(crew, times, thread, target, manner)
    length_ms = times[-1] - times[0]
    thread.show(times[0], len(crew) * log_uniform(rng, 12, 150), length_ms / 2)
    return crowd


def aftermath(
    scene: Scene, campaign: Campaign, gathering: Gathering, crowd: Crowd, target: Account, *, awake: bool = True
) -> None:
    """Defenders, onlookers, and what the target answers, if he is `awake`."""
    rng, count = scene.rng, len({act.author.name for act in campaign.crowd})
    friends = scene.defenders(gathering, round(count * rng.uniform(0.1, 0.3)), target, target.home)
    campaign.defence = crowd.defend(friends, campaign.crowd, target)
    onlookers = gathering.mix(int(count * rng.uniform(0.1, 0.6)), scene.start_ms, [(circle(target), 0.2)])
    times = [rng.choice(campaign.crowd).time_ms + rng.randint(0, 600_000) for _ in onlookers]
    crowd.look_on(onlookers, times, campaign.threads[0], share=0.35, mood="plain")
    answered = rng.choice((0.0, 0.02, 0.08))
    crowd.respond(target, campaign.crowd, answered if awake else 0.0, "ask")
    for act in rng.sample(campaign.crowd, int(len(campaign.crowd) * rng.uniform(0, 0.06))):
        scene.platform.report(act.time_ms + rng.randint(20_000, 900_000), rng.choice(friends or [target]), act)


def bot_raid(scene: Scene) -> Campaign:
    """Bots, many of them new, say nearly the same within seconds or minutes."""
    rng = scene.rng
    target = scene.somebody(figure=0.1)
    gathering = Gathering(scene.people, rng, [target])
    count, length_ms = scene.size(30, 300), scene.length(0.4, 14)
    new = round(count * rng.uniform(0.3, 0.85))
    crew = gathering.newcomers(scene.background, new, scene.start_ms, int(log_uniform(rng, 2, 80) * HOUR_MS))
    anyone = Weighted(scene.people.accounts, lambda _: 1.0)
    crew += gathering.pick(anyone, count - new, scene.start_ms, ever=True)
    rng.shuffle(crew)
    if rng.random() < 0.6:
        scene.seen_together(crew)
    campaign = Campaign("bot_raid", True, "account", target, threads=[scene.thread_of(target)])
    ways = rng.choice(((70.0, 8.0, 6.0, 16.0), (15.0, 5.0, 10.0, 70.0), (45.0, 15.0, 10.0, 30.0)))
    times = arrivals(rng, rng.choice(("decay", "steady", "grow")), len(crew), scene.start_ms, length_ms)
    manner = hostile_manner(rng, ways, chant=rng.uniform(0.6, 0.95))
    crowd = strike(scene, campaign, crew=crew, times=times, target=target, manner=manner, slogan=say(rng, "cross", 0.4))
    aftermath(scene, campaign, gathering, crowd, target)
    return campaign


def quote_pile_on(scene: Scene) -> Campaign:
    """Somebody with followers quotes the target, and they come."""
    rng = scene.rng
    target = scene.somebody()
    instigator = scene.influencer(target)
    for _ in range(20):
        if instigator.home != target.home or rng.random() < 0.1:
            break
        instigator = scene.influencer(target)
    thread = scene.thread_of(target)
    gathering = Gathering(scene.people, rng, [target, instigator])
    count, length_ms = scene.size(40, 600), scene.length(20, 240)
    shares: list[tuple[Source, float]] = [
        (circle(target), rng.uniform(0.03, 0.12)),
        (instigator.fans, rng.uniform(0.25, 0.45)),
        (scene.people.crowd_by_home[instigator.home], rng.uniform(0.2, 0.35)),
    ]
    new = round(count * rng.uniform(0, 0.08))
    crew = gathering.mix(count - new, scene.start_ms, shares)
    crew += gathering.newcomers(scene.background, new, scene.start_ms, 40 * HOUR_MS)
    rng.shuffle(crew)
    campaign = Campaign("quote_pile_on", True, "account", target, instigator=instigator, threads=[thread])
    opening = scene.platform.quote(scene.start_ms, instigator, thread.root, point_at(rng))
    begin_ms = scene.start_ms + scene.delay(20, 200)
    times = arrivals(rng, rng.choice(("decay", "decay", "grow", "waves")), len(crew), begin_ms, length_ms)
    crowd = strike(scene, campaign, crew=crew, times=times, target=target, manner=hostile_manner(rng, (48, 22, 18, 12)))
    scene.background.growth.grow(opening, int(len(crew) * rng.uniform(0.1, 0.4)))
    aftermath(scene, campaign, gathering, crowd, target)
    return campaign


def brigade(scene: Scene) -> Campaign:
    """A link is posted in one community; its members go to a target in another."""
    rng = scene.rng
    count, length_ms = scene.size(30, 250), scene.length(10, 120)
    home = scene.origin(count)
    target = scene.somebody(avoid=home, figure=0.1)
    gathering = Gathering(scene.people, rng, [target])
    members = scene.people.crowd_by_home[home]
    instigator = gathering.one(scene.people.by_home[home], scene.start_ms)
    new = round(count * rng.uniform(0, 0.06))
    shares: list[tuple[Source, float]] = [(members, rng.uniform(0.82, 0.97)), (circle(target), 0.02)]
    crew = gathering.mix(count - new, scene.start_ms, shares)
    crew += gathering.newcomers(scene.background, new, scene.start_ms, 40 * HOUR_MS)
    rng.shuffle(crew)
    if rng.random() < 0.5:
        scene.seen_together(crew)
    thread = scene.thread_of(target)
    campaign = Campaign("brigade", True, "account", target, instigator=instigator, threads=[thread])
    call = scene.platform.post(scene.start_ms, instigator, home, point_at(rng), (thread.root,))
    begin_ms = scene.start_ms + scene.delay(30, 400)
    times = arrivals(rng, rng.choice(SHAPES), len(crew), begin_ms, length_ms)
    crowd = strike(scene, campaign, crew=crew, times=times, target=target, manner=hostile_manner(rng, (62, 22, 6, 10)))
    scene.background.growth.grow(call, int(len(crew) * rng.uniform(0.05, 0.4)))
    aftermath(scene, campaign, gathering, crowd, target)
    return campaign
