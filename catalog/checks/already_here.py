"""Is it in the catalogue, or proposed, already?"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.checks.answer import FACTS, Outcome, Question
from catalog.matching import Match

NAME = "already_here"
LABEL = gettext_lazy("Already here?")
KINDS, FIELDS = FACTS, ("title", "short_name", "identifiers", "links")


def check(question: Question) -> tuple[Outcome, str]:
    matches = [match for match in question.matches if _is_asked(match, question)]
    if same := next((match for match in matches if match.verdict == "same_identifier"), None):
        return "fail", _same(same)
    asked = [match for match in matches if match.paper and match.verdict in {"similar_title", "other_version"}]
    if any(match.paper not in question.different_from for match in asked):
        return "fail", _("%(near)s Say whether it is one of them.") % {"near": _near(asked)}
    if any(match.submission for match in matches):
        return "warn", _("Another submission with this title is open.")
    if asked:
        return "warn", _different(asked, question.because)
    if matches:
        return "warn", _("%(paper)s has a link to the same page.") % {"paper": _name(matches[0])}
    return "pass", _("Nothing near it in the catalogue.")


def _is_asked(match: Match, question: Question) -> bool:
    """A correction is asked only about what it makes alike: the title that a paper had before was looked at before."""
    match match.verdict:
        case "same_identifier":
            return True
        case "same_link":
            return question.is_new("links")
    return question.is_new("title") or question.is_new("short_name") or question.is_new("identifiers")


def _different(asked: list[Match], because: str) -> str:
    if because:
        return _("%(near)s You said: different, because “%(because)s”") % {"near": _near(asked), "because": because}
    return _("%(near)s You said: different.") % {"near": _near(asked)}


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
