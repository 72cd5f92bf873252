"""`frontdesk migrate`: makes the home ready for this version."""

import hashlib
from pathlib import Path

import typer

from frontdesk.commands.setup import missing_migrations, require_database, start_django


def migrate() -> None:
    """Make or update the database and the static files. Safe to repeat; run it after an upgrade."""
    environment = start_django()
    require_database()
    applied, collected = prepare()
    typer.echo(f"Database: {_count(applied, 'migration')} applied.")
    typer.echo(f"Static files: {_count(collected, 'file')} updated in {environment.home}.")


def prepare() -> tuple[int, int]:
    """Bring tables and static files to this version; return how many migrations and files."""
    from django.core.management import call_command

    # Before the migrations: when none is missing, this table is not missing either.
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
    """What tells these static files from others: their names, sizes and times.

    Not whether they are newer than the collected ones: an installer may keep old times.
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
