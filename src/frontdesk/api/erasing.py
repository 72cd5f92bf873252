"""Erasing and anonymising users, and saying that two of them are the same human."""

import uuid

from django.http import HttpRequest
from ninja import Router, Status

from frontdesk.agents.models import Agent, ApiKey
from frontdesk.api import managing_bodies as bodies
from frontdesk.api import managing_schemas, openapi_managing
from frontdesk.api.auth import ApiKeyAuth, key_of
from frontdesk.api.finding import find_user, refuse_unknown
from frontdesk.api.managing import USER, actor_of
from frontdesk.api.managing_schemas import ErasureItem, PersonItem
from frontdesk.core.http.errors import ApiError, invalid_field
from frontdesk.core.http.json_body import read_json
from frontdesk.ledger import linking
from frontdesk.ledger.models import Erasure
from frontdesk.people import actions

router = Router(tags=["Managing"], auth=ApiKeyAuth(ApiKey.Scope.MANAGE), by_alias=True)


@router.post(
    USER + "/erase",
    response={200: ErasureItem, 202: ErasureItem},
    operation_id="eraseUser",
    summary="Erase a user",
    openapi_extra=openapi_managing.erasing(bodies.EraseBody, {"confirm": True, "mayReturn": False}),
)
def erase_user(request: HttpRequest, agent_id: str, user: str) -> Status[ErasureItem]:
    """Removes the user, and everything that hangs on it, from every table.

    The agent's daily sums stay, without who. Late reports of the identity are rejected, unless
    `mayReturn` lets what is written afterwards in. A large history goes in the background.
    """
    refuse_unknown(request.GET, ())
    agent, body = key_of(request).agent, read_json(request, bodies.EraseBody)
    found = find_user(agent, user)
    _require(body.confirm)
    erasure = actions.erase(actor_of(request), agent, found.id, may_return=body.may_return)
    return _answer(erasure)


@router.post(
    USER + "/anonymise",
    response={200: ErasureItem, 202: ErasureItem},
    operation_id="anonymiseUser",
    summary="Anonymise a user",
    openapi_extra=openapi_managing.erasing(
        bodies.AnonymiseBody, {"confirm": True, "keepTexts": False}
    ),
)
def anonymise_user(request: HttpRequest, agent_id: str, user: str) -> Status[ErasureItem]:
    """Keeps history and statistics, and forgets whose they are: all rows move to a random id.

    Name, username, e-mail, attributes, notes, links and blocks are removed.
    """
    refuse_unknown(request.GET, ())
    agent, body = key_of(request).agent, read_json(request, bodies.AnonymiseBody)
    found = find_user(agent, user)
    _require(body.confirm)
    erasure = actions.anonymize(
        actor_of(request),
        agent,
        found.id,
        keep_texts=body.keep_texts,
        may_return=body.may_return,
    )
    return _answer(erasure)


@router.get(
    "/agents/{agent_id}/erasures/{erasure}",
    response=ErasureItem,
    operation_id="getErasure",
    summary="Read an erasure's progress, and its receipt",
    openapi_extra=openapi_managing.plain(),
)
def get_erasure(request: HttpRequest, agent_id: str, erasure: str) -> ErasureItem:
    """How far it is; once it is done, the signed receipt."""
    refuse_unknown(request.GET, ())
    return managing_schemas.erasure(_find_erasure(key_of(request).agent, erasure))


@router.post(
    USER + "/link",
    response=PersonItem,
    operation_id="linkUsers",
    summary="Link two users as one person",
    openapi_extra=openapi_managing.act(bodies.LinkBody, {"other": "web:visitor-17"}),
)
def link_users(request: HttpRequest, agent_id: str, user: str) -> PersonItem:
    """Both keep their rows; limits and blocks hold for the person. Users that are linked with
    others already bring those along."""
    refuse_unknown(request.GET, ())
    agent, body = key_of(request).agent, read_json(request, bodies.LinkBody)
    found, other = find_user(agent, user), find_user(agent, body.other, "other")
    actions.link(actor_of(request), agent, found.id, other.id)
    return _person(agent, user)


@router.delete(
    USER + "/link",
    response=PersonItem,
    operation_id="unlinkUser",
    summary="Take a user out of a person",
    openapi_extra=openapi_managing.plain(),
)
def unlink_user(request: HttpRequest, agent_id: str, user: str) -> PersonItem:
    """Nothing is lost; of who is not linked, nothing changes."""
    refuse_unknown(request.GET, ())
    agent = key_of(request).agent
    found = find_user(agent, user)
    if found.person_id:
        actions.unlink(actor_of(request), agent, found.id)
    return _person(agent, user)


def _require(confirm: bool) -> None:
    if not confirm:
        raise invalid_field("confirm", "this must be true: it cannot be taken back.")


def _answer(erasure: Erasure) -> Status[ErasureItem]:
    status = 200 if erasure.state == Erasure.State.DONE else 202
    return Status(status, managing_schemas.erasure(erasure))


def _person(agent: Agent, reference: str) -> PersonItem:
    found = find_user(agent, reference)
    return managing_schemas.person(found, linking.identities(found))


def _find_erasure(agent: Agent, reference: str) -> Erasure:
    try:
        found = Erasure.objects.filter(agent=agent, id=uuid.UUID(reference)).first()
    except ValueError:
        found = None
    if found is None:
        raise ApiError(404, "not_found", "This agent has no such erasure.", "erasure")
    return found
