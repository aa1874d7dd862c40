"""Why: each signal with what it added, its code in the message catalogue, and the numbers for the sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from detectors.look import Finding


def explain(finding: Finding) -> list[dict[str, Any]]:
    """The `signals` of an alert, largest contribution first."""
    said = []
    for signal, contribution in zip(finding.signals, finding.judgement.contributions, strict=True):
        code, parameters = _sentence(signal.name, signal.value, signal.baseline, finding)
        said.append(
            {
                "name": signal.name,
                "value": round(signal.value, 4),
                "baseline": round(signal.baseline, 4),
                "contribution": round(contribution, 4) + 0.0,
                "code": code,
                "parameters": parameters,
            }
        )
    return sorted(said, key=lambda one: (-abs(float(one["contribution"])), one["name"]))


def _sentence(name: str, value: float, baseline: float, finding: Finding) -> tuple[str, dict[str, object]]:
    said = _SENTENCES.get(name)
    if said is None:
        return f"{name}.share", {"percent": round(100 * value)}
    return said(value, baseline, finding)


def _surge(value: float, baseline: float, finding: Finding) -> tuple[str, dict[str, object]]:
    surge = finding.scene.surge
    return "surge.newcomers", {
        "newcomers": round(value),
        "window_s": surge.window_s,
        "expected": round(baseline, 1),
    }


def _days(value: float, _: float, __: Finding) -> tuple[str, dict[str, object]]:
    return ("days.slow", {"hours": round(value)}) if value else ("days.quick", {})


def _origin(value: float, baseline: float, finding: Finding) -> tuple[str, dict[str, object]]:
    foreign = [one for one in finding.origins if one.community not in finding.scene.audience.at_home]
    if not foreign:
        return "origin.none", {}
    percent, expected = round(100 * value), round(100 * baseline)
    return "origin.community", {"percent": percent, "community": foreign[0].community, "expected_percent": expected}


def _accounts(value: float, baseline: float, _: Finding) -> tuple[str, dict[str, object]]:
    return "accounts.fresh", {"percent": round(100 * value), "usual_percent": round(100 * baseline)}


def _exposure(value: float, baseline: float, _: Finding) -> tuple[str, dict[str, object]]:
    code = "exposure.shown" if value >= baseline / 2 else "exposure.little"
    return code, {"per_newcomer": round(value, 1)}


def _hostility(value: float, baseline: float, finding: Finding) -> tuple[str, dict[str, object]]:
    texts = finding.scene.words.read
    if not texts:
        return "hostility.none", {}
    return "hostility.share", {
        "percent": round(100 * value),
        "usual_percent": round(100 * baseline),
        "texts": texts,
    }


def _defended(_: float, __: float, finding: Finding) -> tuple[str, dict[str, object]]:
    return "defended.answers", {"defenders": finding.scene.around.defenders}


def _reported(_: float, __: float, finding: Finding) -> tuple[str, dict[str, object]]:
    return "reported.count", {"reporters": round(finding.scene.around.reporters)}


def _warmth(value: float, _: float, __: Finding) -> tuple[str, dict[str, object]]:
    return "warmth.reactions", {"balance": round(value, 2)}


def _answered(_: float, __: float, finding: Finding) -> tuple[str, dict[str, object]]:
    return "answered.replies", {"answers": finding.scene.around.answers}


def _together(value: float, _: float, __: Finding) -> tuple[str, dict[str, object]]:
    return "together.groups", {"percent": round(100 * value)}


def _step(value: float, _: float, __: Finding) -> tuple[str, dict[str, object]]:
    return "step.minute", {"percent": round(100 * value)}


_SENTENCES: Final[dict[str, Callable[[float, float, Finding], tuple[str, dict[str, object]]]]] = {
    "surge": _surge,
    "days": _days,
    "origin": _origin,
    "accounts": _accounts,
    "exposure": _exposure,
    "warmth": _warmth,
    "answered": _answered,
    "together": _together,
    "step": _step,
    "hostility": _hostility,
    "defended": _defended,
    "reported": _reported,
}
