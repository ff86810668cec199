"""Why a submission is decided as it is: the few words a maintainer chooses from, before words of their own.

They are rows, which maintainers edit at the desk; these are the ones that a new site begins with.
"""

from typing import Any

from django.apps import apps as global_apps
from django.apps.registry import Apps
from django.utils.translation import gettext_noop as _

from catalog.models import Decision, Reason, Submission

_ADDITION, _CORRECTION, _REMOVAL = Submission.Kind.ADDITION, Submission.Kind.CORRECTION, Submission.Kind.REMOVAL
# Verdict, kind it is only for, code, label, words to begin with.
DEFAULTS = (
    ("approve", _ADDITION, "belongs", _("Belongs, and its facts hold"), ""),
    ("approve", _ADDITION, "borderline", _("At the edge of the scope, and worth having"), ""),
    ("approve", _CORRECTION, "checked", _("Correct, checked at the source"), ""),
    ("approve", _CORRECTION, "as_proposed", _("Correct as proposed"), ""),
    ("approve", _REMOVAL, "removed", _("Does not belong here any more"), ""),
    ("approve", "", "edited", _("Facts corrected by the maintainer"), ""),
    ("take", _CORRECTION, "in_part", _("Correct in part"), _("The other fields stay open.")),
    ("request_changes", "", "facts", _("A fact is wrong or missing"), _("Please correct this: ")),
    ("request_changes", "", "placement", _("Belongs in another category"), _("Please choose this category: ")),
    (
        "request_changes",
        "",
        "why",
        _("Say more about what it adds"),
        _("Please say what a reader finds here and in no other paper of the list."),
    ),
    ("request_changes", "", "duplicate", _("Looks like a paper we have"), _("Please say how it differs from this one: ")),
    ("reject", _ADDITION, "catalogued", _("Already catalogued"), _("The paper is in the list already: ")),
    (
        "reject",
        _ADDITION,
        "out_of_scope",
        _("Out of scope"),
        _("A good paper may still be outside this list; its scope is on the page “About”."),
    ),
    ("reject", "", "not_found", _("Cannot be found or read"), _("Nothing can be read at the address given.")),
    ("reject", _CORRECTION, "is_right", _("The entry is right as it stands"), _("The source says what the entry says: ")),
    ("reject", _REMOVAL, "stays", _("It stays in the list"), _("It still does what it is listed for: ")),
    ("reject", "", "not_serious", _("Not a serious proposal"), _("This is not a proposal that can be checked.")),
)


def names() -> dict[tuple[str, str], str]:
    """The wording of every verdict's codes today, in one question."""
    return {(verdict, code): label for verdict, code, label in Reason.objects.values_list("verdict", "code", "label")}


def name_of(decision: Decision, among: dict[tuple[str, str], str]) -> str:
    """The wording of a decision's code, out of `names()`; the code itself where it has none."""
    return among.get((decision.verdict, decision.reason_code), decision.reason_code)


def offered(submission: Submission) -> list[Reason]:
    """What a maintainer may choose from for this submission, in order, for every verdict."""
    return [reason for reason in Reason.objects.filter(is_offered=True) if reason.kind in {"", submission.kind}]


def begin_with_defaults(*, using: str, apps: Apps = global_apps, **_more: Any) -> None:
    """After migrating: give a site without reasons the ones to begin with. `apps` are the models as migrated, back or forth."""
    try:
        model = apps.get_model("catalog", "Reason")
    except LookupError:
        return
    reasons = model._base_manager.using(using)
    if not reasons.exists():
        reasons.bulk_create(
            model(verdict=verdict, kind=kind, code=code, label=label, text=text, position=position)
            for position, (verdict, kind, code, label, text) in enumerate(DEFAULTS, start=1)
        )
