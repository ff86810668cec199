"""Do the links answer? Nobody asks them: the site makes no requests of its own."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checks.answer import FACTS, Outcome, Question

NAME = "links_answer"
LABEL = gettext_lazy("Links answer")
KINDS, FIELDS = FACTS, ("links",)


def check(question: Question) -> tuple[Outcome, str]:
    return "skip", _("This site makes no outside requests; a person will open it.")
