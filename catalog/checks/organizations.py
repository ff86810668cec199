"""Are the organizations known by these names?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.checks.answer import FACTS, Outcome, Question
from catalog.models import OrganizationAlias
from catalog.records import spelling_key

NAME = "organizations"
LABEL = gettext_lazy("Organizations")
KINDS, FIELDS = FACTS, ("organizations",)


def check(question: Question) -> tuple[Outcome, str]:
    keys = {spelling_key(organization.name): organization.name for organization in question.record.organizations}
    if not keys:
        return "pass", _("None given; they are optional.")
    aliases = OrganizationAlias.objects.filter(key__in=keys)
    confirmed = dict(aliases.values_list("key", "organization__is_confirmed"))
    unknown = [name for key, name in keys.items() if key not in confirmed]
    if unknown:
        text = ngettext("%(names)s has no entry yet; queued for mapping.", "%(names)s have no entry yet; queued for mapping.", len(unknown))
        return "warn", text % {"names": _quoted(unknown)}
    if waiting := [name for key, name in keys.items() if not confirmed[key]]:
        text = ngettext("%(names)s is queued for mapping.", "%(names)s are queued for mapping.", len(waiting))
        return "warn", text % {"names": _quoted(waiting)}
    return "pass", ngettext("It is known by this name.", "All are known by these names.", len(keys))


def _quoted(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
