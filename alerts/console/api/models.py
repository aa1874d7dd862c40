"""What the API takes and gives, as OpenAPI tells it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from alerts.console.access import Line, Prose
from alerts.console.actions import Decision, Reason

Status = Literal["open", "escalating", "peaking", "subsiding", "resolved", "retracted"]
Verdict = Literal["organic_surge", "uncertain", "pile_on"]
Severity = Literal["info", "low", "medium", "high", "critical"]
Sort = Literal["priority", "updated", "started", "participants"]

_LARGEST = 2**53


def _split(values: Any) -> Any:
    """Values with commas between them, or one by one."""
    if not isinstance(values, list):
        return values
    return [part for value in values for part in (value.split(",") if isinstance(value, str) else [value]) if part]


class _Query(BaseModel):
    model_config = ConfigDict(frozen=True)


class Filters(_Query):
    """Which cases, and how they are sorted."""

    status: Annotated[list[Status], BeforeValidator(_split), Field(max_length=20)] = Field(
        [], description="Any of these, with commas between; none: all."
    )
    verdict: Annotated[list[Verdict], BeforeValidator(_split), Field(max_length=20)] = []
    severity: Annotated[list[Severity], BeforeValidator(_split), Field(max_length=20)] = []
    assignee: Annotated[Line, Field(max_length=200)] | None = Field(None, description="`me`, `none`, or a user's id.")
    decided: Literal["yes", "no"] | None = None
    snoozed: Literal["yes", "no", "any"] = "no"
    q: Annotated[Prose, Field(max_length=200)] = Field(
        "", description="Part of the target's id, or the beginning of the case's."
    )
    sort: Sort = Field("priority", description="The largest first; `priority` is severity by recency.")
    cursor: Annotated[str, Field(max_length=1200)] | None = Field(None, description="`next` of the page before.")
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DecisionBody(_Body):
    """What somebody decides, having seen a revision."""

    decision: Annotated[Decision, Field(strict=False)] = Field(description="Whether it is a pile-on.")
    reason: Annotated[Reason, Field(strict=False)]
    note: Annotated[Prose, Field(max_length=2_000)] = ""
    revision: Annotated[int, Field(ge=1, le=_LARGEST)]


class AssigneeBody(_Body):
    """To whom a case is given: a user's id, or null."""

    user: Annotated[Line, Field(max_length=200)] | None


class SnoozeUntil(_Body):
    """Until a time, ms UTC."""

    until: Annotated[int, Field(ge=0, le=_LARGEST)]


class SnoozeUntilGrows(_Body):
    """Until it has half as many participants again, is graver or more alarming, or is open again."""

    until_grows: Literal[True]


class NoteBody(_Body):
    """A note for colleagues."""

    text: Annotated[Prose, Field(min_length=1, max_length=5_000)]


class ViewBody(_Body):
    """A way to look at the queue, under a name."""

    name: Annotated[Line, Field(max_length=100)]
    query: Annotated[Prose, Field(max_length=2_000)] = Field(description="The query string of the queue.")


class Person(BaseModel):
    """Somebody."""

    id: str
    name: str | None


class Target(BaseModel):
    """Whom or what a crowd turned to."""

    kind: Literal["account", "thread", "community"]
    id: str
    flags: list[str]


class Decided(BaseModel):
    """The newest decision on a case."""

    decision: Decision
    by: Person
    at: int


class Snooze(BaseModel):
    """Until when a case is put aside; one of both."""

    until: int | None = None
    until_grows: Literal[True] | None = None


class Row(BaseModel):
    """A case as the queue shows it."""

    id: str
    seq: int = Field(description="The number of its newest change.")
    revision: int
    status: Status
    verdict: Verdict
    severity: Severity
    score: float
    priority: int = Field(
        description="What the queue is sorted by: `updated_at` and two hours for each step of severity."
    )
    target: Target
    started_at: int
    detected_at: int
    updated_at: int
    ended_at: int | None
    participants: dict[str, Any]
    interactions: dict[str, Any]
    protections: list[Any]
    spark: list[int] = Field(description="Participants over the case's life, at most 24 numbers.")
    signals: list[Any] = Field(description="The three that contribute most, as in the alert.")
    assignee: Person | None
    decision: Decided | None
    snooze: Snooze | None
    campaign: str | None
    degraded: list[str]


class Queue(BaseModel):
    """A page of cases."""

    alerts: list[Row]
    next: str | None = Field(description="`cursor` of the next page; null after the last.")
    total: int


class RevisionLine(BaseModel):
    """A revision in a few figures."""

    revision: int
    updated_at: int
    status: Status
    verdict: Verdict
    severity: Severity
    score: float
    participants: int


class DecisionLine(BaseModel):
    """A decision."""

    decision: Decision
    reason: Reason
    note: str
    revision: int
    by: Person
    at: int


class NoteLine(BaseModel):
    """A note."""

    id: int
    text: str
    by: Person
    at: int


class HistoryLine(BaseModel):
    """What was done with a case; by nobody: it came back by itself."""

    action: Literal["decide", "assign", "snooze", "wake", "note", "export", "returned"]
    detail: dict[str, Any]
    by: Person | None
    at: int


class Case(BaseModel):
    """A case with its newest revision whole."""

    row: Row
    alert: dict[str, Any]
    revisions: list[RevisionLine]
    decisions: list[DecisionLine]
    notes: list[NoteLine]
    history: list[HistoryLine]
    related: list[Row]


class Interaction(BaseModel):
    """An interaction in the evidence, without its text."""

    event: str
    time: int | None
    account: str | None
    type: str | None
    community: str | None
    home: str | None
    thread: str | None
    parent: str | None
    target: str | None
    stranger: bool | None
    fresh: bool | None
    has_text: bool
    erased: bool


class Evidence(BaseModel):
    """What a picture of the crowd is drawn from."""

    interactions: list[Interaction]
    accounts: list[dict[str, Any]]
    ties: list[tuple[str, str, int]] = Field(description="Who dealt with whom, and how often.")
    in_common: list[tuple[str, str, int]] = Field(description="Who was at the same other subjects, and at how many.")
    minutes: list[dict[str, Any]]
    usual_per_minute: float | None
    omitted: dict[str, Any]


class Text(BaseModel):
    """What was said in one event."""

    event: str
    text: str
    lang: str | None


class View(BaseModel):
    """A way to look at the queue, under a name."""

    id: int
    name: str
    query: str


class Standing(BaseModel):
    """How the console stands."""

    now: int
    newest_event: int | None
    stale: bool = Field(description="What is shown may be old: the feed, or what writes it, is not heard of.")
    silent: bool = Field(description="No events come at all.")
    feed: Literal["ok", "away"]
    outbox: int = Field(description="Decisions that were not sent yet.")
    version: str
