"""Keep editors' decisions, what became of them, and what a revision must know to be composed again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table and the columns; of older sources it is known that they were given the slug."""
    op.create_table(
        "editorial_decisions",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("episode_id", sa.Uuid(), sa.ForeignKey("episodes.id"), nullable=False, index=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("readings", sa.JSON(), nullable=False),
        sa.Column("quotations", sa.JSON(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.Text()),
    )
    with op.batch_alter_table("revisions") as revisions:
        revisions.add_column(sa.Column("given_title", sa.Text(), nullable=True))
        revisions.add_column(sa.Column("replays", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("sources") as sources:
        sources.add_column(sa.Column("given_type", sa.String(32), nullable=True))
        sources.add_column(sa.Column("hints", sa.JSON(), nullable=False, server_default="{}"))
    _tell_older_sources_their_episode()


def _tell_older_sources_their_episode() -> None:
    sources = sa.table("sources", sa.column("revision_id", sa.Uuid()), sa.column("hints", sa.JSON()))
    revisions = sa.table("revisions", sa.column("id", sa.Uuid()), sa.column("episode_id", sa.Uuid()))
    episodes = sa.table("episodes", sa.column("id", sa.Uuid()), sa.column("slug", sa.Text()))
    connection = op.get_bind()
    query = sa.select(revisions.c.id, episodes.c.slug).join_from(
        revisions, episodes, revisions.c.episode_id == episodes.c.id
    )
    for identity, slug in connection.execute(query).all():
        told = sa.update(sources).where(sources.c.revision_id == identity).values(hints={"episode": slug})
        connection.execute(told)


def downgrade() -> None:
    """Drop them, and the decisions with them."""
    with op.batch_alter_table("sources") as sources:
        sources.drop_column("hints")
        sources.drop_column("given_type")
    with op.batch_alter_table("revisions") as revisions:
        revisions.drop_column("replays")
        revisions.drop_column("given_title")
    op.drop_table("editorial_decisions")
