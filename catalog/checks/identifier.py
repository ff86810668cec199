"""Is there an identifier, and is it free?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checks.answer import Outcome, Question
from catalog.identifiers import LABELS

NAME = "identifier"
LABEL = gettext_lazy("Identifier")


def check(question: Question) -> tuple[Outcome, str]:
    names = ", ".join(f"{LABELS.get(scheme, scheme)} {value}" for scheme, value in question.record.identifiers.items())
    if not names:
        return "warn", _("None found; the link has to do.")
    if any(match.verdict == "same_identifier" for match in question.matches):
        return "warn", _("%(names)s, which is taken.") % {"names": names}
    return "pass", _("%(names)s, not in the catalogue.") % {"names": names}
