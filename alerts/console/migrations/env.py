"""Runs migrations on the connection that `database.migrate` has opened."""

from alembic import context

from alerts.console.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
)
context.run_migrations()
