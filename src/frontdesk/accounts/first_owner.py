"""The one-time link by which a new installation gets its first owner."""

from django.core import signing
from django.db import connection, transaction

from frontdesk.accounts.models import Operator

VALID_SECONDS = 24 * 3600
_SALT = "frontdesk.accounts.first_owner"


class OwnerExistsError(Exception):
    """The installation has an operator, so the link is of no use any more."""


def make_token() -> str | None:
    """What lets its holder make the first owner, once, within 24 hours; None when there is one."""
    if Operator.objects.exists():
        return None
    return signing.dumps("first owner", salt=_SALT)


def is_valid(token: str) -> bool:
    """Whether we signed this token within 24 hours and nobody has become the owner since."""
    try:
        signing.loads(token, salt=_SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        return False
    return not Operator.objects.exists()


def create(username: str, email: str, password: str) -> Operator:
    """Make the first owner; raises OwnerExistsError when another request was faster."""
    with transaction.atomic():
        _wait_for_others()
        if Operator.objects.exists():
            raise OwnerExistsError
        return Operator.objects.create_superuser(username, email, password)


def _wait_for_others() -> None:
    """Let one transaction at a time look for an owner; on SQLite all begin IMMEDIATE anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(Operator._meta.db_table)
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
