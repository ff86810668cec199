"""All that is kept of a person, for the person to take away: one JSON object, of which each room tells a part. Reads only."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import personal as accounts
from accounts.models import User
from catalog import following, reading
from catalog.models import (
    AnsweredRequest,
    Comment,
    Decision,
    DeskNote,
    DisputeNotice,
    Distinction,
    Draft,
    Import,
    Submission,
    Tombstone,
    Visit,
)

# Of the shape of the whole. A new part, or a new field of one, is no other shape.
SHAPE = 1


class Part(NamedTuple):
    """A key of the object, what stands there in a few words, and the function that tells it.

    It gives plain data, or yields it piece by piece where there may be much. A room that keeps something of people has one
    in PARTS; that none is forgotten is tested.
    """

    name: str
    words: Promise | str
    told: Callable[[User], Any]


def _visits(person: User) -> list[Any]:
    return list(Visit.objects.filter(user=person).values("began_at", "seen_at", "before"))


# -- What is proposed ----------------------------------------------------------------------------
def _submissions(person: User) -> Iterator[dict[str, Any]]:
    decisions = Prefetch("decisions", Decision.objects.select_related("by").defer("private_note"))
    rows = Submission.objects.filter(contributor=person).order_by("pk").prefetch_related("versions", "comments__by", decisions)
    for submission in rows.iterator(chunk_size=100):
        yield {
            "number": submission.pk,
            "kind": submission.kind,
            "status": submission.status,
            "title": submission.title,
            "paper": submission.paper_public_id or None,
            "is_own_work": submission.is_own_work,
            "because": submission.because,
            "submitted_at": submission.submitted_at,
            "updated_at": submission.updated_at,
            "versions": [
                {"number": version.number, "at": version.at, "why": version.why, "record": json.loads(version.record_json)}
                for version in submission.versions.all()
            ],
            "conversation": [{"by": _name(said.by), "text": said.text, "at": said.at} for said in submission.comments.all()],
            "decisions": [
                {"verdict": each.verdict, "reason_code": each.reason_code, "reason": each.reason, "by": _name(each.by), "at": each.at}
                for each in submission.decisions.all()
            ],
        }


def _name(person: User | None) -> str | None:
    return person.username if person else None


def _drafts(person: User) -> list[dict[str, Any]]:
    drafts = Draft.objects.filter(contributor=person)
    return [{"path": draft.path, "fields": parse_qs(draft.fields), "saved_at": draft.saved_at} for draft in drafts]


def _comments(person: User) -> Iterator[Any]:
    yield from Comment.objects.filter(by=person).values("submission", "text", "at").iterator()


def _requests(person: User) -> list[Any]:
    return list(AnsweredRequest.objects.filter(user=person).order_by("at").values("key", "status", "body", "at"))


# -- What is decided -----------------------------------------------------------------------------
def _decisions(person: User) -> Iterator[Any]:
    facts = ("id", "submission", "verdict", "paper_public_id", "subject", "reason_code", "reason", "private_note", "is_own", "at")
    yield from Decision.objects.filter(by=person).values(*facts).iterator()


def _desk(person: User) -> dict[str, Any]:
    """The rest of what one does at the desk."""
    notices = DisputeNotice.objects.filter(Q(proposed_by=person) | Q(confirmed_by=person) | Q(lifted_by=person))
    imports = Import.objects.filter(Q(by=person) | Q(applied_by=person))
    return {
        "keeps_categories": list(person.maintained_categories.values_list("path", flat=True)),
        "notes": list(DeskNote.objects.filter(by=person).values("submission", "text", "at")),
        "notices": list(notices.values("paper_public_id", "kind", "text", "proposed_at", "confirmed_at", "lifted_at")),
        "papers_told_apart": list(Distinction.objects.filter(by=person).values("first", "second", "because", "at")),
        "papers_taken_off": list(Tombstone.objects.filter(by=person).values("public_id", "title", "reason", "at")),
        "imports": list(imports.values("name", "list_name", "uploaded_at", "applied_at")),
        "has_open": list(Submission.objects.filter(opened_by=person).values_list("pk", flat=True)),
    }


PARTS = (
    Part("account", _("Username, when you joined, what you may do."), accounts.account),
    Part("public_page", _("What you say of yourself."), accounts.public_page),
    Part("addresses", _("Email addresses, and whether they are verified."), accounts.addresses),
    Part(
        "second_factors",
        _("Passkeys, an authenticator app, recovery codes: since when, and when they were last used."),
        accounts.second_factors,
    ),
    Part("other_sites", _("Accounts on other sites that sign you in, and what those sites said of you."), accounts.other_sites),
    Part("browsers", _("Where you are signed in."), accounts.browsers),
    Part("visits", _("When you were last here."), _visits),
    Part("tokens", _("Tokens of your programs, without the keys."), accounts.tokens),
    Part("notifications", _("What you were told on the site."), accounts.notifications),
    Part("letters", _("Which periodic letters you were sent, and when."), accounts.letters),
    Part("submissions", _("Your proposals: every version, what was said and what was decided."), _submissions),
    Part("drafts", _("Forms you mean to finish."), _drafts),
    Part("reading", _("How far you are with which papers, your notes, and your reading lists."), reading.data_of),
    Part("follows", _("What you follow, and how you hear of it."), following.data_of),
    Part("comments", _("What you said about proposals, your own and others’."), _comments),
    Part("requests", _("What your programs were answered in the last day."), _requests),
    Part("decisions", _("What you decided, with your private notes."), _decisions),
    Part("desk", _("What else you did at the desk."), _desk),
)


def document(person: User) -> Iterator[str]:
    """The object, piece by piece. One that was cut off on its way is no JSON."""
    head = {"shape": SHAPE, "site": settings.SITE_URL, "made_at": timezone.now()}
    yield "{" + ",\n".join(f'"{name}": {_json(value)}' for name, value in head.items())
    for part in PARTS:
        yield f',\n"{part.name}": '
        told = part.told(person)
        yield from _listed(told) if isinstance(told, Iterator) else (_json(told),)
    yield "}\n"


def _listed(pieces: Iterator[Any]) -> Iterator[str]:
    yield "["
    for place, piece in enumerate(pieces):
        yield f"{',' if place else ''}\n{_json(piece)}"
    yield "]"


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
