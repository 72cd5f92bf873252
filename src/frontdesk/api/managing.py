"""Acts on one user: block, plan, tags, limits, attributes; with the rules of the pages."""

import datetime as dt

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from frontdesk.agents.models import ApiKey
from frontdesk.api import managing_bodies as bodies
from frontdesk.api import managing_schemas, openapi_managing, schemas
from frontdesk.api.auth import ApiKeyAuth, key_of
from frontdesk.api.finding import find_user, refuse_unknown
from frontdesk.audit import Actor
from frontdesk.core.http.errors import invalid_field
from frontdesk.core.http.json_body import read_json
from frontdesk.gate import blocks
from frontdesk.people import actions

router = Router(tags=["Managing"], auth=ApiKeyAuth(ApiKey.Scope.MANAGE), by_alias=True)

USER = "/agents/{agent_id}/users/{path:user}"


def actor_of(request: HttpRequest) -> Actor:
    """The key, as the one who acts."""
    key = key_of(request)
    return Actor("key", str(key.id), f"API key {key.name}")


@router.post(
    USER + "/block",
    response=schemas.UserDetail,
    operation_id="blockUser",
    summary="Block a user",
    openapi_extra=openapi_managing.act(bodies.BlockBody, {"reason": "Spam", "hours": 24}),
)
def block_user(request: HttpRequest, agent_id: str, user: str) -> schemas.UserDetail:
    """From now on the gate refuses what the person writes.

    A new block takes the place of one that is in force. A block on one identity of a person holds
    for all that are linked with it.
    """
    refuse_unknown(request.GET, ())
    agent, body = key_of(request).agent, read_json(request, bodies.BlockBody)
    found = find_user(agent, user)
    actions.block(
        actor_of(request),
        agent,
        [found.id],
        reason=body.reason,
        until=_until(body),
        note=body.note,
        text=body.text,
    )
    return schemas.user_detail(find_user(agent, user))


@router.delete(
    USER + "/block",
    response=schemas.UserDetail,
    operation_id="unblockUser",
    summary="Unblock a user",
    openapi_extra=openapi_managing.plain(),
)
def unblock_user(request: HttpRequest, agent_id: str, user: str) -> schemas.UserDetail:
    """Ends the block, also one on a linked identity; of who is not blocked, nothing changes."""
    refuse_unknown(request.GET, ())
    agent = key_of(request).agent
    found = find_user(agent, user)
    actions.unblock(actor_of(request), agent, [found.id])
    return schemas.user_detail(found)


@router.get(
    USER + "/blocks",
    response=managing_schemas.BlockList,
    operation_id="listBlocks",
    summary="Read a user's blocks",
    openapi_extra=openapi_managing.plain(),
)
def list_blocks(request: HttpRequest, agent_id: str, user: str) -> managing_schemas.BlockList:
    """Every block there was, newest first, with who and when."""
    refuse_unknown(request.GET, ())
    found = find_user(key_of(request).agent, user)
    history = [managing_schemas.block(block) for block in blocks.history(found.id)]
    return managing_schemas.BlockList(blocks=history)


@router.put(
    USER + "/plan",
    response=schemas.UserDetail,
    operation_id="assignPlan",
    summary="Give a user a plan",
    openapi_extra=openapi_managing.act(
        bodies.PlanBody, {"plan": "plus", "until": "2027-01-01T00:00:00Z"}
    ),
)
def assign_plan(request: HttpRequest, agent_id: str, user: str) -> schemas.UserDetail:
    """It goes before the plan that reporters tell, until it ends."""
    refuse_unknown(request.GET, ())
    agent, body = key_of(request).agent, read_json(request, bodies.PlanBody)
    found = find_user(agent, user)
    actions.assign_plan(actor_of(request), agent, [found.id], body.plan, body.until)
    return schemas.user_detail(find_user(agent, user))


@router.delete(
    USER + "/plan",
    response=schemas.UserDetail,
    operation_id="removePlan",
    summary="Take the assigned plan away",
    openapi_extra=openapi_managing.plain(),
)
def remove_plan(request: HttpRequest, agent_id: str, user: str) -> schemas.UserDetail:
    """The plan that reporters tell counts again."""
    refuse_unknown(request.GET, ())
    agent = key_of(request).agent
    found = find_user(agent, user)
    actions.assign_plan(actor_of(request), agent, [found.id], "")
    return schemas.user_detail(find_user(agent, user))


@router.post(
    USER + "/tags",
    response=schemas.UserDetail,
    operation_id="changeTags",
    summary="Change a user's tags",
    openapi_extra=openapi_managing.act(bodies.TagsBody, {"add": ["vip"], "remove": ["trial"]}),
)
def change_tags(request: HttpRequest, agent_id: str, user: str) -> schemas.UserDetail:
    """Add some, remove others; tags that reporters told stay."""
    refuse_unknown(request.GET, ())
    agent, body = key_of(request).agent, read_json(request, bodies.TagsBody)
    found = find_user(agent, user)
    actions.change_tags(actor_of(request), agent, [found.id], body.add, body.remove)
    return schemas.user_detail(find_user(agent, user))


@router.put(
    USER + "/attributes",
    response=schemas.UserDetail,
    operation_id="assignAttributes",
    summary="Set a user's attributes",
    openapi_extra=openapi_managing.act(
        bodies.AttributesBody, {"attributes": {"crm": "C-1234", "since": 2021}}
    ),
)
def assign_attributes(request: HttpRequest, agent_id: str, user: str) -> schemas.UserDetail:
    """Replaces those that operators gave; what reporters told is kept beside them."""
    refuse_unknown(request.GET, ())
    agent, body = key_of(request).agent, read_json(request, bodies.AttributesBody)
    found = find_user(agent, user)
    actions.assign_attributes(actor_of(request), agent, found.id, body.attributes)
    return schemas.user_detail(find_user(agent, user))


def _until(body: bodies.BlockBody) -> dt.datetime | None:
    if body.hours is None:
        return body.until
    if body.until is not None:
        raise invalid_field("hours", "give either until or hours.")
    return timezone.now() + dt.timedelta(hours=body.hours)
