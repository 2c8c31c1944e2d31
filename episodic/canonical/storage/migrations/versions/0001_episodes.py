"""Series, episodes, revisions with their sources, contents and jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "series",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("slug", sa.Text(), nullable=False, unique=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text()),
        sa.Column("language", sa.Text()),
        sa.Column("policy", sa.JSON(), nullable=False),
    )
    op.create_table(
        "episodes",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("series_slug", sa.Text(), sa.ForeignKey("series.slug", onupdate="CASCADE"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.UniqueConstraint("series_slug", "slug", name="uq_episodes_series_slug_slug"),
    )
    op.create_table(
        "contents",
        sa.Column("sha256", sa.Text(), primary_key=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("compressed", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("series_slug", sa.Text(), nullable=False),
        sa.Column("episode_slug", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("started_at", _instant(), nullable=False, index=True),
        sa.Column("heartbeat_at", _instant(), nullable=False),
        sa.Column("finished_at", _instant()),
        sa.Column("error", sa.Text()),
        sa.Column("failed_source", sa.Text()),
        # SQLite takes the reference to a table that comes later; other databases get it below.
        sa.Column("revision_id", sa.Uuid(), sa.ForeignKey("revisions.id", use_alter=True)),
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("episode_id", sa.Uuid(), sa.ForeignKey("episodes.id"), nullable=False),
        sa.Column("job_id", sa.Uuid(), sa.ForeignKey("jobs.id"), nullable=False, index=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("tei", sa.LargeBinary(), nullable=False),
        sa.Column("decisions", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("episode_id", "number", name="uq_revisions_episode_id_number"),
        sa.UniqueConstraint("episode_id", "fingerprint", name="uq_revisions_episode_id_fingerprint"),
    )
    op.create_table(
        "sources",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("revision_id", sa.Uuid(), sa.ForeignKey("revisions.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("source_type", sa.String(32)),
        sa.Column("siglum", sa.Text()),
        sa.Column("sha256", sa.Text(), sa.ForeignKey("contents.sha256"), index=True),
        sa.Column("size", sa.BigInteger()),
        sa.Column("format", sa.Text()),
        sa.Column("language", sa.Text()),
        sa.Column("dated", _instant()),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.UniqueConstraint("revision_id", "position", name="uq_sources_revision_id_position"),
    )
    if op.get_context().dialect.supports_alter:
        op.create_foreign_key("fk_jobs_revision_id", "jobs", "revisions", ["revision_id"], ["id"])


def downgrade() -> None:
    """Drop all tables."""
    if op.get_context().dialect.supports_alter:
        op.drop_constraint("fk_jobs_revision_id", "jobs", type_="foreignkey")
    for table in ("sources", "revisions", "jobs", "contents", "episodes", "series"):
        op.drop_table(table)
