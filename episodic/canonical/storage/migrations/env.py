"""Alembic runs this file; `schema` gives it a connection on which a transaction has begun."""

from alembic import context

from episodic.canonical.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,  # which has the convention by which constraints are named
    render_as_batch=True,  # SQLite alters a table by making it anew
    compare_type=True,
)
context.run_migrations()
