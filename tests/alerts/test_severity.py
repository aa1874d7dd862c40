"""Severity: who is called first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.severity import Severity, severity_of
from detectors.verdict import Outcome
from graph.events import TargetFlag

P, S, U = Outcome.PILE_ON, Outcome.ORGANIC_SURGE, Outcome.UNCERTAIN
TABLE = [
    (P, 10, 0, "low"),
    (P, 14, 0, "low"),
    (P, 15, 0, "medium"),
    (P, 49, 0, "medium"),
    (P, 50, 0, "high"),
    (P, 199, 0, "high"),
    (P, 200, 0, "critical"),
    (P, 10, TargetFlag.MINOR, "medium"),
    (P, 50, TargetFlag.PROTECTED, "critical"),
    (P, 50, TargetFlag.MINOR | TargetFlag.PROTECTED, "critical"),
    (P, 10_000, TargetFlag.MINOR, "critical"),
    (P, 50, TargetFlag.PUBLIC_FIGURE, "high"),
    (U, 10, 0, "low"),
    (U, 49, 0, "low"),
    (U, 50, 0, "medium"),
    (U, 10_000, TargetFlag.MINOR, "medium"),
    (S, 10, 0, "info"),
    (S, 10_000, TargetFlag.MINOR, "info"),
]


@pytest.mark.parametrize(("verdict", "participants", "flags", "severity"), TABLE)
def test_severity(verdict: Outcome, participants: int, flags: TargetFlag, severity: str) -> None:
    assert severity_of(verdict, participants, flags).name.lower() == severity


@given(st.sampled_from(list(Outcome)), st.integers(0, 1_000), st.integers(0, 31))
def test_more_people_are_never_less_severe(verdict: Outcome, participants: int, flags: int) -> None:
    assert severity_of(verdict, participants, flags) <= severity_of(verdict, participants + 1, flags)
    assert severity_of(S, participants, flags) == Severity.INFO
