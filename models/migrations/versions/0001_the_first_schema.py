"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.tables import Json
from models.types import Moment, Money

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "account_snapshots",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("equity", Money(), nullable=False),
        sa.Column("cash", Money(), nullable=False),
        sa.Column("buying_power", Money(), nullable=False),
        sa.Column("day_pnl", Money(), nullable=False),
        sa.Column("open_positions", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_snapshots")),
    )
    with op.batch_alter_table("account_snapshots", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_account_snapshots_account_session_at"),
            ["account", "session", "at"],
            unique=True,
        )
        batch_op.create_index(batch_op.f("ix_account_snapshots_at"), ["at"], unique=False)

    op.create_table(
        "accounts_now",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("session", sa.Date(), nullable=True),
        sa.Column("equity", Money(), nullable=False),
        sa.Column("cash", Money(), nullable=False),
        sa.Column("buying_power", Money(), nullable=False),
        sa.Column("long_value", Money(), nullable=False),
        sa.Column("short_value", Money(), nullable=False),
        sa.Column("starting_equity", Money(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_accounts_now")),
    )
    op.create_table(
        "broker_capabilities",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("accepts_attached_stop", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("probed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account", "side", name=op.f("pk_broker_capabilities")),
    )
    op.create_table(
        "commands",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.String(length=64), nullable=False),
        sa.Column("requested_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commands")),
    )
    with op.batch_alter_table("commands", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_commands_requested_at"), ["requested_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_commands_status"), ["status"], unique=False)

    op.create_table(
        "daily_bars",
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("open", Money(), nullable=False),
        sa.Column("high", Money(), nullable=False),
        sa.Column("low", Money(), nullable=False),
        sa.Column("close", Money(), nullable=False),
        sa.Column("volume", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("session", "symbol", name=op.f("pk_daily_bars")),
    )
    op.create_table(
        "daily_metrics",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("starting_equity", Money(), nullable=False),
        sa.Column("ending_equity", Money(), nullable=False),
        sa.Column("pnl", Money(), nullable=False),
        sa.Column("residual", Money(), nullable=False),
        sa.Column("trades", sa.BigInteger(), nullable=False),
        sa.Column("winners", sa.BigInteger(), nullable=False),
        sa.Column("losers", sa.BigInteger(), nullable=False),
        sa.Column("max_drawdown", Money(), nullable=False),
        sa.Column("signals", sa.BigInteger(), nullable=False),
        sa.Column("naked_seconds", sa.Double(), nullable=False),
        sa.Column("flat", sa.Boolean(), nullable=False),
        sa.Column("flat_at", Moment(), nullable=True),
        sa.Column("reconciled", sa.Boolean(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account", "session", name=op.f("pk_daily_metrics")),
    )
    op.create_table(
        "differences",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("symbol", sa.String(length=128), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("found_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_differences")),
    )
    with op.batch_alter_table("differences", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_differences_account_status"), ["account", "status"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_differences_found_at"), ["found_at"], unique=False)

    op.create_table(
        "engine_lease",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=128), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("renewed_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_engine_lease")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("desk_at", Moment(), nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "job_runs",
        sa.Column("job", sa.String(length=48), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.Column("milliseconds", sa.Double(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("runs", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_runs")),
    )
    op.create_table(
        "journal",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("scope", sa.String(length=96), nullable=False),
        sa.Column("severity", sa.String(24), nullable=False),
        sa.Column("correlation_id", sa.String(length=64), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_journal_correlation_id"), ["correlation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_journal_kind_seq"), ["kind", "seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_scope_seq"), ["scope", "seq"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_journal_severity_seq"), ["severity", "seq"], unique=False
        )

    op.create_table(
        "last_prices",
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("price", Money(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("symbol", name=op.f("pk_last_prices")),
    )
    op.create_table(
        "opening_ranges",
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("open", Money(), nullable=True),
        sa.Column("high", Money(), nullable=True),
        sa.Column("low", Money(), nullable=True),
        sa.Column("close", Money(), nullable=True),
        sa.Column("volume", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.BigInteger(), nullable=False),
        sa.Column("rvol", sa.Double(), nullable=True),
        sa.Column("rvol_basis", sa.String(24), nullable=True),
        sa.Column("atr14", Money(), nullable=True),
        sa.Column("avg_volume14", sa.Double(), nullable=True),
        sa.Column("rank", sa.BigInteger(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("failed", Json, nullable=False),
        sa.Column("entry_level", Money(), nullable=True),
        sa.Column("stop_distance", Money(), nullable=True),
        sa.Column("feed", sa.String(length=24), nullable=False),
        sa.Column("scanned_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("session", "symbol", name=op.f("pk_opening_ranges")),
    )
    with op.batch_alter_table("opening_ranges", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_opening_ranges_session_rank"), ["session", "rank"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_opening_ranges_symbol_session"), ["symbol", "session"], unique=False
        )

    op.create_table(
        "settings_versions",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings_versions")),
        sa.UniqueConstraint("kind", "version", name=op.f("uq_settings_versions_kind_version")),
    )
    op.create_table(
        "signals",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("rvol", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("entry_level", Money(), nullable=False),
        sa.Column("stop_distance", Money(), nullable=False),
        sa.Column("planned_stop", Money(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("feed", sa.String(length=24), nullable=False),
        sa.Column("strategy_version", sa.BigInteger(), nullable=False),
        sa.Column("risk_version", sa.BigInteger(), nullable=False),
        sa.Column("correlation_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
        sa.UniqueConstraint(
            "account", "session", "symbol", name=op.f("uq_signals_account_session_symbol")
        ),
    )
    with op.batch_alter_table("signals", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_signals_session_rank"), ["session", "rank"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_signals_status_session"), ["status", "session"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_signals_symbol_session"), ["symbol", "session"], unique=False
        )

    op.create_table(
        "simulated_accounts",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("cash", Money(), nullable=False),
        sa.Column("multiplier", Money(), nullable=False),
        sa.Column("played_until", Moment(), nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_simulated_accounts")),
    )
    op.create_table(
        "simulated_executions",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("client_order_id", sa.String(length=128), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price", Money(), nullable=False),
        sa.Column("filled_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account", "id", name=op.f("pk_simulated_executions")),
    )
    with op.batch_alter_table("simulated_executions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_simulated_executions_account_number"), ["account", "number"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_simulated_executions_order_id"), ["order_id"], unique=False
        )

    op.create_table(
        "simulated_faults",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulated_faults")),
    )
    op.create_table(
        "simulated_markets",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("first_session", sa.Date(), nullable=False),
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("start", Moment(), nullable=False),
        sa.Column("speed", sa.Double(), nullable=False),
        sa.Column("epoch", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_simulated_markets")),
    )
    op.create_table(
        "simulated_orders",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("client_order_id", sa.String(length=128), nullable=False),
        sa.Column("parent_id", sa.String(length=32), nullable=True),
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("type", sa.String(24), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("filled_quantity", sa.BigInteger(), nullable=False),
        sa.Column("stop_price", Money(), nullable=True),
        sa.Column("limit_price", Money(), nullable=True),
        sa.Column("stop_offset", Money(), nullable=True),
        sa.Column("stop_tick", Money(), nullable=False),
        sa.Column("first_fill", sa.Double(), nullable=False),
        sa.Column("triggered", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("live_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account", "id", name=op.f("pk_simulated_orders")),
    )
    with op.batch_alter_table("simulated_orders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_simulated_orders_account_client_order_id"),
            ["account", "client_order_id"],
            unique=True,
        )
        batch_op.create_index(
            batch_op.f("ix_simulated_orders_account_session"), ["account", "session"], unique=False
        )

    op.create_table(
        "synced_sessions",
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("symbols", sa.BigInteger(), nullable=False),
        sa.Column("synced_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("session", name=op.f("pk_synced_sessions")),
    )
    op.create_table(
        "trading_state",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_trading_state")),
    )
    op.create_table(
        "universe",
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("last_close", Money(), nullable=True),
        sa.Column("atr14", Money(), nullable=True),
        sa.Column("avg_volume14", sa.Double(), nullable=True),
        sa.Column("mean_opening_volume14", sa.Double(), nullable=True),
        sa.Column("tradable", sa.Boolean(), nullable=False),
        sa.Column("shortable", sa.Boolean(), nullable=False),
        sa.Column("failed", Json, nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("session", "symbol", name=op.f("pk_universe")),
    )
    with op.batch_alter_table("universe", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_universe_symbol_session"), ["symbol", "session"], unique=False
        )

    op.create_table(
        "users",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("last_login_at", Moment(), nullable=True),
        sa.Column("failed_logins", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "trades",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("signal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=True),
        sa.Column("rvol", sa.Double(), nullable=True),
        sa.Column("entry_level", Money(), nullable=True),
        sa.Column("stop_distance", Money(), nullable=True),
        sa.Column("stop_price", Money(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("open_quantity", sa.BigInteger(), nullable=False),
        sa.Column("entry_price", Money(), nullable=False),
        sa.Column("exit_price", Money(), nullable=True),
        sa.Column("pnl", Money(), nullable=False),
        sa.Column("exit_reason", sa.String(24), nullable=True),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("naked_since", Moment(), nullable=True),
        sa.Column("naked_seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signals.id"], name=op.f("fk_trades_signal_id_signals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trades")),
        sa.UniqueConstraint(
            "account",
            "session",
            "symbol",
            "attempt",
            name=op.f("uq_trades_account_session_symbol_attempt"),
        ),
    )
    with op.batch_alter_table("trades", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trades_closed_at"), ["closed_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_trades_session_symbol"), ["session", "symbol"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_trades_status_session"), ["status", "session"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_trades_symbol_session"), ["symbol", "session"], unique=False
        )

    op.create_table(
        "orders",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("client_order_id", sa.String(length=128), nullable=False),
        sa.Column("broker_order_id", sa.String(length=64), nullable=True),
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(24), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("type", sa.String(24), nullable=False),
        sa.Column("order_class", sa.String(24), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("filled_quantity", sa.BigInteger(), nullable=False),
        sa.Column("stop_price", Money(), nullable=True),
        sa.Column("stop_offset", Money(), nullable=True),
        sa.Column("tick_size", Money(), nullable=False),
        sa.Column("limit_price", Money(), nullable=True),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("exit_reason", sa.String(24), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("signal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("trade_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("correlation_id", sa.String(length=64), nullable=False),
        sa.Column("intended_at", Moment(), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["orders.id"], name=op.f("fk_orders_parent_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signals.id"], name=op.f("fk_orders_signal_id_signals")
        ),
        sa.ForeignKeyConstraint(
            ["trade_id"], ["trades.id"], name=op.f("fk_orders_trade_id_trades")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint(
            "account", "client_order_id", name=op.f("uq_orders_account_client_order_id")
        ),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_orders_broker_order_id"), ["broker_order_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_session_symbol"), ["session", "symbol"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_orders_signal_id"), ["signal_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_orders_status_session"), ["status", "session"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_orders_trade_id"), ["trade_id"], unique=False)

    op.create_table(
        "position_snapshots",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("trade_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price", Money(), nullable=False),
        sa.Column("stop_price", Money(), nullable=True),
        sa.Column("unrealised", Money(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trade_id"], ["trades.id"], name=op.f("fk_position_snapshots_trade_id_trades")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_snapshots")),
    )
    with op.batch_alter_table("position_snapshots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_position_snapshots_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_position_snapshots_trade_id_at"), ["trade_id", "at"], unique=True
        )

    op.create_table(
        "fills",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("execution_id", sa.String(length=80), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session", sa.Date(), nullable=False),
        sa.Column("symbol", sa.String(length=16), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price", Money(), nullable=False),
        sa.Column("filled_at", Moment(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_fills_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fills")),
        sa.UniqueConstraint("account", "execution_id", name=op.f("uq_fills_account_execution_id")),
    )
    with op.batch_alter_table("fills", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fills_filled_at"), ["filled_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_fills_order_id"), ["order_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_fills_session_symbol"), ["session", "symbol"], unique=False
        )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("fills", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fills_session_symbol"))
        batch_op.drop_index(batch_op.f("ix_fills_order_id"))
        batch_op.drop_index(batch_op.f("ix_fills_filled_at"))

    op.drop_table("fills")
    with op.batch_alter_table("position_snapshots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_position_snapshots_trade_id_at"))
        batch_op.drop_index(batch_op.f("ix_position_snapshots_at"))

    op.drop_table("position_snapshots")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_trade_id"))
        batch_op.drop_index(batch_op.f("ix_orders_status_session"))
        batch_op.drop_index(batch_op.f("ix_orders_signal_id"))
        batch_op.drop_index(batch_op.f("ix_orders_session_symbol"))
        batch_op.drop_index(batch_op.f("ix_orders_broker_order_id"))

    op.drop_table("orders")
    with op.batch_alter_table("trades", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trades_symbol_session"))
        batch_op.drop_index(batch_op.f("ix_trades_status_session"))
        batch_op.drop_index(batch_op.f("ix_trades_session_symbol"))
        batch_op.drop_index(batch_op.f("ix_trades_closed_at"))

    op.drop_table("trades")
    op.drop_table("users")
    with op.batch_alter_table("universe", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_universe_symbol_session"))

    op.drop_table("universe")
    op.drop_table("trading_state")
    op.drop_table("synced_sessions")
    with op.batch_alter_table("simulated_orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_simulated_orders_account_session"))
        batch_op.drop_index(batch_op.f("ix_simulated_orders_account_client_order_id"))

    op.drop_table("simulated_orders")
    op.drop_table("simulated_markets")
    op.drop_table("simulated_faults")
    with op.batch_alter_table("simulated_executions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_simulated_executions_order_id"))
        batch_op.drop_index(batch_op.f("ix_simulated_executions_account_number"))

    op.drop_table("simulated_executions")
    op.drop_table("simulated_accounts")
    with op.batch_alter_table("signals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signals_symbol_session"))
        batch_op.drop_index(batch_op.f("ix_signals_status_session"))
        batch_op.drop_index(batch_op.f("ix_signals_session_rank"))

    op.drop_table("signals")
    op.drop_table("settings_versions")
    with op.batch_alter_table("opening_ranges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opening_ranges_symbol_session"))
        batch_op.drop_index(batch_op.f("ix_opening_ranges_session_rank"))

    op.drop_table("opening_ranges")
    op.drop_table("last_prices")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_journal_severity_seq"))
        batch_op.drop_index(batch_op.f("ix_journal_scope_seq"))
        batch_op.drop_index(batch_op.f("ix_journal_kind_seq"))
        batch_op.drop_index(batch_op.f("ix_journal_correlation_id"))
        batch_op.drop_index(batch_op.f("ix_journal_at"))

    op.drop_table("journal")
    op.drop_table("job_runs")
    op.drop_table("heartbeats")
    op.drop_table("engine_lease")
    with op.batch_alter_table("differences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_differences_found_at"))
        batch_op.drop_index(batch_op.f("ix_differences_account_status"))

    op.drop_table("differences")
    op.drop_table("daily_metrics")
    op.drop_table("daily_bars")
    with op.batch_alter_table("commands", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commands_status"))
        batch_op.drop_index(batch_op.f("ix_commands_requested_at"))

    op.drop_table("commands")
    op.drop_table("broker_capabilities")
    op.drop_table("accounts_now")
    with op.batch_alter_table("account_snapshots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_snapshots_at"))
        batch_op.drop_index(batch_op.f("ix_account_snapshots_account_session_at"))

    op.drop_table("account_snapshots")
