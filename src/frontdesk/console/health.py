"""The health check for load balancers and containers."""

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


class NotReadyError(Exception):
    """The reason why the server cannot serve."""


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 "ok", or 503 with the reason in one line."""
    try:
        _probe_database()
        _require_migrations()
    except NotReadyError as error:
        return HttpResponse(f"{error}\n", status=503, content_type="text/plain")
    except DatabaseError:
        # The error's text can contain host and account names, and this page is public.
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


def _probe_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@cache  # only success is cached: migrations stay applied while this process runs
def _require_migrations() -> None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        raise NotReadyError(f"{len(plan)} migrations are missing: run `frontdesk migrate`")
