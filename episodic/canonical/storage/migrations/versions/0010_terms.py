"""Keep which names and terms a source has for other episodes, and what a revision has of theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_NONE = '{"said": [], "decided": []}'


def upgrade() -> None:
    """Make the columns; of what is older nothing is known."""
    with op.batch_alter_table("sources") as sources:
        sources.add_column(sa.Column("terms", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("revisions") as revisions:
        revisions.add_column(sa.Column("learned", sa.JSON(), nullable=False, server_default=_NONE))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("revisions") as revisions:
        revisions.drop_column("learned")
    with op.batch_alter_table("sources") as sources:
        sources.drop_column("terms")
