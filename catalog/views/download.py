"""The selection, or one paper, as a file to take away."""

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from catalog import answers
from catalog.export import Export
from catalog.throttling import throttle


@answers.for_programs
def paper_download(request: HttpRequest, extension: str) -> HttpResponseBase:
    """Exactly the papers that the list shows for the same parameters, in its order."""
    format_ = answers.format_named(extension)
    throttle(request, "export")
    return answers.file(request, answers.export(request, format_))


@answers.for_programs
def paper_record(request: HttpRequest, slug: str, extension: str) -> HttpResponseBase:
    format_ = answers.format_named(extension)
    answers.refuse_unknown_parameters(request, known=set(answers.own_parameters(format_)) - {"page"})
    try:
        paper = answers.paper_of(slug)
    except answers.Moved as moved:
        address = reverse("catalog:paper-record", args=[moved.successor.slug, format_.EXTENSION])
        return answers.open_to_all(HttpResponsePermanentRedirect(address))
    return answers.file(request, Export.of_one(paper, answers.as_wanted(request, format_)), name=paper.slug)
