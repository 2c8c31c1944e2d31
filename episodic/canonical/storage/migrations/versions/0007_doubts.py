"""Keep what was left out, guessed, damaged or set apart by itself; of older sources it is among the notes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the column."""
    with op.batch_alter_table("sources") as sources:
        sources.add_column(sa.Column("doubts", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("sources") as sources:
        sources.drop_column("doubts")
