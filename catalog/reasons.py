"""Why a submission is decided as it is: the few words a maintainer chooses from, before words of their own.

A code is stored with the decision and stays, whatever becomes of its wording.
"""

from django.utils.translation import gettext_lazy as _

REASONS = {
    "approve": {
        "belongs": _("Belongs, and its facts hold"),
        "borderline": _("At the edge of the scope, and worth having"),
    },
    "request_changes": {
        "facts": _("A fact is wrong or missing"),
        "placement": _("Belongs in another category"),
        "why": _("Say more about what it adds"),
        "duplicate": _("Looks like a paper we have"),
    },
    "reject": {
        "catalogued": _("Already catalogued"),
        "out_of_scope": _("Out of scope"),
        "not_found": _("Cannot be found or read"),
        "not_serious": _("Not a serious proposal"),
    },
}


def name_of(verdict: str, code: str) -> str:
    """The wording of a code today; the code itself where it has none any more."""
    return str(REASONS.get(verdict, {}).get(code, code))
