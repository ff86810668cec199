"""Is it the contributor's own paper? Welcome, and said openly."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checks.answer import FACTS, Outcome, Question

NAME = "own_work"
LABEL = gettext_lazy("Own paper")
KINDS, FIELDS = FACTS, ()


def check(question: Question) -> tuple[Outcome, str]:
    if question.is_own_work:
        return "warn", _("The contributor is an author of it.")
    return "pass", _("Not declared to be the contributor’s own.")
