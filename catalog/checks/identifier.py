"""Is there an identifier, is it free, and does it agree with the rest?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checks.answer import FACTS, Outcome, Question
from catalog.citations import settle_links
from catalog.identifiers import LABELS, year_of
from catalog.records import Record, fold

NAME = "identifier"
LABEL = gettext_lazy("Identifier")
KINDS, FIELDS = FACTS, ("identifiers", "links", "title", "year", "venue")


def check(question: Question) -> tuple[Outcome, str]:
    record = question.record
    if not record.identifiers:
        return "warn", _("None found; the link has to do.")
    new = _new(question)
    names = ", ".join(_named(scheme, value) for scheme, value in (new or record.identifiers).items())
    if any(match.verdict == "same_identifier" for match in question.matches):
        return "warn", _("%(names)s, which is taken.") % {"names": names}
    if contradictions := [*_links(record), *_titles(question), *_years(record)]:
        return "warn", " ".join(contradictions)
    return "pass", (_("%(names)s, not in the catalogue.") if new else _("%(names)s, as before.")) % {"names": names}


def _new(question: Question) -> dict[str, str]:
    """Those that the paper does not hold already."""
    held = question.base.identifiers if question.base else {}
    return {scheme: value for scheme, value in question.record.identifiers.items() if held.get(scheme) != value}


def _named(scheme: str, value: str) -> str:
    return f"{LABELS.get(scheme, scheme)} {value}"


def _links(record: Record) -> list[str]:
    """One by one: of two links that lead to two papers, settling them together would keep the first."""
    found = {item for link in record.links for item in settle_links([link])[1].items()}
    others = sorted(found - record.identifiers.items())
    return [_("A link leads to %(name)s, which is not its identifier.") % {"name": _named(*other)} for other in others]


def _titles(question: Question) -> list[str]:
    """Another paper of this very title holds another identifier of the same scheme: one of the two is wrong."""
    record = question.record
    same = [match.record for match in question.matches if fold(match.record.title) == fold(record.title)]
    differing = {item for other in same for item in other.identifiers.items() if record.identifiers.get(item[0], item[1]) != item[1]}
    return [_("The paper of this title has %(name)s.") % {"name": _named(*item)} for item in sorted(differing)]


def _years(record: Record) -> list[str]:
    """A preprint may be as old as it likes, but comes at most a year after the venue."""
    venue_year = record.venue.year if record.venue else None
    published = venue_year or record.year
    said = []
    for scheme, value in record.identifiers.items():
        stated = year_of(scheme, value)
        if stated and published and stated > published + 1:
            facts = {"name": _named(scheme, value), "stated": stated, "published": published}
            said.append(_("%(name)s is of %(stated)d, the paper of %(published)d.") % facts)
    return said
