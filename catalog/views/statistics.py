"""The catalogue in pictures, for everyone."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog import context, statistics
from catalog.keeping import keep
from catalog.serving import for_everybody


@require_safe
@for_everybody
def statistics_page(request: HttpRequest) -> HttpResponse:
    stamp = context.catalogue_of(request).stamp
    main = keep(stamp, ("statistics",), partial(_drawn, request, stamp))
    return render(request, "catalog/statistics.html", {"main": main})


def _drawn(request: HttpRequest, stamp: str | None) -> str:
    shown = {"statistics": statistics.of_catalogue(stamp, now=timezone.now())}
    return render_to_string("catalog/statistics.html#main", shown, request)
