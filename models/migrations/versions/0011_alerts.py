"""Alerts: what the rules made of each, its deliveries, the channels, who has seen it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.types import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # as the journal's


def upgrade() -> None:
    """Go forward; what the journal tells until now is history, and nobody is told of it."""
    _create_cursor()
    _create_verdicts()
    _create_deliveries()
    _create_channels()
    _create_acknowledgements()


def _create_cursor() -> None:
    op.create_table(
        "alert_cursor",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alert_cursor")),
    )
    op.execute(
        "INSERT INTO alert_cursor (name, seq) "
        "SELECT 'journal', max(seq) FROM journal HAVING max(seq) IS NOT NULL"
    )


def _create_verdicts() -> None:
    op.create_table(
        "alert_verdicts",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=48), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("severity", sa.String(24), nullable=False),
        sa.Column("verdict", sa.String(24), nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seq"], ["journal.seq"], name=op.f("fk_alert_verdicts_seq_journal")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_alert_verdicts")),
    )
    op.create_index(op.f("ix_alert_verdicts_key_seq"), "alert_verdicts", ["key", "seq"])
    op.create_index(op.f("ix_alert_verdicts_type_seq"), "alert_verdicts", ["type", "seq"])


def _create_deliveries() -> None:
    op.create_table(
        "alert_deliveries",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(24), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("claimed_until", Moment(), nullable=True),
        sa.Column("delivered_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["seq"], ["journal.seq"], name=op.f("fk_alert_deliveries_seq_journal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_deliveries")),
        sa.UniqueConstraint("seq", "channel", name=op.f("uq_alert_deliveries_seq_channel")),
    )
    columns = ["channel", "status", "seq"]
    op.create_index(op.f("ix_alert_deliveries_channel_status_seq"), "alert_deliveries", columns)


def _create_channels() -> None:
    op.create_table(
        "alert_channels",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("open_until", Moment(), nullable=True),
        sa.Column("delivered_at", Moment(), nullable=True),
        sa.Column("failed_at", Moment(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alert_channels")),
    )


def _create_acknowledgements() -> None:
    op.create_table(
        "alert_acknowledgements",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seq"], ["journal.seq"], name=op.f("fk_alert_acknowledgements_seq_journal")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_alert_acknowledgements")),
    )


def downgrade() -> None:
    """Go back."""
    for table in ("acknowledgements", "channels", "deliveries", "verdicts", "cursor"):
        op.drop_table(f"alert_{table}")
