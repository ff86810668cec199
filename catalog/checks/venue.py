"""Is the venue a known one?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checks.answer import FACTS, Outcome, Question
from catalog.models import Edition, Venue
from catalog.records import spelling_key

NAME = "venue"
LABEL = gettext_lazy("Venue")
KINDS, FIELDS = FACTS, ("venue",)


def check(question: Question) -> tuple[Outcome, str]:
    given = question.record.venue
    if given is None:
        return "pass", _("None given; it is optional.")
    known = Venue.objects.filter(aliases__key=spelling_key(given.name)).first()
    if known is None:
        return "warn", _("“%(venue)s” has no entry yet; queued for mapping.") % {"venue": given.name}
    if not known.is_confirmed:
        return "warn", _("%(venue)s is queued for mapping.") % {"venue": known.name}
    if given.year is None:
        return "warn", _("%(venue)s is known; the year is missing.") % {"venue": known.name}
    name = {"edition": f"{known.name} {given.year}"}
    if Edition.objects.filter(venue=known, year=given.year).exists():
        return "pass", _("%(edition)s is a known edition.") % name
    return "pass", _("%(edition)s would be its first paper here.") % name
