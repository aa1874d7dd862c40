"""The message catalogue: what the codes in an alert say, in English.

A sentence takes its numbers from the alert's own parameters, so that it can be said in any language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CATALOGUE: Final[Mapping[str, str]] = {
    "surge.newcomers": "{newcomers} people who were not there before came within {window_s} s; {expected} were to be expected.",
    "days.quick": "They came within an hour.",
    "days.slow": "They came over {hours} hours; of so slow a crowd only a sample is known.",
    "strangers.share": "{percent} % of them had no contact with the target before.",
    "outsiders.share": "{percent} % of them are at home in communities that are not the target's.",
    "origin.community": "{percent} % of them came from one community, {community}, where {expected_percent} % were to be expected.",
    "origin.none": "They came from no single community that is not the target's.",
    "accounts.fresh": "{percent} % of them have new accounts or hardly any history; {usual_percent} % is usual.",
    "together.groups": "{percent} % of them were lately together at the same other accounts.",
    "circle.share": "{percent} % of those with a history lately dealt with accounts that the target has dealings with.",
    "hostility.share": "{percent} % of them say something that reads as hostile, in {texts} texts; {usual_percent} % is usual there.",
    "hostility.none": "Nothing is known of what they say.",
    "copies.share": "{percent} % of them say nearly the same as others of them.",
    "mutual.share": "Those who are in an exchange with them make {percent} % of their number: two sides, rather than all "
    "against one.",
    "defended.answers": "{defenders} others answer them in the target's threads.",
    "reported.count": "{reporters} people complained about the target, those who often complain counted for less.",
    "step.minute": "{percent} % of them came within one minute.",
    "exposure.shown": "For each of them {per_newcomer} others shared it, or reacted or looked so often that it counts as "
    "much: being widely shown explains a crowd.",
    "exposure.little": "For each of them only {per_newcomer} others shared it, or reacted or looked so often that it "
    "counts as much: being shown explains little.",
    "warmth.reactions": "Reactions by others are warm rather than cold by {balance} (from -1 to 1).",
    "answered.replies": "The target answered {answers} of them: a host talks with the crowd.",
    "protect.doubt": "It cannot be told yet what this is: a person should look first.",
    "protect.vulnerable": "The target is a minor or under protection, and {participants} people have come.",
    "protect.many": "{participants} people have come: too many for one person to bear alone.",
    "protect.hostile": "Much of what they say reads as hostile ({texts} texts).",
    "protect.place": "{participants} people have come to one place.",
    "protect.strangers": "{percent} % of them had no contact with the target before.",
    "protect.fresh": "{percent} % of them have new accounts or hardly any history.",
    "protect.copies": "{percent} % of them say nearly the same.",
    "protect.community": "{percent} % of them came from one community, {community}.",
}
"""Sentence templates by code."""


def say(code: str, parameters: Mapping[str, object]) -> str:
    """The sentence of a code; `LookupError` if there is none.

    Parameters that come from the firehose are shown as they are: whoever prints the sentence must escape it.
    """
    return CATALOGUE[code].format_map(parameters)
