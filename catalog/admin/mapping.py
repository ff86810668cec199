"""The mapping queue: venues and organizations that nobody has confirmed, and names that open submissions give and nobody knows.

For each the desk says which known one it is, or that it is one of its own. Reads in as many questions for a hundred names
as for one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Count, Exists, Min, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import arranging, review, taxonomy
from catalog.admin.categories import NamedAdmin, arranged, papers_in_words, tidy_line
from catalog.models import Organization, OrganizationAlias, Paper, ProposedName, Submission, Venue, VenueAlias
from catalog.records import spelling_key

NAMES_A_PAGE = 100
SUBMISSIONS_SHOWN = 5
SUGGESTED = 1_000
NEAREST = 3
# Of how many, with the most pairs of letters in common, the likeness is measured.
MEASURED = 12
LIKENESS: list[tuple[float, str | Promise]] = [
    (0.9, gettext_lazy("nearly the same")),
    (0.75, gettext_lazy("close")),
    (0.55, gettext_lazy("somewhat alike")),
]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What the queue does alike with venues and with organizations."""

    label: str | Promise
    model: type[Any]
    aliases: type[Any]
    owner: str
    papers: str
    spelled: Callable[[str], Any]
    add: Callable[..., Any]
    confirm: Callable[..., None]
    merge: Callable[..., int]


KINDS = {
    "venue": Kind(
        label=gettext_lazy("Venue"),
        model=Venue,
        aliases=VenueAlias,
        owner="venue",
        papers="editions__papers",
        spelled=taxonomy.venue_spelled,
        add=arranging.add_venue,
        confirm=arranging.confirm_venue,
        merge=arranging.merge_venue,
    ),
    "organization": Kind(
        label=gettext_lazy("Organization"),
        model=Organization,
        aliases=OrganizationAlias,
        owner="organization",
        papers="papers",
        spelled=taxonomy.organization_spelled,
        add=arranging.add_organization,
        confirm=arranging.confirm_organization,
        merge=arranging.merge_organization,
    ),
}


def known(model: type[Any], text: str) -> Any:
    """The venue or the organization of this spelling; None where there is none."""
    return KINDS[str(model._meta.model_name)].spelled(text)


def names_known(model: type[Any], *, without: Any) -> list[str]:
    """Some to choose from; others may be written."""
    return list(model.objects.exclude(pk=without.pk).order_by("name").values_list("name", flat=True)[:SUGGESTED])


def merge(named: Any, into: Any) -> int:
    return KINDS[str(named._meta.model_name)].merge(named, into)


# -- What is in the queue --------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Head:
    """A name to map: of one that an approval has made, by its number; else as submissions propose it, by its key."""

    kind: str
    key: str
    text: str = ""
    number: int | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """A name as it is written, by the oldest submission first, and what is known about it."""

    head: Head
    label: str | Promise
    texts: list[str]
    submissions: list[int]
    submission_count: int
    paper_count: int
    paper: Paper | None
    nearest: list[tuple[str, str | Promise]]


def heads() -> list[Head]:
    """Those on papers first, then those in submissions, which have waited longest first."""
    on_papers = [
        Head(kind=name, text=text, key=spelling_key(text), number=number)
        for name, kind in KINDS.items()
        for number, text in kind.model.objects.filter(is_confirmed=False).order_by("name").values_list("pk", "name")
    ]
    proposed = _proposed().values("kind", "key").annotate(first=Min("submission")).order_by("first", "kind", "key")
    return on_papers + [Head(kind=row["kind"], key=row["key"]) for row in proposed]


def _proposed() -> Any:
    """Of open submissions, what is no spelling of anything by now."""
    of_key = {"key": OuterRef("key")}
    known_venue = Q(Exists(VenueAlias.objects.filter(**of_key)), kind="venue")
    known_organization = Q(Exists(OrganizationAlias.objects.filter(**of_key)), kind="organization")
    return ProposedName.objects.filter(submission__status__in=Submission.OPEN).exclude(known_venue | known_organization)


def rows(page: Iterable[Head]) -> tuple[list[Row], dict[str, list[str]]]:
    """What is known about each, and the names of each kind to choose from."""
    page = list(page)
    spellings = {name: _spellings(kind) for name, kind in KINDS.items()}
    near = {name: Nearest(pairs) for name, pairs in spellings.items()}
    counts, papers = _papers(page)
    written = _written(page)
    found = [
        Row(
            head=head,
            label=KINDS[head.kind].label,
            texts=[head.text] if head.number else list(dict.fromkeys(text for text, _number in written[head.kind, head.key])),
            submissions=[number for _text, number in written[head.kind, head.key]][:SUBMISSIONS_SHOWN],
            submission_count=len(written[head.kind, head.key]),
            paper_count=counts.get((head.kind, head.number), 0),
            paper=papers.get((head.kind, head.number)),
            nearest=near[head.kind].to(head.key),
        )
        for head in page
    ]
    names = {name: sorted({owner for _key, owner in pairs})[:SUGGESTED] for name, pairs in spellings.items()}
    return found, names


def _spellings(kind: Kind) -> list[tuple[str, str]]:
    """Each spelling of what is confirmed, with the name it stands for."""
    aliases = kind.aliases.objects.filter(**{f"{kind.owner}__is_confirmed": True})
    return list(aliases.values_list("key", f"{kind.owner}__name"))


def _papers(page: list[Head]) -> tuple[dict[Any, int], dict[Any, Paper]]:
    """How many papers name each that an approval has made, and the one that did so first."""
    counts, firsts = {}, {}
    for name, kind in KINDS.items():
        made = kind.model.objects.filter(pk__in=[head.number for head in page if head.kind == name and head.number])
        counted = made.annotate(count=Count(kind.papers, distinct=True), first=Min(kind.papers)).values_list("pk", "count", "first")
        for number, count, first in counted:
            counts[name, number] = count
            firsts[name, number] = first
    papers = Paper.objects.only("title", "slug").in_bulk([first for first in firsts.values() if first])
    return counts, {key: papers[first] for key, first in firsts.items() if first in papers}


def _written(page: list[Head]) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """How each proposed name is written, and in which submission, the oldest first."""
    found: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    asked_for = ProposedName.objects.filter(submission__status__in=Submission.OPEN, key__in={head.key for head in page if not head.number})
    for kind, key, text, number in asked_for.order_by("submission_id", "pk").values_list("kind", "key", "text", "submission_id"):
        found[kind, key].append((text, number))
    return found


class Nearest:
    """The known names that are written most like another, in words rather than figures."""

    def __init__(self, spellings: Iterable[tuple[str, str]]) -> None:
        self._spellings = list(spellings)
        self._having: dict[str, list[int]] = {}
        for place, (key, _name) in enumerate(self._spellings):
            for pair in _pairs(key):
                self._having.setdefault(pair, []).append(place)

    def to(self, key: str) -> list[tuple[str, str | Promise]]:
        """Each name once, likeliest first, but for that of the very same spelling."""
        shared = Counter(place for pair in _pairs(key) for place in self._having.get(pair, ()))
        scores: dict[str, float] = {}
        for place, _count in shared.most_common(MEASURED):
            other, name = self._spellings[place]
            if other != key:
                scores[name] = max(scores.get(name, 0), SequenceMatcher(None, key, other, autojunk=False).ratio())
        best = sorted(scores.items(), key=lambda score: (-score[1], score[0]))[:NEAREST]
        return [(name, words) for name, score in best if (words := _in_words(score))]


def _pairs(key: str) -> set[str]:
    return {key[start : start + 2] for start in range(len(key) - 1)} or {key}


def _in_words(score: float) -> str | Promise | None:
    return next((words for least, words in LIKENESS if score >= least), None)


# -- What is done about it -------------------------------------------------------------------
class MappingForm(forms.Form):
    """Which name, and what it is: `known` where it is one that is known, else `name` of its own."""

    kind = forms.ChoiceField(choices=ProposedName.Kind)
    number = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    key = forms.CharField(required=False, max_length=200)
    known = forms.CharField(required=False, max_length=200)
    name = forms.CharField(required=False, max_length=200)

    def clean_known(self) -> str:
        return tidy_line(self.cleaned_data["known"])

    def clean_name(self) -> str:
        return tidy_line(self.cleaned_data["name"])


def queue(room: NamedAdmin, request: HttpRequest) -> HttpResponse:
    if not room.has_change_permission(request):
        raise PermissionDenied
    if request.method == "POST":
        form = MappingForm(request.POST)
        if form.is_valid():
            with arranged(request):
                Mapping(room, request, **form.cleaned_data).act()
        else:
            messages.error(request, _("Nothing was changed: the form was not complete. Say which it is, or give it a name."))
        return redirect(request.get_full_path())
    return _page(room, request)


def _page(room: NamedAdmin, request: HttpRequest) -> HttpResponse:
    try:
        page: Page[Head] = Paginator(heads(), NAMES_A_PAGE).page(request.GET.get("page", 1))
    except InvalidPage:
        # The last name of the last page may just have been mapped.
        if request.GET.get("page", "").isdecimal():
            return redirect("admin:catalog_mapping")
        raise Http404 from None
    found, names = rows(page.object_list)
    context = {**room.admin_site.each_context(request), "title": _("Names to map"), "page": page, "rows": found, "names": names}
    return render(request, "admin/catalog/mapping/queue.html", context)


class Mapping:
    """One answer to one name. Given twice, the second says so and changes nothing."""

    def __init__(self, room: NamedAdmin, request: HttpRequest, *, kind: str, number: int | None, key: str, known: str, name: str) -> None:
        self.room, self.request = room, request
        self.kind = KINDS[kind]
        self.number, self.key = number, key
        self.known, self.name = known, name
        waiting = ProposedName.objects.filter(kind=kind, submission__status__in=Submission.OPEN)
        self.waiting = waiting.order_by("submission_id", "pk")

    def act(self) -> None:
        into = known(self.kind.model, self.known) if self.known else None
        if self.known and into is None:
            about = {"text": self.known}
            messages.error(
                self.request, _("Nothing was changed: nothing here is known as “%(text)s”. Write the name of one that is.") % about
            )
        elif not self.known and not self._is_a_name():
            messages.error(self.request, _("Nothing was changed: give it a name with a letter or a digit in it, not too long."))
        elif self.number:
            self._of_a_paper(into)
        else:
            self._of_a_submission(into)

    def _is_a_name(self) -> bool:
        return bool(spelling_key(self.name)) and len(self.name) <= self.kind.model._meta.get_field("name").max_length

    def _of_a_paper(self, into: Any) -> None:
        made = self.kind.model.objects.filter(pk=self.number).first()
        if made is None or made.is_confirmed:
            messages.info(self.request, _("This name is mapped already. Nothing was changed."))
        elif into is None:
            self.kind.confirm(made, name=self.name)
            self._done(made, _("One of its own."))
        elif into == made:
            messages.error(self.request, _("Nothing was changed: “%(name)s” is the one in question.") % {"name": made})
        else:
            name = made.name
            papers = papers_in_words(self.kind.merge(made, into))
            self._done(into, _("Merged into “%(into)s”: %(papers)s.") % {"into": into, "papers": papers}, about=name)

    def _of_a_submission(self, into: Any) -> None:
        proposed = self.waiting.filter(key=self.key).first()
        already = self.kind.model.objects.filter(aliases__key=self.key).first() if self.key else None
        if already:
            messages.info(self.request, _("It is known already, as a spelling of “%(name)s”. Nothing was changed.") % {"name": already})
        elif proposed is None:
            messages.error(self.request, _("Nothing was changed: no open submission gives this name any more."))
        elif into is None:
            self._done(self.kind.add(self.name, aliases=[proposed.text]), _("Added as one of its own."))
        else:
            arranging.add_spelling(into, proposed.text)
            self._done(into, _("Also written “%(text)s”.") % {"text": proposed.text})

    def _done(self, named: Any, what: str, *, about: str = "") -> None:
        self.room.tell(self.request, named, what, about=about)
        spellings = named.aliases.values("key")
        review.examine_again(
            Submission.objects.filter(pk__in=list(self.waiting.filter(key__in=spellings).values_list("submission", flat=True)))
        )
        messages.success(self.request, f"{about or named}: {what}")
