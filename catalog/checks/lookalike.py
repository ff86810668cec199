"""Does the title pass for another paper's, letter by letter, in letters of another alphabet?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checks.answer import FACTS, Outcome, Question
from catalog.models import Paper
from catalog.records import fold

NAME = "lookalike"
LABEL = gettext_lazy("Letters")
KINDS, FIELDS = FACTS, ("title",)

# Letters that print as a Latin one does (Unicode TS 39, confusables); what is wider, bolder or in a circle is folded away already.
_CYRILLIC = str.maketrans("АВЕЅІЈКМНОРСТУХаеіјорсухѕԁһԛԝӏ", "ABESIJKMHOPCTYXaeijopcyxsdhqwl")
_GREEK = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυιγ", "ABEZHIKMNOPTYXavopuiy")
_OTHERS = str.maketrans("օոսհցɑɡı", "onuhgagi")
_LATIN = _CYRILLIC | _GREEK | _OTHERS


def check(question: Question) -> tuple[Outcome, str]:
    title, record = question.record.title, question.record
    key = fold(title.translate(_LATIN))
    if key == fold(title):
        return "pass", _("None that look like letters of another alphabet.")
    same = Paper.objects.filter(title_key=key).exclude(public_id=record.id).first()
    if same:
        return "warn", _("Looks like “%(title)s”, in letters of another alphabet.") % {"title": same.title}
    return "pass", _("No other paper’s title looks like this one.")
