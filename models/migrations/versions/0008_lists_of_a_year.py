"""Indexes for lists that have grown for a year: each is read from its end, not as a whole."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEXES = (
    ("signals", "account", "id"),
    ("trades", "account", "id"),
    ("trades", "signal_id"),
    ("orders", "account", "id"),
    ("fills", "account", "id"),
    ("account_snapshots", "account", "at"),
    ("audit", "way", "seq"),
)


def upgrade() -> None:
    """Go forward."""
    for table, *columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def downgrade() -> None:
    """Go back."""
    for table, *columns in reversed(INDEXES):
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
