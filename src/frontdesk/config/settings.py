"""Django's settings, derived from the Environment; not meant to be edited."""

from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

from frontdesk.config.environment import Environment, load_secret_key

ENV = Environment()

SECRET_KEY = load_secret_key(ENV)
SECRET_KEY_FALLBACKS = ENV.old_keys
DEBUG = ENV.debug
ALLOWED_HOSTS = [
    *("localhost", "127.0.0.1", "[::1]"),  # for health checks on the machine itself
    *(host for host in (ENV.public_host, *map(str.strip, ENV.hosts.split(","))) if host),
]
ROOT_URLCONF = "frontdesk.console.urls"
WSGI_APPLICATION = "frontdesk.commands.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "frontdesk.accounts",
    "frontdesk.agents",
    "frontdesk.ledger",
    "frontdesk.gate",
    "frontdesk.people",
    "frontdesk.backends",
    "frontdesk.channels",
    "frontdesk.channels.web",
    "frontdesk.channels.telegram",
    "frontdesk.api",
    "frontdesk.imports",
    "frontdesk.console",
    "allauth",
    "allauth.account",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "ninja",  # for its static files: Swagger UI
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "frontdesk.console.middleware.OperatorZoneMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]


def _database() -> dict[str, Any]:
    if ENV.database_url:
        # The pool keeps the connections, so Django must return each at the end of its request.
        parsed: dict[str, Any] = {**dj_database_url.parse(ENV.database_url, conn_max_age=0)}
        # A streaming answer uses a thread but no connection, so there may be more threads.
        pool = {"min_size": 1, "max_size": min(ENV.threads, 16) + 4, "timeout": 20}
        return {**parsed, "OPTIONS": {**parsed.get("OPTIONS", {}), "pool": pool}}
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ENV.home / "frontdesk.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A transaction that begins by reading could fail when it becomes a writer.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            # NORMAL: acknowledged data survives the end of the process. A power failure may lose
            # the last moments, but leaves the file intact. PostgreSQL waits for the disk.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-12288;"
                "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=1073741824;"
                # 64 MB of pages: a page that several batches write is then copied back once.
                "PRAGMA wal_autocheckpoint=16384;"
            ),
        },
    }


DATABASES = {"default": _database()}
CACHES = {
    # Shared by all processes, as allauth's rate limits require.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "frontdesk_cache",
        # Django's 300 would drop counted attempts under a flood of sign-ins.
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default", "imports"],  # no other task waits for imports, which may take hours
    }
}

# Sign-in
AUTH_USER_MODEL = "accounts.Operator"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/agents"
ACCOUNT_ADAPTER = "frontdesk.console.account.adapter.ClosedSignUp"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]  # else Django's own texts would follow the browser's language
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files, hashed by name in production
STATIC_URL = "/static/"
STATIC_ROOT = ENV.home / "static"
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Security
_SECURE = ENV.public_url.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "frontdesk.console.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [ENV.public_url] if ENV.public_url else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _SECURE else None
# A proxy in front provides HTTPS, so sign-in limits count the client address that it reports.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # Tabler's style sheet has small images as data:
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# The largest body is a bulk request of the API. The page that uploads a file to import has a
# handler of its own.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "frontdesk.core.http.uploads.SmallBodies",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # A wrong Host header is the sender's mistake: it is answered, without a traceback.
    # Messages to agents, and URLs with keys, appear in no log.
    "loggers": {
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "openai": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "httpcore2": {"level": "WARNING"},
    },
    "root": {"handlers": ["stderr"], "level": ENV.log_level},
}
