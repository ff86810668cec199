"""The form that a paper is described in, and the record that comes out of it.

A form is always bound to what stands in its fields, typed or read from a paste, so that nothing typed is ever lost;
`hush` forgets the errors of a form that nobody has sent yet. Never writes.
"""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import citations, identifiers, records
from catalog.checks.why import LONGEST, SHORTEST
from catalog.citations import Spellings, VenueReading
from catalog.fields import Line, Links, Names, Prose
from catalog.models import Category, CategoryAlias, Link, OrganizationAlias, Paper, VenueAlias
from catalog.records import Record

MAX_ORGANIZATIONS = 50


class PaperForm(forms.Form):
    """A paper as a person describes it. `record` is what could be read of it, also while there are errors.

    `base` is the record that is being changed, for what the form does not show. `asked` are the papers that
    the person was shown as near to this one.
    """

    use_required_attribute = False

    title = Line(
        max_length=records.MAX_TITLE,
        label=gettext_lazy("Title"),
        widget=forms.Textarea(attrs={"rows": 2, "class": "title-in"}),
        error_messages={"required": gettext_lazy("Give the title as the paper has it.")},
    )
    short_name = Line(max_length=records.MAX_SHORT_NAME, required=False, label=gettext_lazy("Short name"))
    kind = forms.ChoiceField(
        choices=Paper.Kind.choices,
        label=gettext_lazy("Kind"),
        error_messages={
            "required": gettext_lazy("Choose what it is."),
            "invalid_choice": gettext_lazy("There is no kind “%(value)s”; choose one of the list."),
        },
    )
    year = forms.IntegerField(
        required=False,
        min_value=records.FIRST_YEAR,
        max_value=records.LAST_YEAR,
        label=gettext_lazy("Year"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "invalid": gettext_lazy("Write the year in four digits."),
            "min_value": gettext_lazy("Write the year in four digits, %(limit_value)d or later."),
            "max_value": gettext_lazy("Write the year in four digits, %(limit_value)d or earlier."),
        },
    )
    authors = Names(
        required=False,
        label=gettext_lazy("Authors"),
        help_text=gettext_lazy("One name a line."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    venue = Line(
        max_length=200,
        required=False,
        label=gettext_lazy("Venue and year"),
        help_text=gettext_lazy("As you know it, such as SOSP' 24."),
        widget=forms.TextInput(attrs={"list": "venues"}),
    )
    organizations = Line(
        max_length=2_000,
        required=False,
        label=gettext_lazy("Organizations"),
        help_text=gettext_lazy("With commas between them."),
        widget=forms.TextInput(attrs={"list": "organizations"}),
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Categories"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Choose at least one category."),
            "invalid_choice": gettext_lazy("There is no category “%(value)s”; choose from the list."),
        },
    )
    links = Links(label=gettext_lazy("Link"))
    abstract = Prose(
        max_length=records.MAX_ABSTRACT, required=False, label=gettext_lazy("Abstract"), widget=forms.Textarea(attrs={"rows": 5})
    )
    note = Prose(
        max_length=records.MAX_NOTE,
        required=False,
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("What a reader of the list should know, such as which section to read."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    why = Line(
        min_length=SHORTEST,
        max_length=LONGEST,
        label=gettext_lazy("One sentence for the maintainer and the public log"),
        help_text=gettext_lazy("Shown to everyone with the decision."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": gettext_lazy("Say what it adds, in one sentence of at least 30 characters."),
            "min_length": gettext_lazy("Say what it adds, in one sentence of at least %(limit_value)d characters."),
        },
    )
    is_own_work = forms.BooleanField(
        required=False,
        label=gettext_lazy("I am an author of this paper."),
        help_text=gettext_lazy("Welcome, and said openly in the log."),
    )
    answer = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Is it one of these?"),
        choices=[("different", gettext_lazy("It is a different paper")), ("same", gettext_lazy("It is one of these"))],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: QueryDict, *, base: Record | None = None) -> None:
        super().__init__(data)
        self.typed = data
        self.base = base
        self.all_categories = list(Category.objects.order_by("tree_position"))
        chosen = cast(forms.MultipleChoiceField, self.fields["categories"])
        chosen.choices = [(category.path, category.name) for category in self.all_categories]

    def hush(self) -> None:
        """Forget the errors: nobody has sent this form yet. What could be read stays in `record`."""
        self.full_clean()
        self._errors = ErrorDict()

    @property
    def asked(self) -> set[str]:
        """The public ids of the near papers that the answer is about."""
        return set(map(str, self.typed.getlist("asked"))) if self.cleaned_data.get("answer") == "different" else set()

    # -- What the page draws by hand -----------------------------------------------------------
    @property
    def link_rows(self) -> list[dict[str, Any]]:
        """Each row as typed, at least one, with its own errors."""
        errors = self.errors.get("links")
        wrong = {error.params["row"] for error in errors.as_data() if error.params} if errors else set()
        rows = self["links"].value() or [("", "paper")]
        return [
            {"number": number, "url": url, "kind": kind, "is_wrong": number in wrong or (bool(errors) and not wrong)}
            for number, (url, kind) in enumerate(rows, start=1)
        ]

    @property
    def link_kinds(self) -> list[tuple[str, str]]:
        return [(kind, str(label)) for kind, label in Link.Kind.choices]

    @property
    def category_rows(self) -> list[tuple[Category, bool]]:
        """The tree from top to bottom, each with whether it is ticked."""
        ticked = set(self["categories"].value() or [])
        return [(category, category.path in ticked) for category in self.all_categories]

    @cached_property
    def known_venues(self) -> list[tuple[str, str, str]]:
        """Spelling, name and slug."""
        return list(VenueAlias.objects.order_by("venue__name").values_list("text", "venue__name", "venue__slug"))

    @cached_property
    def known_organizations(self) -> list[tuple[str, str, str]]:
        """Spelling, name and slug."""
        aliases = OrganizationAlias.objects.order_by("organization__name")
        return list(aliases.values_list("text", "organization__name", "organization__slug"))

    @property
    def venue_names(self) -> list[str]:
        return list(dict.fromkeys(name for _text, name, _slug in self.known_venues))

    @property
    def organization_names(self) -> list[str]:
        return list(dict.fromkeys(name for _text, name, _slug in self.known_organizations))

    @property
    def venue_spellings(self) -> Spellings:
        return Spellings((text, name) for text, name, _slug in self.known_venues)

    @property
    def organization_spellings(self) -> Spellings:
        return Spellings((text, name) for text, name, _slug in self.known_organizations)

    @property
    def unknown_organizations(self) -> list[str]:
        return [organization.name for organization in self.record.organizations if not organization.slug]

    # -- What comes out ------------------------------------------------------------------------
    def clean_venue(self) -> VenueReading | None:
        reading = citations.read_venue(self.cleaned_data["venue"], self.venue_spellings)
        if reading and len(reading.name) > 100:
            raise ValidationError(_("Shorten the venue's name to 100 characters."))
        return reading

    def clean_organizations(self) -> tuple[records.Organization, ...]:
        slugs = {name: slug for _text, name, slug in self.known_organizations}
        readings = citations.read_organizations(self.cleaned_data["organizations"], self.organization_spellings)
        if len(readings) > MAX_ORGANIZATIONS:
            raise ValidationError(_("Shorten it to %(limit)d organizations.") % {"limit": MAX_ORGANIZATIONS})
        if long := next((reading.name for reading in readings if len(reading.name) > records.MAX_NAME), None):
            raise ValidationError(_("“%(name)s…” is too long for a name; put commas between them.") % {"name": long[:40]})
        return tuple(records.Organization(name=reading.name, slug=slugs.get(reading.name, "")) for reading in readings)

    @property
    def record(self) -> Record:
        """What the fields say, as far as they can be read; the title may be empty while there are errors."""
        said = self.cleaned_data
        links, found = citations.settle_links(said.get("links") or ())
        venue = self._venue(said.get("venue"))
        stated = next(filter(None, (identifiers.year_of(*identifier) for identifier in found.items())), None)
        return records.replace(
            self.base or Record(title=""),
            title=said.get("title", ""),
            short_name=said.get("short_name", ""),
            kind=said.get("kind") or "paper",
            year=said.get("year") or (venue.year if venue else None) or stated,
            abstract=said.get("abstract", ""),
            note=said.get("note", ""),
            authors=self._authors(said.get("authors") or []),
            organizations=said.get("organizations") or (),
            venue=venue,
            identifiers=found,
            links=links,
            categories=self._categories(said.get("categories") or []),
        )

    def _authors(self, names: list[str]) -> tuple[records.Author, ...]:
        known = {author.name: author for author in self.base.authors} if self.base else {}
        return tuple(known.get(name) or records.Author(name=name) for name in names)

    def _venue(self, reading: VenueReading | None) -> records.Venue | None:
        if reading is None:
            return None
        slugs = {name: slug for _text, name, slug in self.known_venues}
        venue = records.replace(reading.to_venue(), slug=slugs.get(reading.name, ""))
        before = self.base.venue if self.base else None
        return records.replace(venue, track=before.track) if before and before.name == venue.name else venue

    def _categories(self, paths: list[str]) -> tuple[records.Category, ...]:
        """In the order of the tree; the first is the paper's home, unless another was before."""
        before = {place.path: place for place in self.base.categories} if self.base else {}
        home = next((path for path in paths if path in before and before[path].primary), None)
        names = {category.path: category.name for category in self.all_categories if category.path in paths}
        return tuple(
            records.replace(before.get(path) or records.Category(path=path), name=name, primary=path == (home or next(iter(names))))
            for path, name in names.items()
        )


def fields_of(record: Record, *, why: str = "", is_own_work: bool = False) -> QueryDict:
    """A record as it stands in the fields of the form."""
    fields = QueryDict(mutable=True)
    fields.update(
        {
            "title": record.title,
            "short_name": record.short_name,
            "kind": record.kind,
            "year": str(record.year or ""),
            "authors": "\n".join(author.name for author in record.authors),
            "venue": _venue_as_written(record.venue),
            "organizations": ", ".join(organization.name for organization in record.organizations),
            "abstract": record.abstract,
            "note": record.note,
            "why": why,
        }
    )
    if is_own_work:
        fields["is_own_work"] = "on"
    paths = [place.path for place in record.categories]
    moved = dict(CategoryAlias.objects.filter(path__in=paths).values_list("path", "category__path"))
    fields.setlist("categories", [moved.get(path, path) for path in paths])
    links = [*record.links, *_links_of_identifiers(record)]
    fields.setlist("link_url", [link.url for link in links])
    fields.setlist("link_kind", [link.kind for link in links])
    return fields


def _venue_as_written(venue: records.Venue | None) -> str:
    """As a person wrote it, with the year where their words alone do not say it: BibTeX gives it apart."""
    if venue is None:
        return ""
    written = venue.raw or venue.name
    reading = citations.read_venue(written, Spellings())
    return written if venue.year is None or (reading and reading.year == venue.year) else f"{written} {venue.year}"


def _links_of_identifiers(record: Record) -> list[records.Link]:
    """The form knows identifiers by their addresses: one for each that no link holds."""
    _links, held = citations.settle_links(record.links)
    missing = {scheme: value for scheme, value in record.identifiers.items() if held.get(scheme) != value}
    return [records.Link(url=identifiers.url_of(scheme, value)) for scheme, value in missing.items()]


def fill(typed: QueryDict, read: QueryDict) -> set[str]:
    """Put what was read into the fields that are empty; what a person typed stays. Answers which were filled."""
    filled = {
        name for name in read if name not in {"kind", "link_url", "link_kind"} and any(read.getlist(name)) and not _typed(typed, name)
    }
    for name in filled:
        typed.setlist(name, read.getlist(name))
    rows = _link_rows(typed)
    new = [row for row in _link_rows(read) if row[0] not in {url for url, _kind in rows}]
    if new:
        filled.add("links")
    typed.setlist("link_url", [url for url, _kind in [*rows, *new]])
    typed.setlist("link_kind", [kind for _url, kind in [*rows, *new]])
    kind = str(read.get("kind"))
    if typed.get("kind", "paper") == "paper" != kind:
        typed["kind"] = kind
        filled.add("kind")
    return filled


def _typed(fields: QueryDict, name: str) -> bool:
    return any(str(value).strip() for value in fields.getlist(name))


def _link_rows(fields: QueryDict) -> list[tuple[str, str]]:
    rows = zip(map(str, fields.getlist("link_url")), map(str, fields.getlist("link_kind")), strict=False)
    return [(url, kind) for url, kind in rows if url.strip()]
