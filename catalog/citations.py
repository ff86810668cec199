"""Read what people write in lists: a venue with its year, a row of organizations, one bullet of an awesome list.

The spellings that are known come from the caller; what is not known is kept as it was written. Nothing is guessed that
the text does not state, save small slips that CORRECTIONS names. Knows nothing of Django.
"""

from collections.abc import Mapping

from catalog import records
from catalog.bullets import MARKER, Bullet, BulletReading, settle_links
from catalog.records import Organization, Record, tidy
from catalog.spellings import (
    CORRECTIONS,
    MAX_LINE,
    OrganizationReading,
    Spellings,
    VenueReading,
    known_organizations,
    read_organizations,
    read_venue,
    short_name_of,
    tidy_title,
)

__all__ = [
    "CORRECTIONS",
    "MAX_LINE",
    "BulletReading",
    "OrganizationReading",
    "Spellings",
    "VenueReading",
    "read_bullet",
    "read_organizations",
    "read_venue",
    "settle_links",
    "short_name_of",
    "tidy_title",
    "with_known_names",
]


def read_bullet(
    line: str, *, venues: Spellings, organizations: Spellings, corrections: Mapping[str, str] = CORRECTIONS
) -> BulletReading | None:
    """One line of an awesome list: `- [Name](address): rest of the title | SOSP' 24`; None if it holds no title.

    What stands behind a bar (also the full-width one) is a venue if it ends in a year or is known as one, else
    organizations. `record.year` is the year that the line, its venue or an arXiv number states.
    """
    if len(line) > MAX_LINE:
        return None
    bullet = Bullet(venues=venues, organizations=organizations, corrections=corrections)
    bullet.take_head(MARKER.sub("", tidy(records.without_unwanted_characters(line)), count=1))
    return bullet.reading()


def with_known_names(record: Record, *, venues: Spellings, organizations: Spellings) -> Record:
    """The same record with its venue and organizations under the names that the catalogue knows them by."""
    known = tuple(Organization(name=name) for name in known_organizations([each.name for each in record.organizations], organizations))
    venue = record.venue
    if venue and (reading := read_venue(venue.raw or venue.name, venues)) and reading.is_known:
        venue = records.replace(venue, slug="", name=reading.name, year=venue.year or reading.year)
    return records.replace(record, venue=venue, organizations=known)
