"""Finds the user or the list that a request refers to, within the key's own agent."""

import difflib
import uuid
import zoneinfo
from collections.abc import Collection

from django.http import QueryDict

from frontdesk.agents.models import Agent
from frontdesk.core.http.errors import ApiError, invalid_parameter
from frontdesk.ledger.events import user_id
from frontdesk.ledger.models import EndUser
from frontdesk.people.table.users_query import MAX_QUERY, UsersQuery

UTC = zoneinfo.ZoneInfo("UTC")
"""The zone of the API's days and times."""


def find_user(agent: Agent, reference: str, where: str = "user") -> EndUser:
    """The user with this id or `platform:externalId`. Raises ApiError 404."""
    platform, colon, external_id = reference.partition(":")
    try:
        id_ = user_id(agent.id, platform, external_id) if colon else uuid.UUID(reference)
    except ValueError:
        message = "Use the user's id (a UUID) or platform:externalId."
        raise ApiError(404, "not_found", message, where) from None
    found = EndUser.objects.filter(agent=agent, id=id_).first()
    if found is None:
        raise ApiError(404, "not_found", "This agent has no such user.", where)
    return found


def list_query(parameters: QueryDict) -> UsersQuery:
    """The query of a list or a file. Raises ApiError 422.

    `refuse_unknown` handles unknown parameters.
    """
    query, problems = UsersQuery.parse(parameters, UTC)
    if problems:
        raise invalid_parameter(problems[0].parameter, problems[0].text)
    if len(parameters.get("q", "")) > MAX_QUERY:
        raise invalid_parameter("q", f"longer than {MAX_QUERY} characters")
    return query


def refuse_unknown(parameters: QueryDict, known: Collection[str]) -> None:
    """Refuse parameters that do not exist: a misspelled filter must not list everyone."""
    for name in parameters:
        if name not in known:
            similar = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {similar[0]}?" if similar else ""
            raise invalid_parameter(name[:60], f"there is no such parameter{hint}")
