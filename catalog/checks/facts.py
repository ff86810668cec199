"""Is there what every entry needs?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checks.answer import Outcome, Question

NAME = "facts"
LABEL = gettext_lazy("Required facts")
KINDS, FIELDS = ("addition",), ()

# What goes on being changed has no year, and seldom names its authors.
_NEVER_FINISHED = {"benchmark", "framework", "leaderboard", "list"}


def check(question: Question) -> tuple[Outcome, str]:
    record = question.record
    needed = [
        (record.title, _("a title")),
        (record.links or record.identifiers, _("a link or an identifier")),
        (record.categories, _("a category")),
    ]
    if missing := [name for fact, name in needed if not fact]:
        return "fail", _("Missing: %(facts)s.") % {"facts": ", ".join(missing)}
    if record.kind not in _NEVER_FINISHED:
        if not (record.year or record.venue):
            return "warn", _("It gives neither a year nor a venue.")
        if not record.authors:
            return "warn", _("It names no authors.")
    return "pass", _("All there.")
