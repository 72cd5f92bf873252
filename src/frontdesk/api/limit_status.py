"""The limits that apply to a user: set here for one user alone, and shown with what is left."""

from django.http import HttpRequest
from ninja import Router

from frontdesk.agents.models import Agent, ApiKey
from frontdesk.api import managing_bodies as bodies
from frontdesk.api import managing_schemas, openapi_managing
from frontdesk.api.auth import ApiKeyAuth, key_of
from frontdesk.api.finding import find_user, refuse_unknown
from frontdesk.api.managing import USER, actor_of
from frontdesk.core.http.json_body import read_json
from frontdesk.gate.limit_status import limit_status
from frontdesk.gate.user_limits import limits_of
from frontdesk.people import actions

router = Router(tags=["Managing"], auth=ApiKeyAuth(ApiKey.Scope.MANAGE), by_alias=True)


@router.get(
    USER + "/limits",
    response=managing_schemas.UserLimitStatus,
    operation_id="getLimits",
    summary="Read a user's limits, and what is left",
    openapi_extra=openapi_managing.plain(),
)
def get_limits(request: HttpRequest, agent_id: str, user: str) -> managing_schemas.UserLimitStatus:
    """Each limit that applies, with the scope that sets it: the user, the plan or the agent."""
    refuse_unknown(request.GET, ())
    return _limit_status(key_of(request).agent, user)


@router.put(
    USER + "/limits",
    response=managing_schemas.UserLimitStatus,
    operation_id="setLimits",
    summary="Set a user's own limits",
    openapi_extra=openapi_managing.act(
        bodies.LimitsBody, {"limits": {"messages_per_day": 20, "cost_per_month": 2_000_000}}
    ),
)
def set_limits(request: HttpRequest, agent_id: str, user: str) -> managing_schemas.UserLimitStatus:
    """Replaces all limits of this user alone; they go before the plan's and the agent's."""
    refuse_unknown(request.GET, ())
    agent, body = key_of(request).agent, read_json(request, bodies.LimitsBody)
    found = find_user(agent, user)
    actions.set_limits(actor_of(request), agent, found.id, body.limits)
    return _limit_status(agent, user)


def _limit_status(agent: Agent, reference: str) -> managing_schemas.UserLimitStatus:
    found = find_user(agent, reference)
    return managing_schemas.user_limit_status(limits_of(found.id), limit_status(agent, found))
