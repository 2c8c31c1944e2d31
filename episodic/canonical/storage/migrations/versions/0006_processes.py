"""Keep what tells the process of a run from others with its number; of older runs it is not known."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the column."""
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("process", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_column("process")
