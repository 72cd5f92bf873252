"""Exports: the list of users as a file, one person's data as a zip; and the plans and tags."""

from django.http import StreamingHttpResponse
from django.utils import timezone

from frontdesk.agents.models import ApiKey
from frontdesk.api import managing_schemas, openapi
from frontdesk.api.finding import UTC, list_query
from frontdesk.api.managing_schemas import PlanList, TagItem, TagList
from frontdesk.api.operations import AGENT, USER, Call, Operations
from frontdesk.core.http.errors import invalid_parameter
from frontdesk.ledger.models import EndUser
from frontdesk.people import actions, facet_usage
from frontdesk.people.exports import archive, export
from frontdesk.people.table.columns import COLUMNS

operations = Operations("Managing", ApiKey.Scope.MANAGE)


@operations.get(
    AGENT + "/users/export",
    "Export users",
    parameters=openapi.EXPORT_PARAMETERS,
    responses={200: openapi.file_answer("The file.", *export.FORMATS.values())},
)
def export_users(call: Call) -> StreamingHttpResponse:
    """All users who match the filters, in the order of `sort`, as a streamed file.

    Times are UTC. In CSV and XLSX, text that a spreadsheet would read as a formula is prefixed
    with an apostrophe.
    """
    parameters = call.request.GET
    query = list_query(parameters)
    format_, columns = parameters.get("format", "csv"), parameters.getlist("column")
    if format_ not in export.FORMATS:
        raise invalid_parameter("format", f"use one of {', '.join(export.FORMATS)}")
    if unknown := [key for key in columns if key not in COLUMNS]:
        raise invalid_parameter("column", f"“{unknown[0][:60]}” does not exist")
    name = export.file_name(call.agent, format_, timezone.now().date())
    return StreamingHttpResponse(
        actions.export_users(call.actor, call.agent, query, format_, columns or list(COLUMNS), UTC),
        content_type=export.FORMATS[format_],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@operations.get(
    USER + "/data.zip",
    "Export one person's data",
    responses={
        200: openapi.file_answer("index.html, and JSON files for programs.", "application/zip")
    },
)
def export_user_data(call: Call, user: EndUser) -> StreamingHttpResponse:
    """Profile, sessions and messages as JSON and as a readable page, for data requests.

    It includes all identities of a person, but not operators' notes.
    """
    return StreamingHttpResponse(
        actions.export_data(call.actor, call.agent, user),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{archive.file_name(user)}"'},
    )


@operations.get(AGENT + "/plans", "List the agent's plans")
def list_plans(call: Call) -> PlanList:
    """The plans in the order of their creation, and how many users have each."""
    counted = facet_usage.count_plans(call.agent.id, call.agent.plans.all())
    return PlanList(plans=[managing_schemas.plan(each.item, each.users) for each in counted])


@operations.get(AGENT + "/tags", "List the agent's tags")
def list_tags(call: Call) -> TagList:
    """The operators' tags by name, and how many users have each."""
    counted = facet_usage.count_tags(call.agent.id, call.agent.tags.all())
    return TagList(
        tags=[
            TagItem(name=each.item.name, colour=each.item.color, users=each.users)
            for each in counted
        ]
    )
