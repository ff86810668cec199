"""What a person's programs propose, and what becomes of it; what a maintainer's programs decide. `review` is the only door."""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, cast
from uuid import uuid4

import msgspec
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from msgspec import UNSET
from rest_framework.request import Request

from accounts.models import User
from accounts.notify import has_verified_address
from catalog import answers, publishing, reasons, records, review
from catalog.answers import BadBody, BadParameters, Problem
from catalog.api import bodies, pages, problems, proposals, schema, standing
from catalog.api.idempotency import Sending
from catalog.api.lookups import candidates
from catalog.api.proposals import Edit, Proposal, ProposedRecord, Remark, Restatement, Verdict
from catalog.api.resource import READ, REVIEW, SUBMIT, Resource, listed, own, scopes_of
from catalog.fields import Prose, refuse_unfinished
from catalog.forms import CommentForm, PaperForm, RemovalForm, fields_of
from catalog.matching import Match
from catalog.matter import Matter, as_approved, edit_form
from catalog.models import Decision, Paper, Submission
from catalog.records import Record

_VERSION = re.compile(r'"([0-9]{1,9})(?:-[0-9a-f]{1,32})?"')


# -- Addresses ---------------------------------------------------------------------------------
class Submissions(Resource):
    scopes = {"GET": (READ,), "POST": (SUBMIT,)}
    parameters = (*pages.PARAMETERS, "status")

    @extend_schema(**schema.SUBMISSIONS)
    def get(self, request: Request) -> HttpResponseBase:
        mine, status = standing.submissions().filter(contributor=person(request)).order_by("-id"), request.GET.get("status")
        if status is not None:
            if status not in Submission.Status:
                raise BadParameters([("status", _("Expected one of: %s.") % ", ".join(Submission.Status.values))])
            mine = mine.filter(status=status)
        return _list(request, mine, query=f"status={status}" if status else "")

    @extend_schema(**schema.SUBMIT)
    def post(self, request: Request) -> HttpResponseBase:
        by, proposal = person(request), bodies.read(request, Proposal)
        _refuse_unreachable(by)
        sending = Sending.of(request, by)
        with transaction.atomic():
            publishing.take_turn()
            if before := sending.answer():
                return before
            submission = _propose(proposal, by=by)
            response = _state(request, submission.pk, status=201)
            response["Location"] = reverse("api:submission", args=[submission.pk])
            sending.remember(response)
        return response


class SubmissionItem(Resource):
    scopes = {"GET": (READ, REVIEW), "PUT": (SUBMIT,), "PATCH": (SUBMIT,)}

    @extend_schema(**schema.SUBMISSION)
    def get(self, request: Request, number: int) -> HttpResponseBase:
        return _state(request, _visible(request, number, own_with=READ).pk)

    @extend_schema(**schema.RESTATE)
    def put(self, request: Request, number: int) -> HttpResponseBase:
        return _edit(request, number, bodies.read(request, Restatement))

    @extend_schema(**schema.EDIT)
    def patch(self, request: Request, number: int) -> HttpResponseBase:
        return _edit(request, number, bodies.read(request, Edit))


class Withdrawal(Resource):
    scopes = {"POST": (SUBMIT,)}

    @extend_schema(**schema.WITHDRAW)
    def post(self, request: Request, number: int) -> HttpResponseBase:
        submission = _mine(request, number)
        review.withdraw(submission, by=person(request), seen_version=_version_seen(request, submission))
        return _state(request, number)


class Comments(Resource):
    scopes = {"POST": (SUBMIT, REVIEW)}

    @extend_schema(**schema.COMMENT)
    def post(self, request: Request, number: int) -> HttpResponseBase:
        submission, by = _visible(request, number, own_with=SUBMIT), person(request)
        _refuse_unreachable(by)
        form = CommentForm({"text": bodies.read(request, Remark).text})
        if not form.is_valid():
            raise BadBody([("#/text", str(text)) for text in form.errors["text"]])
        said = standing.comment(review.comment(submission, form.cleaned_data["text"], by=by))
        body = msgspec.json.encode(said)
        return own(request, body, etag=f'"{_digest(body)}"', status=201)


class Queue(Resource):
    """What this person may decide, oldest first."""

    scopes = {"GET": (REVIEW,)}
    parameters = pages.PARAMETERS

    @extend_schema(**schema.QUEUE)
    def get(self, request: Request) -> HttpResponseBase:
        return _list(request, review.decidable_by(_reviewer(request)).select_related("contributor").order_by("id"))


class Decisions(Resource):
    scopes = {"POST": (REVIEW,)}

    @extend_schema(**schema.DECIDE)
    def post(self, request: Request, number: int) -> HttpResponseBase:
        by = _reviewer(request)
        submission, verdict = _visible(request, number, own_with=REVIEW), bodies.read(request, Verdict)
        seen = _version_seen(request, submission)
        review.decide(submission, verdict.verdict, by=by, seen_version=seen, **_told(verdict, submission))
        return _state(request, number, status=201)


# -- Who, and which one ------------------------------------------------------------------------
def person(request: Request) -> User:
    """Whose token it is; `scopes` have seen to it that there is one."""
    return cast(User, request.user)


def _refuse_unreachable(by: User) -> None:
    if not has_verified_address(by):
        raise Problem(403, _("Verify your email address first, so that you can be told what was decided."))


def _reviewer(request: Request) -> User:
    if not person(request).is_reviewer:
        raise Problem(403, _("Only maintainers decide."))
    _refuse_without_factor(person(request))
    return person(request)


def _refuse_without_factor(by: User) -> None:
    if by.owes_factor:
        raise Problem(403, _("You decide here once you have a passkey or an authenticator app. Add one on the site, under “Your account”."))


def _visible(request: Request, number: int, *, own_with: str) -> Submission:
    """One's own, with a token of this scope, or one that the person may review and the token too. Others are not there."""
    scopes, submission = scopes_of(request), Submission.objects.filter(pk=number).first()
    if submission and own_with in scopes and submission.contributor_id == request.user.pk:
        return submission
    if submission and REVIEW in scopes and Submission.objects.reviewable_by(person(request)).filter(pk=number).exists():
        _refuse_without_factor(person(request))
        return submission
    raise Problem(404, _("There is no submission at this address."))


def _mine(request: Request, number: int) -> Submission:
    """One's own, to be changed."""
    submission = Submission.objects.filter(pk=number, contributor=person(request)).first()
    if submission is None:
        raise Problem(404, _("There is no submission at this address."))
    _refuse_unreachable(person(request))
    return submission


def _version_seen(request: Request, submission: Submission) -> int:
    """The version that `If-Match` names. Raises Problem: 428 where it names none (RFC 6585), 412 where it is another by now.

    An entity tag of a submission is its version, and what the answer held beside it: comments and its place make no other one.
    """
    header = request.headers.get("If-Match")
    if header is None:
        raise Problem(428, _("Send If-Match with the ETag of the version that you have read."))
    tags = parse_etags(header)
    seen = {int(match[1]) for tag in tags if (match := _VERSION.fullmatch(tag))}
    if tags != ["*"] and submission.version not in seen:
        raise problems.stale(submission)
    return submission.version


# -- Propose and edit --------------------------------------------------------------------------
def _propose(proposal: Proposal, *, by: User) -> Submission:
    kind = proposal.kind or ("correction" if proposal.paper else "addition")
    if kind == "addition":
        if proposal.paper:
            raise BadBody([("#/paper", _("An addition is about no paper that is here. Leave it out, or propose a correction."))])
        matter, base = Matter(), Record(title="")
    elif not proposal.paper:
        raise BadBody([("#/paper", _("Name the paper that it is about, by its id or slug."))])
    else:
        paper = _paper(proposal.paper)
        if kind == "removal":
            why = _reason_to_go(proposal)
            review.respect_limits(by=by)
            return review.remove(paper, by=by, why=why, token=uuid4())
        if proposal.record and proposal.record.revision and proposal.record.revision != paper.revision:
            raise problems.outrun(paper)
        matter, base = Matter(paper=paper, base=paper.record), paper.record
    form, matches = _judged(matter, proposal, base, by=by)
    review.respect_limits(by=by)
    said: dict[str, Any] = {"by": by, "token": uuid4(), **matter.said(form, matches)}
    return review.correct(matter.paper, form.record, **said) if matter.paper else review.submit(form.record, **said)


def _edit(request: Request, number: int, edit: Edit | Restatement) -> HttpResponseBase:
    submission, by = _mine(request, number), person(request)
    seen = _version_seen(request, submission)
    if not submission.is_open:
        raise review.NotPending(submission)
    if isinstance(edit, Edit):
        edit, base = _completed(edit, submission), submission.record
    else:
        base = submission.base or Record(title="")
    if submission.is_removal:
        review.edit(submission, submission.record, by=by, seen_version=seen, why=_reason_to_go(edit))
    else:
        matter = Matter.of(submission)
        form, matches = _judged(matter, edit, base, by=by)
        review.edit(submission, form.record, by=by, seen_version=seen, **matter.said(form, matches))
    return _state(request, number)


def _completed(edit: Edit, submission: Submission) -> Restatement:
    """The edit, and what it leaves as it is."""
    said = {name: value for name in edit.__struct_fields__ if (value := getattr(edit, name)) is not UNSET}
    stays = {"why": submission.why, "is_own_work": submission.is_own_work, "because": submission.because}
    return Restatement(**{**stays, **said})


def _judged(matter: Matter, said: Restatement, base: Record, *, by: User) -> tuple[PaperForm, list[Match]]:
    """The facts over the base, in the form that people fill in, and what is near. Raises Problem for what stands in the way."""
    facts = said.record or ProposedRecord()
    fields = fields_of(facts.over(base), vocabulary=matter.vocabulary, why=said.why, is_own_work=said.is_own_work)
    fields["because"] = said.because
    fields["answer"] = "different" if said.different_from else ""
    fields.setlist("asked", _known_papers(said.different_from))
    form = matter.form(fields)
    proposals.refuse_errors(form, facts, base=base)
    matches = matter.judge(form, by=by)
    _refuse_taken(matches, by=by)
    apart = matter.told_apart(form, matches)
    if near := [match for match in matter.unanswered(matches) if match.paper not in apart]:
        detail = _("This may be a paper that is here. Name those that it is not in different_from, or leave it.")
        raise Problem(409, detail, more={"candidates": candidates(near)})
    return form, matches


def _refuse_taken(matches: Iterable[Match], *, by: User) -> None:
    same = [match for match in matches if match.verdict == "same_identifier"]
    if papers := [match.paper for match in same if match.paper]:
        raise problems.catalogued(papers, _("A paper here has one of these identifiers, and no two papers share one."))
    for match in same:
        if match.submission:
            raise problems.proposed(match.submission, by=by)


def _paper(key: str) -> Paper:
    """Raises Problem where it is gone or was merged, BadBody where there never was one."""
    try:
        return answers.paper_of(key)
    except answers.Moved as moved:
        raise problems.gone(moved.successor, "") from None
    except Problem as missing:
        if missing.status == 410:
            raise problems.gone(None, missing.detail) from None
        raise BadBody([("#/paper", _("There is no such paper."))]) from None


def _known_papers(ids: list[str]) -> list[str]:
    known = set(Paper.objects.filter(public_id__in=[id_ for id_ in ids if id_.isprintable()]).values_list("public_id", flat=True))
    if unknown := [
        (f"#/different_from/{place}", _("There is no paper with this id.")) for place, id_ in enumerate(ids) if id_ not in known
    ]:
        raise BadBody(unknown)
    return ids


def _reason_to_go(said: Restatement) -> str:
    """What a removal says."""
    if said.record:
        raise BadBody([("#/record", _("A removal changes no facts. Leave it out."))])
    fields = QueryDict(mutable=True)
    fields["why"] = said.why
    form = RemovalForm(fields)
    if not form.is_valid():
        raise BadBody([("#/why", str(text)) for text in form.errors["why"]])
    return str(form.cleaned_data["why"])


# -- Decide ------------------------------------------------------------------------------------
def _told(verdict: Verdict, submission: Submission) -> dict[str, Any]:
    """The decision as `review` takes it, judged as the desk judges it. Raises BadBody."""
    errors: list[tuple[str, str]] = []
    told: dict[str, Any] = {"reason_code": verdict.reason_code, "seen_revision": verdict.revision or None}
    for name, validators in (("reason", [refuse_unfinished]), ("private_note", [])):
        try:
            told[name] = Prose(required=False, max_length=records.MAX_NOTE, validators=validators).clean(getattr(verdict, name))
        except ValidationError as error:
            errors += [(f"#/{name}", text) for text in error.messages]
    if verdict.reason_code and verdict.reason_code not in _codes(verdict, submission):
        errors.append(("#/reason_code", _("That is no reason for this decision.")))
    if verdict.record and (verdict.verdict != review.APPROVE or submission.is_removal or verdict.fields):
        errors.append(("#/record", _("Only what is approved as a whole can be approved with edits.")))
    if verdict.fields is not UNSET and (verdict.verdict != review.APPROVE or not submission.is_correction):
        errors.append(("#/fields", _("Only of a correction that is approved some fields can be taken.")))
    if errors:
        raise BadBody(errors)
    if verdict.record:
        base = as_approved(submission)
        form = edit_form(fields_of(verdict.record.over(base)), submission)
        proposals.refuse_errors(form, verdict.record, base=base)
        told["record"] = form.record
    if verdict.fields is not UNSET:
        told["fields"] = verdict.fields
    return told


def _codes(verdict: Verdict, submission: Submission) -> set[str]:
    """The reasons that the desk offers for it; of an approval also those to approve a part."""
    fitting = {verdict.verdict, *([Decision.Verdict.TAKE] if verdict.verdict == review.APPROVE else [])}
    return {reason.code for reason in reasons.offered(submission) if reason.verdict in fitting}


# -- Answers -----------------------------------------------------------------------------------
def _state(request: Request, number: int, *, status: int = 200) -> Any:
    submission = standing.whole().get(pk=number)
    body = msgspec.json.encode(standing.state(submission))
    return own(request, body, etag=f'"{submission.version}-{_digest(body)}"', status=status)


def _list(request: Request, rows: QuerySet[Submission], *, query: str = "") -> HttpResponseBase:
    body, links = listed(request._request, rows, standing.summaries, query=query)
    return own(request, body, etag=f'"{_digest(body)}"', links=links)


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()[:32]
