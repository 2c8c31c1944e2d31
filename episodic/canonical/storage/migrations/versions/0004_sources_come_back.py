"""Let an episode have two revisions of one fingerprint: sources that changed may come back."""

from alembic import op

revision = "0004"
down_revision = "0003"

_NAME = "uq_revisions_episode_id_fingerprint"


def upgrade() -> None:
    """Drop the constraint; that two processes do not write the same revision is a matter of its number."""
    with op.batch_alter_table("revisions") as revisions:
        revisions.drop_constraint(_NAME, type_="unique")


def downgrade() -> None:
    """Restore it; fails, and leaves all as it was, where sources did come back."""
    with op.batch_alter_table("revisions") as revisions:
        revisions.create_unique_constraint(_NAME, ["episode_id", "fingerprint"])
