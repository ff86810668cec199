"""The parameters of a selection, the same on the site, in the API, in feeds and in every download.

Reads them, says in a sentence what is wrong with them, and answers with the selection, with the chips of what is chosen,
and with the facets of what could be chosen next.
"""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import facets, periods
from catalog.facets import FACETS, HAS, Facet
from catalog.models import Author, Category, Organization, Paper, Venue
from catalog.records import FIRST_YEAR, LAST_YEAR
from catalog.selection import Selection

MAX_VALUES = 50
MAX_QUERY = 500
# Of a selection of many values, so many say in passing which it is.
TITLE_VALUES = 3

# What each sort is called, and by what it sorts.
SORTS = {
    "-added": (gettext_lazy("Lately added"), gettext_lazy("added")),
    "added": (gettext_lazy("First added"), gettext_lazy("added")),
    "-year": (gettext_lazy("Newest first"), gettext_lazy("year")),
    "year": (gettext_lazy("Oldest first"), gettext_lazy("year")),
    "title": (gettext_lazy("Title"), gettext_lazy("A to Z")),
    "relevance": (gettext_lazy("Best match"), gettext_lazy("words")),
    "curated": (gettext_lazy("Curator’s order"), gettext_lazy("by category")),
}


def quoted(words: str) -> str:
    """What somebody searches for, in quotation marks where it has none of its own."""
    return words if '"' in words else f"“{words}”"


class ManyField(forms.Field):
    """The values of a repeated parameter, each once, in order. Says what it expected where one does not fit."""

    widget = forms.SelectMultiple

    def __init__(self, *, accepts: Callable[[str], Any], expected: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.accepts, self.expected = accepts, expected

    def to_python(self, value: Any) -> list[Any]:
        texts = list(dict.fromkeys(value or []))
        if len(texts) > MAX_VALUES:
            raise ValidationError(_("At most %(most)d values are taken at once.") % {"most": MAX_VALUES})
        try:
            return [self.accepts(text) for text in texts]
        except ValueError as error:
            raise ValidationError(str(self.expected)) from error


class _Unchanging:
    """A filter of which the library may take the same one for each request: it would copy all that hangs on it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return copy(self)


class ManyFilter(_Unchanging, django_filters.Filter):
    field_class = ManyField


class WordsFilter(_Unchanging, django_filters.CharFilter):
    pass


class SortFilter(_Unchanging, django_filters.ChoiceFilter):
    pass


def _slug(text: str) -> str:
    if not text or len(text) > 300 or any(character.isspace() or not character.isprintable() for character in text):
        raise ValueError(text)
    return text


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4 and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise ValueError(text)
    return int(text)


def _one_of(choices: Iterable[str]) -> Callable[[str], str]:
    def accepts(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return accepts


class YearField(forms.Field):
    def to_python(self, value: Any) -> int | None:
        if not value:
            return None
        try:
            return _year(value)
        except ValueError as error:
            raise ValidationError(str(_YEAR_EXPECTED)) from error


class YearFilter(_Unchanging, django_filters.Filter):
    field_class = YearField


_YEAR_EXPECTED = gettext_lazy("A year has four digits, from 1900 to 2100.")


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A filter that was given, in force or not understood; `query` is the query string of the same selection without it."""

    name: str
    label: str
    value: str
    query: str


@dataclass(frozen=True, kw_only=True)
class Sort:
    """An order that this selection can be put in; `query` is the query string of the same selection in that order."""

    name: str
    label: str
    hint: str
    query: str
    is_current: bool


class SelectionForm(forms.Form):
    """Checks what one parameter alone cannot know: that named things exist, and that a sort fits the rest.

    `keys_now` says for each parameter by which key those that were named are known today.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys_now: dict[str, dict[str, str]] = {}

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        self._look_up("category", Category.objects.all(), "path", _("There is no category “%s”."), former="aliases__path")
        self._look_up("venue", Venue.objects.all(), "slug", _("There is no venue “%s”."), former="aliases__slug")
        self._look_up("organization", Organization.objects.all(), "slug", _("There is no organization “%s”."), former="aliases__slug")
        self._look_up("author", Author.objects.only("slug", "name"), "slug", _("There is no author “%s”."))
        sort = found.get("sort")
        if sort == "relevance" and not found.get("q"):
            self.add_error("sort", _("Sorting by relevance needs words to search for."))
        if sort == "curated" and len(found.get("category") or []) != 1:
            self.add_error("sort", _("The curator’s order needs one category."))
        low, high = found.get("year_min"), found.get("year_max")
        if low and high and low > high:
            self.add_error("year_min", _("The first year is later than the last."))
        return found

    def _look_up(self, name: str, objects: QuerySet[Any], key: str, missing: str, *, former: str = "") -> None:
        """Replace keys by the objects they name, each once, in the order given. A key that one had before names it still."""
        keys = self.cleaned_data.get(name)
        if not keys:
            return
        known = {getattr(each, key): each for each in objects.filter(**{f"{key}__in": keys})}
        if former and (unknown := [each for each in keys if each not in known]):
            known |= {each.known_as: each for each in objects.filter(**{f"{former}__in": unknown}).annotate(known_as=F(former))}
        for each in keys:
            if each not in known:
                self.add_error(name, missing % each)
                return
        self.cleaned_data[name] = list({known[each].pk: known[each] for each in keys}.values())
        self.keys_now[name] = {each: getattr(known[each], key) for each in keys}


class PaperFilter(django_filters.FilterSet):
    """A selection of papers: `PaperFilter(request.GET).selection` once `is_valid()`; `errors` by parameter where not."""

    q = WordsFilter(max_length=MAX_QUERY, strip=True)
    category = ManyFilter(accepts=_slug, expected=gettext_lazy("A category is named by its path, such as llm-systems/serving."))
    venue = ManyFilter(accepts=_slug, expected=gettext_lazy("A venue is named by its slug, such as osdi."))
    organization = ManyFilter(accepts=_slug, expected=gettext_lazy("An organization is named by its slug, such as uc-berkeley."))
    author = ManyFilter(accepts=_slug, expected=gettext_lazy("An author is named by a slug, such as tri-dao."))
    year = ManyFilter(accepts=_year, expected=_YEAR_EXPECTED)
    year_min = YearFilter()
    year_max = YearFilter()
    added = ManyFilter(accepts=periods.checked, expected=gettext_lazy("When it was added is a year or a month, such as 2026 or 2026-11."))
    kind = ManyFilter(accepts=_one_of(Paper.Kind.values), expected=gettext_lazy("Expected one of: %s.") % ", ".join(Paper.Kind.values))
    has = ManyFilter(accepts=_one_of(HAS), expected=gettext_lazy("Expected one of: %s.") % ", ".join(HAS))
    sort = SortFilter(
        choices=[(name, label) for name, (label, _hint) in SORTS.items()],
        error_messages={"invalid_choice": gettext_lazy("Expected one of: %s.") % ", ".join(SORTS)},
    )

    _form_class: ClassVar[type[forms.Form] | None] = None

    class Meta:
        model = Paper
        fields: list[str] = []
        form = SelectionForm

    def __init__(self, data: QueryDict) -> None:
        # A blank parameter, as an empty form field sends it, is no parameter.
        given = data.copy()
        for name in list(given):
            values = [value for value in given.getlist(name) if value.strip()]
            given.setlist(name, values) if values else given.pop(name)
        super().__init__(given, Paper.objects.none())

    def get_form_class(self) -> type[forms.Form]:
        """The library makes a class anew for each request; it is always the same one."""
        if PaperFilter._form_class is None:
            PaperFilter._form_class = super().get_form_class()
        return PaperFilter._form_class

    @property
    def unknown_parameters(self) -> list[str]:
        """Names that are no parameter of a selection, for those who refuse them."""
        return [name for name in self.data if name not in self.filters]

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """The parameters as values: categories, venues, organizations and authors as objects, years as numbers.

        Those that were not understood count as not given.
        """
        understood = self.form.cleaned_data if self.is_valid() or self.errors else {}
        return {name: understood.get(name) or ([] if isinstance(filter_, ManyFilter) else None) for name, filter_ in self.filters.items()}

    @property
    def order(self) -> str:
        """The sort in force, given or by default."""
        return self.chosen["sort"] or ("relevance" if self.chosen["q"] else "-added")

    @cached_property
    def selection(self) -> Selection:
        """The papers, in order, each once."""
        return Selection(self.chosen, self.order)

    @cached_property
    def facets(self) -> list[Facet]:
        """What could be chosen next, with the number of papers that each choice would give."""
        return facets.of(self.selection, self.errors)

    @property
    def chips(self) -> list[Chip]:
        chips = []
        for name in ("q", *FACETS, "author", "year_min", "year_max", "added"):
            values = self.data.getlist(name) if name in self.errors else self.chosen[name]
            for value in values if isinstance(values, list) else [values] if values else []:
                label = str(value) if name in self.errors else facets.label_of(name, value)
                query = self._query_without(name, facets.key_of(value))
                chips.append(Chip(name=name, label=str(_CHIP_LABELS[name]), value=label, query=query))
        return chips

    @property
    def sorts(self) -> list[Sort]:
        """The orders that fit this selection."""
        fits = {"relevance": bool(self.chosen["q"]), "curated": len(self.chosen["category"]) == 1}
        return [
            Sort(name=name, label=str(label), hint=str(hint), query=self._query_with(sort=name), is_current=name == self.order)
            for name, (label, hint) in SORTS.items()
            if fits.get(name, True)
        ]

    @property
    def query(self) -> str:
        """The query string of this selection: what is downloaded and linked, without the page."""
        return self._query_with()

    @property
    def canonical_query(self) -> str:
        """The query string that every spelling of this selection in this order has in common. It is never empty."""
        data = QueryDict(mutable=True)
        for name in self.filters:
            data.setlist(name, sorted({value.strip() for value in self.data.getlist(name)}))
        data["sort"] = self.order
        return data.urlencode(safe="/")

    @property
    def title(self) -> str:
        """What to call this selection in passing, such as `OSDI, 2024`; empty where everything is chosen."""
        chips = sorted(self.chips, key=lambda chip: chip.name.startswith("year"))
        values = [quoted(chip.value) if chip.name == "q" else chip.value for chip in chips]
        return ", ".join(values[:TITLE_VALUES]) + (", …" if len(values) > TITLE_VALUES else "")

    def query_for(self, words: str) -> str:
        """The query string of the same selection with other words."""
        return self._query_with(q=words)

    def _query_with(self, **changed: str) -> str:
        data = self._given()
        for name, value in changed.items():
            data[name] = value
        return data.urlencode(safe="/")

    def _query_without(self, name: str, value: str) -> str:
        data = self._given()
        keys_now = self.form.keys_now.get(name, {})
        rest = [other for other in data.getlist(name) if keys_now.get(other.strip(), other.strip()) != value]
        data.setlist(name, rest)
        # An order that this filter alone made possible goes with it.
        if (name == "category" and len(rest) != 1 and data.get("sort") == "curated") or (name == "q" and data.get("sort") == "relevance"):
            del data["sort"]
        return data.urlencode(safe="/")

    def _given(self) -> QueryDict:
        data = self.data.copy()
        for name in self.unknown_parameters:
            del data[name]
        return data


_CHIP_LABELS = {
    **FACETS,
    "q": gettext_lazy("Words"),
    "author": gettext_lazy("Author"),
    "year_min": gettext_lazy("From"),
    "year_max": gettext_lazy("Until"),
    "added": gettext_lazy("Added"),
}
