"""Why: each signal with what it added, its code in the message catalogue, and the numbers for the sentence."""

from __future__ import annotations

from typing import Any

from detectors.watch import Finding


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
                "contribution": round(contribution, 4),
                "code": code,
                "parameters": parameters,
            }
        )
    return sorted(said, key=lambda one: (-abs(float(one["contribution"])), one["name"]))


def _sentence(name: str, value: float, baseline: float, finding: Finding) -> tuple[str, dict[str, object]]:
    percent = round(100 * value)
    match name:
        case "surge":
            surge = finding.surge
            expected = round(surge.expected, 1)
            return "surge.newcomers", {
                "newcomers": surge.newcomers,
                "window_s": surge.window_s,
                "expected": expected,
            }
        case "origin":
            foreign = [one for one in finding.origins if one.community not in finding.audience.at_home]
            if not foreign:
                return "origin.none", {}
            return "origin.community", {
                "percent": percent,
                "community": foreign[0].community,
                "expected_percent": round(100 * baseline),
            }
        case "accounts":
            return "accounts.fresh", {"percent": percent, "usual_percent": round(100 * baseline)}
        case "exposure":
            return "exposure.shown", {"per_newcomer": round(value, 1)}
        case "warmth":
            return "warmth.reactions", {"balance": round(value, 2)}
        case "answered":
            return "answered.replies", {"answers": finding.around.answers}
        case "together":
            return "together.groups", {"percent": percent}
        case "step":
            return "step.minute", {"percent": percent}
        case _:
            return f"{name}.share", {"percent": percent}
