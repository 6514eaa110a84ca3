"""Is the process alive, and can it serve: for load balancers and people on call."""

from typing import Final

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.models import PeriodicRun

WORKER_LATE_AFTER_SECONDS: Final = 120
_migrated = False


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing else, so a slow database restarts nobody."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 while the database is away or behind; a late worker is told but pages still work."""
    try:
        state = {"database": "ok", "migrations": _migrations(), "worker": _worker()}
    except DatabaseError:
        state = {"database": "down", "migrations": "unknown", "worker": "unknown"}
    ready = (state["database"], state["migrations"]) == ("ok", "ok")
    return JsonResponse({"ready": ready, **state}, status=200 if ready else 503)


def _migrations() -> str:
    """Asked of the database until it is so; a running release does not lose migrations."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if _migrated else "pending"


def _worker() -> str:
    last = PeriodicRun.objects.aggregate(last=Max("started_at"))["last"]
    if last is None:
        return "never seen"
    age = (timezone.now() - last).total_seconds()
    return "ok" if age < WORKER_LATE_AFTER_SECONDS else "late"
