"""What a contributor proposes: a paper, other facts for one that is here, and either anew while it is open.

Whatever goes wrong with a form, it comes back with every word that was typed.
"""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog import checks, comparison, drafts, pasting, publishing, review
from catalog.forms import PaperForm, Vocabulary, carry_over, fields_of, fill
from catalog.matching import Match
from catalog.matter import Matter
from catalog.models import Paper, Revision, Submission, Tombstone
from catalog.publishing import AlreadyCatalogued
from catalog.records import Record
from catalog.views import course, paste_words, removing
from catalog.views.proposing import brought, departed, give_token, is_sending, keep, may_publish, number_in, paper_at, sent_before
from catalog.views.signed_in import Contributor, contributors_only, retry_after, shown_the_way, submission_of, unsent


# -- Propose -----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def submission_new(request: Contributor) -> HttpResponse:
    fields, notice = brought(request)
    fields = fields if fields is not None else QueryDict(mutable=True)
    fields.setdefault("paste", request.GET.get("paste", ""))
    give_token(fields)
    return _answer(request, Matter(), fields, notice)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def paper_correct(request: Contributor, slug: str) -> HttpResponse:
    paper = paper_at(slug)
    fields, notice = brought(request)
    if isinstance(paper, Tombstone):
        return _gone(request, paper, fields) if fields is not None else departed(request, paper)
    matter = Matter(paper=paper, base=paper.record)
    if fields is None:
        fields = fields_of(paper.record, vocabulary=matter.vocabulary)
        fields["revision"] = str(paper.revision)
    give_token(fields)
    return _answer(request, matter, fields, notice)


def _answer(request: Contributor, matter: Matter, fields: QueryDict, notice: str) -> HttpResponse:
    if is_sending(request) and (sent := sent_before(request, fields)):
        return redirect(sent)
    act = request.POST.get("act")
    if matter.paper and fields.get("revision") != str(matter.paper.revision) and act not in {"check", "save"}:
        return _outrun(request, matter, fields)
    if is_sending(request):
        return _send(request, matter, matter.form(fields))
    if act == "save":
        kept = keep(request, fields, title=" ".join(str(fields.get("title", "")).split()))
        return kept or _draft(request, matter, fields, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _draft(request, matter, fields, notice=notice)


def _send(request: Contributor, matter: Matter, form: PaperForm) -> HttpResponse:
    matches = matter.judge(form, by=request.user)
    if form.errors:
        return _page(request, matter, form, matches=matches, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        submission = _propose(request, matter, form, matches)
    except review.LimitReached as limit:
        return _wait(request, matter, form, limit)
    except review.NothingChanged:
        return _nothing_changed(request, matter, form, matches)
    except review.PaperGone as gone:
        return _gone(request, gone.tombstone, form.typed)
    except review.PaperChanged as changed:
        return _outrun(request, Matter(paper=changed.paper, base=changed.paper.record), form.typed)
    except (AlreadyCatalogued, review.AlreadyProposed):
        return _overtaken(request, matter, form)
    except (review.NotPending, review.ChangedSinceSeen):
        # The same form was sent twice at this very moment, and the other was the first.
        return redirect(sent_before(request, form.typed) or "catalog:submission-list")
    drafts.discard(submission.token, by=request.user)
    return redirect(submission)


@transaction.atomic
def _propose(request: Contributor, matter: Matter, form: PaperForm, matches: list[Match]) -> Submission:
    publishes = request.POST.get("act") == "publish" and may_publish(request)
    if not publishes:
        review.respect_limits(by=request.user)
    said: dict[str, Any] = {"by": request.user, "token": UUID(form.data["token"]), **matter.said(form, matches)}
    if matter.paper is None:
        submission = review.submit(form.record, **said)
    else:
        submission = review.correct(matter.paper, form.record, **said)
        if submission.base and submission.base.revision != matter.paper.revision:
            raise review.PaperChanged(Paper.objects.get(pk=matter.paper.pk))
    if publishes:
        seen_revision = matter.paper.revision if matter.paper else None
        review.decide(submission, review.APPROVE, by=request.user, seen_version=1, seen_revision=seen_revision)
    return submission


# -- What stands in the way ----------------------------------------------------------------------
def _wait(request: Contributor, matter: Matter, form: PaperForm, limit: review.LimitReached) -> HttpResponse:
    more: dict[str, Any] = {"limit": limit, "per_hour": review.PER_HOUR}
    return retry_after(_page(request, matter, form, notice="limit", status=HTTPStatus.TOO_MANY_REQUESTS, **more), limit)


def _overtaken(request: Contributor, matter: Matter, form: PaperForm) -> HttpResponse:
    """Somebody was faster by a moment; what they did is in the database now, and the form says so."""
    matches = matter.judge(form, by=request.user)
    if not form.errors:
        form.add_error("links", _("Somebody has proposed an identifier of these a moment ago, for this paper too."))
    return _page(request, matter, form, matches=matches, status=HTTPStatus.CONFLICT)


def _nothing_changed(request: Contributor, matter: Matter, form: PaperForm, matches: list[Match]) -> HttpResponse:
    form.add_error(None, _("Every field says what the paper says already. Change the one that is wrong."))
    return _page(request, matter, form, matches=matches, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _outrun(request: Contributor, matter: Matter, fields: QueryDict) -> HttpResponse:
    """The paper has been changed since the form was opened: what nobody touched here follows it, what was typed stays."""
    paper, record = matter.paper, matter.base
    assert paper is not None and record is not None  # noqa: S101 -- only a correction has a paper that changes
    then = Revision.objects.filter(paper_public_id=paper.public_id, number=number_in(fields, "revision")).first()
    old, new = (fields_of(each, vocabulary=matter.vocabulary) for each in (then.record if then else record, record))
    both = carry_over(fields, old=old, new=new) if then else []
    fields["revision"] = str(paper.revision)
    form = matter.form(fields)
    form.hush()
    more: dict[str, Any] = {
        "since": comparison.differences(record, then.record) if then else [],
        "both": [form["links" if name == "links" else name].label for name in both],
    }
    status = HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK
    return _page(request, matter, form, notice="outrun", status=status, **more)


def _gone(request: Contributor, tombstone: Tombstone | None, fields: QueryDict) -> HttpResponse:
    """The paper was retracted or merged away while its correction was typed: the text, to copy."""
    last = publishing.newest_revision(tombstone.public_id) if tombstone else None
    matter = Matter(base=last.record if last else Record(title=""))
    give_token(fields)
    form = matter.form(fields)
    form.hush()
    return _page(request, matter, form, matches=[], notice="gone", status=HTTPStatus.CONFLICT, tombstone=tombstone)


# -- The form ----------------------------------------------------------------------------------
def _draft(
    request: Contributor, matter: Matter, fields: QueryDict, *, notice: str = "", status: int = HTTPStatus.OK, **more: Any
) -> HttpResponse:
    """The form before it is sent: read what was pasted, add a row, or only check."""
    fields.setdefault("paste", "")
    act = "read" if request.method != "POST" and str(fields["paste"]).strip() and not notice else request.POST.get("act")
    words: list[tuple[str, str]] = []
    filled: set[str] = set()
    form = matter.form(fields)
    if act == "read":
        reading = pasting.read(str(fields["paste"]), venues=form.venue_spellings, organizations=form.organization_spellings)
        words = paste_words.words_of(reading)
        filled = fill(fields, fields_of(reading.record, vocabulary=matter.vocabulary)) if reading.record else set()
    elif act == "add_link":
        fields.appendlist("link_url", "")
        fields.appendlist("link_kind", "paper")
    form.hush()
    more |= {"facts": words, "filled": filled, "added": act == "add_link"}
    return _page(request, matter, form, notice=notice, status=status, **more)


def _page(
    request: Contributor,
    matter: Matter,
    form: PaperForm,
    *,
    matches: list[Match] | None = None,
    notice: str = "",
    status: int = HTTPStatus.OK,
    **more: Any,
) -> HttpResponse:
    """The form with what is near to it and what the checks say. `notice` is what the page has to say first."""
    record, submission, base = form.record, matter.submission, matter.base
    if matches is None:
        untouched = request.method != "POST" and submission is not None and not submission.risk
        matches = [] if untouched else matter.matches(record)
    answers = checks.run(
        record,
        why=" ".join(str(form.data.get("why", "")).split()),
        matches=matches,
        submission=submission,
        different_from=matter.told_apart(form, matches) if matches else [],
        because=str(form.data.get("because", "")).strip(),
        kind=Submission.Kind.CORRECTION if base else Submission.Kind.ADDITION,
        base=base,
        current=matter.current,
        is_own_work=bool(form.cleaned_data.get("is_own_work")),
    )
    changes = comparison.differences(record, base) if base else []
    context = {
        "form": form,
        "record": record,
        "submission": submission,
        "paper": matter.paper,
        "base": base,
        "proposed_changes": changes,
        "field_count": course.count_of_fields(record, base) if base else 0,
        "notice": notice,
        "is_blank": request.method != "POST" and not notice and not changes and (base or record == Record(title="")),
        "taken": [match for match in matches if match.verdict == "same_identifier" and match.paper],
        "near": matter.unanswered(matches),
        "answers": answers,
        "tally": checks.tally(answers),
        "ahead": Submission.objects.ahead_of(submission) if submission else Submission.objects.awaiting_review(),
        "usual_wait": None if submission or base else review.usual_wait(),
        "may_publish": submission is None and may_publish(request),
        **more,
    }
    is_live = request.htmx and request.POST.get("act") == "check"
    response = render(request, "catalog/submission_form.html#live" if is_live else "catalog/submission_form.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


# -- Change ------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def submission_edit(request: Contributor, number: int) -> HttpResponse:
    submission = submission_of(request, number, own=True)
    if submission.is_removal:
        return removing.edit(request, submission)
    kept = unsent(request)
    matter = Matter.of(submission)
    if request.method == "POST" and not request.POST.get("act"):
        return _send_again(request, matter.form(request.POST.copy()), matter, submission)
    if request.method != "POST" and not submission.is_open:
        messages.warning(request, _("This submission is settled and stays as it is."))
        return redirect(submission)
    fields = kept or (request.POST.copy() if request.method == "POST" else _fields_of(submission, matter.vocabulary))
    return _draft(request, matter, fields, notice="signed_in" if kept else "")


def _fields_of(submission: Submission, vocabulary: Vocabulary) -> QueryDict:
    fields = fields_of(submission.record, vocabulary=vocabulary, why=submission.why, is_own_work=submission.is_own_work)
    fields["version"] = str(submission.version)
    fields["because"] = submission.because
    return fields


def _send_again(request: Contributor, form: PaperForm, matter: Matter, submission: Submission) -> HttpResponse:
    matches = matter.judge(form, by=request.user)
    if form.errors:
        return _page(request, matter, form, matches=matches, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        review.edit(
            submission,
            form.record,
            by=request.user,
            seen_version=number_in(form.typed, "version"),
            **matter.said(form, matches),
        )
    except review.ChangedSinceSeen as changed:
        form.typed["version"] = str(changed.submission.version)
        now = Matter.of(changed.submission)
        return _page(request, now, form, matches=matches, notice="changed", status=HTTPStatus.CONFLICT)
    except review.NotPending as settled:
        now = Matter.of(settled.submission)
        return _page(request, now, form, matches=matches, notice="settled", last=settled.last_decision, status=HTTPStatus.CONFLICT)
    except review.NothingChanged:
        return _nothing_changed(request, matter, form, matches)
    except (AlreadyCatalogued, review.AlreadyProposed):
        return _overtaken(request, matter, form)
    return redirect(submission)


# -- A form without its token ----------------------------------------------------------------------
def _not_sent(request: Contributor, number: int | None = None, slug: str = "") -> HttpResponse:
    """The form again with all that was typed and a token that is good; who is not signed in finds it behind the sign-in."""
    if elsewhere := shown_the_way(request):
        return elsewhere
    fields = request.POST.copy()
    submission = submission_of(request, number, own=True) if number else None
    paper = paper_at(slug) if slug else None
    if submission and submission.is_removal:
        return removing.not_sent(request, number=number)
    if isinstance(paper, Tombstone):
        return _gone(request, paper, fields)
    matter = Matter.of(submission) if submission else Matter(paper=paper, base=paper.record if paper else None)
    give_token(fields)
    fields.setdefault("paste", "")
    form = matter.form(fields)
    form.hush()
    return _page(request, matter, form, notice="not_sent", status=HTTPStatus.FORBIDDEN)


submission_new.not_sent = submission_edit.not_sent = paper_correct.not_sent = _not_sent  # type: ignore[attr-defined]
