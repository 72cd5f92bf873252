"""Whether this server can serve: what a load balancer or a container's health check asks."""

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


class NotReadyError(Exception):
    """Why the server cannot serve."""


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 "ok", or 503 with the reason in one line."""
    try:
        _ask_database()
        _require_migrations()
    except NotReadyError as error:
        return HttpResponse(f"{error}\n", status=503, content_type="text/plain")
    except DatabaseError:
        # Its text can name hosts and accounts, and this page is for everyone.
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@cache  # keeps success only: while this code runs, the migrations that it needs stay applied
def _require_migrations() -> None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        raise NotReadyError(f"{len(plan)} migrations are missing: run `frontdesk migrate`")
