"""How rows go that are too old to matter."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Delete, Table, delete, select


def expired(table: Table, old: ColumnElement[bool]) -> Delete:
    """Delete what is old, but leave what somebody else is busy with for another time: nobody waits for that."""
    [key] = table.primary_key.columns
    return delete(table).where(key.in_(select(key).where(old).with_for_update(skip_locked=True)))
