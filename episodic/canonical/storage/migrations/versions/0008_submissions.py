"""Keep submissions and their attempts; a run from before was asked for directly.

The queue's own tables are in a schema of their own, which comes and goes with this one: see `queue_schema`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables and the columns."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "submissions",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("series_slug", sa.Text(), nullable=False),
        sa.Column("episode_slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("skip_bad_sources", sa.Boolean(), nullable=False),
        sa.Column("strict", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("traceparent", sa.Text()),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("kills", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("submitted_at", instant, nullable=False),
        sa.Column("finished_at", instant, index=True),
        sa.Column("error", sa.Text()),
        sa.Column("sources", sa.JSON(), nullable=False),
    )
    op.create_index("ix_submissions_status_priority_id", "submissions", ["status", "priority", "id"])
    op.create_index(
        "ix_submissions_series_slug_episode_slug_status",
        "submissions",
        ["series_slug", "episode_slug", "status"],
    )
    op.create_table(
        "queue_pauses",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("since", instant, nullable=False),
    )
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("submission_id", sa.Uuid(), nullable=True))
        jobs.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
        jobs.create_foreign_key("fk_jobs_submission_id", "submissions", ["submission_id"], ["id"])
        jobs.create_index("ix_jobs_submission_id", ["submission_id"])


def downgrade() -> None:
    """Drop them, and the queue's own tables with them."""
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_index("ix_jobs_submission_id")
        jobs.drop_constraint("fk_jobs_submission_id", type_="foreignkey")
        jobs.drop_column("attempt")
        jobs.drop_column("submission_id")
    op.drop_table("queue_pauses")
    op.drop_table("submissions")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP SCHEMA IF EXISTS episodic_queue CASCADE")
