"""The names that papers are ordered by: the category tree, venues and organizations, and how each may be spelled.

The only writer of categories, venues, organizations and their aliases. Never touches a paper.
"""

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from catalog.models import Category, CategoryAlias, Edition, Follow, Organization, OrganizationAlias, Venue, VenueAlias
from catalog.records import slug_of, spelling_key

MAX_PATH = 300


class NameTaken(Exception):
    """Something of this kind already has the name, the address or the spelling."""


class InsideItself(Exception):
    """A category stands neither under itself nor under what is below it, and nothing is merged into itself."""


class AddressTooLong(Exception):
    """The path of the category, or of one below it, would be longer than a path can be."""


@transaction.atomic
def add_category(name: str, *, parent: Category | None = None, slug: str = "", description: str = "") -> Category:
    """A new category, last among its siblings. Raises NameTaken, AddressTooLong."""
    slug = slug or slug_of(name, max_length=60)
    path = address_for(slug, under=parent)
    CategoryAlias.objects.filter(path=path).delete()
    position = Category.objects.filter(parent=parent).count() + 1
    category = Category.objects.create(parent=parent, slug=slug, name=name, description=description, position=position, path=path)
    _lay_out_tree()
    return category


def category_at(path: str) -> Category:
    """The category at this address, or the one that had it before. Raises Category.DoesNotExist."""
    return Category.objects.filter(path=path).first() or Category.objects.get(aliases__path=path)


def address_for(slug: str, *, under: Category | None, category: Category | None = None) -> str:
    """The path that a new category, or this one with what is below it, would have there.

    Raises InsideItself, NameTaken, AddressTooLong.
    """
    path = f"{under.path}/{slug}" if under else slug
    others, longest = Category.objects.all(), len(path)
    if category and category.pk:
        if under and under.lineage.filter(pk=category.pk).exists():
            raise InsideItself(path)
        others = others.exclude(pk=category.pk)
        longest += max(len(below) - len(category.path) for below in category.descendants.values_list("path", flat=True))
    if others.filter(path=path).exists():
        raise NameTaken(path)
    if longest > MAX_PATH:
        raise AddressTooLong(path)
    return path


@transaction.atomic
def rename_category(category: Category, *, name: str, slug: str = "") -> None:
    """Give a category a new name and address. The old address, and those below it, answer 301 for ever.

    Leaves what papers show of it to `arranging.rename_category`, which is the door for callers. Raises NameTaken,
    AddressTooLong.
    """
    category.refresh_from_db()
    slug = slug or slug_of(name, max_length=60)
    address_for(slug, under=category.parent, category=category)
    Category.objects.filter(pk=category.pk).update(name=name, slug=slug)
    _lay_out_tree()
    category.refresh_from_db()


@transaction.atomic
def move_category(category: Category, under: Category | None) -> None:
    """Put it, with all below it, under another category or at the top, last among its siblings there.

    Its old address, and those below it, answer 301 for ever. `arranging.move_category` is the door for callers. Raises
    InsideItself, NameTaken, AddressTooLong.
    """
    category.refresh_from_db()
    if under:
        under.refresh_from_db()
    former = category.parent
    if former == under:
        return
    address_for(category.slug, under=under, category=category)
    there = [*_children(under), category]
    Category.objects.filter(pk=category.pk).update(parent=under)
    _number(there)
    _number(_children(former))
    _lay_out_tree()
    category.refresh_from_db()


@transaction.atomic
def reorder_category(category: Category, position: int) -> None:
    """Give it this place among its siblings, counted from 1; the others close up. `arranging.reorder_category` is the door."""
    category.refresh_from_db()
    siblings = [sibling for sibling in _children(category.parent) if sibling != category]
    siblings.insert(max(position, 1) - 1, category)
    _number(siblings)
    _lay_out_tree()
    category.refresh_from_db()


@transaction.atomic
def merge_category(category: Category, into: Category, *, papers: Collection[int]) -> None:
    """Let another category, which keeps its own name and words, have its parts and its addresses; it goes.

    The parts come after those that are there. `arranging.merge_category` is the door for callers, and has moved its `papers`
    before. Who followed it follows the other; who kept it does not keep the other: that is for maintainers to say. Raises
    InsideItself where the other is below it, NameTaken where both have a part of the same address, AddressTooLong.
    """
    former, parts = category.parent, _children(category)
    for part in parts:
        address_for(part.slug, under=into, category=part)
    there = [*_children(into), *parts]
    Category.objects.filter(parent=category).update(parent=into)
    _number(there)
    CategoryAlias.objects.filter(category=category).update(category=into)
    CategoryAlias.objects.create(path=category.path, category=into)
    Follow.objects.hand_over(category, into, papers=papers)
    category.delete()
    _number(_children(former))
    _lay_out_tree()
    into.refresh_from_db()


def _children(parent: Category | None) -> list[Category]:
    return list(Category.objects.filter(parent=parent).order_by("position", "pk"))


def _number(siblings: Iterable[Category]) -> None:
    for position, category in enumerate(siblings, start=1):
        Category.objects.filter(pk=category.pk).exclude(position=position).update(position=position)


def describe_category(category: Category, description: str) -> None:
    """Change the words under its name. `arranging.describe_category` is the door for callers."""
    Category.objects.filter(pk=category.pk).update(description=description)
    category.refresh_from_db()


def name_maintainers(category: Category, people: Iterable[User]) -> None:
    """These people, and no others, are to decide what is proposed for this category and for those below it."""
    category.maintainers.set(people)


def _lay_out_tree() -> None:
    """Write path, lineage and place in the tree of every category; a path that changes leaves an alias."""
    children: dict[int | None, list[Category]] = {}
    lineages: dict[int, set[int]] = {}
    for below, above in Category.lineage.through.objects.values_list("from_category", "to_category"):
        lineages.setdefault(below, set()).add(above)
    for category in Category.objects.order_by("position", "pk"):
        children.setdefault(category.parent_id, []).append(category)
    place = 0

    def visit(category: Category, lineage: list[Category]) -> None:
        nonlocal place
        place += 1
        path = "/".join(node.slug for node in [*lineage, category])
        if category.path != path:
            CategoryAlias.objects.update_or_create(path=category.path, defaults={"category": category})
            CategoryAlias.objects.filter(path=path).delete()
        if (category.path, category.tree_position) != (path, place):
            Category.objects.filter(pk=category.pk).update(path=path, tree_position=place)
        if lineages.get(category.pk) != {each.pk for each in [*lineage, category]}:
            category.lineage.set([*lineage, category])
        for child in children.get(category.pk, []):
            visit(child, [*lineage, category])

    for root in children.get(None, []):
        visit(root, [])


def venue_at(slug: str) -> Venue:
    """The venue at this address, or the one that took in what had it before. Raises Venue.DoesNotExist."""
    return Venue.objects.filter(slug=slug).first() or Venue.objects.get(aliases__slug=slug)


def organization_at(slug: str) -> Organization:
    """The organization at this address, or the one that took in what had it before. Raises Organization.DoesNotExist."""
    return Organization.objects.filter(slug=slug).first() or Organization.objects.get(aliases__slug=slug)


def venue_spelled(text: str) -> Venue | None:
    """The venue that is known so. A name of signs alone is no spelling, and is looked for as it is."""
    return Venue.objects.filter(Q(aliases__key=spelling_key(text)) | Q(name=text)).first()


def organization_spelled(text: str) -> Organization | None:
    """The organization that is known so. A name of signs alone is no spelling, and is looked for as it is."""
    return Organization.objects.filter(Q(aliases__key=spelling_key(text)) | Q(name=text)).first()


def venue_named(name: str, *, slug: str = "") -> Venue:
    """The venue of this slug or spelling; a new one where nobody has heard of it."""
    try:
        return venue_at(slug)
    except Venue.DoesNotExist:
        return venue_spelled(name) or add_venue(name, is_confirmed=False)


def organization_named(name: str, *, slug: str = "") -> Organization:
    """The organization of this slug or spelling; a new one where nobody has heard of it."""
    try:
        return organization_at(slug)
    except Organization.DoesNotExist:
        return organization_spelled(name) or add_organization(name, is_confirmed=False)


@transaction.atomic
def add_venue(name: str, *, slug: str = "", full_name: str = "", aliases: Iterable[str] = (), is_confirmed: bool = True) -> Venue:
    """A new venue; its name and slug are spellings of it too. Raises NameTaken where another venue has one of them."""
    if Venue.objects.filter(name=name).exists():
        raise NameTaken(name)
    slug = slug or slug_of(name, max_length=56)
    venue = Venue.objects.create(slug=_free(slug, Venue), name=name, full_name=full_name, is_confirmed=is_confirmed)
    for text in _spellings(name, full_name, *aliases):
        alias, is_new = VenueAlias.objects.get_or_create(key=spelling_key(text), defaults={"text": text, "venue": venue})
        if not is_new and alias.venue_id != venue.pk:
            raise NameTaken(text)
    return venue


@transaction.atomic
def add_organization(name: str, *, slug: str = "", aliases: Iterable[str] = (), is_confirmed: bool = True) -> Organization:
    """A new organization; its name is a spelling of it too. Raises NameTaken where another has one of them."""
    if Organization.objects.filter(name=name).exists():
        raise NameTaken(name)
    slug = slug or slug_of(name, max_length=56)
    organization = Organization.objects.create(slug=_free(slug, Organization), name=name, is_confirmed=is_confirmed)
    for text in _spellings(name, *aliases):
        alias, is_new = OrganizationAlias.objects.get_or_create(
            key=spelling_key(text), defaults={"text": text, "organization": organization}
        )
        if not is_new and alias.organization_id != organization.pk:
            raise NameTaken(text)
    return organization


@transaction.atomic
def rename_venue(venue: Venue, *, name: str, full_name: str = "", aliases: Iterable[str] = ()) -> None:
    """Give a venue its name and the spellings it is known by, besides its names; its address stays. Raises NameTaken.

    A name that it had until now stays one of its spellings, and it is confirmed. Leaves what papers show of it to `arranging.rename_venue`,
    which is the door for callers.
    """
    until_now = Venue.objects.get(pk=venue.pk).name
    also = () if until_now == name else (until_now,)
    spellings = {spelling_key(text): text for text in _spellings(name, full_name, *also, *aliases)}
    taken = VenueAlias.objects.filter(key__in=spellings).exclude(venue=venue).first()
    if taken or Venue.objects.filter(name=name).exclude(pk=venue.pk).exists():
        raise NameTaken(taken.text if taken else name)
    Venue.objects.filter(pk=venue.pk).update(name=name, full_name=full_name, is_confirmed=True)
    _spell(venue, spellings)
    venue.refresh_from_db()


@transaction.atomic
def rename_organization(organization: Organization, *, name: str, aliases: Iterable[str] = ()) -> None:
    """Give an organization its name and the spellings it is known by, besides its name; its address stays. Raises NameTaken.

    A name that it had until now stays one of its spellings, and it is confirmed. Leaves what papers show of it to
    `arranging.rename_organization`, which is the door for callers.
    """
    until_now = Organization.objects.get(pk=organization.pk).name
    also = () if until_now == name else (until_now,)
    spellings = {spelling_key(text): text for text in _spellings(name, *also, *aliases)}
    taken = OrganizationAlias.objects.filter(key__in=spellings).exclude(organization=organization).first()
    if taken or Organization.objects.filter(name=name).exclude(pk=organization.pk).exists():
        raise NameTaken(taken.text if taken else name)
    Organization.objects.filter(pk=organization.pk).update(name=name, is_confirmed=True)
    _spell(organization, spellings)
    organization.refresh_from_db()


def _spell(named: Venue | Organization, spellings: Mapping[str, str]) -> None:
    """Know it by these and no others, but for those that hold an address: they stay as long as it does."""
    named.aliases.filter(slug=None).exclude(key__in=spellings).delete()
    for key, text in spellings.items():
        named.aliases.update_or_create(key=key, defaults={"text": text})


@transaction.atomic
def add_spelling(named: Venue | Organization, text: str) -> None:
    """Know a venue or an organization, which is thereby confirmed, by one more spelling. Raises NameTaken where another has it."""
    aliases = VenueAlias.objects if isinstance(named, Venue) else OrganizationAlias.objects
    known = aliases.filter(key=spelling_key(text)).first()
    if known is None:
        named.aliases.create(text=text, key=spelling_key(text))
    elif not named.aliases.filter(pk=known.pk).exists():
        raise NameTaken(known.text)
    confirm(named)


def confirm(named: Venue | Organization) -> None:
    """Say that it is one of its own. `arranging.confirm_venue` and `arranging.confirm_organization` are the doors."""
    type(named).objects.filter(pk=named.pk).update(is_confirmed=True)
    named.refresh_from_db()


@transaction.atomic
def merge[Named: (Venue, Organization)](named: Named, into: Named, *, papers: Collection[int]) -> None:
    """Let another have its spellings, its followers and its address, which answers 301 for ever, as do those that it had taken in; it goes.

    The one that stays is confirmed by that: it holds an address that is not to be lost. `arranging.merge_venue` and
    `arranging.merge_organization` are the doors, and have moved the `papers` before.
    """
    confirm(into)
    named.aliases.update(**{str(named._meta.model_name): into})
    # The spelling of its name keeps the address. One that has none, or keeps another's already, needs a row that is no spelling.
    if not into.aliases.filter(key=spelling_key(named.name), slug=None).update(slug=named.slug):
        into.aliases.create(text=named.name, key=f"/{named.slug}", slug=named.slug)
    Follow.objects.hand_over(named, into, papers=papers)
    named.delete()


def forget_unconfirmed(venues: Iterable[Venue], organizations: Iterable[Organization]) -> None:
    """Let go of those that only an approval had made and that no paper names any more."""
    Edition.objects.filter(venue__in=venues, venue__is_confirmed=False, papers=None).delete()
    Venue.objects.filter(pk__in=[venue.pk for venue in venues], is_confirmed=False, editions=None).delete()
    Organization.objects.filter(pk__in=[each.pk for each in organizations], is_confirmed=False, affiliations=None).delete()


def _spellings(*texts: str) -> Iterable[str]:
    """Each spelling once; those that differ in nothing that counts are one."""
    return {spelling_key(text): text for text in texts if spelling_key(text)}.values()


def _free(slug: str, model: type[Venue] | type[Organization]) -> str:
    """Not given out, and no address of the past either."""
    slug = slug or "unnamed"
    number, free = 1, slug
    while model.objects.filter(Q(slug=free) | Q(aliases__slug=free)).exists():
        number += 1
        free = f"{slug}-{number}"
    return free
