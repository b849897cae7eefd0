"""What is known of symbols: listings, splits, opening volumes, findings; how far a fetch is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import Moment, Money

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "assets",
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("exchange", sa.String(length=24), nullable=False),
        sa.Column("tradable", sa.Boolean(), nullable=False),
        sa.Column("shortable", sa.Boolean(), nullable=False),
        sa.Column("borrow_status", sa.String(length=24), nullable=False),
        sa.Column("listed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", name=op.f("pk_assets")),
    )
    op.create_table(
        "data_findings",
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("found_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("session", "code", "symbol", name=op.f("pk_data_findings")),
    )
    with op.batch_alter_table("data_findings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_data_findings_code_session"), ["code", "session"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_data_findings_symbol_session"), ["symbol", "session"], unique=False
        )

    op.create_table(
        "fetch_progress",
        sa.Column("job", sa.String(length=48), nullable=False),
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("seconds_left", sa.Double(), nullable=True),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_fetch_progress")),
    )
    op.create_table(
        "opening_volumes",
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("feed", sa.String(length=24), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("volume", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", "feed", "symbol", name=op.f("pk_opening_volumes")),
    )
    op.create_table(
        "splits",
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("new_shares", Money(), nullable=False),
        sa.Column("old_shares", Money(), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("found_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", "session", name=op.f("pk_splits")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("splits")
    op.drop_table("opening_volumes")
    op.drop_table("fetch_progress")
    with op.batch_alter_table("data_findings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_data_findings_symbol_session"))
        batch_op.drop_index(batch_op.f("ix_data_findings_code_session"))

    op.drop_table("data_findings")
    op.drop_table("assets")
