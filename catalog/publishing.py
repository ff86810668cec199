"""The only writer of papers, of their revisions, and of what readers are served.

Each function is one transaction that begins by taking the catalogue's next version. That row is the queue at the door:
publishers pass one at a time, so slugs, citation keys and places in a category are given out without a race, on SQLite
and PostgreSQL alike. Knows nothing of requests: callers say who is acting.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import batched

from django.db import transaction
from django.db.models import F, Max, Value, prefetch_related_objects
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from accounts.models import User
from catalog import citing, index, records, taxonomy, terms
from catalog.models import (
    Affiliation,
    Author,
    CatalogueState,
    Category,
    CategoryAlias,
    Decision,
    Edition,
    Identifier,
    Link,
    Organization,
    Paper,
    Placement,
    Revision,
    Tombstone,
    Venue,
)
from catalog.models.paper import new_public_id, new_stamp
from catalog.records import Record, fold, slug_of

# The relational rows that say what a paper's record says.
ROWS = ("authors", "identifiers", "links", "affiliations__organization", "placements__category")
LAID_DOWN = ["record_json", "title_key", "search_text", "has_code", "has_pdf", "has_abstract", "has_doi", "has_arxiv"]
# Written with them: when what is served became what it is.
CHANGED = ["version", "served_at"]
LAID_DOWN_AT_ONCE = 500


class AlreadyCatalogued(Exception):
    """A paper of the catalogue holds this identifier."""

    def __init__(self, paper: Paper, scheme: str) -> None:
        super().__init__(f"{scheme} is held by {paper.slug}")
        self.paper = paper
        self.scheme = scheme


@transaction.atomic
def publish(record: Record, *, decision: Decision | None = None, by: User | None = None, at: datetime | None = None) -> Paper:
    """Put a paper on the shelf: rows, first revision, and what readers are served.

    Unknown venues and organizations become known; unknown categories raise Category.DoesNotExist. A record that comes
    with an id, a slug, a citation key and times keeps them; one whose id a tombstone bears has its old address again. Raises
    AlreadyCatalogued where another paper holds an identifier.
    """
    at = whole_second(at or timezone.now())
    next_version(at, papers=1)
    paper = _revived(record.id) if record.id else None
    if paper is None:
        public_id = record.id or new_public_id()
        slug = record.slug or _free_slug(record.title, public_id)
        paper = Paper(public_id=public_id, slug=slug, citation_key=record.citation_key or _free_citation_key(record))
    paper.added_at = record.added_at or at
    paper.revision = _newest_number(paper.public_id) + 1
    _write_facts(paper, record, at=record.updated_at or at)
    _place(paper, record)
    lay_down([paper])
    _remember(paper, decision=decision, by=by, at=at)
    return paper


@transaction.atomic
def revise(paper: Paper, record: Record, *, decision: Decision | None = None, by: User | None = None) -> Paper:
    """Replace a paper's facts by those of the record; its id, address and key stay, and it names the revision this makes.

    Raises AlreadyCatalogued where another paper holds an identifier.
    """
    at = whole_second(timezone.now())
    next_version(at)
    _remember_arrangement(paper, at=at)
    paper.revision = _newest_number(paper.public_id) + 1
    _rewrite(paper, record, at=at)
    _remember(paper, decision=decision, by=by, at=at)
    return paper


@transaction.atomic
def retract(paper: Paper, *, reason: str, by: User | None, into: Paper | None = None) -> Tombstone:
    """Take a paper off the shelf. Its address answers 410 with the public reason, or leads to the paper that took it in.

    Its revisions stay, and its id, address and citation key are nobody else's, so that it can come back as it was.
    """
    at = whole_second(timezone.now())
    next_version(at, papers=-1)
    _remember_arrangement(paper, at=at)
    tombstone = Tombstone.objects.create(
        public_id=paper.public_id,
        slug=paper.slug,
        title=paper.title,
        reason=reason,
        successor_public_id=into.public_id if into else "",
        paper_number=paper.pk,
        citation_key=paper.citation_key,
        by=by,
        at=at,
        version=CatalogueState.now().version,
    )
    venue = paper.edition.venue if paper.edition else None
    organizations = list(paper.organizations.all())
    index.write([(paper.pk, records.from_json(_served(paper)), None)])
    paper.delete()
    taxonomy.forget_unconfirmed([venue] if venue else [], organizations)
    return tombstone


@transaction.atomic
def bring_back(revision: Revision, *, decision: Decision | None = None, by: User | None = None) -> Paper:
    """Make a paper again what it was at a revision: facts, times, places as far as they are free, and so the same bytes.

    One that is gone has its row, address and citation key again. The catalogue remembers this as one more revision.
    Raises AlreadyCatalogued where another paper holds an identifier by now.
    """
    at = whole_second(timezone.now())
    record = revision.record
    paper = Paper.objects.filter(public_id=revision.paper_public_id).first()
    next_version(at, papers=0 if paper else 1)
    if paper is None:
        paper = _revived(revision.paper_public_id) or Paper()
    paper.added_at = record.added_at or at
    paper.revision = record.revision
    _rewrite(paper, record, at=record.updated_at or at)
    _remember(paper, decision=decision, by=by, at=at)
    return paper


@transaction.atomic
def merge(paper: Paper, survivor: Paper, record: Record, *, reason: str, decision: Decision, by: User) -> Paper:
    """Fold a paper into another, which then says what the record says. The one that goes leads to it for ever.

    Places, links and identifiers of both are free for the record; a place that only the first had keeps its position.
    """
    retract(paper, reason=reason, by=by, into=survivor)
    return revise(survivor, record, decision=decision, by=by)


def newest_revision(public_id: str) -> Revision | None:
    return Revision.objects.filter(paper_public_id=public_id).order_by("-number").first()


def lay_down(papers: Iterable[Paper]) -> int:
    """Write what readers are served, from the relational rows: the record as JSON, the search document, the flags, the index.

    Memory and the questions asked for each chunk do not grow with the number of papers. Says of how many it was other before.
    """
    return sum(_lay_down(some) for some in batched(papers, LAID_DOWN_AT_ONCE, strict=False))


def rebuild(*, progress: Callable[[int], None] = lambda papers: None) -> int:
    """Lay everything down anew while the site goes on; says of how many papers it was other than their rows say.

    First the papers, a chunk in a transaction, then the index. `progress` hears of each paper twice. To be begun again where
    it broke off, at any time.
    """
    changed, last = 0, 0
    while papers := _lay_down_after(last):
        changed, last = changed + papers[0], papers[2]
        progress(papers[1])
    index.rebuild(progress=progress)
    return changed


@transaction.atomic
def _lay_down_after(last: int) -> tuple[int, int, int] | None:
    """Of the next papers: how many were other, how many there are, and the number of the last of them."""
    take_turn()
    papers = list(Paper.objects.filter(pk__gt=last).order_by("pk")[:LAID_DOWN_AT_ONCE])
    if not papers:
        return None
    next_version(whole_second(timezone.now()))
    changed = lay_down(papers)
    if not changed:
        # There is no next version.
        transaction.set_rollback(True)
    return changed, len(papers), papers[-1].pk


def _lay_down(papers: Sequence[Paper]) -> int:
    state = CatalogueState.now()
    served = {paper.pk: paper for paper in Paper.objects.filter(pk__in=[paper.pk for paper in papers]).only("pk", *LAID_DOWN)}
    prefetch_related_objects(papers, "edition__venue", *ROWS)
    changed, changes = [], []
    for paper in papers:
        record = paper.to_record()
        paper.record_json = records.to_json(record)
        paper.title_key = fold(record.title)[: records.MAX_TITLE]
        paper.search_text = terms.document(record)
        for name, holds in terms.holdings(record).items():
            setattr(paper, f"has_{name}", holds)
        paper.__dict__.pop("record", None)
        paper.__dict__.pop("_prefetched_objects_cache", None)
        before = served[paper.pk]
        if paper.record_json != before.record_json:
            paper.version, paper.served_at = state.version, state.updated_at or paper.updated_at
        if any(getattr(paper, name) != getattr(before, name) for name in LAID_DOWN):
            changed.append(paper)
            changes.append((paper.pk, before.record if before.record_json else None, record))
    Paper.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=[*LAID_DOWN, *CHANGED])
    index.write(changes)
    return len(changed)


def take_turn() -> None:
    """Wait at the door: until this transaction ends, nobody else publishes. For acts that lock other rows first."""
    CatalogueState.take_turn()


def next_version(at: datetime, *, papers: int = 0) -> None:
    """Also keeps the next publisher waiting until this transaction ends. Its time never goes back."""
    _state_exists()
    # Whoever harvests by time would miss what a clock that was set back has dated.
    no_earlier = Greatest(Coalesce("updated_at", Value(at)), Value(at))
    CatalogueState.objects.update(version=F("version") + 1, paper_count=F("paper_count") + papers, updated_at=no_earlier, stamp=new_stamp())


def new_state() -> None:
    """Say that readers see another queue or log than before, though the papers and their names are the same."""
    _state_exists()
    CatalogueState.objects.update(stamp=new_stamp())


def _state_exists() -> None:
    CatalogueState.objects.get_or_create(id=1)


def whole_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _free_slug(title: str, public_id: str) -> str:
    """Made of the title; of a second paper with the same words it ends in -2. Addresses of the past count as taken."""
    wanted = slug_of(title) or public_id.lower()
    taken = set(Paper.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    taken.update(Tombstone.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return _first_free(wanted, taken, "-")


def _free_citation_key(record: Record) -> str:
    wanted = citing.citation_key(record)
    taken = set(Paper.objects.filter(citation_key__startswith=wanted).values_list("citation_key", flat=True))
    taken.update(Tombstone.objects.filter(citation_key__startswith=wanted).values_list("citation_key", flat=True))
    return _first_free(wanted, taken, "-")


def _first_free(wanted: str, taken: set[str], joint: str) -> str:
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}{joint}{number}"
    return name


def _revived(public_id: str) -> Paper | None:
    """A paper with the row, address and key that its tombstone kept, which goes; None where there is no tombstone."""
    tombstone = Tombstone.objects.filter(public_id=public_id).first()
    if tombstone is None:
        return None
    tombstone.delete()
    return Paper(pk=tombstone.paper_number, public_id=tombstone.public_id, slug=tombstone.slug, citation_key=tombstone.citation_key)


def _newest_number(public_id: str) -> int:
    """Of the revisions remembered so far; 0 of a paper that was never there."""
    return Revision.objects.filter(paper_public_id=public_id).aggregate(newest=Max("number"))["newest"] or 0


def _rewrite(paper: Paper, record: Record, *, at: datetime) -> None:
    for related in (paper.authors, paper.identifiers, paper.links, paper.affiliations) if not paper._state.adding else ():
        related.all().delete()
    _write_facts(paper, record, at=at)
    _place(paper, record)
    lay_down([paper])


def _write_facts(paper: Paper, record: Record, *, at: datetime) -> None:
    for scheme, value in record.identifiers.items():
        holder = Paper.objects.filter(identifiers__scheme=scheme, identifiers__value=value).exclude(pk=paper.pk).first()
        if holder:
            raise AlreadyCatalogued(holder, scheme)
    paper.title = record.title
    paper.short_name = record.short_name
    paper.kind = record.kind
    paper.year = record.year
    paper.abstract = record.abstract
    paper.note = record.note
    paper.edition = _edition(record)
    paper.venue_raw = record.venue.raw if record.venue else ""
    paper.venue_track = record.venue.track if record.venue else ""
    paper.updated_at = at
    # What is laid down stays as it is until it is laid down anew: the index is told of it by what it was.
    kept = {"id", *LAID_DOWN, *CHANGED}
    written = None if paper._state.adding else [field.name for field in Paper._meta.concrete_fields if field.name not in kept]
    paper.save(update_fields=written)
    Author.objects.bulk_create(
        Author(paper=paper, position=position, name=author.name, slug=slug_of(author.name, max_length=80), orcid=author.orcid or "")
        for position, author in enumerate(record.authors, start=1)
    )
    Identifier.objects.bulk_create(Identifier(paper=paper, scheme=scheme, value=value) for scheme, value in record.identifiers.items())
    Link.objects.bulk_create(
        Link(paper=paper, position=position, kind=link.kind, url=link.url, label=link.label)
        for position, link in enumerate(record.links, start=1)
    )
    Affiliation.objects.bulk_create(
        Affiliation(paper=paper, organization=organization, position=position)
        for position, organization in enumerate(_organizations(record), start=1)
    )


def _edition(record: Record) -> Edition | None:
    if record.venue is None:
        return None
    venue: Venue = taxonomy.venue_named(record.venue.name, slug=record.venue.slug)
    edition, _is_new = Edition.objects.get_or_create(venue=venue, year=record.venue.year)
    return edition


def _organizations(record: Record) -> list[Organization]:
    found = (taxonomy.organization_named(organization.name, slug=organization.slug) for organization in record.organizations)
    return list({organization.pk: organization for organization in found}.values())


def _place(paper: Paper, record: Record) -> None:
    """Put the paper where the record says; a place without a position is at the end. Kept places keep their position.

    A path that a category had when the record was proposed, and has no more, leads to it still.
    """
    moved = CategoryAlias.objects.filter(path__in=[place.path for place in record.categories]).select_related("category")
    paths_now = {alias.path: alias.category.path for alias in moved}
    places = {paths_now.get(place.path, place.path): place for place in record.categories}
    kept = {placement.category.path: placement for placement in paper.placements.select_related("category")}
    for path, placement in kept.items():
        if path not in places:
            placement.delete()
    primary = next((path for path, place in places.items() if place.primary), next(iter(places), None))
    paper.placements.update(is_primary=False)
    for path, place in places.items():
        if path in kept:
            Placement.objects.filter(pk=kept[path].pk).update(is_primary=path == primary, note=place.note)
            continue
        category = Category.objects.get(path=path)
        Placement.objects.create(
            category=category, paper=paper, position=_free_position(category, place.position), is_primary=path == primary, note=place.note
        )


def _free_position(category: Category, wanted: int) -> int:
    """The one asked for, unless another paper stands there by now; else the one after the last."""
    there = Placement.objects.filter(category=category)
    if wanted and not there.filter(position=wanted).exists():
        return wanted
    return (there.aggregate(last=Max("position"))["last"] or 0) + 1


def _remember_arrangement(paper: Paper, *, at: datetime) -> None:
    """Keep what was served last where names or order have changed since the newest revision: it is what undoing leads back to."""
    served = _served(paper)
    newest = newest_revision(paper.public_id)
    if newest and newest.record_json != served:
        Revision.objects.create(paper_public_id=paper.public_id, number=newest.number + 1, record_json=served, at=at)


def _served(paper: Paper) -> str:
    """What readers get of it now, whatever was known when the paper was read."""
    return Paper.objects.values_list("record_json", flat=True).get(pk=paper.pk)


def _remember(paper: Paper, *, decision: Decision | None, by: User | None, at: datetime) -> None:
    Revision.objects.create(
        paper_public_id=paper.public_id,
        number=_newest_number(paper.public_id) + 1,
        record_json=paper.record_json,
        decision=decision,
        by=by,
        at=at,
    )
