"""The demo's own home: which one it is, and what it remembers between runs."""

import datetime as dt
import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from frontdesk.config.environment import default_home

OWNER = "demo"
_FILE = "demo.json"


class NotADemoError(Exception):
    """The home belongs to a real installation."""


@dataclass(frozen=True)
class DemoHome:
    """The contents of demo.json. `until` is when the invented history ends, fixed at the start."""

    folder: Path
    password: str
    until: dt.datetime
    is_made: bool = False

    def finish(self) -> "DemoHome":
        """Save that the demo is complete."""
        done = replace(self, is_made=True)
        done._save()
        return done

    def _save(self) -> None:
        values = asdict(self) | {"until": self.until.isoformat()}
        del values["folder"]
        new = self.folder / f"{_FILE}.new"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(values, file)
        new.replace(self.folder / _FILE)


def choose_folder() -> Path:
    """FRONTDESK_HOME, or a folder beside that of a real installation."""
    chosen = os.environ.get("FRONTDESK_HOME")
    return Path(chosen).expanduser().absolute() if chosen else default_home() / "demo"


def open_home(folder: Path) -> DemoHome:
    """The demo home in this folder, created if there is none.

    Raises NotADemoError for the home of a real installation, OSError if it cannot be written.
    """
    try:
        values = json.loads((folder / _FILE).read_text())
    except FileNotFoundError:
        return _create(folder)
    values["until"] = dt.datetime.fromisoformat(values["until"])
    return DemoHome(folder=folder, **values)


def _create(folder: Path) -> DemoHome:
    if (folder / "frontdesk.sqlite3").exists():
        raise NotADemoError
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    home = DemoHome(folder, password=secrets.token_urlsafe(9), until=now)
    home._save()
    return home
