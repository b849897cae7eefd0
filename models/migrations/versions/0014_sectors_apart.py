"""Sectors in a table of their own, without a listing that nobody keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; listings of no exchange are of no broker: they were there to bear a sector."""
    op.create_table(
        "sectors",
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("symbol", name=op.f("pk_sectors")),
    )
    op.execute(
        "INSERT INTO sectors (symbol, sector) "
        "SELECT symbol, sector FROM assets WHERE sector IS NOT NULL"
    )
    op.execute("DELETE FROM assets WHERE exchange = ''")
    op.drop_column("assets", "sector")


def downgrade() -> None:
    """Go back; sectors of symbols that no broker lists are known again after the next sync."""
    op.add_column("assets", sa.Column("sector", sa.String(length=32), nullable=True))
    op.execute(
        "UPDATE assets SET sector = "
        "(SELECT sectors.sector FROM sectors WHERE sectors.symbol = assets.symbol)"
    )
    op.drop_table("sectors")
