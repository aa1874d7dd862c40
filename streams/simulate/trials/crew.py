"""What the attacks among the trials have in common: somebody calls for it, and a crew comes."""

from __future__ import annotations

from streams.simulate.attacks import aftermath, strike
from streams.simulate.crowd import SHAPES, Campaign, Crowd, Gathering, Manner, Tongue, arrivals, own_words
from streams.simulate.people import Account
from streams.simulate.scene import Scene
from streams.simulate.text import point_at


def call(scene: Scene, campaign: Campaign, who: Account, readers: int) -> None:
    """Let somebody quote the campaign's thread, or post a link to it at home, and so many readers answer."""
    rng, platform, thread = scene.rng, scene.platform, campaign.threads[0]
    if rng.random() < 0.5:
        shown = platform.quote(scene.start_ms, who, thread.root, point_at(rng))
    else:
        shown = platform.post(scene.start_ms, who, who.home, point_at(rng), (thread.root,))
    scene.background.growth.grow(shown, readers)
    campaign.instigator = who


def call_at_home(scene: Scene, campaign: Campaign, gathering: Gathering, home: int) -> None:
    """In most cases somebody of this community calls for it; else it was arranged elsewhere."""
    if scene.rng.random() < 0.6:
        who = gathering.one(scene.people.by_home[home], scene.start_ms)
        call(scene, campaign, who, scene.rng.randint(0, 15))


def come(
    scene: Scene,
    campaign: Campaign,
    gathering: Gathering,
    target: Account,
    crew: list[Account],
    length_ms: int,
    manner: Manner,
    *,
    tongue: Tongue = own_words,
    awake: bool = True,
) -> Crowd:
    """Let the crew come within `length_ms`, with defenders, onlookers, and what the target answers if he is awake."""
    begin_ms = scene.start_ms + scene.delay(20, 300)
    times = arrivals(scene.rng, scene.rng.choice(SHAPES), len(crew), begin_ms, length_ms)
    crowd = strike(scene, campaign, crew=crew, times=times, target=target, manner=manner, tongue=tongue)
    aftermath(scene, campaign, gathering, crowd, target, awake=awake)
    return crowd
