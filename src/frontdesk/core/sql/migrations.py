"""Operations of migrations that a running installation hardly notices."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations

from frontdesk.core.sql.dialect import dialect


class AddIndex(migrations.AddIndex):
    """Writers go on while PostgreSQL builds the index. Its migration has `atomic = False`."""

    def database_forwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        kind = migrations.AddIndex if dialect().has_one_writer else AddIndexConcurrently
        operation = kind(self.model_name, self.index)
        operation.database_forwards(app_label, editor, before, after)


class RemoveIndex(migrations.RemoveIndex):
    """The same for an index that is not needed any more."""

    def database_forwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        kind = migrations.RemoveIndex if dialect().has_one_writer else RemoveIndexConcurrently
        operation = kind(self.model_name, self.name)
        operation.database_forwards(app_label, editor, before, after)
