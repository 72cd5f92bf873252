"""`frontdesk migrate`: prepares the home for this version."""

import hashlib
from pathlib import Path

import typer

from frontdesk.commands.setup import missing_migrations, require_database, start_django


def migrate() -> None:
    """Create or update the database and the static files. Run it after each upgrade; repeatable."""
    environment = start_django()
    require_database()
    applied, collected = prepare()
    typer.echo(f"Database: {_count(applied, 'migration')} applied.")
    typer.echo(f"Static files: {_count(collected, 'file')} updated in {environment.home}.")


def prepare() -> tuple[int, int]:
    """Update tables and static files; return the numbers of migrations and files."""
    from django.core.management import call_command

    # Before the migrations, so that this table exists whenever no migration is missing.
    call_command("createcachetable", verbosity=0)
    missing = missing_migrations()
    if missing:
        call_command("migrate", interactive=False, verbosity=0)
    return missing, _collect()


def static_files_are_current() -> bool:
    """Whether the home's static files are those of this version."""
    stamp = _stamp_file()
    return stamp.exists() and stamp.read_text() == _stamp()


def _stamp_file() -> Path:
    from django.conf import settings

    return Path(settings.STATIC_ROOT) / ".stamp"


def _stamp() -> str:
    """Identifies these static files by their names, sizes and times.

    Comparing them with the times of the collected files would not do: an installer may keep old
    times.
    """
    from django.contrib.staticfiles.finders import get_finders

    files = sorted(
        f"{path} {storage.size(path)} {storage.get_modified_time(path).timestamp()}"
        for finder in get_finders()
        for path, storage in finder.list([])
    )
    return hashlib.sha256("\n".join(files).encode()).hexdigest()


def _collect() -> int:
    from django.contrib.staticfiles.management.commands.collectstatic import Command

    if static_files_are_current():
        return 0
    command = Command()
    command.set_options(
        interactive=False,
        verbosity=0,
        link=False,
        clear=False,
        dry_run=False,
        ignore_patterns=[],
        use_default_ignore_patterns=True,
        post_process=True,
    )
    report = command.collect()
    _stamp_file().write_text(_stamp())
    return len(report["modified"])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
