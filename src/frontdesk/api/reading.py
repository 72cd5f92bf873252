"""`GET …/users`, a single user, and their messages."""

from typing import Annotated

from ninja.params.functions import Query

from frontdesk.agents.models import ApiKey
from frontdesk.api import openapi, schemas
from frontdesk.api.finding import list_query
from frontdesk.api.operations import AGENT, USER, Call, Operations
from frontdesk.core.http.errors import invalid_parameter
from frontdesk.ledger.models import EndUser
from frontdesk.people.profiles import history
from frontdesk.people.profiles.history import Cursor
from frontdesk.people.table.query import persons_of, users_page

operations = Operations("Reading", ApiKey.Scope.READ)

MAX_MESSAGES = 250


@operations.get(
    AGENT + "/users",
    "List users",
    parameters=openapi.LIST_PARAMETERS,
    responses=openapi.error_answers(openapi.LIST_ERRORS),
)
def list_users(call: Call) -> schemas.UserList:
    """The agent's users: searched, filtered and sorted as on the Users page.

    Each page shows the list as it is at that moment: while people write, a user may move from one
    page to another. To read all users, sort by `first_seen`: new users come last.
    """
    query = list_query(call.request.GET)
    page = users_page(call.agent, query)
    # The console shows the last page instead, but a program would never notice the end.
    rows = page.rows if page.number == query.page else []
    return schemas.UserList(
        users=schemas.users(rows),
        page=query.page,
        page_size=query.size,
        total=page.total,
        persons=persons_of(page),
        total_is_exact=page.total_is_exact,
    )


# An external id may contain slashes, so the longer address is tried first.
@operations.get(USER + "/messages", "Read a user's messages")
def list_messages(
    call: Call,
    user: EndUser,
    cursor: Annotated[str, Query(description="The `next` of the previous page.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_MESSAGES, description="Messages on a page.")] = 50,
) -> schemas.MessagePage:
    """A user's messages and the answers, newest first, page by page.

    Follow `next` until it is null. Each message appears once, even if new ones arrive meanwhile.
    """
    before = _cursor(cursor) if cursor else None
    page = history.before([user.id], before, limit) if before else history.newest([user.id], limit)
    return schemas.MessagePage(
        messages=schemas.messages(page.messages[::-1]),
        next=str(page.earlier) if page.earlier else None,
    )


def _cursor(text: str) -> Cursor:
    try:
        cursor = Cursor.parse(text)
        if str(cursor) == text:
            return cursor
    except (ValueError, OverflowError):
        pass
    raise invalid_parameter("cursor", "this is not a cursor; use the `next` of a page")
