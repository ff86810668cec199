"""Change the names and the order that papers are kept by, and lay down anew what readers see of it.

The door to `taxonomy` for callers. Like `publishing`, each function is one transaction that begins by taking the
catalogue's next version, and looks at the names again from there: of two acts at once the later finds what the earlier
left. What is gone by then raises its DoesNotExist. Papers' own times and revisions stay: their facts have not changed.
"""

from collections.abc import Iterable
from itertools import batched

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog import publishing, taxonomy
from catalog.models import Affiliation, Category, Edition, Organization, Paper, Placement, Venue
from catalog.taxonomy import InsideItself

CHUNK = 500


# -- Categories --------------------------------------------------------------------------------
@transaction.atomic
def add_category(name: str, *, parent: Category | None = None, slug: str = "", description: str = "") -> Category:
    """A new category, last among its siblings; raises taxonomy.NameTaken, AddressTooLong."""
    _begin()
    return taxonomy.add_category(name, parent=parent, slug=slug, description=description)


@transaction.atomic
def describe_category(category: Category, description: str) -> None:
    _begin()
    taxonomy.describe_category(category, description)


@transaction.atomic
def rename_category(category: Category, *, name: str, slug: str = "") -> None:
    """Rename it and lay down anew every paper that shows its name; raises taxonomy.NameTaken, AddressTooLong."""
    _begin()
    taxonomy.rename_category(category, name=name, slug=slug)
    publishing.lay_down(Paper.objects.in_category(category).iterator(chunk_size=CHUNK))


@transaction.atomic
def move_category(category: Category, under: Category | None) -> None:
    """Put it under another category, or at the top, last among its siblings there; what is below it comes along.

    The old addresses answer 301 for ever. Raises taxonomy.InsideItself, NameTaken, AddressTooLong.
    """
    _begin()
    taxonomy.move_category(category, under)
    publishing.lay_down(Paper.objects.in_category(category).iterator(chunk_size=CHUNK))


@transaction.atomic
def reorder_category(category: Category, position: int) -> None:
    """Give it this place among its siblings, counted from 1; one past the last is the last."""
    _begin()
    taxonomy.reorder_category(category, position)
    # A paper that stands here and elsewhere names its places in the order of the tree.
    publishing.lay_down(Paper.objects.in_category(category).iterator(chunk_size=CHUNK))


@transaction.atomic
def merge_category(category: Category, into: Category) -> int:
    """Fold a category into another, which keeps its own name and words; says how many papers stood in the one that went.

    They stand at the end of the other, in their order; one that stood in both stays where it was there, and keeps the
    curator's words of the one that goes where the other had none. A primary place stays primary. The parts come along, all
    old addresses answer 301 for ever, and its maintainers are not those of the other. Raises taxonomy.InsideItself,
    NameTaken where both have a part of the same address, AddressTooLong.
    """
    _begin()
    _as_they_stand(category, into)
    papers = list(Paper.objects.in_category(category).values_list("pk", flat=True))
    count = category.placements.count()
    _move_placements(category, into)
    taxonomy.merge_category(category, into, papers=papers)
    _lay_down(papers)
    return count


def _move_placements(category: Category, into: Category) -> None:
    there = {placement.paper_id: placement for placement in into.placements.order_by("position")}
    last = max((placement.position for placement in there.values()), default=0)
    moved = []
    for placement in category.placements.order_by("position"):
        if staying := there.get(placement.paper_id):
            placement.delete()
            staying.is_primary = staying.is_primary or placement.is_primary
            staying.note = staying.note or placement.note
            staying.save(update_fields=["is_primary", "note"])
        else:
            last += 1
            placement.category, placement.position = into, last
            moved.append(placement)
    Placement.objects.bulk_update(moved, ["category", "position"], batch_size=CHUNK)


@transaction.atomic
def place_paper(paper: Paper, category: Category, position: int) -> None:
    """Give a paper this number in the curator's order, as readers count it; one past the last is the last.

    Those between its old number and the new one each step aside by one. A place that a paper has left stays free, so that
    the paper can come back to it. Raises Placement.DoesNotExist where the paper does not stand there.
    """
    _begin()
    placements = list(category.placements.order_by("position"))
    moving = next((placement for placement in placements if placement.paper_id == paper.pk), None)
    if moving is None:
        raise Placement.DoesNotExist
    order = [placement for placement in placements if placement is not moving]
    order.insert(max(position, 1) - 1, moving)
    changed = [(now, then.position) for now, then in zip(order, placements, strict=True) if now is not then]
    if not changed:
        return
    places = [place for _placement, place in changed]
    # Out of the way first: a position is taken once.
    category.placements.filter(position__range=(places[0], places[-1])).update(position=F("position") + placements[-1].position)
    for placement, place in changed:
        placement.position = place
    Placement.objects.bulk_update([placement for placement, _place in changed], ["position"], batch_size=CHUNK)
    _lay_down(placement.paper_id for placement, _place in changed)


# -- Venues ------------------------------------------------------------------------------------
@transaction.atomic
def add_venue(name: str, *, aliases: Iterable[str] = ()) -> Venue:
    """A new venue that a maintainer stands for; raises taxonomy.NameTaken."""
    _begin()
    return taxonomy.add_venue(name, aliases=aliases)


@transaction.atomic
def rename_venue(venue: Venue, *, name: str, full_name: str = "", aliases: Iterable[str] = ()) -> None:
    """Change its names and spellings, and lay down anew every paper that shows its name; raises taxonomy.NameTaken."""
    _begin()
    _rename_venue(venue, name=name, full_name=full_name, aliases=aliases)


@transaction.atomic
def confirm_venue(venue: Venue, *, name: str = "") -> None:
    """Say that one which only an approval had made is one of its own, perhaps by another name; raises taxonomy.NameTaken."""
    _begin()
    taxonomy.confirm(venue)
    if name and name != venue.name:
        _rename_venue(venue, name=name, full_name=venue.full_name, aliases=_texts(venue))


@transaction.atomic
def merge_venue(venue: Venue, into: Venue) -> int:
    """Fold a venue into another, edition by edition; says how many papers came along.

    Its spellings are the other's, and its address answers 301 for ever. Raises taxonomy.InsideItself.
    """
    _begin()
    _as_they_stand(venue, into)
    papers = list(Paper.objects.filter(edition__venue=venue).values_list("pk", flat=True))
    for edition in venue.editions.all():
        same_year, _is_new = Edition.objects.get_or_create(venue=into, year=edition.year)
        edition.papers.update(edition=same_year)
        edition.delete()
    taxonomy.merge(venue, into, papers=papers)
    _lay_down(papers)
    return len(papers)


def _rename_venue(venue: Venue, *, name: str, full_name: str, aliases: Iterable[str]) -> None:
    taxonomy.rename_venue(venue, name=name, full_name=full_name, aliases=aliases)
    publishing.lay_down(Paper.objects.filter(edition__venue=venue).iterator(chunk_size=CHUNK))


# -- Organizations -----------------------------------------------------------------------------
@transaction.atomic
def add_organization(name: str, *, aliases: Iterable[str] = ()) -> Organization:
    """A new organization that a maintainer stands for; raises taxonomy.NameTaken."""
    _begin()
    return taxonomy.add_organization(name, aliases=aliases)


@transaction.atomic
def rename_organization(organization: Organization, *, name: str, aliases: Iterable[str] = ()) -> None:
    """Change its name and spellings, and lay down anew every paper that shows its name; raises taxonomy.NameTaken."""
    _begin()
    _rename_organization(organization, name=name, aliases=aliases)


@transaction.atomic
def confirm_organization(organization: Organization, *, name: str = "") -> None:
    """Say that one which only an approval had made is one of its own, perhaps by another name; raises taxonomy.NameTaken."""
    _begin()
    taxonomy.confirm(organization)
    if name and name != organization.name:
        _rename_organization(organization, name=name, aliases=_texts(organization))


@transaction.atomic
def merge_organization(organization: Organization, into: Organization) -> int:
    """Fold an organization into another; says how many papers named it. One that named both names the other once, where
    the first of the two stood.

    Its spellings are the other's, and its address answers 301 for ever. Raises taxonomy.InsideItself.
    """
    _begin()
    _as_they_stand(organization, into)
    papers = list(organization.affiliations.values_list("paper", flat=True))
    concerned = Affiliation.objects.filter(paper__in=organization.affiliations.values("paper"))
    named: set[int] = set()
    for affiliation in list(concerned.filter(organization__in=(organization, into)).order_by("position")):
        if affiliation.paper_id in named:
            affiliation.delete()
        named.add(affiliation.paper_id)
    organization.affiliations.update(organization=into)
    taxonomy.merge(organization, into, papers=papers)
    _lay_down(papers)
    return len(papers)


def _rename_organization(organization: Organization, *, name: str, aliases: Iterable[str]) -> None:
    taxonomy.rename_organization(organization, name=name, aliases=aliases)
    publishing.lay_down(organization.papers.iterator(chunk_size=CHUNK))


# -- Both --------------------------------------------------------------------------------------
@transaction.atomic
def add_spelling(named: Venue | Organization, text: str) -> None:
    """Know a venue or an organization by one more spelling; raises taxonomy.NameTaken where another has it."""
    _begin()
    taxonomy.add_spelling(named, text)


def _texts(named: Venue | Organization) -> list[str]:
    return list(named.aliases.values_list("text", flat=True))


def _begin() -> None:
    publishing.take_turn()
    publishing.next_version(publishing.whole_second(timezone.now()))


def _as_they_stand(named: Category | Venue | Organization, into: Category | Venue | Organization) -> None:
    """Look again at two that are to be one, now that nobody else changes them. Raises DoesNotExist of what is gone."""
    if named == into:
        raise InsideItself(str(into))
    named.refresh_from_db()
    into.refresh_from_db()


def _lay_down(papers: Iterable[int]) -> None:
    for some in batched(papers, CHUNK, strict=False):
        publishing.lay_down(Paper.objects.filter(pk__in=some))
