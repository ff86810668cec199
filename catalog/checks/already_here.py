"""Is it in the catalogue, or proposed, already?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.checks.answer import Outcome, Question
from catalog.matching import Match

NAME = "already_here"
LABEL = gettext_lazy("Already here?")


def check(question: Question) -> tuple[Outcome, str]:
    matches = question.matches
    if same := next((match for match in matches if match.verdict == "same_identifier"), None):
        return "fail", _same(same)
    if any(match.submission for match in matches):
        return "warn", _("Another submission with this title is open.")
    asked = [match for match in matches if match.verdict in {"similar_title", "other_version"}]
    if asked:
        if all(match.paper in question.different_from for match in asked):
            return "warn", _("%(near)s You said: different.") % {"near": _near(asked)}
        return "fail", _("%(near)s Say whether it is one of them.") % {"near": _near(asked)}
    if matches:
        return "warn", _("%(paper)s has a link to the same page.") % {"paper": _name(matches[0])}
    return "pass", _("Nothing near it in the catalogue.")


def _same(match: Match) -> str:
    if match.paper:
        return _("%(paper)s has this identifier.") % {"paper": _name(match)}
    return _("Another submission has this identifier.")


def _near(matches: list[Match]) -> str:
    if len(matches) == 1:
        return _("Near %(paper)s.") % {"paper": _name(matches[0])}
    return ngettext("Near %(paper)s and %(count)d other.", "Near %(paper)s and %(count)d others.", len(matches) - 1) % {
        "paper": _name(matches[0]),
        "count": len(matches) - 1,
    }


def _name(match: Match) -> str:
    return match.record.short_name or match.record.title
