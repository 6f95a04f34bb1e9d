"""Onboarding: test institutions with their way to approval, and its steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_onboarding"
down_revision = "0001_accounts"


def _text(name: str, length: int = 0) -> sa.Column[object]:
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "onboarding",
        _text("org", 22), sa.Column("serial", sa.Integer(), nullable=False), _text("name", 200), _text("region", 6),
        _text("formal", 22), _text("state", 16), sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True), _moment("created_at"), _text("created_by", 120),
        _moment("changed_at"),
        sa.PrimaryKeyConstraint("org", name="pk_onboarding"),
        sa.UniqueConstraint("serial", name="uq_onboarding_serial"),
    )  # fmt: skip
    op.create_table(
        "onboarding_steps",
        _text("org", 22), sa.Column("version", sa.Integer(), nullable=False), _moment("at"), _text("actor", 120),
        _text("action", 16), _text("state", 16), _text("note", 500), _text("figures"),
        sa.ForeignKeyConstraint(
            ["org"], ["onboarding.org"], name="fk_onboarding_steps_org", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("org", "version", name="pk_onboarding_steps"),
    )  # fmt: skip
