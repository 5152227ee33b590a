"""Run the steps on the connection and inside the transaction that `migrate` hands over."""

from alembic import context

from trial_core.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
)
context.run_migrations()
