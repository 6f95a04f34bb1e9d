"""Contact sheets of the front page programme: whom to ask at an institution."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_contacts"
down_revision = "0002_onboarding"


def _text(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length), nullable=False)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "contact_sheets",
        _text("org", 22), _text("name", 40), _text("sex", 1), sa.Column("birth_year", sa.Integer(), nullable=False),
        _text("title", 60), _text("phone", 40), _text("mobile", 20), _text("id_number", 18),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False), _text("changed_by", 120),
        sa.PrimaryKeyConstraint("org", name="pk_contact_sheets"),
    )  # fmt: skip
