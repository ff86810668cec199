"""Prove that what readers are served agrees with the relational rows, and name whatever does not.

Everything laid down for readers is made anew from the rows and compared with what is stored: records, search documents,
flags, the tree, the number of papers; and the memory of papers, revisions and tombstones, with the papers. What the
decisions say is not looked at: that is the log. Reads only, from one state of the database, in chunks: neither memory
nor the questions asked for each chunk grow with the catalogue.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import batched, zip_longest

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from pyroaring import BitMap

from catalog import index, records, terms
from catalog.export import one_state
from catalog.models import (
    CatalogueState,
    Category,
    CategoryAlias,
    OrganizationAlias,
    Paper,
    Posting,
    Revision,
    Tombstone,
    VenueAlias,
    Word,
)
from catalog.records import Record, fold, slug_of

CHUNK = 500
# What a record calls by a name or an address that others may change: compared by what it leads to.
_NAMED = {"venue", "organizations", "categories"}


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """`about` is the address, without its first and last stroke; `what` says which of its parts does not agree."""

    about: str
    what: str

    def __str__(self) -> str:
        return f"{self.about}: {self.what}"


def disagreements(*, progress: Callable[[int], None] = lambda checked: None) -> Iterator[Disagreement]:
    """Everything that does not agree, papers first; none where all is well. `progress` hears how many papers are checked."""
    with one_state():
        checked = 0
        for papers in batched(_papers_with_rows().iterator(chunk_size=CHUNK), CHUNK, strict=False):
            yield from _of_papers(papers)
            checked += len(papers)
            progress(checked)
        yield from _of_the_count(checked)
        yield from _of_the_index()
        yield from _of_the_tree()
        for graves in batched(Tombstone.objects.order_by("pk").iterator(chunk_size=CHUNK), CHUNK, strict=False):
            yield from _of_tombstones(graves)


# -- Papers ------------------------------------------------------------------------------------
def _papers_with_rows() -> QuerySet[Paper]:
    rows = ("authors", "identifiers", "links", "affiliations__organization", "placements__category")
    return Paper.objects.select_related("edition__venue").prefetch_related(*rows).order_by("pk")


def _of_papers(papers: Iterable[Paper]) -> Iterator[Disagreement]:
    newest = _newest_revisions(papers)
    renamed = [paper for paper in papers if paper.public_id in newest and newest[paper.public_id] != paper.record_json]
    names = _NamesNow(records.from_json(newest[paper.public_id]) for paper in renamed)
    for paper in papers:
        about = f"papers/{paper.slug}"
        for what in _laid_down_wrong(paper):
            yield Disagreement(about=about, what=what)
        if paper.public_id not in newest:
            yield Disagreement(about=about, what=_("it has no revision"))
        elif paper in renamed:
            fields = _changed_since(records.from_json(newest[paper.public_id]), paper.record, names)
            if fields:
                yield Disagreement(about=about, what=_("its newest revision says otherwise: %(fields)s") % {"fields": ", ".join(fields)})


def _laid_down_wrong(paper: Paper) -> Iterator[str]:
    record = paper.to_record()
    flags = {f"has_{name}": holds for name, holds in terms.holdings(record).items()}
    if paper.record_json != records.to_json(record):
        yield _("the record that is served is not what its rows say")
    if paper.search_text != terms.document(record):
        yield _("the search document is not what its rows say")
    if paper.title_key != fold(record.title)[: records.MAX_TITLE]:
        yield _("the folded title is not that of its title")
    for name, holds in flags.items():
        if getattr(paper, name) != holds:
            yield _("%(flag)s is not what its rows say") % {"flag": name}
    for author in paper.authors.all():
        if author.slug != slug_of(author.name, max_length=80):
            yield _("the address of the author %(name)s is not that of the name") % {"name": author.name}


def _newest_revisions(papers: Iterable[Paper]) -> dict[str, str]:
    """What each paper's newest revision says, by the paper's public id."""
    last = Revision.objects.filter(paper_public_id=OuterRef("paper_public_id")).order_by("-number").values("number")[:1]
    newest = Revision.objects.filter(paper_public_id__in=[paper.public_id for paper in papers], number=Subquery(last))
    return dict(newest.values_list("paper_public_id", "record_json"))


class _NamesNow:
    """Where the names and addresses lead today that some records were written with."""

    def __init__(self, written: Iterable[Record]) -> None:
        written = list(written)
        venues = VenueAlias.objects.filter(slug__in={record.venue.slug for record in written if record.venue})
        named = {organization.slug for record in written for organization in record.organizations}
        organizations = OrganizationAlias.objects.filter(slug__in=named)
        places = CategoryAlias.objects.filter(path__in={place.path for record in written for place in record.categories})
        self.venues = {alias.slug: alias.venue.slug for alias in venues.select_related("venue")}
        self.organizations = {alias.slug: alias.organization.slug for alias in organizations.select_related("organization")}
        self.paths = {alias.path: alias.category.path for alias in places.select_related("category")}


def _changed_since(then: Record, now: Record, names: _NamesNow) -> list[str]:
    """The fields in which a paper is another than its newest revision left it.

    Names and the curator's order change without a revision. So a venue and organizations are the same where their
    addresses lead to the same ones, which after a merge may be fewer; what a place is called, and its number, may differ.
    Everything else is the same or is named here.
    """
    fields = [name for name in Record.__struct_fields__ if name not in _NAMED and getattr(then, name) != getattr(now, name)]
    if not then.citation_key and "citation_key" in fields:
        # Older revisions do not say it.
        fields.remove("citation_key")
    if _venue(then, names.venues) != _venue(now, names.venues):
        fields.append("venue")
    if _organizations(then, names.organizations) != _organizations(now, names.organizations):
        fields.append("organizations")
    if not _stands_where_it_stood(then, now, names.paths):
        fields.append("categories")
    return fields


def _venue(record: Record, addresses: Mapping[str | None, str]) -> records.Venue | None:
    venue = record.venue
    return venue and records.replace(venue, slug=addresses.get(venue.slug, venue.slug), name="")


def _organizations(record: Record, addresses: Mapping[str | None, str]) -> list[str]:
    slugs = (organization.slug for organization in record.organizations)
    return list(dict.fromkeys(addresses.get(slug, slug) for slug in slugs))


def _stands_where_it_stood(then: Record, now: Record, paths: Mapping[str, str]) -> bool:
    """Whether each place is one that it had, primary as before, with words that it had there.

    An address may be another category's by now, and nothing remembers whose it was. A place that cannot be followed for
    that reason is taken for one that nothing leads to, where both are primary or not and have the same words.
    """
    places = {place.path: place for place in now.categories}
    came: dict[str, list[records.Category]] = {}
    lost: Counter[tuple[bool, str]] = Counter()
    for place in then.categories:
        path = paths.get(place.path, place.path)
        if path in places:
            came.setdefault(path, []).append(place)
        else:
            lost[place.primary, place.note] += 1
    for path, former in came.items():
        is_primary, notes = any(place.primary for place in former), {place.note for place in former}
        if places[path].primary != is_primary or places[path].note not in notes:
            return False
    return lost == Counter((place.primary, place.note) for path, place in places.items() if path not in came)


def _of_the_count(counted: int) -> Iterator[Disagreement]:
    said = CatalogueState.now().paper_count
    if said != counted:
        yield Disagreement(about="papers", what=_("%(said)s are said to be here, and %(counted)s are") % {"said": said, "counted": counted})


# -- The index ---------------------------------------------------------------------------------
def _of_the_index() -> Iterator[Disagreement]:
    """Against the records that are served, which are proven by now."""
    if CatalogueState.now().rules != terms.RULES:
        yield Disagreement(about="index", what=_("it was made by older rules"))
        return
    for segment in index.segments():
        made = index.terms_of_segment(segment)
        for field, term, papers in (
            Posting.objects.filter(segment=segment).values_list("field", "term", "papers").iterator(chunk_size=CHUNK)
        ):
            if BitMap.deserialize(bytes(papers)) != made.pop((field, term), None):
                yield Disagreement(about=f"index {field}:{term}", what=_("it does not lead to the papers that it is true of"))
        for field, term in sorted(made):
            yield Disagreement(about=f"index {field}:{term}", what=_("it leads to no paper"))
    if Posting.objects.filter(segment__gte=index.segments().stop).exists():
        yield Disagreement(about="index", what=_("it leads to papers that are not here"))
    yield from _of_the_words()


def _of_the_words() -> Iterator[Disagreement]:
    words = Word.objects.order_by("text").values_list("text", "papers").iterator(chunk_size=CHUNK)
    for counted, said in zip_longest(index.word_counts(), words):
        if counted != said:
            about = min(pair[0] for pair in (counted, said) if pair)
            yield Disagreement(about=f"word {about}", what=_("it is not said to stand in the papers that it stands in"))
            return


# -- The tree ----------------------------------------------------------------------------------
def _of_the_tree() -> Iterator[Disagreement]:
    children: dict[int | None, list[Category]] = {}
    lost: dict[int, Category] = {}
    for category in Category.objects.prefetch_related("lineage").order_by("position", "pk"):
        lost[category.pk] = category
        children.setdefault(category.parent_id, []).append(category)
    waiting = [(root, "", set[int]()) for root in reversed(children.get(None, []))]
    place = 0
    while waiting:
        category, above, ancestors = waiting.pop()
        del lost[category.pk]
        place += 1
        path, lineage = f"{above}{category.slug}", {*ancestors, category.pk}
        about = f"categories/{category.path}"
        if category.path != path:
            yield Disagreement(about=about, what=_("by its place in the tree its address is %(path)s") % {"path": path})
        if {node.pk for node in category.lineage.all()} != lineage:
            yield Disagreement(about=about, what=_("its lineage is not the categories above it and itself"))
        if category.tree_position != place:
            yield Disagreement(about=about, what=_("in the tree it is no. %(place)s") % {"place": place})
        waiting += [(child, f"{path}/", lineage) for child in reversed(children.get(category.pk, []))]
    for category in lost.values():
        yield Disagreement(about=f"categories/{category.path}", what=_("it stands nowhere in the tree"))
    for path in CategoryAlias.objects.filter(path__in=Category.objects.values("path")).values_list("path", flat=True):
        yield Disagreement(about=f"categories/{path}", what=_("its address is also kept as one of the past"))


# -- Tombstones --------------------------------------------------------------------------------
def _of_tombstones(graves: Iterable[Tombstone]) -> Iterator[Disagreement]:
    ids, slugs = [grave.public_id for grave in graves], [grave.slug for grave in graves]
    risen = set(Paper.objects.filter(public_id__in=ids).values_list("public_id", flat=True))
    taken = set(Paper.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    lost = _leading_nowhere({grave.public_id: grave.successor_public_id for grave in graves if grave.successor_public_id})
    for grave in graves:
        about = f"papers/{grave.slug}"
        if grave.public_id in risen:
            yield Disagreement(about=about, what=_("it has a tombstone and is on the shelf"))
        elif grave.slug in taken:
            yield Disagreement(about=about, what=_("its address is another paper’s"))
        if grave.public_id in lost:
            yield Disagreement(about=about, what=_("what took it in leads to no paper and to no tombstone that ends there"))


def _leading_nowhere(going: dict[str, str]) -> set[str]:
    """Of papers and what took each of them in, those whose successors end in nothing or in a circle."""
    lost: set[str] = set()
    passed = {start: {start} for start in going}
    while going:
        arrived = set(Paper.objects.filter(public_id__in=going.values()).values_list("public_id", flat=True))
        successors = dict(Tombstone.objects.filter(public_id__in=going.values()).values_list("public_id", "successor_public_id"))
        further: dict[str, str] = {}
        for start, at in going.items():
            if at in arrived:
                continue
            if at not in successors or at in passed[start]:
                lost.add(start)
            elif successors[at]:
                passed[start].add(at)
                further[start] = successors[at]
        going = further
    return lost
