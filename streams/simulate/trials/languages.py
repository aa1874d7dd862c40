"""Crowds that speak several languages, one that attacks and one that is glad."""

from __future__ import annotations

from streams.simulate.attacks import aftermath, hostile_manner, strike
from streams.simulate.crowd import SHAPES, Campaign, Crowd, Gathering, Manner, arrivals, circle
from streams.simulate.growth import log_uniform
from streams.simulate.people import Account
from streams.simulate.scene import Scene
from streams.simulate.surges import look_on
from streams.simulate.text import say
from streams.simulate.times import MINUTE_MS
from streams.simulate.trials.attacks import call
from streams.simulate.trials.tongues import LANGUAGES, speak


def _speakers(scene: Scene, gathering: Gathering, count: int) -> list[Account]:
    """A crowd in which three to five languages are spoken, none by more than about half."""
    rng = scene.rng
    spoken = rng.sample(LANGUAGES, rng.randint(3, 5))
    crowd: list[Account] = []
    for lang in spoken:
        native = [a for a in scene.people.accounts if a.lang == lang]
        crowd += gathering.pick(native, round(count / len(spoken) * rng.uniform(0.7, 1.3)), scene.start_ms)
    rng.shuffle(crowd)
    return crowd


def mixed_languages(scene: Scene) -> Campaign:
    """A crowd turns on somebody in several languages, each member in his own."""
    rng, people = scene.rng, scene.people
    target = scene.somebody()
    thread = scene.thread_of(target)
    count, length_ms = scene.size(40, 250), scene.length(8, 120)
    gathering = Gathering(people, rng, [target])
    campaign = Campaign("mixed_languages", True, "account", target, threads=[thread])
    if rng.random() < 0.6:
        instigator = scene.influencer(target)
        gathering.exclude([instigator])
        call(scene, campaign, instigator, rng.randint(0, 25))
    crew = _speakers(scene, gathering, count)
    times = arrivals(rng, rng.choice(SHAPES), len(crew), scene.start_ms + scene.delay(20, 200), length_ms)
    manner = hostile_manner(rng, (60, 20, 8, 12))
    crowd = strike(scene, campaign, crew=crew, times=times, target=target, manner=manner, tongue=speak)
    aftermath(scene, campaign, gathering, crowd, target)
    return campaign


def mixed_joy(scene: Scene) -> Campaign:
    """A post goes round and is liked in several languages; the counterpart of `mixed_languages`."""
    rng, people, platform = scene.rng, scene.people, scene.platform
    target = scene.somebody()
    opened_ms = scene.start_ms - rng.randint(2, 30) * MINUTE_MS
    thread = platform.post(opened_ms, target, target.home, say(rng, "warm"))
    count, length_ms = scene.size(40, 250), scene.length(8, 200)
    gathering = Gathering(people, rng, [target])
    booster = scene.influencer(target)
    shown = platform.quote(scene.start_ms, booster, thread.root, say(rng, "warm"))
    scene.background.growth.grow(shown, rng.randint(3, 30))
    members = _speakers(scene, gathering, count) + gathering.pick(circle(target), count // 10, scene.start_ms)
    rng.shuffle(members)
    campaign = Campaign("mixed_joy", False, "account", target, threads=[thread])
    times = arrivals(rng, rng.choice(SHAPES), len(members), scene.start_ms + scene.delay(20, 200), length_ms)
    manner = Manner(
        ways=(70, 12, 10, 8),
        tones=("warm", "warm", "plain", "ask"),
        again=rng.uniform(0.05, 0.3),
        react=rng.uniform(0.4, 0.8),
        mood="warm",
        share=rng.uniform(0.15, 0.5),
    )
    crowd = Crowd(platform, rng, times[-1] + 10 * MINUTE_MS, tongue=speak)
    campaign.crowd += crowd.come(members, times, thread, target, manner)
    look_on(scene, crowd, thread, int(count * log_uniform(rng, 1, 5)), times, share=rng.uniform(0.25, 0.5), mood="warm")
    crowd.respond(target, campaign.crowd, rng.choice((0.0, 0.02, 0.1)), "warm")
    thread.show(opened_ms, count * log_uniform(rng, 70, 600), length_ms / 2)
    return campaign
