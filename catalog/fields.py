"""Fields of the submission form: tidy text, rows of names, rows of links; each refuses with a sentence that says what to do.

No field lets a character through that hides or reorders text. Never asks the database.
"""

import re
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import identifiers, records
from catalog.identifiers import LABELS, UnusableAddress
from catalog.records import tidy

UNUSABLE = {
    "empty": gettext_lazy("Give the address, or leave the row empty."),
    "too_long": gettext_lazy("This address is too long; 2,000 characters are the limit."),
    "characters": gettext_lazy("This address has a blank, a backslash or a hidden character in it; copy it anew."),
    "scheme": gettext_lazy("Only addresses that begin with https:// or http:// can be kept."),
    "credentials": gettext_lazy("This address has a name or a password in it; take it out, up to the @."),
    "host": gettext_lazy("This address does not name a public site."),
}


def refuse_unwanted(text: str) -> None:
    """Raises ValidationError that names the characters."""
    if found := records.unwanted_characters(text):
        raise ValidationError(_("Take out %(characters)s: nobody can see it here.") % {"characters": ", ".join(found[:3])}, "unwanted")


def refuse_unfinished(text: str) -> None:
    """The words that a reason begins with are not yet what there is to say. Raises ValidationError."""
    if text.rstrip().endswith(":"):
        raise ValidationError(_("Finish the sentence: it ends with a colon."))


class Line(forms.CharField):
    """One line of tidy text; a line break in it is a blank."""

    def __init__(self, **more: Any) -> None:
        messages = {"max_length": gettext_lazy("Shorten it to %(limit_value)d characters; it has %(show_value)d.")}
        super().__init__(error_messages=messages | more.pop("error_messages", {}), **more)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        refuse_unwanted(text)
        return tidy(text)


class Prose(Line):
    """Several lines, each tidy; one empty line between paragraphs."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        text = forms.CharField.to_python(self, value) or ""
        refuse_unwanted(text)
        lines = "\n".join(tidy(line) for line in text.splitlines())
        return re.sub(r"\n{3,}", "\n\n", lines)


class Names(Prose):
    """One name a line; a line of several names with commas between them is taken apart."""

    def clean(self, value: Any) -> list[str]:
        names = [name for line in super().clean(value).splitlines() if line for name in _names_in(line)]
        if len(names) > records.MAX_AUTHORS:
            raise ValidationError(
                _("Shorten it to %(limit)d names; it has %(count)d.") % {"limit": records.MAX_AUTHORS, "count": len(names)}
            )
        if long := next((name for name in names if len(name) > records.MAX_NAME), None):
            raise ValidationError(_("“%(name)s…” is too long for a name; put each name on its own line.") % {"name": long[:40]})
        return names


def _names_in(line: str) -> list[str]:
    """`Tri Dao, Dan Fu` are two, `Dao, Tri` is one: in a row of names each has a blank in it."""
    parts = [part.strip() for part in line.split(",") if part.strip()]
    return parts if all(" " in part for part in parts) else [line.strip(" ,")]


class LinkRows(forms.Widget):
    """Rows of an address and what it leads to; drawn by the page."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[tuple[str, str]]:
        urls, kinds = data.getlist("link_url"), data.getlist("link_kind")
        return [(url, kinds[place] if place < len(kinds) else "paper") for place, url in enumerate(urls)]


class Links(forms.Field):
    """Cleans to links; an identifier written in place of an address becomes its address. Names the row that is wrong."""

    widget = LinkRows

    def clean(self, value: Any) -> tuple[records.Link, ...]:
        links, errors = [], []
        for place, (url, kind) in enumerate(value, start=1):
            if not url.strip():
                continue
            try:
                links.append(_link(url, kind))
            except ValidationError as error:
                errors.append(
                    ValidationError(_("Link %(place)d: %(error)s") % {"place": place, "error": error.message}, params={"row": place})
                )
        if len(links) > records.MAX_LINKS:
            errors.append(ValidationError(_("Shorten it to %(limit)d links.") % {"limit": records.MAX_LINKS}))
        if errors:
            raise ValidationError(errors)
        if not links:
            raise ValidationError(_("Give at least one link where it can be read, or its identifier."))
        _refuse_two_of_a_scheme(links)
        return tuple(links)


def _link(text: str, kind: str) -> records.Link:
    text = text.strip()
    if kind not in records.LINK_KINDS:
        raise ValidationError(_("choose what it leads to."))
    host = text.partition("/")[0]
    if "://" not in text and (identifier := identifiers.recognise(text)):
        text = identifiers.url_of(identifier.scheme, identifier.value)
    elif "." in host and ":" not in host:
        text = f"https://{text}"
    try:
        url = identifiers.without_tracking(identifiers.clean_url(text))
    except UnusableAddress as refusal:
        raise ValidationError(str(UNUSABLE[refusal.reason])) from None
    return records.Link(kind=cast(records.LinkKind, kind), url=url)


def _refuse_two_of_a_scheme(links: Iterable[records.Link]) -> None:
    found: dict[str, str] = {}
    for link in links:
        identifier = identifiers.recognise(link.url) if link.kind in {"paper", "pdf"} else None
        if identifier and found.setdefault(identifier.scheme, identifier.value) != identifier.value:
            both = {"scheme": LABELS[identifier.scheme], "one": found[identifier.scheme], "other": identifier.value}
            raise ValidationError(_("These links lead to two papers: %(scheme)s %(one)s and %(other)s. Keep one.") % both)
