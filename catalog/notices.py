"""What people are told about submissions: letters, whose words are templates under `templates/email/`, and notifications.

A letter goes to a person's own verified address and names nobody else's. Never decides anything.
"""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Value
from django.db.models.functions import Concat, Left, Substr
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import notify
from accounts.models import Notification, User
from catalog import corrections, credit, letters, log, reasons
from catalog.models import Comment, Decision, Submission

# Of the maintainers who took part in a conversation, so many hear of an answer: those who did last.
MOST_TOLD = 10


def submission_received(submission: Submission) -> None:
    """Tell the contributor that the proposal has arrived, and where it can be followed."""
    ahead = Submission.objects.ahead_of(submission).count()
    if submission.contributor:
        write("submission_received", submission.contributor, {"submission": submission, "ahead": ahead})


def decided(decision: Decision) -> None:
    """Tell the contributor what was decided, with the reason exactly as everyone can read it; not who decided their own."""
    submission = decision.submission
    if submission is None or submission.contributor is None or submission.contributor_id == decision.by_id:
        return
    still_open = corrections.changes(submission.record, submission.base) if submission.base else []
    facts = {
        "submission": submission,
        "decision": decision,
        "has_edits": bool(decision.record_json),
        "reason_name": reasons.name_of(decision, reasons.names()),
        "taken": log.fields_in_words(decision.fields),
        "still_open": log.fields_in_words(still_open),
    }
    _tell(f"decided_{decision.verdict}", submission.contributor, facts, url=submission.get_absolute_url())


def commented(comment: Comment) -> None:
    """Tell the contributor what a maintainer said; tell maintainers who took part, and still may, that the contributor answered."""
    submission = comment.submission
    if comment.by_id != submission.contributor_id:
        if submission.contributor:
            facts = {"submission": submission, "comment": comment}
            _tell("commented", submission.contributor, facts, url=submission.get_absolute_url())
        return
    name = submission.contributor.username if submission.contributor else ""
    text = _("%(name)s wrote about no. %(number)d: %(title)s") % {"name": name, "number": submission.pk, "title": submission.title}
    for maintainer in _took_part(submission):
        notify.notify(maintainer, text, url=reverse("admin:catalog_submission_change", args=[submission.pk]))


def forget(person: User) -> None:
    """Take a person's name out of what others were told: the sentences of `commented` that begin with it."""
    rest = Substr("text", len(person.username) + 1)
    said = Left(Concat(Value(str(credit.DELETED)), rest), Notification.LONGEST)
    Notification.objects.filter(text__startswith=f"{person.username} wrote about ").update(text=said)


def write(letter: str, reader: User, facts: Mapping[str, object], *, kind: letters.Kind | None = None) -> None:
    """Send a letter, where there is an address that it may go to. One of a periodic `kind` says how to have no more of them."""
    address = notify.address_of(reader)
    if address is None:
        return
    way_out = letters.way_out(reader, kind) if kind else ""
    context = {"reader": reader, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "way_out": way_out, **facts}
    parts = (_subject(letter, facts), render_to_string(f"email/{letter}.txt", context), settings.DEFAULT_FROM_EMAIL, [address])
    if way_out:
        letters.Letter(*parts, way_out=way_out).send()
    else:
        send_mail(*parts)


def _tell(letter: str, reader: User, facts: Mapping[str, object], *, url: str) -> None:
    """On the site first: a mail server that is silent keeps nobody from reading it there. One line says it in both places."""
    notify.notify(reader, _subject(letter, facts), url=url)
    write(letter, reader, facts)


def _subject(letter: str, facts: Mapping[str, object]) -> str:
    return " ".join(render_to_string(f"email/{letter}_subject.txt", dict(facts)).split())


def _took_part(submission: Submission) -> Iterable[User]:
    """Who decided, spoke or opened it, the latest first, without those who may not see it any more."""
    numbers = [submission.opened_by_id]
    numbers += submission.comments.order_by("-at", "-id").values_list("by", flat=True)
    numbers += submission.decisions.order_by("-at", "-id").values_list("by", flat=True)
    people = User.objects.in_bulk({number for number in numbers if number and number != submission.contributor_id})
    latest = [people[number] for number in dict.fromkeys(numbers) if number in people][:MOST_TOLD]
    return [one for one in latest if Submission.objects.reviewable_by(one).filter(pk=submission.pk).exists()]
