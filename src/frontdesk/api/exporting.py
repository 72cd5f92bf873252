"""Taking data along: the list of users as a file, one person's data as a zip; plans and tags."""

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Router

from frontdesk.agents.models import ApiKey
from frontdesk.api import managing_schemas, openapi_managing
from frontdesk.api.auth import ApiKeyAuth, key_of
from frontdesk.api.finding import UTC, find_user, list_query, refuse_unknown
from frontdesk.api.managing import USER, actor_of
from frontdesk.core.http.errors import invalid_parameter
from frontdesk.people import actions, facet_usage
from frontdesk.people.exports import archive, export
from frontdesk.people.table.columns import COLUMNS

router = Router(tags=["Managing"], auth=ApiKeyAuth(ApiKey.Scope.MANAGE), by_alias=True)


@router.get(
    "/agents/{agent_id}/users/export",
    operation_id="exportUsers",
    summary="Export users",
    openapi_extra=openapi_managing.exporting(),
)
def export_users(request: HttpRequest, agent_id: str) -> StreamingHttpResponse:
    """Everybody whom the filters mean, in the order of `sort`, as a file that is streamed.

    Times are UTC. In CSV and XLSX a text that a spreadsheet would take for a formula has an
    apostrophe in front.
    """
    refuse_unknown(request.GET, openapi_managing.EXPORT_PARAMETERS)
    query = list_query(request.GET)
    form, columns = request.GET.get("format", "csv"), request.GET.getlist("column")
    if form not in export.FORMATS:
        raise invalid_parameter("format", f"there are {', '.join(export.FORMATS)}")
    if unknown := [key for key in columns if key not in COLUMNS]:
        raise invalid_parameter("column", f"there is no “{unknown[0][:60]}”")
    agent = key_of(request).agent
    name = export.file_name(agent, form, timezone.now().date())
    return StreamingHttpResponse(
        actions.export_users(actor_of(request), agent, query, form, columns or list(COLUMNS), UTC),
        content_type=export.FORMATS[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get(
    USER + "/data.zip",
    operation_id="exportUserData",
    summary="Export one person's data",
    openapi_extra=openapi_managing.zipped(),
)
def export_user_data(request: HttpRequest, agent_id: str, user: str) -> StreamingHttpResponse:
    """Profile, sessions and messages as JSON and as a page to read, for data requests.

    Of a person with several identities all are in it. Operators' notes are not.
    """
    refuse_unknown(request.GET, ())
    agent = key_of(request).agent
    found = find_user(agent, user)
    return StreamingHttpResponse(
        actions.export_data(actor_of(request), agent, found),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{archive.file_name(found)}"'},
    )


@router.get(
    "/agents/{agent_id}/plans",
    response=managing_schemas.PlanList,
    operation_id="listPlans",
    summary="List the agent's plans",
    openapi_extra=openapi_managing.plain(),
)
def list_plans(request: HttpRequest, agent_id: str) -> managing_schemas.PlanList:
    """The plans, in the order in which they were made, and how many users have each."""
    refuse_unknown(request.GET, ())
    agent = key_of(request).agent
    counted = facet_usage.count_plans(agent.id, agent.plans.all())
    return managing_schemas.PlanList(
        plans=[managing_schemas.plan(each.item, each.users) for each in counted]
    )


@router.get(
    "/agents/{agent_id}/tags",
    response=managing_schemas.TagList,
    operation_id="listTags",
    summary="List the agent's tags",
    openapi_extra=openapi_managing.plain(),
)
def list_tags(request: HttpRequest, agent_id: str) -> managing_schemas.TagList:
    """The operators' tags by name, and how many users have each."""
    refuse_unknown(request.GET, ())
    agent = key_of(request).agent
    counted = facet_usage.count_tags(agent.id, agent.tags.all())
    return managing_schemas.TagList(
        tags=[managing_schemas.tag(each.item, each.users) for each in counted]
    )
