"""The tables of accounts, sessions, attempts to sign in, and the audit log."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from alerts.console.database import metadata

users = Table(
    "users",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("password", Text),
    Column("issuer", Text),
    Column("subject", Text),
    Column("preferences", Text, nullable=False, default="{}"),
    Column("created_at", BigInteger, nullable=False),
    Column("signed_in_at", BigInteger),
    UniqueConstraint("issuer", "subject"),
)
"""Accounts. `name_key` is the name without what the eye does not tell apart; `issuer`, `subject`: whom a provider knows."""

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user", String(32), ForeignKey("users.id"), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("idle_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)
"""Sessions, by the SHA-256 of their token. They end at `ends_at`, at `idle_at` if nothing comes until then."""

links = Table(
    "links",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user", String(32), ForeignKey("users.id"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
"""Links that sign in once, by the SHA-256 of their token."""

login_attempts = Table(
    "login_attempts",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("succeeded_at", BigInteger),
    Index("ix_login_attempts_last_at", "last_at"),
)
"""How often signing in failed of late, by keyed hashes of name, of address, and of both."""

oidc_states = Table(
    "oidc_states",
    metadata,
    Column("state", String(64), primary_key=True),
    Column("browser", String(64), nullable=False),
    Column("provider", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("back_to", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False, index=True),
)
"""Who is on the way to a provider and back; state and browser by the SHA-256 of their token."""

keys = Table(
    "keys", metadata, Column("name", String(16), primary_key=True), Column("value", String(64), nullable=False)
)
"""Keys that were made here because none was set."""

audit_log = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("user", String(32)),
    Column("name", Text),
    Column("address", String(32), nullable=False),
    Column("action", String(32), nullable=False),
    Column("alert", Text),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Index("ix_audit_alert_seq", "alert", "seq"),
)
"""What was done; the database refuses to change or delete a row."""

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
)
"""One row: where the log ends. Who appends locks it, so that there is one chain."""
