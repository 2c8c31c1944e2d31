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
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint("slug", name="uq_series_slug"),
    )
    op.create_table(
        "episodes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_slug", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_slug"], ["series.slug"], name="fk_episodes_series_slug", onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_episodes"),
        sa.UniqueConstraint("series_slug", "slug", name="uq_episodes_series_slug_slug"),
    )
    op.create_table(
        "contents",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("compressed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_contents"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_slug", sa.Text(), nullable=False),
        sa.Column("episode_slug", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("started_at", _instant(), nullable=False),
        sa.Column("heartbeat_at", _instant(), nullable=False),
        sa.Column("finished_at", _instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("failed_source", sa.Text(), nullable=True),
        sa.Column("revision_id", sa.Uuid(), nullable=True),
        # SQLite takes the reference to a table that comes later; other databases get it below.
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name="fk_jobs_revision_id", use_alter=True
        ),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_started_at", "jobs", ["started_at"])
    op.create_table(
        "revisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("tei", sa.LargeBinary(), nullable=False),
        sa.Column("decisions", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name="fk_revisions_episode_id"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_revisions_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sa.UniqueConstraint("episode_id", "number", name="uq_revisions_episode_id_number"),
        sa.UniqueConstraint("episode_id", "fingerprint", name="uq_revisions_episode_id_fingerprint"),
    )
    op.create_index("ix_revisions_job_id", "revisions", ["job_id"])
    op.create_table(
        "sources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("source_type", sa.String(32), nullable=True),
        sa.Column("siglum", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("format", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("dated", _instant(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name="fk_sources_revision_id"),
        sa.ForeignKeyConstraint(["sha256"], ["contents.sha256"], name="fk_sources_sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
        sa.UniqueConstraint("revision_id", "position", name="uq_sources_revision_id_position"),
    )
    op.create_index("ix_sources_sha256", "sources", ["sha256"])
    if op.get_context().dialect.supports_alter:
        op.create_foreign_key("fk_jobs_revision_id", "jobs", "revisions", ["revision_id"], ["id"])


def downgrade() -> None:
    """Drop all tables."""
    if op.get_context().dialect.supports_alter:
        op.drop_constraint("fk_jobs_revision_id", "jobs", type_="foreignkey")
    for table in ("sources", "revisions", "jobs", "contents", "episodes", "series"):
        op.drop_table(table)
