"""The search index, which no Django model can describe: see frontdesk.ledger.search_index."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = [
    "CREATE VIRTUAL TABLE ledger_search USING fts5("
    "search_key, end_user_id UNINDEXED, tokenize='trigram case_sensitive 1', detail=none, columnsize=0)"
]
POSTGRES = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE TABLE ledger_search (end_user_id uuid PRIMARY KEY, search_key text NOT NULL)",
    "CREATE INDEX ledger_search_trigrams ON ledger_search USING gin (search_key gin_trgm_ops)",
]


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    statements = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES
    for statement in statements:
        schema_editor.execute(statement)


def drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute("DROP TABLE ledger_search")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
