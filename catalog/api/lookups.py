"""What a form asks before it is sent: what a paste says, whether the paper is here already, what may be meant by a beginning.

Everything is read from what the catalogue knows; nothing is fetched, nothing is kept.
"""

import msgspec
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from catalog import matching, pasting, search
from catalog.answers import BadParameters
from catalog.api import bodies, problems, proposals, schema
from catalog.api.resource import Resource, plain
from catalog.api.serializers import KINDS, Candidate, CandidateReason, Candidates, PaperName, Pasted, Suggestion, Suggestions
from catalog.filters import MAX_QUERY
from catalog.forms import fields_of
from catalog.matter import Matter
from catalog.records import Record
from catalog.throttling import throttle

SUGGESTED = 50


class Lookup(Resource):
    """Anybody's, though it can be posted to: reading a paste changes nothing."""

    parameters = ("q",)

    @extend_schema(**schema.LOOKUP)
    def get(self, request: Request) -> HttpResponseBase:
        text = request.GET.get("q", "")
        if not text.strip():
            raise BadParameters([("q", _("Give an address, an identifier, BibTeX or a line of a list."))])
        return self._read(request, text)

    @extend_schema(**schema.LOOKUP_LONG)
    def post(self, request: Request) -> HttpResponseBase:
        return self._read(request, bodies.read(request, proposals.Paste).q)

    def _read(self, request: Request, text: str) -> HttpResponseBase:
        throttle(request._request, "lookup")
        form = Matter().form(QueryDict())
        reading = pasting.read(text, venues=form.venue_spellings, organizations=form.organization_spellings)
        return plain(request._request, Pasted(record=reading.record, facts=reading.said))


class Duplicates(Resource):
    """Of papers alone: what others propose is nobody's business."""

    @extend_schema(**schema.DUPLICATES)
    def post(self, request: Request) -> HttpResponseBase:
        described = bodies.read(request, proposals.Described)
        throttle(request._request, "lookup")
        form = Matter().form(fields_of(described.record.over(Record(title=""))))
        form.full_clean()
        record = form.record
        found = [] if record == Record(title="") else matching.find_candidates(record)
        return plain(request._request, Candidates(candidates=candidates(found)))


class SuggestionList(Resource):
    parameters = ("q", "kind")

    @extend_schema(**schema.SUGGESTIONS)
    def get(self, request: Request) -> HttpResponseBase:
        words, kind = request.GET.get("q", ""), request.GET.get("kind", "")
        if len(words) > MAX_QUERY:
            raise BadParameters([("q", _("Shorten it to %(limit)d characters.") % {"limit": MAX_QUERY})])
        if kind not in {"", *KINDS}:
            raise BadParameters([("kind", _("Expected one of: %s.") % ", ".join(KINDS))])
        throttle(request._request, "lookup")
        found = search.suggestions(words, limit=SUGGESTED)
        meant = [Suggestion(kind=each.kind, label=each.label, path=each.path) for each in found if kind in {"", each.kind}]
        return plain(request._request, Suggestions(results=meant))


def candidates(matches: list[matching.Match]) -> list[Candidate]:
    """Of the matches those that are papers."""
    return [
        Candidate(
            paper=msgspec.convert(problems.named(match.paper), PaperName),
            verdict=match.verdict,
            score=round(match.score, 2),
            reasons=[CandidateReason(label=reason.label, text=reason.text) for reason in match.reasons],
        )
        for match in matches
        if match.paper
    ]
