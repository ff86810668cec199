"""What tests ask for: a paper, a record, a category, of which they say only what matters to them.

Papers come in by the same door as everywhere: publishing.
"""

from itertools import count

from catalog import publishing, taxonomy
from catalog.models import Category
from catalog.records import Author, Link, Organization, Record, Venue
from catalog.records import Category as Place

_numbers = count(1)


def make_record(title="Orca", *, authors=(), venue="", venue_year=None, organizations=(), categories=(), links=(), **facts):
    """Names, category paths and addresses are plain strings; the rest is as Record has it."""
    return Record(
        title=title,
        authors=tuple(Author(name=name) for name in authors),
        venue=Venue(name=venue, year=venue_year or facts.get("year")) if venue else None,
        organizations=tuple(Organization(name=name) for name in organizations),
        categories=tuple(Place(path=path, primary=place == 0) for place, path in enumerate(categories)),
        links=tuple(link if isinstance(link, Link) else Link(url=link) for link in links),
        **facts,
    )


def make_paper(title="Orca", *, by=None, decision=None, at=None, **facts):
    """A paper on the shelf. Categories it names come into being, as venues and organizations do."""
    for path in facts.get("categories", ()):
        make_category(path)
    return publishing.publish(make_record(title, **facts), by=by, decision=decision, at=at)


def make_papers(number, **facts):
    return [make_paper(f"Paper {next(_numbers)}", **facts) for _each in range(number)]


def make_category(path="serving", *, name="", description=""):
    """The category at this path, with those above it."""
    known = Category.objects.filter(path=path).first()
    if known:
        return known
    above, _slash, slug = path.rpartition("/")
    parent = make_category(above) if above else None
    return taxonomy.add_category(name or slug.replace("-", " ").capitalize(), parent=parent, slug=slug, description=description)
