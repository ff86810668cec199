"""Are the organizations known by these names?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.checks.answer import Outcome, Question
from catalog.models import OrganizationAlias
from catalog.records import spelling_key

NAME = "organizations"
LABEL = gettext_lazy("Organizations")


def check(question: Question) -> tuple[Outcome, str]:
    keys = {spelling_key(organization.name): organization.name for organization in question.record.organizations}
    if not keys:
        return "pass", _("None given; they are optional.")
    known = set(OrganizationAlias.objects.filter(key__in=keys).values_list("key", flat=True))
    unknown = [name for key, name in keys.items() if key not in known]
    if not unknown:
        return "pass", ngettext("It is known by this name.", "All are known by these names.", len(keys))
    names = ", ".join(f"“{name}”" for name in unknown)
    return "warn", ngettext("%(names)s has no entry yet.", "%(names)s have no entry yet.", len(unknown)) % {"names": names}
