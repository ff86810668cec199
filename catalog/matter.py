"""What a proposal is about, and what stands in its way: judged alike whether it comes by the form or by the API.

Between a filled-in form and `review`: it finds what is near to the paper described, and says beside which field that is in
the way. Writes nothing.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from catalog import corrections, matching, records, taxonomy
from catalog.forms import CorrectionForm, PaperForm, Vocabulary
from catalog.matching import Match
from catalog.models import Category, Paper, Submission
from catalog.records import Record

# What of a paper makes it one work and not another.
_IDENTITY = {"title", "short_name", "identifiers"}


@dataclass(frozen=True, kw_only=True)
class Matter:
    """Nothing that is here yet, a paper whose facts are wrong, or a submission that is open.

    `base` is what a correction is made against.
    """

    paper: Paper | None = None
    submission: Submission | None = None
    base: Record | None = None
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    @classmethod
    def of(cls, submission: Submission) -> Self:
        paper = None if submission.is_addition else submission.paper
        return cls(submission=submission, paper=paper, base=submission.base)

    def form(self, fields: QueryDict) -> PaperForm:
        if self.base:
            return CorrectionForm(fields, base=self.base, vocabulary=self.vocabulary)
        return PaperForm(fields, base=self.submission.record if self.submission else None, vocabulary=self.vocabulary)

    @property
    def current(self) -> Record | None:
        """What the paper says now."""
        return self.paper.record if self.paper else None

    @cached_property
    def answered(self) -> list[Paper]:
        """The papers that this one is known not to be: a pair is asked about once."""
        return list(self.submission.different_from.all()) if self.submission else []

    # -- What is near --------------------------------------------------------------------------
    def matches(self, record: Record) -> list[Match]:
        """What is near; of a correction only where it makes the paper another than it was. Near nothing is nothing."""
        if record == Record(title=""):
            return []
        if self.base:
            changed = {name.partition(".")[0] for name in corrections.changes(record, self.base)}
            if not changed & {*_IDENTITY, "links"}:
                return []
            found = matching.find_candidates(record, ignoring=self.submission)
            return found if changed & _IDENTITY else [match for match in found if match.verdict == "same_link"]
        return matching.find_candidates(record, ignoring=self.submission)

    def unanswered(self, matches: list[Match]) -> list[Match]:
        """Those that a person has yet to be asked about."""
        return [match for match in _near(matches) if match.paper not in self.answered]

    def told_apart(self, form: PaperForm, matches: list[Match]) -> list[Paper]:
        """The papers that the person says it is not, now or in an earlier version; now only of those that were shown."""
        now = [match.paper for match in self.unanswered(matches) if match.paper and match.paper.public_id in form.asked]
        return [*self.answered, *now]

    def judge(self, form: PaperForm, *, by: User) -> list[Match]:
        """What is near to the form's paper; where that stands in the way, the form says so."""
        form.full_clean()
        matches = self.matches(form.record)
        for match in matches:
            if match.verdict == "same_identifier":
                form.add_error("links", self._taken(match, by))
        apart = self.told_apart(form, matches)
        if any(match.paper not in apart for match in _near(matches)):
            if form.cleaned_data.get("answer") != "same":
                form.add_error("answer", _("Say whether this is a different paper or one of those above."))
            elif self.base:
                form.add_error("answer", _("Then one of the two entries is too many. Propose the removal of the one that should go."))
            else:
                form.add_error("answer", _("Then it is here already, and there is nothing to add. Open it above."))
        return matches

    def said(self, form: PaperForm, matches: list[Match]) -> dict[str, Any]:
        """What goes with the record, as `review` takes it."""
        return {
            "why": form.cleaned_data["why"],
            "is_own_work": form.cleaned_data["is_own_work"],
            "different_from": self.told_apart(form, matches),
            "because": form.cleaned_data["because"],
        }

    def _taken(self, match: Match, by: User) -> str:
        if match.paper and self.base:
            return _("“%(title)s” has this identifier, and no two papers share one.") % {"title": match.record.title}
        if match.paper:
            return _("“%(title)s” has this identifier: the paper is here already.") % {"title": match.record.title}
        if match.submission and match.submission.contributor_id == by.pk:
            return _("You have proposed this paper already: no. %(number)d.") % {"number": match.submission.pk}
        return _("Somebody has proposed this paper already. It will be in the list once a maintainer has approved it.")


def _near(matches: list[Match]) -> list[Match]:
    """Those that a person is asked about."""
    return [match for match in matches if match.paper and match.verdict in {"similar_title", "other_version"}]


# -- Edits of whoever decides ------------------------------------------------------------------
def as_approved(submission: Submission) -> Record:
    """What approving it now would make of the catalogue's record: of a correction, its fields on the paper as it stands."""
    if submission.base and submission.paper:
        proposed = submission.record
        return corrections.take(submission.paper.record, proposed, corrections.changes(proposed, submission.base))
    return up_to_date(submission.record)


def edit_form(fields: QueryDict, submission: Submission) -> CorrectionForm:
    """Other facts than the proposed ones, without what its contributor alone can say."""
    form = CorrectionForm(fields, base=as_approved(submission))
    for name in ("why", "because", "is_own_work", "answer"):
        form.fields.pop(name, None)
    return form


def up_to_date(record: Record) -> Record:
    """With its categories where they stand and as they are called now; one that is gone stays as it was asked for."""
    places = []
    for place in record.categories:
        try:
            category = taxonomy.category_at(place.path)
        except Category.DoesNotExist:
            places.append(place)
        else:
            places.append(records.replace(place, path=category.path, name=category.name))
    return records.replace(record, categories=tuple(places))
