"""Files to download: the list of users, and the data of one user."""

import uuid
from collections.abc import Iterator, Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from frontdesk.accounts.access import get_agent_for
from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.console.operators import current_operator
from frontdesk.console.sheets import show_sheet
from frontdesk.console.users.list_views import listing_of
from frontdesk.console.users.selection_forms import UserSelection, sheet_context
from frontdesk.ledger.models import EndUser
from frontdesk.people import actions
from frontdesk.people.exports import archive
from frontdesk.people.exports import export as exporting
from frontdesk.people.table import columns
from frontdesk.people.table.users_query import UsersQuery


@login_required
@require_http_methods(["GET", "POST"])
def export(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponseBase:
    """The users of the address or, by POST, the selected ones.

    If the address names no format, a form asks for the format and the columns.
    """
    agent = get_agent_for(request.user, agent_id)
    operator = current_operator(request)
    if request.method == "GET" and "format" not in request.GET:
        selection = UserSelection.all_of(listing_of(agent, operator, request.META["QUERY_STRING"]))
        return show_sheet(request, "users/export.html", sheet_context(agent, operator, selection))
    parameters = request.POST if request.method == "POST" else request.GET
    format_, shown = parameters.get("format", ""), parameters.getlist("column")
    if format_ not in exporting.FORMATS:
        return _refused(_("format is one of %(names)s") % {"names": ", ".join(exporting.FORMATS)})
    if unknown := [key for key in shown if key not in columns.COLUMNS]:
        return _refused(_("there is no column “%(key)s”") % {"key": unknown[0][:60]})
    if request.method == "POST":
        users = UserSelection.of(request, agent, operator).users
        return _file(operator, agent, users, format_, shown)
    query, problems = UsersQuery.parse(request.GET, operator.zone)
    if problems:  # a file cannot show what was ignored
        return _refused(f"{problems[0].parameter}: {problems[0].text}")
    return _file(operator, agent, query, format_, shown)


@login_required
@require_GET
def data(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> HttpResponseBase:
    """All data about one user."""
    agent = get_agent_for(request.user, agent_id)
    person = get_object_or_404(EndUser, agent=agent, id=user_id)
    content = actions.export_data(current_operator(request).actor, agent, person)
    return _download(content, "application/zip", archive.file_name(person))


def _file(
    operator: Operator,
    agent: Agent,
    users: UsersQuery | Sequence[uuid.UUID],
    format_: str,
    shown: Sequence[str],
) -> StreamingHttpResponse:
    keys = shown or [column.key for column in columns.chosen(operator)]
    name = exporting.file_name(agent, format_, timezone.now().astimezone(operator.zone).date())
    content = actions.export_users(operator.actor, agent, users, format_, keys, operator.zone)
    return _download(content, exporting.FORMATS[format_], name)


def _download(content: Iterator[bytes], kind: str, name: str) -> StreamingHttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(content, content_type=kind, headers=disposition)


def _refused(text: str) -> HttpResponse:
    return HttpResponse(text, status=422, content_type="text/plain; charset=utf-8")
