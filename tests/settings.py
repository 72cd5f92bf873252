"""Frontdesk's own settings, with a home and a database that are discarded after the run.

SQLite, or PostgreSQL with FRONTDESK_TEST_DATABASE=postgres: the server of DATABASE_URL if it is set
(the tests create their own database there), otherwise one from a wheel. The environment is set
before the settings read it, and programs that tests start inherit it.
"""

import os
import tempfile
from pathlib import Path

_worker = os.environ.get("PYTEST_XDIST_WORKER")  # pytest-xdist's processes live in the first one's
if _worker:
    _home = Path(os.environ["FRONTDESK_HOME"]) / _worker
    _home.mkdir()
else:
    _temporary = tempfile.TemporaryDirectory(prefix="frontdesk-tests-", ignore_cleanup_errors=True)
    _home = Path(_temporary.name)
_database = os.environ.get("FRONTDESK_TEST_DATABASE", "sqlite")
for _name in [name for name in os.environ if name.startswith("FRONTDESK_")]:
    if not _name.startswith("FRONTDESK_TEST_"):
        del os.environ[_name]  # do not test a developer's installation
os.environ["FRONTDESK_HOME"] = str(_home)
os.environ["FRONTDESK_SECRET_KEY"] = "the tests need no secret, only the same one in each process"
if _database != "postgres":
    os.environ.pop("DATABASE_URL", None)
elif not os.environ.get("DATABASE_URL"):
    from tests.postgres import start

    os.environ["DATABASE_URL"] = start(_home / "postgres")

from frontdesk.config.settings import *  # noqa: E402, F403
from frontdesk.config.settings import DATABASES, INSTALLED_APPS, STATIC_ROOT  # noqa: E402

if _database != "postgres":
    # A file: tests of several writers need several connections.
    DATABASES["default"]["TEST"] = {"NAME": str(_home / "test.sqlite3")}

INSTALLED_APPS.append("tests.channels.example")  # for its table; its test registers the channel
STATIC_ROOT.mkdir()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True  # nothing is collected before tests
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a good one is slow
