"""What analysts do with a case."""

from __future__ import annotations

from fastapi import APIRouter

from alerts.console import actions
from alerts.console.api.common import PREFIX, AlertId, Analyst, ConsoleHere, errors
from alerts.console.api.models import AssigneeBody, DecisionBody, NoteBody, SnoozeUntil, SnoozeUntilGrows

router = APIRouter(prefix=PREFIX + "/alerts/{alert:enc}", tags=["work"])

_ERRORS = errors(400, 404, 413, 422)


@router.post("/decisions", status_code=201, response_model=None, responses=_ERRORS)
async def decide(console: ConsoleHere, user: Analyst, alert: AlertId, body: DecisionBody) -> dict[str, str]:
    """Say whether a case is a pile-on; the detector learns from it."""
    await actions.decide(console.database, user, alert, body.revision, body.decision, body.reason, body.note)
    console.decided()
    return {}


@router.post("/assignee", status_code=204, response_model=None, responses=_ERRORS)
async def assign(console: ConsoleHere, user: Analyst, alert: AlertId, body: AssigneeBody) -> None:
    """Give a case to somebody, or to nobody."""
    await actions.assign(console.database, user, alert, body.user)
    console.changed()


@router.post("/snooze", status_code=204, response_model=None, responses=_ERRORS)
async def snooze(console: ConsoleHere, user: Analyst, alert: AlertId, body: SnoozeUntil | SnoozeUntilGrows) -> None:
    """Put a case aside for a time, or until it grows."""
    await actions.snooze(console.database, user, alert, body.until if isinstance(body, SnoozeUntil) else None)
    console.changed()


@router.delete("/snooze", status_code=204, response_model=None, responses=errors(404))
async def wake(console: ConsoleHere, user: Analyst, alert: AlertId) -> None:
    """Take a case back that was put aside."""
    await actions.wake(console.database, user, alert)
    console.changed()


@router.post("/notes", status_code=201, response_model=None, responses=_ERRORS)
async def note(console: ConsoleHere, user: Analyst, alert: AlertId, body: NoteBody) -> dict[str, str]:
    """Write a note for colleagues."""
    await actions.note(console.database, user, alert, body.text)
    return {}
