"""The sector of a listed symbol, where one is known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("assets", sa.Column("sector", sa.String(length=32), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("assets", "sector")
