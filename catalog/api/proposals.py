"""What programs send: a paper as they describe it, and its way through the form that people fill in; and verdicts.

What the form refuses is refused here, and what comes out of it is what would come out of it in a browser; so both take
exactly the same facts. What a record holds besides those facts may stand here too and is not heeded: a record can be sent
back as it was read. Anything else is refused.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, cast

import msgspec
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _
from msgspec import UNSET, Meta, UnsetType

from catalog import citations, identifiers, records
from catalog.answers import BadBody
from catalog.api.bodies import escaped
from catalog.fields import Names
from catalog.forms import PaperForm
from catalog.records import FIRST_YEAR, LAST_YEAR, Kind, LinkKind, Record

_TAKEN = Meta(description="Not heeded.")
_MOST_NAMED = 50
_LARGEST = 2**31 - 1


class ProposedAuthor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    orcid: Annotated[str | None, _TAKEN] | UnsetType = UNSET


class ProposedOrganization(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Known ones are found by any of their spellings."""

    name: str
    slug: Annotated[str, _TAKEN] | UnsetType = UNSET


class ProposedVenue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A series and a year; known ones are found by any of their spellings. `OSDI 22` may stand in `name` alone."""

    name: str
    year: Annotated[int, Meta(ge=FIRST_YEAR, le=LAST_YEAR)] | None = None
    slug: Annotated[str, _TAKEN] | UnsetType = UNSET
    track: Annotated[str, _TAKEN] | UnsetType = UNSET
    raw: Annotated[str, _TAKEN] | UnsetType = UNSET


class ProposedLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address, or an identifier in place of one."""

    url: Annotated[str, Meta(min_length=1)]
    kind: LinkKind = "paper"
    label: Annotated[str, _TAKEN] | UnsetType = UNSET


class ProposedCategory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    path: str
    name: Annotated[str, _TAKEN] | UnsetType = UNSET
    position: Annotated[int, _TAKEN] | UnsetType = UNSET
    primary: Annotated[bool, _TAKEN] | UnsetType = UNSET
    note: Annotated[str, _TAKEN] | UnsetType = UNSET


class ProposedRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The facts of a paper; those that are not given stay as they are, or empty.

    `identifiers` may stand among the links as well. Where `revision` is given, of a correction, it is the one that was read.
    """

    title: str | UnsetType = UNSET
    short_name: str | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    year: Annotated[int, Meta(ge=FIRST_YEAR, le=LAST_YEAR)] | UnsetType | None = UNSET
    abstract: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    authors: Annotated[list[ProposedAuthor], Meta(max_length=records.MAX_AUTHORS)] | UnsetType = UNSET
    organizations: Annotated[list[ProposedOrganization], Meta(max_length=100)] | UnsetType = UNSET
    venue: ProposedVenue | UnsetType | None = UNSET
    identifiers: dict[str, str] | UnsetType = UNSET
    links: Annotated[list[ProposedLink], Meta(max_length=100)] | UnsetType = UNSET
    categories: Annotated[list[ProposedCategory], Meta(max_length=100)] | UnsetType = UNSET
    revision: Annotated[int, Meta(ge=0, le=2**31 - 1)] | UnsetType = UNSET
    id: Annotated[str, _TAKEN] | UnsetType = UNSET
    slug: Annotated[str, _TAKEN] | UnsetType = UNSET
    path: Annotated[str, _TAKEN] | UnsetType = UNSET
    added_at: Annotated[str | None, _TAKEN] | UnsetType = UNSET
    updated_at: Annotated[str | None, _TAKEN] | UnsetType = UNSET
    citation_key: Annotated[str, _TAKEN] | UnsetType = UNSET

    def over(self, base: Record) -> Record:
        """The base with what is said here in its place. Raises BadBody for an identifier that is none."""
        said: dict[str, Any] = {
            name: value
            for name in ("title", "short_name", "kind", "year", "abstract", "note")
            if (value := getattr(self, name)) is not UNSET
        }
        if self.authors is not UNSET:
            said["authors"] = tuple(records.Author(name=author.name) for author in self.authors)
        if self.organizations is not UNSET:
            said["organizations"] = tuple(records.Organization(name=each.name) for each in self.organizations)
        if self.venue is not UNSET:
            said["venue"] = _venue(self.venue, base.venue)
        if self.identifiers is not UNSET:
            said["identifiers"] = _normalised(self.identifiers)
        if self.links is not UNSET:
            said["links"] = tuple(records.Link(kind=link.kind, url=link.url) for link in self.links)
        if self.categories is not UNSET:
            said["categories"] = tuple(records.Category(path=place.path) for place in self.categories)
        return records.replace(base, **said)


class Paste(msgspec.Struct, forbid_unknown_fields=True):
    """A text too long for an address, such as an entry of BibTeX."""

    q: str


class Described(msgspec.Struct, forbid_unknown_fields=True):
    """A paper as far as it is known."""

    record: ProposedRecord


class Restatement(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The whole of a submission anew.

    `different_from` are ids of near papers that it is not, and `because` says what sets them apart.
    """

    why: str
    record: ProposedRecord | UnsetType = UNSET
    is_own_work: bool = False
    different_from: Annotated[list[str], Meta(max_length=_MOST_NAMED)] = []
    because: str = ""


class Proposal(Restatement, forbid_unknown_fields=True, kw_only=True):
    """An addition, unless `paper` (an id or a slug) says what it is about: then a correction, or a removal if `kind` says so.

    Of a correction `record` holds the changed facts, or all. `different_from` and `because` are as in a Restatement.
    """

    kind: Literal["addition", "correction", "removal"] | UnsetType = UNSET
    paper: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET


class Edit(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be otherwise; what is not given stays, also among the facts of the record."""

    why: str | UnsetType = UNSET
    record: ProposedRecord | UnsetType = UNSET
    is_own_work: bool | UnsetType = UNSET
    different_from: Annotated[list[str], Meta(max_length=_MOST_NAMED)] | UnsetType = UNSET
    because: str | UnsetType = UNSET


class Remark(msgspec.Struct, forbid_unknown_fields=True):
    """What is said on a submission's page, in plain text."""

    text: str


class Verdict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A decision. `record` holds facts that are approved otherwise than they were proposed; `fields` are those of a correction
    that are taken, while the others stay open; `revision` is that of the paper which was looked at.

    `reason` is for everyone, `private_note` for maintainers alone.
    """

    verdict: Literal["approve", "request_changes", "reject"]
    reason_code: str = ""
    reason: str = ""
    private_note: str = ""
    record: ProposedRecord | UnsetType = UNSET
    fields: Annotated[list[str], Meta(max_length=_MOST_NAMED)] | UnsetType = UNSET
    revision: Annotated[int, Meta(ge=1, le=_LARGEST)] | UnsetType = UNSET


# -- Through the form --------------------------------------------------------------------------
def refuse_errors(form: PaperForm, said: ProposedRecord, *, base: Record | None = None) -> None:
    """Raises BadBody for what the form refuses, and for what it would read otherwise than it was said."""
    form.full_clean()
    if errors := [*_told(form.errors, said), *_misread(form, said, base)]:
        raise BadBody(errors)


def _told(errors: ErrorDict, said: ProposedRecord) -> Iterator[tuple[str, str]]:
    for name, found in errors.as_data().items():
        for error in found:
            for text in error.messages:
                yield _pointer(name, error, said), text


def _pointer(name: str, error: ValidationError, said: ProposedRecord) -> str:
    """Where in what was sent the value of a field came from."""
    if name in {"why", "because", "is_own_work"}:
        return f"#/{name}"
    if name == "answer":
        return "#/different_from"
    if name == "__all__":
        return "#/record"
    row = (error.params or {}).get("row") if name == "links" else None
    if row is None:
        return f"#/record/{name}"
    # Rows beyond the links that were given hold the identifiers.
    given = len(said.links) if said.links is not UNSET else 0
    return f"#/record/links/{row - 1}" if row <= given else "#/record/identifiers"


def _misread(form: PaperForm, said: ProposedRecord, base: Record | None) -> Iterator[tuple[str, str]]:
    """What has a form of its own in JSON, and stands in one line of the form: it has to come out as it went in."""
    one_name = _("This reads as more names than one, or none. Write one name, without commas between its parts.")
    if said.authors is not UNSET and "authors" not in form.errors:
        for place, author in enumerate(said.authors):
            if len(cast(Names, form.fields["authors"]).clean(author.name)) != 1:
                yield f"#/record/authors/{place}/name", one_name
    if said.organizations is not UNSET and "organizations" not in form.errors:
        for place, organization in enumerate(said.organizations):
            if len(citations.read_organizations(organization.name, form.organization_spellings)) != 1:
                yield f"#/record/organizations/{place}/name", one_name
    if said.identifiers is not UNSET and "links" not in form.errors:
        found, wanted = form.record.identifiers, _normalised(said.identifiers)
        for scheme, value in wanted.items():
            if found.get(scheme) != value:
                yield f"#/record/identifiers/{escaped(scheme)}", _("The links lead to another one.")
        for scheme in (base.identifiers if base else {}).keys() - wanted:
            if scheme in found:
                yield f"#/record/identifiers/{escaped(scheme)}", _("A link still leads to it; take that out as well.")


def _venue(said: ProposedVenue | None, before: records.Venue | None) -> records.Venue | None:
    """As it was written before, where the same is said again."""
    if said is None or (before and (said.name, said.year) == (before.name, before.year)):
        return before if said else None
    return records.Venue(name=said.name, year=said.year)


def _normalised(said: dict[str, str]) -> dict[str, str]:
    found, errors = {}, []
    for scheme, value in said.items():
        try:
            if scheme not in identifiers.LABELS:
                raise identifiers.NotAnIdentifier(scheme, value)
            found[scheme] = identifiers.normalise(scheme, value)
        except identifiers.NotAnIdentifier:
            known = ", ".join(identifiers.LABELS)
            text = _("This is no %(scheme)s identifier.") if scheme in identifiers.LABELS else _("Expected one of: %(known)s.")
            errors.append(
                (f"#/record/identifiers/{escaped(scheme)}", text % {"scheme": identifiers.LABELS.get(scheme, ""), "known": known})
            )
    if errors:
        raise BadBody(errors)
    return found
