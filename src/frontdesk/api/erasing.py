"""Erasing, anonymizing and linking users."""

import uuid

from ninja import Status

from frontdesk.agents.models import ApiKey
from frontdesk.api import managing_schemas
from frontdesk.api.finding import find_user
from frontdesk.api.managing_schemas import (
    AnonymiseBody,
    EraseBody,
    ErasureItem,
    LinkBody,
    PersonItem,
)
from frontdesk.api.operations import AGENT, USER, Call, Operations
from frontdesk.core.http.errors import ApiError, invalid_field
from frontdesk.ledger.models import EndUser, Erasure
from frontdesk.people import actions

operations = Operations("Managing", ApiKey.Scope.MANAGE)

_ERASURE = {200: ErasureItem, 202: ErasureItem}
_WHEN_DONE = {
    200: {"description": "Done, with the signed receipt."},
    202: {
        "description": "Started; continues in the background. Read the erasure for its progress."
    },
}


@operations.post(
    USER + "/erase",
    "Erase a user",
    example={"confirm": True, "mayReturn": False},
    response=_ERASURE,
    responses=_WHEN_DONE,
)
def erase_user(call: Call, user: EndUser, body: EraseBody) -> Status[ErasureItem]:
    """Removes the user and all their data from every table.

    The agent's daily totals stay, without the identity. Late reports for the identity are rejected;
    with `mayReturn`, messages written afterwards are recorded. A large history is removed in the
    background.
    """
    _require(body.confirm)
    return _answer(actions.erase(call.actor, call.agent, user.id, may_return=body.may_return))


@operations.post(
    USER + "/anonymise",
    "Anonymize a user",
    example={"confirm": True, "keepTexts": False},
    response=_ERASURE,
    responses=_WHEN_DONE,
)
def anonymise_user(call: Call, user: EndUser, body: AnonymiseBody) -> Status[ErasureItem]:
    """Keeps history and statistics without the identity: all rows move to a random id.

    Name, username, e-mail, attributes, notes, links and blocks are removed.
    """
    _require(body.confirm)
    erasure = actions.anonymize(
        call.actor,
        call.agent,
        user.id,
        keep_texts=body.keep_texts,
        may_return=body.may_return,
    )
    return _answer(erasure)


@operations.get(AGENT + "/erasures/{erasure}", "Read an erasure's progress and receipt")
def get_erasure(call: Call, erasure: str) -> ErasureItem:
    """The progress and, once it is done, the signed receipt."""
    try:
        found = Erasure.objects.filter(agent=call.agent, id=uuid.UUID(erasure)).first()
    except ValueError:
        found = None
    if found is None:
        raise ApiError(404, "not_found", "This agent has no such erasure.", "erasure")
    return managing_schemas.erasure(found)


@operations.post(
    USER + "/link", "Link two users as one person", example={"other": "web:visitor-17"}
)
def link_users(call: Call, user: EndUser, body: LinkBody) -> PersonItem:
    """Both keep their data; limits and blocks apply to the person.

    Users who are already linked with either of them join the same person.
    """
    other = find_user(call.agent, body.other, "other")
    actions.link(call.actor, call.agent, user.id, other.id)
    return _person(user)


@operations.delete(USER + "/link", "Unlink a user from a person")
def unlink_user(call: Call, user: EndUser) -> PersonItem:
    """No data is lost. If the user is not linked, nothing changes."""
    if user.person_id:
        actions.unlink(call.actor, call.agent, user.id)
    return _person(user)


def _require(confirm: bool) -> None:
    if not confirm:
        raise invalid_field("confirm", "this must be true, because it cannot be undone.")


def _answer(erasure: Erasure) -> Status[ErasureItem]:
    status = 200 if erasure.state == Erasure.State.DONE else 202
    return Status(status, managing_schemas.erasure(erasure))


def _person(user: EndUser) -> PersonItem:
    user.refresh_from_db(fields=["person_id"])
    return managing_schemas.person(user)
