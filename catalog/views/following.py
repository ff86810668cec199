"""What one follows: all of it with its newest papers, beginning and ending, and how one hears of each."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from pyroaring import BitMap

from catalog import context, following, records
from catalog.filters import PaperFilter
from catalog.forms import FollowForm
from catalog.models import Follow
from catalog.selection import Numbers, Order, rows_of
from catalog.views.entries import page_of_papers
from catalog.views.signed_in import Contributor, contributors_only, shown_the_way, unsent

PAPERS_A_PAGE = 50

_HEARD = {
    Follow.How.SITE: gettext_lazy("You follow {}, and hear of new papers on this site."),
    Follow.How.DAILY: gettext_lazy("You follow {}: a letter on every day that brings new papers."),
    Follow.How.WEEKLY: gettext_lazy("You follow {}: a letter in every week that brings new papers."),
}


@require_safe
@never_cache
@contributors_only
def follow_list(request: Contributor) -> HttpResponse:
    """What one follows, and the papers of all of it, each with the reason: first those that are new, then the others."""
    follows = list(request.user.follows.all())
    things = following.things(follows, stamp=context.catalogue_of(request).stamp)
    new = {each.pk: following.beyond(things[each.pk].papers, each.seen_through) for each in follows}
    papers = BitMap.union(BitMap(), *(thing.papers for thing in things.values()))
    unseen = BitMap.union(BitMap(), *new.values())
    order = Order([(True, Numbers(papers=unseen)), (False, Numbers(papers=papers - unseen))])
    page = page_of_papers(request, order, size=PAPERS_A_PAGE)
    rows = [
        {"record": records.from_json(json), "reasons": following.reasons(number, things.values()), "is_new": number in unseen}
        for number, json in rows_of(page, ["pk", "record_json"])
    ]
    shown = {
        "follows": [{"follow": each, "thing": things[each.pk], "new": len(new[each.pk])} for each in follows],
        "new": len(unseen),
        "newest": max(papers, default=0),
        "page": page,
        "groups": [{"is_new": is_new, "rows": list(group)} for is_new, group in groupby(rows, key=itemgetter("is_new"))],
    }
    return render(request, "catalog/follow_list.html", shown)


# -- Begin -------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def follow_new(request: Contributor) -> HttpResponse:
    """The selection is what the address names, as on the list of papers, so that the wish to follow it survives the sign-in."""
    if request.method != "POST":
        kept = unsent(request)
        return _asked(request, chosen=kept.get("how", "") if kept else "")
    papers, form = PaperFilter(request.GET), FollowForm(request.POST)
    if not (papers.is_valid() and form.is_valid()):
        return _asked(request, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    thing = following.selected(papers)
    try:
        followed = following.follow(request.user, thing, how=form.cleaned_data["how"])
    except following.TooMany:
        return _asked(request, form=form, notice="too_many", status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except following.TooLong:
        return _asked(request, form=form, notice="too_long", status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, _heard(followed.how, thing.name))
    return redirect(thing.address)


def _asked(
    request: Contributor, *, form: FollowForm | None = None, chosen: str = "", notice: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    papers = PaperFilter(request.GET)
    shown: dict[str, Any] = {"selection": papers, "notice": notice, "most": following.MOST}
    if not papers.is_valid():
        return render(request, "catalog/follow_new.html", shown, status=HTTPStatus.BAD_REQUEST)
    thing = following.selected(papers)
    known = following.follow_of(request.user, thing)
    how = chosen if chosen in Follow.How else known.how if known else Follow.How.SITE
    shown |= {"thing": thing, "count": len(papers.selection), "follow": known, "form": form or FollowForm(initial={"how": how})}
    return render(request, "catalog/follow_new.html", shown, status=status)


def _not_sent(request: Contributor) -> HttpResponse:
    """The page with what was chosen and a token that is good; who is not signed in finds it behind the sign-in."""
    if elsewhere := shown_the_way(request):
        return elsewhere
    return _asked(request, chosen=request.POST.get("how", ""), notice="not_sent", status=HTTPStatus.FORBIDDEN)


follow_new.not_sent = _not_sent  # type: ignore[attr-defined]


# -- Change and end ----------------------------------------------------------------------------
def _changes_what_is_followed(change: Callable[..., None]) -> Callable[..., HttpResponse]:
    """A change that leads back to the list, where whoever had to sign in first finds it unchanged. 404 for what is another's."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @never_cache
    @contributors_only
    @wraps(change)
    def view(request: Contributor, **asked: int) -> HttpResponse:
        if request.method == "POST":
            try:
                change(request, **asked)
            except Follow.DoesNotExist:
                raise Http404 from None
        return redirect("catalog:follow-list")

    return view


@_changes_what_is_followed
def follow_change(request: Contributor, number: int) -> None:
    form = FollowForm(request.POST)
    if form.is_valid():
        changed = following.hear(request.user, number, how=form.cleaned_data["how"])
        messages.success(request, _heard(changed.how, changed.name))


@_changes_what_is_followed
def follow_stop(request: Contributor, number: int) -> None:
    gone = following.stop(request.user, number)
    messages.success(request, format_html(_("You follow {} no more."), format_html("<bdi>{}</bdi>", gone.name)))


@_changes_what_is_followed
def follow_seen(request: Contributor) -> None:
    """Up to the newest paper that the page showed: what came in since is new still."""
    newest = request.POST.get("newest", "")
    if newest.isascii() and newest.isdecimal() and len(newest) < 19:
        following.mark_seen(request.user, int(newest))


def _heard(how: str, name: str) -> str:
    return format_html(str(_HEARD[Follow.How(how)]), format_html("<bdi>{}</bdi>", name))
