"""Where people logged in from leaves the journal, which everybody reads: the audit has it."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WITHOUT = {"sqlite": "json_remove(body, '$.address')", "postgresql": "body - 'address'"}


def upgrade() -> None:
    """Go forward."""
    body = WITHOUT[op.get_bind().dialect.name]
    op.execute(f"UPDATE journal SET body = {body} WHERE kind IN ('login', 'login_failed')")  # noqa: S608  # our own words


def downgrade() -> None:
    """Go back: what is gone stays gone."""
