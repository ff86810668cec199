"""What the forms of proposals share: where their fields come from, keeping them for later, a paper that is gone."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog import drafts, review
from catalog.models import Paper, Submission, Tombstone
from catalog.views.errors import gone
from catalog.views.signed_in import Contributor, unsent


def brought(request: Contributor) -> tuple[QueryDict | None, str]:
    """The fields as this person typed them: just now, before signing in, or into a draft; and how the page begins then.

    None where nothing was typed yet. Raises Http404 for a draft that is not theirs, or of another form.
    """
    if request.method == "POST":
        return request.POST.copy(), ""
    if kept := unsent(request):
        return kept, "signed_in"
    if token := request.GET.get("draft"):
        fields = drafts.fields_of(token, by=request.user, path=request.path)
        if fields is None:
            raise Http404
        return fields, "draft"
    return None, ""


def give_token(fields: QueryDict) -> None:
    """A form counts once; one whose key cannot be read gets another."""
    try:
        UUID(str(fields.get("token")))
    except ValueError:
        fields["token"] = str(uuid4())


def sent_before(request: Contributor, fields: QueryDict) -> Submission | None:
    return Submission.objects.filter(contributor=request.user, token=UUID(str(fields["token"]))).first()


def number_in(fields: QueryDict, name: str) -> int:
    """A version or revision that the form was made from; 0, which none has, where there is none to read."""
    text = str(fields.get(name, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def is_sending(request: Contributor) -> bool:
    return request.method == "POST" and request.POST.get("act", "") in {"", "publish"}


def may_publish(request: Contributor) -> bool:
    """Whether what this person proposes may be their own decision, in one step."""
    return review.may_decide(Submission(contributor=request.user), by=request.user) and not request.user.owes_factor


def keep(request: Contributor, fields: QueryDict, *, title: str) -> HttpResponse | None:
    """To the form again, with a draft of it; None where it cannot be kept, which the page says."""
    token = UUID(str(fields["token"]))
    try:
        drafts.save(fields, by=request.user, token=token, path=request.path, title=title)
    except drafts.TooMany:
        limit = drafts.PER_PERSON
        said = ngettext("You have %(limit)d draft already.", "You have %(limit)d drafts already.", limit) % {"limit": limit}
        messages.warning(request, f"{said} {_('Discard one under “Your submissions”, then keep this one. What you typed is below.')}")
        return None
    except drafts.TooLong:
        messages.warning(request, _("This is more than a draft can hold. What you typed is below; shorten it, or send it now."))
        return None
    messages.success(request, _("Kept. Only you see it."))
    return redirect(f"{request.path}?draft={token}")


def paper_at(slug: str) -> Paper | Tombstone:
    """What is at this address of a paper. Raises Http404 where none has ever been."""
    found = (Paper.objects.filter(slug=slug).first() or Tombstone.objects.filter(slug=slug).first()) if slug.isprintable() else None
    if found is None:
        raise Http404
    return found


def departed(request: Contributor, tombstone: Tombstone) -> HttpResponse:
    """The same form of the paper that took this one in; 410 with the reason where it was retracted."""
    if tombstone.successor is None:
        return gone(request, tombstone)
    match = request.resolver_match
    return redirect(f"catalog:{match.url_name if match else 'paper-detail'}", tombstone.successor.slug, permanent=True)
