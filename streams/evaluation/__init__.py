"""Scores an alert log against what really happened: who was found, how early, and what was called wrongly."""

from streams.evaluation.reading import EvaluationError, read_alerts, read_truth
from streams.evaluation.report import Outcome, Report
from streams.evaluation.scoring import evaluate

__all__ = ["EvaluationError", "Outcome", "Report", "evaluate", "read_alerts", "read_truth"]
