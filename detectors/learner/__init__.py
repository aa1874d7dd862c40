"""The learner: from looks and analysts' decisions to bounded changes of the model.

`Learner` is the way through: it remembers what was measured for each alert, takes decisions on them, and says at the end
of an epoch what it has learnt. `bounds` states how far that can go, whatever the decisions are; `ledger` whose decisions
count, and for how much.
"""

from detectors.learner.bounds import Learnt, adjusted, guaranteed
from detectors.learner.feedback import Decision, Feedback, Result
from detectors.learner.learner import Learner, LearnerState, Look

__all__ = [
    "Decision",
    "Feedback",
    "Learner",
    "LearnerState",
    "Learnt",
    "Look",
    "Result",
    "adjusted",
    "guaranteed",
]
