"""Two questions a machine asks: is it alive, and is it able to serve. The answer is one word, the cause is in the log."""

import logging

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = logging.getLogger(__name__)


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    return _word("ok")


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    try:
        waiting = _waiting_migrations()
        cache.get("ready")
    except Exception:
        # Whatever the fault is, the answer is the same: send nobody here.
        log.exception("Not able to serve.")
        return _word("not ready", status=503)
    if waiting:
        log.warning("Not able to serve: %d migrations are waiting.", waiting)
        return _word("not ready", status=503)
    return _word("ok")


def _waiting_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _word(word: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{word}\n", status=status, content_type="text/plain; charset=utf-8")
