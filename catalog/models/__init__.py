"""Columns, constraints and querysets. Nothing here sends, fetches or renders."""

from catalog.models.category import Category, CategoryAlias, Placement
from catalog.models.organization import Affiliation, Organization, OrganizationAlias
from catalog.models.paper import Author, CatalogueState, Identifier, Link, Paper, Tombstone
from catalog.models.revision import Revision
from catalog.models.submission import Decision, ProposedIdentifier, ProposedPlacement, Submission
from catalog.models.venue import Edition, Venue, VenueAlias

__all__ = [
    "Affiliation",
    "Author",
    "CatalogueState",
    "Category",
    "CategoryAlias",
    "Decision",
    "Edition",
    "Identifier",
    "Link",
    "Organization",
    "OrganizationAlias",
    "Paper",
    "Placement",
    "ProposedIdentifier",
    "ProposedPlacement",
    "Revision",
    "Submission",
    "Tombstone",
    "Venue",
    "VenueAlias",
]
