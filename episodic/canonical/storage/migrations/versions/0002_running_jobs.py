"""Find the running jobs of a request without reading all jobs there ever were."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_jobs_status_request", "jobs", ["status", "request"])


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_jobs_status_request", "jobs")
