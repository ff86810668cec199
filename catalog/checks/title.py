"""Is the title written as titles are?"""

import unicodedata

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.checks.answer import FACTS, Outcome, Question

NAME = "title"
LABEL = gettext_lazy("Title")
KINDS, FIELDS = FACTS, ("title",)

# Shorter names (BERT, GPT-4) are capitals by nature.
_SHOUTING = 20


def check(question: Question) -> tuple[Outcome, str]:
    title = question.record.title
    if not title:
        return "fail", _("Give the title as the paper has it.")
    if len(title) >= _SHOUTING and title == title.upper() != title.lower():
        return "warn", _("All in capitals; write it as the paper does.")
    if title.endswith(".") and not title.endswith("..."):
        return "warn", _("Ends in a full stop.")
    if word := next((word for word in title.split() if _mixes_scripts(word)), None):
        return "warn", _("“%(word)s” has letters of two alphabets that look alike.") % {"word": word}
    return "pass", _("No shouting, no trailing stop.")


def _mixes_scripts(word: str) -> bool:
    """Latin letters with Greek or Cyrillic ones in one word; a single Greek letter as in `μServe` is a name."""
    scripts = [unicodedata.name(letter, "").partition(" ")[0] for letter in word if letter.isalpha()]
    foreign = [script for script in scripts if script in {"CYRILLIC", "GREEK"}]
    return "LATIN" in scripts and bool(foreign) and not (foreign == ["GREEK"] and scripts[0] == "GREEK")
