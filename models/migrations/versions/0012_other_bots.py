"""Other bots that the desk watches, and what they tell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.tables import Json
from models.types import Moment, Money

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TABLES = (
    "bots",
    "bot_states",
    "dip_accounts",
    "dip_brakes",
    "dip_days",
    "dip_opportunities",
    "dip_positions",
    "dip_skips",
    "dip_trades",
    "funding_points",
    "funding_positions",
    "log_marks",
    "odd_lines",
)


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "bots",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("config", sa.Text(), nullable=True),
        sa.Column("zone", sa.String(length=48), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.Column("added_at", Moment(), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bots")),
        sa.UniqueConstraint("name", name=op.f("uq_bots_name")),
    )
    op.create_table(
        "bot_states",
        sa.Column("bot_id", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("health", sa.String(24), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("looked_at", Moment(), nullable=False),
        sa.Column("heard_at", Moment(), nullable=True),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("odd_lines", sa.BigInteger(), nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_bot_states_bot_id_bots")),
        sa.PrimaryKeyConstraint("bot_id", name=op.f("pk_bot_states")),
    )
    op.create_table(
        "dip_accounts",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("bot_id", IDENTITY, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("cycle", sa.BigInteger(), nullable=True),
        sa.Column("equity", Money(), nullable=False),
        sa.Column("cash", Money(), nullable=False),
        sa.Column("margin", Money(), nullable=False),
        sa.Column("pl", Money(), nullable=False),
        sa.Column("pl_part", Money(), nullable=False),
        sa.Column("market", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_dip_accounts_bot_id_bots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dip_accounts")),
    )
    op.create_index(op.f("ix_dip_accounts_bot_id_at"), "dip_accounts", ["bot_id", "at"])
    op.create_index(op.f("ix_dip_accounts_bot_id_id"), "dip_accounts", ["bot_id", "id"])

    op.create_table(
        "dip_brakes",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("bot_id", IDENTITY, nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("told_at", Moment(), nullable=False),
        sa.Column("quiet_since", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("cycle", sa.BigInteger(), nullable=True),
        sa.Column("margin", Money(), nullable=False),
        sa.Column("equity", Money(), nullable=True),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_dip_brakes_bot_id_bots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dip_brakes")),
    )
    op.create_index(op.f("ix_dip_brakes_bot_id_id"), "dip_brakes", ["bot_id", "id"])

    op.create_table(
        "dip_days",
        sa.Column("bot_id", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("trades", sa.BigInteger(), nullable=False),
        sa.Column("deployed", Money(), nullable=False),
        sa.Column("starting_equity", Money(), nullable=True),
        sa.Column("ending_equity", Money(), nullable=True),
        sa.Column("peak_equity", Money(), nullable=True),
        sa.Column("trough_equity", Money(), nullable=True),
        sa.Column("max_margin", Money(), nullable=False),
        sa.Column("brakes", sa.BigInteger(), nullable=False),
        sa.Column("wash_sales", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_dip_days_bot_id_bots")),
        sa.PrimaryKeyConstraint("bot_id", "day", name=op.f("pk_dip_days")),
    )
    op.create_table(
        "dip_opportunities",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("bot_id", IDENTITY, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("dip", Money(), nullable=False),
        sa.Column("price", Money(), nullable=False),
        sa.Column("score", Money(), nullable=False),
        sa.Column("executed", sa.Boolean(), nullable=False),
        sa.Column("skipped_for", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["bot_id"], ["bots.id"], name=op.f("fk_dip_opportunities_bot_id_bots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dip_opportunities")),
    )
    op.create_index(op.f("ix_dip_opportunities_bot_id_at"), "dip_opportunities", ["bot_id", "at"])
    op.create_index(op.f("ix_dip_opportunities_bot_id_id"), "dip_opportunities", ["bot_id", "id"])
    op.create_index(
        op.f("ix_dip_opportunities_bot_id_symbol_id"),
        "dip_opportunities",
        ["bot_id", "symbol", "id"],
    )

    op.create_table(
        "dip_positions",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("bot_id", IDENTITY, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("pl_part", Money(), nullable=False),
        sa.Column("value", Money(), nullable=True),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_dip_positions_bot_id_bots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dip_positions")),
    )
    op.create_index(op.f("ix_dip_positions_bot_id_at"), "dip_positions", ["bot_id", "at"])

    op.create_table(
        "dip_skips",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("bot_id", IDENTITY, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("dip", Money(), nullable=True),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_dip_skips_bot_id_bots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dip_skips")),
    )
    op.create_index(op.f("ix_dip_skips_bot_id_id"), "dip_skips", ["bot_id", "id"])
    op.create_index(op.f("ix_dip_skips_bot_id_reason_id"), "dip_skips", ["bot_id", "reason", "id"])
    op.create_index(op.f("ix_dip_skips_bot_id_symbol_id"), "dip_skips", ["bot_id", "symbol", "id"])

    op.create_table(
        "dip_trades",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("bot_id", IDENTITY, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("quantity", Money(), nullable=False),
        sa.Column("price", Money(), nullable=False),
        sa.Column("value", Money(), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_dip_trades_bot_id_bots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dip_trades")),
    )
    op.create_index(op.f("ix_dip_trades_bot_id_id"), "dip_trades", ["bot_id", "id"])
    op.create_index(
        op.f("ix_dip_trades_bot_id_symbol_id"), "dip_trades", ["bot_id", "symbol", "id"]
    )

    op.create_table(
        "funding_points",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("bot_id", IDENTITY, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("asset", sa.String(length=24), nullable=False),
        sa.Column("venue", sa.String(length=32), nullable=False),
        sa.Column("position_id", sa.String(length=64), nullable=False),
        sa.Column("rate", sa.Double(), nullable=True),
        sa.Column("funding_pnl", Money(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bot_id"], ["bots.id"], name=op.f("fk_funding_points_bot_id_bots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_points")),
        sa.UniqueConstraint(
            "bot_id",
            "at",
            "asset",
            "venue",
            "position_id",
            name=op.f("uq_funding_points_bot_id_at_asset_venue_position_id"),
        ),
    )
    op.create_index(
        op.f("ix_funding_points_bot_id_asset_id"), "funding_points", ["bot_id", "asset", "id"]
    )
    op.create_index(op.f("ix_funding_points_bot_id_id"), "funding_points", ["bot_id", "id"])
    op.create_index(
        op.f("ix_funding_points_bot_id_position_id_id"),
        "funding_points",
        ["bot_id", "position_id", "id"],
    )

    op.create_table(
        "funding_positions",
        sa.Column("bot_id", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("position_id", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("gone_at", Moment(), nullable=True),
        sa.Column("asset", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("leverage", Money(), nullable=True),
        sa.Column("deployed", Money(), nullable=True),
        sa.Column("long_value", Money(), nullable=True),
        sa.Column("short_value", Money(), nullable=True),
        sa.Column("delta", Money(), nullable=True),
        sa.Column("delta_ratio", Money(), nullable=True),
        sa.Column("health_factor", Money(), nullable=True),
        sa.Column("margin_fraction", Money(), nullable=True),
        sa.Column("total_pnl", Money(), nullable=True),
        sa.Column("funding_pnl", Money(), nullable=True),
        sa.Column("opened_at", Moment(), nullable=True),
        sa.Column("told", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id"], ["bots.id"], name=op.f("fk_funding_positions_bot_id_bots")
        ),
        sa.PrimaryKeyConstraint("bot_id", "position_id", name=op.f("pk_funding_positions")),
    )
    op.create_table(
        "log_marks",
        sa.Column("bot_id", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("tail", sa.String(length=64), nullable=False),
        sa.Column("changed_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_log_marks_bot_id_bots")),
        sa.PrimaryKeyConstraint("bot_id", name=op.f("pk_log_marks")),
    )
    op.create_table(
        "odd_lines",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("bot_id", IDENTITY, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_odd_lines_bot_id_bots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odd_lines")),
    )
    op.create_index(op.f("ix_odd_lines_bot_id_id"), "odd_lines", ["bot_id", "id"])


def downgrade() -> None:
    """Go back."""
    for table in reversed(TABLES):
        op.drop_table(table)
