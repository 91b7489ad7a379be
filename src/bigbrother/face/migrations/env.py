"""What Alembic runs: the upgrade on the connection that `migrate` opened and locked."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
