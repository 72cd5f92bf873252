"""All settings of an installation, from the environment; documented in docs/settings.md."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pydantic import ByteSize, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class SettingsError(ValueError):
    """Invalid settings; the text names each variable and what is wrong with it."""


def default_home() -> Path:
    """The home of an installation, unless FRONTDESK_HOME names another."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "frontdesk"


class Environment(BaseSettings):
    """The environment variables that Frontdesk reads: FRONTDESK_<NAME>, and DATABASE_URL."""

    model_config = SettingsConfigDict(env_prefix="FRONTDESK_", frozen=True, env_ignore_empty=True)

    home: Path = Field(
        default_factory=default_home,
        description="Folder of the installation: SQLite database, secret key, uploaded files and"
        " rejected lines of imports.",
    )
    secret_key: str = Field(
        default="",
        description="Signs sessions and links. By default generated and kept in the home.",
    )
    database_url: str = Field(
        default="",
        validation_alias="DATABASE_URL",
        description="postgres://user:password@host/name; by default SQLite in the home.",
    )
    hosts: str = Field(
        default="",
        description="Comma-separated host names of the server, in addition to localhost and the"
        " host of the public URL; * for any.",
    )
    public_url: str = Field(
        default="",
        description="https://… as people see it: makes cookies secure, trusts X-Forwarded-Proto.",
    )
    threads: int = Field(
        default=256,
        ge=1,
        le=2048,
        description="Requests that a server process answers at once; a chat uses one while its"
        " answer streams.",
    )
    old_secret_keys: str = Field(
        default="",
        description="Comma-separated earlier secret keys: what they signed or encrypted stays"
        " valid.",
    )
    internal_hosts: str = Field(
        default="",
        description="Comma-separated host:port of agents' backends and Telegram API servers that"
        " are allowed although internal, such as localhost:11434; * for any.",
    )
    chat_rate: int = Field(
        default=300,
        ge=1,
        description="Messages per minute that the web chat accepts from one network address.",
    )
    max_import_size: ByteSize = Field(
        default=ByteSize(2_000_000_000),
        ge=1,
        description="The largest file that can be imported in the console, such as 500MB.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least severe level that is written to standard error."
    )
    debug: bool = Field(default=False, description="For developers: error pages show the code.")

    @property
    def old_keys(self) -> list[str]:
        return [key.strip() for key in self.old_secret_keys.split(",") if key.strip()]

    @property
    def public_host(self) -> str:
        """The host name of the public URL, or empty."""
        return urlsplit(self.public_url).hostname or ""

    @field_validator("home")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("log_level", mode="before")
    @classmethod
    def _is_upper(cls, value: str) -> str:
        return value.upper()

    @field_validator("public_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: str) -> str:
        if value and not value.startswith(("postgres://", "postgresql://")):
            raise ValueError("must begin with postgres://; leave it empty for SQLite")
        parts = urlsplit(value)
        # Reading the port checks that it is a number.
        if value and (parts.port == 0 or not parts.path.strip("/")):
            raise ValueError("must be like postgres://user:password@host:5432/name")
        return value

    @classmethod
    def variable(cls, field: str) -> str:
        """The environment variable of this field."""
        alias = cls.model_fields[field].validation_alias
        return str(alias) if alias else f"{cls.model_config['env_prefix']}{field.upper()}"


def read_environment() -> Environment:
    """Read the settings of this process. Raises SettingsError."""
    try:
        return Environment()
    except ValidationError as error:
        raise SettingsError("; ".join(map(_problem, error.errors()))) from None


def _problem(details: "ErrorDetails") -> str:
    name = str(details["loc"][0])
    variable = Environment.variable(name) if name in Environment.model_fields else name
    message = details["msg"].removeprefix("Value error, ")
    return f"{variable}: {message[0].lower()}{message[1:]}"


def load_secret_key(environment: Environment) -> str:
    """The configured secret key, or the one in the home, which the first call generates.

    Raises OSError when the home is not writable.
    """
    if environment.secret_key:
        return environment.secret_key
    path = environment.home / "secret.key"
    environment.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()
