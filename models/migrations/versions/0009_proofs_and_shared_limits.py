"""When a login last proved itself, and requests counted for all processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("logins", sa.Column("proved_at", Moment(), nullable=True))
    op.drop_column("users", "locked_until")  # a lockout is counted from the journal
    op.create_table(
        "request_counts",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_request_counts")),
    )
    op.create_index(op.f("ix_request_counts_ends_at"), "request_counts", ["ends_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("request_counts")
    op.add_column("users", sa.Column("locked_until", Moment(), nullable=True))
    op.drop_column("logins", "proved_at")
