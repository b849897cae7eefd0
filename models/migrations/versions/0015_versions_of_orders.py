"""The settings versions that an order was decided by; of older orders they are not known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

COLUMNS = ("strategy_version", "risk_version")


def upgrade() -> None:
    """Go forward."""
    for name in COLUMNS:
        op.add_column("orders", sa.Column(name, sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Go back."""
    for name in COLUMNS:
        op.drop_column("orders", name)
