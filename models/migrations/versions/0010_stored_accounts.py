"""The accounts that the desk knows, and which of them the engine trades."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import Moment, Money, Word
from models.vocabulary import TradingMode

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "accounts",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("mode", Word(TradingMode), nullable=False),
        sa.Column("has_keys", sa.Boolean(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=True),
        sa.Column("equity", Money(), nullable=True),
        sa.Column("seen_at", Moment(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_accounts")),
    )
    traded = sa.Column("account", sa.String(length=64), nullable=False, server_default="")
    op.add_column("engine_lease", traded)
    op.create_index(op.f("ix_commands_kind_id"), "commands", ["kind", "id"])


def downgrade() -> None:
    """Go back: the first pair of keys is traded again."""
    op.drop_index(op.f("ix_commands_kind_id"), "commands")
    op.drop_column("engine_lease", "account")
    op.drop_table("accounts")
