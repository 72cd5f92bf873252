"""`GET …/users`, one of them, and what was said."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query

from frontdesk.agents.models import ApiKey
from frontdesk.api import openapi, schemas
from frontdesk.api.auth import ApiKeyAuth, key_of
from frontdesk.api.finding import find_user, list_query, refuse_unknown
from frontdesk.core.http.errors import invalid_parameter
from frontdesk.people.profiles import history
from frontdesk.people.profiles.history import Cursor
from frontdesk.people.table.query import users_page

router = Router(tags=["Reading"], auth=ApiKeyAuth(ApiKey.Scope.READ), by_alias=True)

MAX_MESSAGES = 250


@router.get(
    "/agents/{agent_id}/users",
    response=schemas.UserList,
    operation_id="listUsers",
    summary="List users",
    openapi_extra=openapi.listing(),
)
def list_users(request: HttpRequest, agent_id: str) -> schemas.UserList:
    """The people of the agent: searched, filtered and sorted as on the Users page.

    Pages are cut from the list as it is at that moment: while people write, somebody may move from
    one page to another. To take all of them along, sort by `first_seen`: new people come last.
    """
    refuse_unknown(request.GET, openapi.LIST_PARAMETERS)
    query = list_query(request.GET)
    page = users_page(key_of(request).agent, query)
    # The console shows the last page instead; a program that walks to the end would never find it.
    rows = page.rows if page.number == query.page else []
    return schemas.UserList(
        users=schemas.users(rows),
        page=query.page,
        page_size=query.size,
        total=page.total,
        total_is_exact=page.total_is_exact,
    )


# An external id may contain slashes; so the longer address is tried first.
@router.get(
    "/agents/{agent_id}/users/{path:user}/messages",
    response=schemas.MessagePage,
    operation_id="listMessages",
    summary="Read a user's messages",
    openapi_extra=openapi.messages(),
)
def list_messages(
    request: HttpRequest,
    agent_id: str,
    user: str,
    cursor: Annotated[str, Query(description="`next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_MESSAGES, description="Messages on a page.")] = 50,
) -> schemas.MessagePage:
    """What one user said and was answered, newest first, page by page.

    Follow `next` until it is null: each message is seen once, also when new ones arrive meanwhile.
    """
    refuse_unknown(request.GET, ("cursor", "limit"))
    ids = [find_user(key_of(request).agent, user).id]
    before = _cursor(cursor) if cursor else None
    page = history.before(ids, before, limit) if before else history.newest(ids, limit)
    return schemas.MessagePage(
        messages=[schemas.message(message) for message in reversed(page.messages)],
        next=str(page.earlier) if page.earlier else None,
    )


@router.get(
    "/agents/{agent_id}/users/{path:user}",
    response=schemas.UserDetail,
    operation_id="getUser",
    summary="Read one user",
    openapi_extra=openapi.one_user(),
)
def get_user(request: HttpRequest, agent_id: str, user: str) -> schemas.UserDetail:
    """One user with the totals, and the attributes that reporters and operators told."""
    refuse_unknown(request.GET, ())
    return schemas.user_detail(find_user(key_of(request).agent, user))


def _cursor(text: str) -> Cursor:
    try:
        cursor = Cursor.parse(text)
        if str(cursor) == text:
            return cursor
    except (ValueError, OverflowError):
        pass
    raise invalid_parameter("cursor", "this is no cursor; take the one that `next` gave")
