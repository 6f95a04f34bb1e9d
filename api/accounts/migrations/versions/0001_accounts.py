"""Users, sessions, clients with secrets and tokens, registrations, attempts, audit entries on their way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_accounts"
down_revision = None


def _moment(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _text(name: str, length: int = 0, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=optional)


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _assigned() -> list[sa.Column[object]]:
    return [_text("role", 16), _text("org", 22), _text("scope", 6), _flag("manages"), _flag("personal")]


def _belongs(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [other], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "users",
        _text("id", 32), _text("name", 40), _text("full_name", 80), _text("password"), _flag("must_change"),
        _flag("active"), _moment("created_at"), _text("created_by", 80), _moment("password_at"),
        _moment("login_at", optional=True), *_assigned(),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )  # fmt: skip
    op.create_table(
        "sessions",
        _text("hash", 64), _text("user_id", 32), _moment("created_at"), _moment("seen_at"), _text("address", 64),
        _belongs("sessions", "user_id", "users.id"),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
    )  # fmt: skip
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "clients",
        _text("id", 40), _text("label", 80), _text("allow"), _moment("created_at"),
        _text("created_by", 80), _moment("used_at", optional=True), *_assigned(),
        sa.PrimaryKeyConstraint("id", name="pk_clients"),
        sa.UniqueConstraint("label", name="uq_clients_label"),
    )  # fmt: skip
    op.create_table(
        "client_secrets",
        _text("hash", 64), _text("client_id", 40), _moment("created_at"), _moment("ends_at", optional=True),
        _belongs("client_secrets", "client_id", "clients.id"),
        sa.PrimaryKeyConstraint("hash", name="pk_client_secrets"),
    )  # fmt: skip
    op.create_index("ix_client_secrets_client_id", "client_secrets", ["client_id"])
    op.create_table(
        "access_tokens",
        _text("hash", 64), _text("client_id", 40), _text("secret", 64), _moment("created_at"), _moment("ends_at"),
        _belongs("access_tokens", "client_id", "clients.id"),
        _belongs("access_tokens", "secret", "client_secrets.hash"),
        sa.PrimaryKeyConstraint("hash", name="pk_access_tokens"),
    )  # fmt: skip
    for column in ("client_id", "secret", "ends_at"):
        op.create_index(f"ix_access_tokens_{column}", "access_tokens", [column])
    op.create_table(
        "registrations",
        _text("id", 32), _text("name", 40), _text("full_name", 80), _text("contact", 80), _text("note", 500),
        _text("password"), _text("state", 16), _text("reason", 500), _moment("created_at"), _text("address", 64),
        _moment("decided_at", optional=True), _text("decided_by", 80), *_assigned(),
        sa.PrimaryKeyConstraint("id", name="pk_registrations"),
    )  # fmt: skip
    op.create_index("ix_registrations_state", "registrations", ["state"])
    op.create_table(
        "attempts",
        _text("key", 64), sa.Column("failures", sa.Integer(), nullable=False), _moment("last_at"),
        _moment("wait_until"),
        sa.PrimaryKeyConstraint("key", name="pk_attempts"),
    )  # fmt: skip
    op.create_index("ix_attempts_last_at", "attempts", ["last_at"])
    op.create_table(
        "audit_entries",
        _text("id", 36), _moment("at"), _text("actor", 120), _text("action", 60), _text("target"), _text("detail"),
        _text("address", 64), _text("batch", 32, optional=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    )  # fmt: skip
    for column in ("at", "batch"):
        op.create_index(f"ix_audit_entries_{column}", "audit_entries", [column])
