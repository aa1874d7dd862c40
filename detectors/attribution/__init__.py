"""Attribution: who did what in a crowd, and who set it off.

`messages` finds at whom each is aimed, `roles` tells attackers, defenders and bystanders apart,
`groups` finds coordinated sets and `instigators` what set a crowd off; `case` puts it together for one episode.
"""

from detectors.attribution.case import Attribution
from detectors.attribution.groups import Group
from detectors.attribution.instigators import Instigator
from detectors.attribution.roles import Played, Role
from detectors.attribution.sources import Source, sources_of

__all__ = [
    "Attribution",
    "Group",
    "Instigator",
    "Played",
    "Role",
    "Source",
    "sources_of",
]
