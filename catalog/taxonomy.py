"""The names that papers are ordered by: the category tree, venues and organizations, and how each may be spelled.

The only writer of categories, venues, organizations and their aliases. Never touches a paper.
"""

from collections.abc import Iterable

from django.db import transaction

from accounts.models import User
from catalog.models import Category, CategoryAlias, Organization, OrganizationAlias, Venue, VenueAlias
from catalog.records import slug_of, spelling_key


class NameTaken(Exception):
    """Something of this kind already has the name, the address or the spelling."""


@transaction.atomic
def add_category(name: str, *, parent: Category | None = None, slug: str = "", description: str = "") -> Category:
    """A new category, last among its siblings."""
    slug = slug or slug_of(name, max_length=60)
    path = f"{parent.path}/{slug}" if parent else slug
    if Category.objects.filter(path=path).exists():
        raise NameTaken(path)
    CategoryAlias.objects.filter(path=path).delete()
    position = Category.objects.filter(parent=parent).count() + 1
    category = Category.objects.create(parent=parent, slug=slug, name=name, description=description, position=position, path=path)
    _lay_out_tree()
    return category


def category_at(path: str) -> Category:
    """The category at this address, or the one that had it before. Raises Category.DoesNotExist."""
    return Category.objects.filter(path=path).first() or Category.objects.get(aliases__path=path)


@transaction.atomic
def rename_category(category: Category, *, name: str, slug: str = "") -> None:
    """Give a category a new name and address. The old address, and those below it, answer 301 for ever.

    Leaves what papers show of it to `publishing.rename_category`, which is the door for callers.
    """
    slug = slug or slug_of(name, max_length=60)
    path = f"{category.parent.path}/{slug}" if category.parent else slug
    if path != category.path and Category.objects.filter(path=path).exists():
        raise NameTaken(path)
    Category.objects.filter(pk=category.pk).update(name=name, slug=slug)
    _lay_out_tree()
    category.refresh_from_db()


def describe_category(category: Category, description: str) -> None:
    """Change the words under its name. `publishing.describe_category` is the door for callers."""
    Category.objects.filter(pk=category.pk).update(description=description)
    category.refresh_from_db()


def name_maintainers(category: Category, people: Iterable[User]) -> None:
    """These people, and no others, are to decide what is proposed for this category and for those below it."""
    category.maintainers.set(people)


def _lay_out_tree() -> None:
    """Write path, lineage and place in the tree of every category; a path that changes leaves an alias."""
    children: dict[int | None, list[Category]] = {}
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
        category.lineage.set([*lineage, category])
        for child in children.get(category.pk, []):
            visit(child, [*lineage, category])

    for root in children.get(None, []):
        visit(root, [])


def venue_named(name: str, *, slug: str = "") -> Venue:
    """The venue of this slug or spelling; a new one where nobody has heard of it."""
    known = Venue.objects.filter(slug=slug).first() if slug else None
    known = known or Venue.objects.filter(aliases__key=spelling_key(name)).first()
    return known or add_venue(name)


def organization_named(name: str, *, slug: str = "") -> Organization:
    """The organization of this slug or spelling; a new one where nobody has heard of it."""
    known = Organization.objects.filter(slug=slug).first() if slug else None
    known = known or Organization.objects.filter(aliases__key=spelling_key(name)).first()
    return known or add_organization(name)


@transaction.atomic
def add_venue(name: str, *, slug: str = "", full_name: str = "", aliases: Iterable[str] = ()) -> Venue:
    """A new venue; its name and slug are spellings of it too. Raises NameTaken where another venue has one of them."""
    slug = slug or slug_of(name, max_length=56)
    venue = Venue.objects.create(slug=_free(slug, Venue), name=name, full_name=full_name)
    for text in _spellings(name, full_name, *aliases):
        alias, is_new = VenueAlias.objects.get_or_create(key=spelling_key(text), defaults={"text": text, "venue": venue})
        if not is_new and alias.venue_id != venue.pk:
            raise NameTaken(text)
    return venue


@transaction.atomic
def add_organization(name: str, *, slug: str = "", aliases: Iterable[str] = ()) -> Organization:
    """A new organization; its name is a spelling of it too. Raises NameTaken where another has one of them."""
    slug = slug or slug_of(name, max_length=56)
    organization = Organization.objects.create(slug=_free(slug, Organization), name=name)
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

    A name that it had until now stays one of its spellings. Leaves what papers show of it to `publishing.rename_venue`,
    which is the door for callers.
    """
    until_now = Venue.objects.get(pk=venue.pk).name
    also = () if until_now == name else (until_now,)
    spellings = {spelling_key(text): text for text in _spellings(name, full_name, *also, *aliases)}
    taken = VenueAlias.objects.filter(key__in=spellings).exclude(venue=venue).first()
    if taken or Venue.objects.filter(name=name).exclude(pk=venue.pk).exists():
        raise NameTaken(taken.text if taken else name)
    Venue.objects.filter(pk=venue.pk).update(name=name, full_name=full_name)
    venue.aliases.all().delete()
    VenueAlias.objects.bulk_create(VenueAlias(venue=venue, text=text, key=key) for key, text in spellings.items())
    venue.refresh_from_db()


@transaction.atomic
def rename_organization(organization: Organization, *, name: str, aliases: Iterable[str] = ()) -> None:
    """Give an organization its name and the spellings it is known by, besides its name; its address stays. Raises NameTaken.

    A name that it had until now stays one of its spellings. Leaves what papers show of it to
    `publishing.rename_organization`, which is the door for callers.
    """
    until_now = Organization.objects.get(pk=organization.pk).name
    also = () if until_now == name else (until_now,)
    spellings = {spelling_key(text): text for text in _spellings(name, *also, *aliases)}
    taken = OrganizationAlias.objects.filter(key__in=spellings).exclude(organization=organization).first()
    if taken or Organization.objects.filter(name=name).exclude(pk=organization.pk).exists():
        raise NameTaken(taken.text if taken else name)
    Organization.objects.filter(pk=organization.pk).update(name=name)
    organization.aliases.all().delete()
    OrganizationAlias.objects.bulk_create(
        OrganizationAlias(organization=organization, text=text, key=key) for key, text in spellings.items()
    )
    organization.refresh_from_db()


def _spellings(*texts: str) -> Iterable[str]:
    """Each spelling once; those that differ in nothing that counts are one."""
    return {spelling_key(text): text for text in texts if spelling_key(text)}.values()


def _free(slug: str, model: type[Venue] | type[Organization]) -> str:
    slug = slug or "unnamed"
    number, free = 1, slug
    while model.objects.filter(slug=free).exists():
        number += 1
        free = f"{slug}-{number}"
    return free
