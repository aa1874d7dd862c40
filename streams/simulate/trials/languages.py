"""Crowds that speak several languages, one that attacks and one that is glad."""

from __future__ import annotations

from dataclasses import replace

from streams.simulate.attacks import hostile_manner
from streams.simulate.crowd import Campaign, Gathering
from streams.simulate.people import Account
from streams.simulate.scene import Scene
from streams.simulate.surges import viral_joy
from streams.simulate.trials.crew import call, come
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
    manner = hostile_manner(rng, (60, 20, 8, 12))
    come(scene, campaign, gathering, target, crew, length_ms, manner, tongue=speak)
    return campaign


def mixed_joy(scene: Scene) -> Campaign:
    """A post goes round and is liked, by each in his own language; the counterpart of `mixed_languages`."""
    joy = viral_joy(scene)
    for act in joy.crowd:
        act.text = speak(scene.rng, act.author, scene.rng.choice(("warm", "warm", "plain", "ask")), 0.004)
    return replace(joy, scenario="mixed_joy")
