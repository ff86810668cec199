"""When the database does not answer: locked, full, out of time, or gone."""

import logging
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from catalog.views import errors

log = logging.getLogger(__name__)


class Outage:
    """Middleware that answers 503, and when to come back, where a view found no database."""

    def __init__(self, view: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.view = view

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.view(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if not isinstance(exception, OperationalError):
            return None
        log.error("The database does not answer.", exc_info=exception)
        return errors.unavailable(request)
