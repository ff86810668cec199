"""Are the addresses fit to be kept?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.checks.answer import FACTS, Outcome, Question
from catalog.identifiers import without_tracking

NAME = "address"
LABEL = gettext_lazy("Address")
KINDS, FIELDS = FACTS, ("links",)


def check(question: Question) -> tuple[Outcome, str]:
    links = question.record.links
    if not links and question.record.identifiers:
        return "pass", _("None given; its identifier leads to it.")
    if not links:
        return "fail", _("Give the address where it can be read.")
    if any(without_tracking(link.url) != link.url for link in links):
        return "warn", _("It says where its reader came from; cut that off.")
    if plain := [link for link in links if link.url.startswith("http:")]:
        return "warn", ngettext("%(count)d is not https.", "%(count)d are not https.", len(plain)) % {"count": len(plain)}
    return "pass", _("https, no tracking parameters.")
