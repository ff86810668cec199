"""Is the paper still what it was when this was proposed?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.checks.answer import Outcome, Question
from catalog.corrections import changes, overtaken
from catalog.log import fields_in_words
from catalog.records import Record

NAME = "basis"
LABEL = gettext_lazy("Made against")
KINDS, FIELDS = ("correction", "removal"), ()


def check(question: Question) -> tuple[Outcome, str]:
    base, current = question.base, question.current
    if base is None or current is None:
        return "fail", _("The paper is not in the catalogue any more.")
    if base.revision == current.revision and not changes(current, base):
        return "pass", _("Made against revision %(number)d, still the newest.") % {"number": base.revision}
    since = _("The entry has changed since: revision %(number)d now.") % {"number": current.revision}
    return "warn", f"{since} {_overtaken(question.record, base, current)}".strip()


def _overtaken(proposed: Record, base: Record, current: Record) -> str:
    """Of what a correction changes; a removal changes nothing, so that anything may matter to it."""
    if not changes(proposed, base):
        return ""
    fields = overtaken(proposed, base, current)
    if not fields:
        return _("None of the fields it changes was changed by others.")
    said = {"count": len(fields), "fields": fields_in_words(fields)}
    return (
        ngettext(
            "%(count)d of the fields it changes was changed by others: %(fields)s.",
            "%(count)d of the fields it changes were changed by others: %(fields)s.",
            len(fields),
        )
        % said
    )
