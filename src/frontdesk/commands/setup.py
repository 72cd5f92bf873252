"""Sets up Django for a command, and explains in plain words if that fails."""

import os
import tempfile
from pathlib import Path

from frontdesk.commands.errors import CommandError
from frontdesk.config.environment import Environment, SettingsError, read_environment


def start_django() -> Environment:
    """Load settings and apps. Raises CommandError for an invalid setting or unusable home."""
    try:
        environment = read_environment()
    except SettingsError as error:
        raise CommandError(str(error)) from None
    os.umask(0o077)  # other users of this machine must not read conversations
    _require_writable(environment.home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "frontdesk.config.settings")
    import django

    django.setup()
    return environment


def start_with_database() -> Environment:
    """Load the apps for a command that needs data. Raises CommandError without a ready database."""
    environment = start_django()
    require_database()
    require_migrations()
    return environment


def require_database() -> None:
    """Raise CommandError, with the database's own message, if it cannot be reached."""
    from django.db import DatabaseError

    from frontdesk.core.sql.dialect import dialect

    try:
        dialect().probe()
    except DatabaseError as error:
        text = " ".join(str(error).split())
        raise CommandError(f"cannot reach the database: {text}") from None


def require_migrations() -> None:
    """Raise CommandError if the database lacks migrations of this version."""
    missing = missing_migrations()
    if missing:
        noun = "migration is" if missing == 1 else "migrations are"
        raise CommandError(f"{missing} {noun} missing in the database: run `frontdesk migrate`")


def missing_migrations() -> int:
    """How many migrations the database lacks."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _require_writable(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=home):
            pass
        for database in home.glob("frontdesk.sqlite3*"):
            database.open("r+b").close()
    except OSError as error:
        raise CommandError(
            f"cannot write to the home {home}: {error.strerror};"
            " set FRONTDESK_HOME to another folder"
        ) from None
