"""Does the contributor say what the paper adds?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checks.answer import ALL, Outcome, Question

NAME = "why"
LABEL = gettext_lazy("Why it belongs")
KINDS, FIELDS = ALL, ()

SHORTEST, LONGEST = 30, 280


def check(question: Question) -> tuple[Outcome, str]:
    length = len(question.why)
    if length < SHORTEST:
        return "fail", _("%(length)d characters so far; %(needed)d needed.") % {"length": length, "needed": SHORTEST}
    if length > LONGEST:
        return "fail", _("%(length)d characters; at most %(allowed)d.") % {"length": length, "allowed": LONGEST}
    return "pass", _("%(length)d characters.") % {"length": length}
