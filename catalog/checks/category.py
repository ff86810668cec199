"""Is there a place for it?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checks.answer import FACTS, Outcome, Question
from catalog.models import Category, CategoryAlias

NAME = "category"
LABEL = gettext_lazy("Category")
KINDS, FIELDS = FACTS, ("categories",)


def check(question: Question) -> tuple[Outcome, str]:
    paths = {place.path for place in question.record.categories}
    if not paths:
        return "fail", _("Choose where it stands.")
    unknown = paths - set(Category.objects.filter(path__in=paths).values_list("path", flat=True))
    unknown -= set(CategoryAlias.objects.filter(path__in=unknown).values_list("path", flat=True))
    if unknown:
        return "fail", _("%(paths)s is not there any more; choose another.") % {"paths": ", ".join(sorted(unknown))}
    return "pass", _("Open for additions.")
