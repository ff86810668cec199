"""What can be chosen next, and how many papers each choice would give.

A count is exact: the papers that all other filters leave, and that the value is true of. Values come from the index,
names from the tables; both are few questions, however large the catalogue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Value
from django.utils.translation import gettext_lazy

from catalog import index, periods
from catalog.models import Category, Organization, Paper, Venue
from catalog.selection import Selection

SHOWN = 7
SHOWN_CATEGORIES = 20
# Of venues and organizations, which may be many; a page offers the commonest.
OFFERED = 40

HAS = {
    "arxiv": gettext_lazy("arXiv id"),
    "doi": gettext_lazy("DOI"),
    "pdf": gettext_lazy("PDF"),
    "code": gettext_lazy("Code"),
    "abstract": gettext_lazy("Abstract"),
}
FACETS = {
    "category": gettext_lazy("Category"),
    "year": gettext_lazy("Year"),
    "venue": gettext_lazy("Venue"),
    "organization": gettext_lazy("Organization"),
    "has": gettext_lazy("Has"),
    "kind": gettext_lazy("Kind"),
}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One value of a facet: choosing it gives `count` papers, all other filters kept."""

    value: str
    label: str
    count: int
    is_chosen: bool
    depth: int = 0


@dataclass(frozen=True, kw_only=True)
class Facet:
    """What can be chosen of one parameter, likeliest first; of a long list a page shows a part and what is chosen.

    `is_cut` says that there are more values than are offered here.
    """

    name: str
    label: str
    choices: list[Choice]
    errors: list[str]
    is_cut: bool = False

    @cached_property
    def shown(self) -> list[Choice]:
        return [choice for place, choice in enumerate(self.choices) if self._is_shown(place, choice)]

    @cached_property
    def rest(self) -> list[Choice]:
        return [choice for place, choice in enumerate(self.choices) if not self._is_shown(place, choice)]

    def _is_shown(self, place: int, choice: Choice) -> bool:
        return choice.is_chosen or place < (SHOWN_CATEGORIES if self.name == "category" else SHOWN)


def of(selection: Selection, errors: Mapping[str, list[str]]) -> list[Facet]:
    chosen = {name: {key_of(value): label_of(name, value) for value in selection.chosen[name]} for name in FACETS}
    counted = counts(selection)
    offered = {name: _offered(name, counted[name], chosen[name]) for name in FACETS}
    labels = _labels({name: [value for value in values if value not in chosen[name]] for name, values in offered.items()})
    return [
        Facet(
            name=name,
            label=str(label),
            choices=_choices(name, offered[name], counted[name], chosen[name], labels[name]),
            errors=list(errors.get(name, [])),
            is_cut=len(offered[name]) < len(counted[name]),
        )
        for name, label in FACETS.items()
    ]


def counts(selection: Selection) -> dict[str, dict[str, int]]:
    """Of each facet, how many papers each value would give; nothing is left out."""
    found: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    left = {name: selection.leaving_out(name) for name in FACETS}
    for (name, value), papers in index.each_term(*FACETS):
        found[name][value] = papers.intersection_cardinality(left[name])
    return found


def key_of(value: Any) -> str:
    """What stands for a value in the query string."""
    return str(getattr(value, "path", getattr(value, "slug", value)))


def label_of(name: str, value: Any) -> str:
    if name == "kind":
        return str(Paper.Kind(value).label)
    if name == "added":
        return periods.in_words(value)
    return str(HAS[value]) if name == "has" else str(value)


def _offered(name: str, counted: Mapping[str, int], chosen: Mapping[str, str]) -> list[str]:
    """The values that a page names: all of few, else the commonest, and whatever is chosen."""
    if name not in {"venue", "organization"}:
        return [*counted, *(value for value in chosen if value not in counted)]
    commonest = sorted(counted, key=lambda value: (-counted[value], value))[:OFFERED]
    return [*commonest, *(value for value in chosen if value not in commonest)]


def _labels(values: Mapping[str, Sequence[str]]) -> dict[str, dict[str, tuple[str, int]]]:
    """What each value is called, and its place in the tree. The names of all of them are one question."""
    tree = Category.objects.values_list(Value("category"), "path", "name", "tree_position")
    venues = Venue.objects.filter(slug__in=values["venue"]).values_list(Value("venue"), "slug", "name", Value(0))
    named = Organization.objects.filter(slug__in=values["organization"]).values_list(Value("organization"), "slug", "name", Value(0))
    found = {name: {value: (label_of(name, value), 0) for value in values[name]} for name in ("year", "has", "kind")}
    found |= {"category": {}, "venue": {}, "organization": {}}
    for name, value, label, position in tree.order_by().union(venues.order_by(), named.order_by(), all=True).order_by():
        found[name][value] = (label, position)
    return found


def _choices(
    name: str, offered: Sequence[str], counted: Mapping[str, int], chosen: Mapping[str, str], labels: Mapping[str, tuple[str, int]]
) -> list[Choice]:
    named = {value: (chosen.get(value) or labels.get(value, (value, 0))[0]) for value in offered}
    choices = [
        Choice(
            value=value,
            label=label,
            count=counted.get(value, 0),
            is_chosen=value in chosen,
            depth=value.count("/") if name == "category" else 0,
        )
        for value, label in named.items()
    ]
    if name == "year":
        return sorted(choices, key=lambda choice: choice.value, reverse=True)
    if name == "category":
        return sorted(choices, key=lambda choice: labels.get(choice.value, ("", 0))[1])
    if name == "has":
        return sorted(choices, key=lambda choice: list(HAS).index(choice.value))
    return sorted(choices, key=lambda choice: (-choice.count, choice.label))
