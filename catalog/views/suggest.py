"""What may be meant by the words that are being typed: the list under a search field, as a fragment. Asks, and changes nothing."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from catalog import search
from catalog.filters import MAX_QUERY
from catalog.serving import for_everybody

KINDS = {
    "paper": gettext_lazy("Paper"),
    "category": gettext_lazy("Category"),
    "venue": gettext_lazy("Venue"),
    "organization": gettext_lazy("Organization"),
    "author": gettext_lazy("Author"),
}
SHOWN = 8


@require_safe
@for_everybody
def suggestions(request: HttpRequest) -> HttpResponse:
    """A listbox, likeliest first; nothing at all where nothing is suggested."""
    words = request.GET.get("q", "")
    if len(words) > MAX_QUERY:
        return HttpResponseBadRequest()
    found = [(KINDS[each.kind], each) for each in search.suggestions(words, limit=SHOWN)]
    return render(request, "components/suggestions.html", {"suggestions": found})
