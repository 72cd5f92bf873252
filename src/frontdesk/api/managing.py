"""Actions on one user (block, plan, tags, attributes, limits), with the same rules as the pages."""

import datetime as dt

from django.utils import timezone

from frontdesk.agents.models import Agent, ApiKey
from frontdesk.api import schemas
from frontdesk.api.managing_schemas import (
    AttributesBody,
    BlockBody,
    BlockItem,
    BlockList,
    LimitsBody,
    PlanBody,
    TagsBody,
    UserLimitStatus,
)
from frontdesk.api.operations import USER, Call, Operations
from frontdesk.core.http.errors import invalid_field
from frontdesk.gate import blocks
from frontdesk.gate.limit_status import limit_status
from frontdesk.gate.user_limits import limits_of
from frontdesk.ledger.models import EndUser
from frontdesk.people import actions

operations = Operations("Managing", ApiKey.Scope.MANAGE)


@operations.post(USER + "/block", "Block a user", example={"reason": "Spam", "hours": 24})
def block_user(call: Call, user: EndUser, body: BlockBody) -> schemas.UserDetail:
    """From now on the gate refuses the person's messages.

    A new block replaces the one in force. A block on one identity of a person applies to all linked
    identities.
    """
    actions.block(
        call.actor,
        call.agent,
        [user.id],
        reason=body.reason,
        until=_until(body),
        note=body.note,
        text=body.text,
    )
    return _updated(user)


@operations.delete(USER + "/block", "Unblock a user")
def unblock_user(call: Call, user: EndUser) -> schemas.UserDetail:
    """Ends the block, even one on a linked identity. Without a block, nothing changes."""
    actions.unblock(call.actor, call.agent, [user.id])
    return schemas.user_detail(user)


@operations.get(USER + "/blocks", "Read a user's blocks")
def list_blocks(call: Call, user: EndUser) -> BlockList:
    """All blocks, newest first, with who set and ended them, and when."""
    return BlockList(blocks=[BlockItem.model_validate(each) for each in blocks.history(user.id)])


@operations.put(
    USER + "/plan",
    "Assign a plan to a user",
    example={"plan": "plus", "until": "2027-01-01T00:00:00Z"},
)
def assign_plan(call: Call, user: EndUser, body: PlanBody) -> schemas.UserDetail:
    """It overrides the reported plan until it ends."""
    actions.assign_plan(call.actor, call.agent, [user.id], body.plan, body.until)
    return _updated(user)


@operations.delete(USER + "/plan", "Remove the assigned plan")
def remove_plan(call: Call, user: EndUser) -> schemas.UserDetail:
    """The reported plan applies again."""
    actions.assign_plan(call.actor, call.agent, [user.id], "")
    return _updated(user)


@operations.post(
    USER + "/tags", "Change a user's tags", example={"add": ["vip"], "remove": ["trial"]}
)
def change_tags(call: Call, user: EndUser, body: TagsBody) -> schemas.UserDetail:
    """Adds and removes tags. Reported tags stay."""
    actions.change_tags(call.actor, call.agent, [user.id], body.add, body.remove)
    return _updated(user)


@operations.put(
    USER + "/attributes",
    "Set a user's attributes",
    example={"attributes": {"crm": "C-1234", "since": 2021}},
)
def assign_attributes(call: Call, user: EndUser, body: AttributesBody) -> schemas.UserDetail:
    """Replaces the assigned attributes. Reported ones are kept beside them."""
    actions.assign_attributes(call.actor, call.agent, user.id, body.attributes)
    return _updated(user)


@operations.get(USER + "/limits", "Read a user's limits and what is left of them")
def get_limits(call: Call, user: EndUser) -> UserLimitStatus:
    """Every limit that applies, with the scope that sets it: user, plan or agent."""
    return _limit_status(call.agent, user)


@operations.put(
    USER + "/limits",
    "Set a user's own limits",
    example={"limits": {"messages_per_day": 20, "cost_per_month": 2_000_000}},
)
def set_limits(call: Call, user: EndUser, body: LimitsBody) -> UserLimitStatus:
    """Replaces all limits of this user. They override the plan's and the agent's."""
    actions.set_limits(call.actor, call.agent, user.id, body.limits)
    return _limit_status(call.agent, user)


def _limit_status(agent: Agent, user: EndUser) -> UserLimitStatus:
    limits = limit_status(agent, user).limits
    return UserLimitStatus.model_validate({"own": limits_of(user.id), "limits": limits})


def _updated(user: EndUser) -> schemas.UserDetail:
    """The user after the action."""
    user.refresh_from_db()
    return schemas.user_detail(user)


def _until(body: BlockBody) -> dt.datetime | None:
    if body.hours is None:
        return body.until
    if body.until is not None:
        raise invalid_field("hours", "use either until or hours, not both.")
    return timezone.now() + dt.timedelta(hours=body.hours)
