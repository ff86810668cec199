"""The form that a paper is described in, and the record that comes out of it.

A form is always bound to what stands in its fields, typed or read from a paste, so that nothing typed is ever lost;
`hush` forgets the errors of a form that nobody has sent yet. Never writes.
"""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import citations, corrections, identifiers, records
from catalog.checks.why import LONGEST, SHORTEST
from catalog.citations import Spellings, VenueReading
from catalog.fields import Line, Links, Names, Prose
from catalog.models import Category, CategoryAlias, Follow, Link, OrganizationAlias, Paper, Submission, VenueAlias
from catalog.records import Record

MAX_ORGANIZATIONS = 50
LONGEST_COMMENT = 2_000


class Vocabulary:
    """The names that the catalogue knows, each kind asked of the database once."""

    @cached_property
    def categories(self) -> list[Category]:
        """From the top of the tree to its bottom."""
        return list(Category.objects.order_by("tree_position"))

    @cached_property
    def venues(self) -> list[tuple[str, str, str]]:
        """Spelling, name and slug."""
        return list(VenueAlias.objects.order_by("venue__name").values_list("text", "venue__name", "venue__slug"))

    @cached_property
    def organizations(self) -> list[tuple[str, str, str]]:
        """Spelling, name and slug."""
        aliases = OrganizationAlias.objects.order_by("organization__name")
        return list(aliases.values_list("text", "organization__name", "organization__slug"))


def _sentence(*, label: Promise, help_text: Promise, required: Promise, min_length: Promise) -> Line:
    """What a proposal is argued with."""
    return Line(
        min_length=SHORTEST,
        max_length=LONGEST,
        label=label,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": required, "min_length": min_length},
    )


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
    why = _sentence(
        label=gettext_lazy("One sentence for the maintainer and the public log"),
        help_text=gettext_lazy("Shown to everyone with the decision."),
        required=gettext_lazy("Say what it adds, in one sentence of at least 30 characters."),
        min_length=gettext_lazy("Say what it adds, in one sentence of at least %(limit_value)d characters."),
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
    because = Line(
        max_length=Submission._meta.get_field("because").max_length,
        required=False,
        label=gettext_lazy("Because"),
        help_text=gettext_lazy("What sets them apart, in a few words. Nobody is asked about them again."),
    )

    def __init__(self, data: QueryDict, *, base: Record | None = None, vocabulary: Vocabulary | None = None) -> None:
        super().__init__(data)
        self.typed = data
        self.base = base
        self.vocabulary = vocabulary or Vocabulary()
        chosen = cast(forms.MultipleChoiceField, self.fields["categories"])
        chosen.choices = [(category.path, category.name) for category in self.vocabulary.categories]

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
        return [(category, category.path in ticked) for category in self.vocabulary.categories]

    @property
    def venue_names(self) -> list[str]:
        return list(dict.fromkeys(name for _text, name, _slug in self.vocabulary.venues))

    @property
    def organization_names(self) -> list[str]:
        return list(dict.fromkeys(name for _text, name, _slug in self.vocabulary.organizations))

    @property
    def venue_spellings(self) -> Spellings:
        return Spellings((text, name) for text, name, _slug in self.vocabulary.venues)

    @property
    def organization_spellings(self) -> Spellings:
        return Spellings((text, name) for text, name, _slug in self.vocabulary.organizations)

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
        slugs = {name: slug for _text, name, slug in self.vocabulary.organizations}
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
        slugs = {name: slug for _text, name, slug in self.vocabulary.venues}
        venue = records.replace(reading.to_venue(), slug=slugs.get(reading.name, ""))
        before = self.base.venue if self.base else None
        return records.replace(venue, track=before.track) if before and before.name == venue.name else venue

    def _categories(self, paths: list[str]) -> tuple[records.Category, ...]:
        """In the order of the tree; the first is the paper's home, unless another was before."""
        before = {place.path: place for place in self.base.categories} if self.base else {}
        home = next((path for path in paths if path in before and before[path].primary), None)
        names = {category.path: category.name for category in self.vocabulary.categories if category.path in paths}
        return tuple(
            records.replace(before.get(path) or records.Category(path=path), name=name, primary=path == (home or next(iter(names))))
            for path, name in names.items()
        )


class CorrectionForm(PaperForm):
    """Other facts for a paper that is here. `base` is what it says; where the fields say the same, `record` says it unchanged."""

    base: Record

    why = _sentence(
        label=gettext_lazy("One sentence: what is wrong, and how you know"),
        help_text=gettext_lazy("Shown to everyone with the decision."),
        required=gettext_lazy("Say what is wrong and how you know, in at least 30 characters."),
        min_length=gettext_lazy("Say what is wrong and how you know, in at least %(limit_value)d characters."),
    )

    @property
    def record(self) -> Record:
        """What the fields change, in what the paper says. What a round trip through the fields changes is nobody's proposal."""
        typed = self._described()
        return corrections.take(self.base, typed, corrections.changes(typed, self._untouched))

    @cached_property
    def _untouched(self) -> Record:
        form = CorrectionForm(fields_of(self.base, vocabulary=self.vocabulary), base=self.base, vocabulary=self.vocabulary)
        form.full_clean()
        return form._described()

    def _described(self) -> Record:
        described = super().record
        return records.replace(
            described,
            links=self._as_they_were(described.links),
            categories=tuple(sorted(described.categories, key=lambda place: not place.primary)),
        )

    def _as_they_were(self, typed: tuple[records.Link, ...]) -> tuple[records.Link, ...]:
        """The links as the paper has them, label and spelling included, and new ones.

        The form knows identifiers by their addresses; one that no link of the paper held before needs none now.
        """
        before: dict[str, list[records.Link]] = {}
        held: set[str] = set()
        for link in self.base.links:
            settled, found = citations.settle_links([link])
            held.update(found)
            before.setdefault(settled[-1 if link.kind == "pdf" else 0].url, []).append(link)
        named = {link.kind for link in self.cleaned_data.get("links") or ()}
        links: list[records.Link] = []
        for link in typed:
            scheme = next(iter(citations.settle_links([link])[1]), None)
            known = [one for one in before.get(link.url, ()) if one.kind == link.kind or scheme]
            # An open PDF that only follows from an identifier is not what anybody typed.
            follows = scheme is not None and (scheme not in held or (link.kind == "pdf" and "pdf" not in named))
            links += known or ([] if follows else [link])
        return tuple(links) or typed


class RemovalForm(forms.Form):
    """Why a paper should go: the words that its address will answer with."""

    use_required_attribute = False

    why = _sentence(
        label=gettext_lazy("The reason, for everyone"),
        help_text=gettext_lazy("One sentence. It is what the paper’s address says once the paper is gone."),
        required=gettext_lazy("Say why it should go, in one sentence of at least 30 characters."),
        min_length=gettext_lazy("Say why it should go, in one sentence of at least %(limit_value)d characters."),
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.typed = data

    def hush(self) -> None:
        """Forget the errors: nobody has sent this form yet."""
        self._errors = ErrorDict()


class FollowForm(forms.Form):
    use_required_attribute = False

    how = forms.ChoiceField(
        label=gettext_lazy("How you hear of new papers"),
        choices=Follow.How,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how you want to hear of new papers.")},
    )


class CommentForm(forms.Form):
    """What is said on a submission's page."""

    use_required_attribute = False

    text = Prose(
        max_length=LONGEST_COMMENT,
        label=gettext_lazy("Answer"),
        help_text=gettext_lazy("Read by the contributor and by those who may review it. Plain text; addresses become links."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write what you want to say.")},
    )


def fields_of(record: Record, *, vocabulary: Vocabulary | None = None, why: str = "", is_own_work: bool = False) -> QueryDict:
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
    gone = set(paths) - {category.path for category in (vocabulary or Vocabulary()).categories}
    moved = dict(CategoryAlias.objects.filter(path__in=gone).values_list("path", "category__path")) if gone else {}
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


def carry_over(typed: QueryDict, *, old: QueryDict, new: QueryDict) -> list[str]:
    """Put into the fields that nobody touched since they held `old` what stands there now; what was typed stays.

    Answers the names of the fields that both changed, each otherwise.
    """
    both = []
    for names in _TOGETHER:
        before, now, mine = (_values(fields, names) for fields in (old, new, typed))
        if mine == before:
            for name in names:
                typed.setlist(name, new.getlist(name))
        elif now not in (before, mine):
            both.append("links" if len(names) > 1 else names[0])
    return both


# The fields that say what a paper is; those of a link go together.
_NO_FACTS = {"links", "why", "is_own_work", "answer", "because"}
_TOGETHER: list[tuple[str, ...]] = [(name,) for name in PaperForm.base_fields if name not in _NO_FACTS]
_TOGETHER += [("link_url", "link_kind")]


def _values(fields: QueryDict, names: Iterable[str]) -> list[list[str]]:
    """As they are compared: browsers end lines in their own way."""
    return [[str(value).replace("\r", "").strip() for value in fields.getlist(name)] for name in names]


def _link_rows(fields: QueryDict) -> list[tuple[str, str]]:
    rows = zip(map(str, fields.getlist("link_url")), map(str, fields.getlist("link_kind")), strict=False)
    return [(url, kind) for url, kind in rows if url.strip()]
