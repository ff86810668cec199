"""A paper among the others of the list that it was reached from.

The links of a list say which selection they are of, in what an address holds behind its question mark; the page of a paper
reads it and leads on, and back. The address without it is the one that lasts: it is what is canonical, copied and cited.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from catalog import shelf
from catalog.filters import PaperFilter
from catalog.models import Paper
from catalog.shelf import Neighbours
from catalog.views.entries import PAPERS_A_PAGE

# Known by the tag that they stand in: no text that anybody wrote holds one.
_TO_PAPER = re.compile(r'(?<=<h3><a href=")/papers/[^"?#]+/(?=">)|(?<=<a data-abstract href=")/papers/[^"?#]+/(?=#abstract")')


def carry(page: str, query: str) -> SafeString:
    """The page, with its entries leading to their papers, and to their abstracts, as those of this selection."""
    leading = escape(query)
    return mark_safe(_TO_PAPER.sub(lambda path: f"{path[0]}?{leading}", page))  # noqa: S308


def carrying(response: HttpResponse, **selection: object) -> HttpResponse:
    """The answer of a page whose papers are this selection: its parameters, in their usual order."""
    response.content = carry(response.content.decode(), urlencode(selection, safe="/"))
    return response


@dataclass(frozen=True, kw_only=True)
class Among:
    """`title` names the selection, and is empty where that is all papers; `address` is where it lists this one.

    `words` are what was found of a search, to be marked.
    """

    title: str
    words: Collection[str]
    query: str
    address: str
    neighbours: Neighbours


def among(request: HttpRequest, paper: Paper) -> Among | None:
    """None where the address names no selection, one that is not understood, or one that the paper is not in."""
    if not request.GET:
        return None
    papers = PaperFilter(request.GET)
    if not (papers.query and papers.is_valid()):
        return None
    neighbours = shelf.neighbours(paper, papers.selection)
    if neighbours is None:
        return None
    page = (neighbours.number - 1) // PAPERS_A_PAGE + 1 if neighbours.number else 1
    address = f"{reverse('catalog:paper-list')}?{papers.query}{f'&page={page}' if page > 1 else ''}"
    words = papers.selection.found.words if papers.selection.found else ()
    return Among(title=papers.title, words=words, query=papers.canonical_query, address=address, neighbours=neighbours)
