"""Full-text search of the journal: FTS5 on SQLite, a text-search index on PostgreSQL.

Both index the same: the sentence and the scope of each fact, in words of letters and digits.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# SQLite: the index keeps no text of its own, it reads the journal through the view.
SQLITE = [
    """
    CREATE VIEW journal_texts AS
    SELECT seq, coalesce(json_extract(body, '$.text'), '') AS text, scope FROM journal
    """,
    """
    CREATE VIRTUAL TABLE journal_words USING fts5(
        text, scope, content='journal_texts', content_rowid='seq', prefix='2 3'
    )
    """,
    """
    CREATE TRIGGER journal_words_add AFTER INSERT ON journal BEGIN
        INSERT INTO journal_words(rowid, text, scope)
        VALUES (new.seq, coalesce(json_extract(new.body, '$.text'), ''), new.scope);
    END
    """,
    """
    CREATE TRIGGER journal_words_delete AFTER DELETE ON journal BEGIN
        INSERT INTO journal_words(journal_words, rowid, text, scope) VALUES
        ('delete', old.seq, coalesce(json_extract(old.body, '$.text'), ''), old.scope);
    END
    """,
    """
    CREATE TRIGGER journal_words_change AFTER UPDATE ON journal BEGIN
        INSERT INTO journal_words(journal_words, rowid, text, scope) VALUES
        ('delete', old.seq, coalesce(json_extract(old.body, '$.text'), ''), old.scope);
        INSERT INTO journal_words(rowid, text, scope)
        VALUES (new.seq, coalesce(json_extract(new.body, '$.text'), ''), new.scope);
    END
    """,
    "INSERT INTO journal_words(journal_words) VALUES ('rebuild')",
]
SQLITE_BACK = [
    "DROP TRIGGER journal_words_change",
    "DROP TRIGGER journal_words_delete",
    "DROP TRIGGER journal_words_add",
    "DROP TABLE journal_words",
    "DROP VIEW journal_texts",
]

# PostgreSQL: a function gives the expression a name that queries can use.
POSTGRES = [
    """
    CREATE FUNCTION journal_words(body jsonb, scope text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT to_tsvector('simple', regexp_replace(
            coalesce(body->>'text', '') || ' ' || scope, '[^[:alnum:]]+', ' ', 'g'))
    $$
    """,
    "CREATE INDEX ix_journal_words ON journal USING gin (journal_words(body, scope))",
]
POSTGRES_BACK = ["DROP INDEX ix_journal_words", "DROP FUNCTION journal_words(jsonb, text)"]


def upgrade() -> None:
    """Go forward."""
    for statement in SQLITE if _is_sqlite() else POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    """Go back."""
    for statement in SQLITE_BACK if _is_sqlite() else POSTGRES_BACK:
        op.execute(statement)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
