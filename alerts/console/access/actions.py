"""What the audit log knows of."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """Something that somebody did."""

    VIEW = "view"
    REVEAL = "reveal"
    EXPORT = "export"
    DECIDE = "decide"
    ASSIGN = "assign"
    SNOOZE = "snooze"
    WAKE = "wake"
    NOTE = "note"
    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    PASSWORD = "password"  # noqa: S105 - no password
    ACCOUNT_ADD = "account_add"
    ACCOUNT_CHANGE = "account_change"
