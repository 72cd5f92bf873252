"""The list of invited people: parses and stores what operators type, paste or upload."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from frontdesk.agents.models import Agent, Invitee
from frontdesk.core.platforms import is_slug

MAX_BYTES = 2_000_000
MAX_LINES = 100_000
CHUNK = 500
MAX_REPORTED = 200
"""The most invalid lines that are listed; more are only counted."""


class InvitationError(Exception):
    """A line that is not an invitation; the message says why."""


@dataclass(frozen=True)
class Invitation:
    kind: str
    value: str


@dataclass(frozen=True)
class BadLine:
    number: int
    text: str
    reason: str


@dataclass
class Reading:
    """The result of reading a list: each invitation once, in order."""

    invitations: dict[Invitation, None] = field(default_factory=dict)
    repeated: int = 0
    bad: list[BadLine] = field(default_factory=list)
    bad_lines: int = 0
    """The number of invalid lines; `bad` has the first of them."""


def parse(text: str) -> Invitation:
    """Read an invitation: `platform:external id`, `@username` or an e-mail address."""
    word = text.strip()
    if not word.isprintable():
        raise InvitationError(_("It contains control characters."))
    if word.startswith("@"):
        return _username(word[1:])
    platform, colon, external_id = word.partition(":")
    if colon:
        return _identity(platform.strip().lower(), external_id.strip())
    if "@" in word:
        return _email(word)
    if word.isdigit():
        raise InvitationError(_("Add the platform, such as telegram:%(id)s.") % {"id": word[:40]})
    message = _("Write it as telegram:12345, @username or name@example.com.")
    raise InvitationError(message)


def read(lines: Iterable[str]) -> Reading:
    """Read a list with one invitation per line or, in CSV, in the first column.

    Skips empty lines and lines that begin with #. Stops after MAX_LINES.
    """
    reading = Reading()
    for number, line in enumerate(islice(lines, MAX_LINES), start=1):
        word = _first_column(line)
        if not word or word.startswith("#"):
            continue
        try:
            invitation = parse(word)
        except InvitationError as error:
            reading.bad_lines += 1
            if len(reading.bad) < MAX_REPORTED:
                reading.bad.append(BadLine(number, word[:200], str(error)))
            continue
        reading.repeated += invitation in reading.invitations
        reading.invitations[invitation] = None
    return reading


def add(agent: Agent, invitations: Iterable[Invitation]) -> int:
    """Add these to the agent's list; returns how many are new.

    Each chunk has its own transaction, so that a long list does not block other writers.
    """
    added = 0
    for chunk in _chunks(invitations):
        known = _known(agent, chunk)
        new = [each for each in chunk if each not in known]
        Invitee.objects.bulk_create(
            [Invitee(agent=agent, kind=each.kind, value=each.value) for each in new],
            ignore_conflicts=True,  # another operator may be adding the same
        )
        added += len(new)
    return added


def _known(agent: Agent, chunk: list[Invitation]) -> set[Invitation]:
    """The invitations that are on the list; one query per kind, to use the index."""
    known = set()
    for kind in Invitee.Kind.values:
        if values := [each.value for each in chunk if each.kind == kind]:
            found = agent.invitees.filter(kind=kind, value__in=values)
            known |= {Invitation(kind, value) for value in found.values_list("value", flat=True)}
    return known


def _chunks(invitations: Iterable[Invitation]) -> Iterator[list[Invitation]]:
    rest = iter(invitations)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _first_column(line: str) -> str:
    line = line.strip().lstrip("\ufeff")
    if line[:1] != '"':
        # Also semicolons and tabs: spreadsheets write these in many countries.
        return re.split(r"[,;\t]", line, maxsplit=1)[0].strip()
    try:
        return next(csv.reader([line]), [""])[0].strip()
    except csv.Error:  # an unterminated field, which is reported as an invalid line
        return line


def _username(name: str) -> Invitation:
    if not name or len(name) > 255 or re.search(r"[\s@:,]", name):
        raise InvitationError(_("A username is one word after the @."))
    return Invitation(Invitee.Kind.USERNAME, name.casefold())


def _identity(platform: str, external_id: str) -> Invitation:
    if not is_slug(platform):
        raise InvitationError(
            _("Before the colon, write a platform in lowercase letters, such as telegram.")
        )
    if not 0 < len(external_id) <= 255:
        raise InvitationError(_("After the colon, write an id of 1 to 255 characters."))
    if external_id.startswith("@"):
        raise InvitationError(_("Write only the username: %(name)s") % {"name": external_id[:40]})
    return Invitation(Invitee.Kind.ID, f"{platform}:{external_id}")


def _email(address: str) -> Invitation:
    try:
        validate_email(address)
    except ValidationError:
        raise InvitationError(_("This is not an e-mail address.")) from None
    return Invitation(Invitee.Kind.EMAIL, address.lower())
