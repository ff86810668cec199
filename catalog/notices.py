"""The letters we send about submissions: their words are templates under `templates/email/`.

A letter goes to the contributor's own address and names nobody else's. Never decides anything.
"""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from catalog.models import Decision, Submission


def submission_received(submission: Submission) -> None:
    """Tell the contributor that the proposal has arrived, and where it can be followed."""
    ahead = Submission.objects.ahead_of(submission).count()
    _send("submission_received", submission, {"ahead": ahead})


def decided(decision: Decision) -> None:
    """Tell the contributor what was decided, with the reason exactly as everyone can read it."""
    _send(f"decided_{decision.verdict}", decision.submission, {"decision": decision})


def _send(letter: str, submission: Submission, facts: dict[str, object]) -> None:
    if submission.contributor is None:
        return
    context = {"submission": submission, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, **facts}
    subject = " ".join(render_to_string(f"email/{letter}_subject.txt", context).split())
    body = render_to_string(f"email/{letter}.txt", context)
    send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [submission.contributor.email])
