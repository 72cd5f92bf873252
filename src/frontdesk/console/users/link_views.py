"""Linking users who are the same person, and one-time links for people to do it themselves."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from frontdesk.agents.models import Agent
from frontdesk.channels.registry import open_channels
from frontdesk.channels.web.origins import own_origin
from frontdesk.console.forms import posted
from frontdesk.console.operators import current_actor
from frontdesk.console.sheets import close_sheet, go_to, serve_sheet, show_sheet
from frontdesk.console.users.subject import get_user_for, not_found_if_erased, profile_url
from frontdesk.core.sql.budget import TooSlowError
from frontdesk.ledger import linking
from frontdesk.ledger.models import EndUser
from frontdesk.people import actions
from frontdesk.people.profiles.figures import Totals
from frontdesk.people.table.query import users_page
from frontdesk.people.table.users_query import MAX_QUERY, UsersQuery

OFFERED = 8
"""The number of users that a search for the other identity shows."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """Find the other user (`q`), preview both together (`other`), then link them."""
    agent, user = get_user_for(request.user, agent_id, user_id)
    parameters = posted(request) or request.GET
    other, problem = _chosen(agent, parameters.get("other", ""))
    if request.method == "POST" and other:
        try:
            actions.link(current_actor(request), agent, user.id, other.id)
            return close_sheet(
                request, profile_url(user), _("Linked with %(user)s.") % {"user": other.label}
            )
        except actions.ActionError as error:
            problem = error.message
    context = {"agent": agent, "tab": "users", "main": user, "problem": problem}
    context |= _preview(user, other) if other else _offered(agent, user, request.GET.get("q", ""))
    status = 422 if problem or request.method == "POST" else 200
    return show_sheet(request, "users/actions/link.html", context, status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def unlink(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """Ask, then remove the user from the Person."""
    agent, user = get_user_for(request.user, agent_id, user_id)

    def act() -> HttpResponse:
        actions.unlink(current_actor(request), agent, user.id)
        text = _("%(user)s is no longer linked.") % {"user": user.label}
        # The page beneath may be about a person who no longer exists.
        return go_to(request, profile_url(user), text)

    context = {"agent": agent, "tab": "users", "main": user}
    context["others"] = linking.identities(user)[1:]
    return serve_sheet(request, "users/actions/unlink.html", context, act)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def link_token(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponse:
    """Explain, then create a token and show it once."""
    agent, user = get_user_for(request.user, agent_id, user_id)
    channels = open_channels(agent)
    context: dict[str, Any] = {"agent": agent, "tab": "users", "main": user, "channels": channels}
    if request.method == "POST" and channels:
        with not_found_if_erased():
            token = actions.issue_link_token(current_actor(request), agent, user)
        origin = own_origin(request)
        context["links"] = [
            (channel, connection.link_url(origin, token)) for channel, connection in channels
        ]
    return show_sheet(request, "users/actions/link_token.html", context)


def _chosen(agent: Agent, id_: str) -> tuple[EndUser | None, str]:
    """The user of this agent with this id, and an error text if there is none."""
    if not id_:
        return None, ""
    try:
        other = EndUser.objects.filter(agent=agent, id=uuid.UUID(id_)).first()
    except ValueError:
        other = None
    return other, "" if other else _("This agent has no such user.")


def _preview(user: EndUser, other: EndUser) -> dict[str, Any]:
    """All identities that would be linked, and the sum of their totals."""
    together = {each.id: each for each in linking.identities(user) + linking.identities(other)}
    users = list(together.values())
    return {"other": other, "together": users, "totals": Totals.of(users)}


def _offered(agent: Agent, user: EndUser, q: str) -> dict[str, Any]:
    query = UsersQuery(q=" ".join(q.replace("\0", " ").split())[:MAX_QUERY], size=OFFERED + 1)
    try:
        found = users_page(agent, query).rows if query.q else []
    except TooSlowError:
        return {"q": q, "offered": [], "trouble": _("This took too long. Type more of the name.")}
    linked = {each.id for each in linking.identities(user)}
    return {"q": q, "offered": [each for each in found if each.id not in linked][:OFFERED]}
