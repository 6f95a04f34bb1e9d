"""What Alembic runs: the migrations on the connection that ``Database.migrate`` gives."""

from __future__ import annotations

from alembic import context

from api.accounts.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction holds all of it
)
context.run_migrations()
