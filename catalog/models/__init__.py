"""Columns, constraints and querysets. Nothing here sends, fetches or renders."""

from catalog.models.answered import AnsweredRequest
from catalog.models.category import Category, CategoryAlias, Placement
from catalog.models.decision import Decision, Reason
from catalog.models.following import Follow
from catalog.models.importing import Import, ImportedList, ImportRow, ListedPaper
from catalog.models.organization import Affiliation, Organization, OrganizationAlias
from catalog.models.paper import Author, CatalogueState, DisputeNotice, Distinction, Identifier, Link, Paper, Tombstone
from catalog.models.posting import Misspelling, Posting, Word
from catalog.models.reading import ListPlace, Reading, ReadingList
from catalog.models.revision import Revision
from catalog.models.submission import (
    Comment,
    DeskNote,
    Draft,
    ProposedIdentifier,
    ProposedName,
    ProposedPlacement,
    Submission,
    SubmissionVersion,
)
from catalog.models.venue import Edition, Venue, VenueAlias
from catalog.models.visit import Visit

__all__ = [
    "Affiliation",
    "AnsweredRequest",
    "Author",
    "CatalogueState",
    "Category",
    "CategoryAlias",
    "Comment",
    "Decision",
    "DeskNote",
    "DisputeNotice",
    "Distinction",
    "Draft",
    "Edition",
    "Follow",
    "Identifier",
    "Import",
    "ImportRow",
    "ImportedList",
    "Link",
    "ListPlace",
    "ListedPaper",
    "Misspelling",
    "Organization",
    "OrganizationAlias",
    "Paper",
    "Placement",
    "Posting",
    "ProposedIdentifier",
    "ProposedName",
    "ProposedPlacement",
    "Reading",
    "ReadingList",
    "Reason",
    "Revision",
    "Submission",
    "SubmissionVersion",
    "Tombstone",
    "Venue",
    "VenueAlias",
    "Visit",
    "Word",
]
