"""A record as other programs read it out of a page: reference managers, search engines, and machines that follow links. Pure.

What Zotero reads was looked up in its translators (Embedded Metadata, RDF, unAPI), what Google Scholar reads in its
inclusion guidelines. `site` is the address of the catalogue, without a slash at its end.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from catalog import identifiers
from catalog.citing import is_journal, name_parts
from catalog.formats import Format
from catalog.records import Author, Record

# Of more authors with an ORCID than this, a header would grow beyond what servers take; the set of links names all.
AUTHORS_IN_HEADER = 20
# Of more than this, a preview names those before the last of them.
AUTHORS_IN_SHORT = 6
_SCHEMA = "https://schema.org"
_TYPES = {
    "paper": "ScholarlyArticle",
    "survey": "ScholarlyArticle",
    "benchmark": "ScholarlyArticle",
    "leaderboard": "WebPage",
    "framework": "SoftwareSourceCode",
    "article": "Article",
    "course": "Course",
    "list": "Collection",
    "talk": "VideoObject",
}

# A link of Signposting: where it leads, as what, and more words about it.
type Signpost = tuple[str, str, dict[str, str]]


def address(record: Record, site: str) -> str:
    """The lasting address of its page, in ASCII."""
    return site + quote(record.path)


def license_url(license_: str) -> str:
    """Where the text of a licence is, by its name in SPDX."""
    return f"https://spdx.org/licenses/{quote(license_)}.html"


def cite_as(record: Record, site: str) -> str:
    """The one address to cite: its DOI, that of its preprint, or else the lasting address of its page."""
    if doi := record.identifiers.get("doi"):
        return identifiers.url_of("doi", doi)
    if arxiv := record.identifiers.get("arxiv"):
        return f"https://doi.org/10.48550/arXiv.{arxiv}"
    return address(record, site)


# -- Tags in the head of a page ----------------------------------------------------------------
def highwire(record: Record, site: str) -> Iterator[tuple[str, str]]:
    """The tags that Highwire Press began with. One of them says what kind of work it is; there is none for a preprint.

    A PDF is never named: nobody here has looked whether it is that of the paper.
    """
    yield "citation_title", record.title
    for author in record.authors:
        yield "citation_author", _family_first(author.name)
    if year := _year(record):
        yield "citation_publication_date", str(year)
    arxiv = record.identifiers.get("arxiv")
    if record.venue:
        yield "citation_journal_title" if is_journal(record.venue.name) else "citation_conference_title", _venue(record)
    else:
        yield "citation_technical_report_institution", "arXiv" if arxiv else _institution(record, site)
        if arxiv:
            yield "citation_technical_report_number", f"arXiv:{arxiv}"
    if doi := record.identifiers.get("doi"):
        yield "citation_doi", doi
    if arxiv:
        yield "citation_arxiv_id", arxiv
    if record.categories:
        yield "citation_keywords", "; ".join(category.name for category in record.categories)
    if record.abstract:
        yield "citation_abstract", record.abstract
    yield "citation_public_url", address(record, site)


def dublin_core(record: Record, site: str) -> Iterator[tuple[str, str]]:
    """The elements of Dublin Core 1.1 by name. The first identifier is the address of the page."""
    yield "title", record.title
    for author in record.authors:
        yield "creator", _family_first(author.name)
    for organization in record.organizations:
        yield "contributor", organization.name
    for category in record.categories:
        yield "subject", category.name
    if record.abstract:
        yield "description", record.abstract
    if year := _year(record):
        yield "date", str(year)
    yield "type", record.kind
    yield "identifier", address(record, site)
    for scheme, value in record.identifiers.items():
        if scheme in identifiers.SCHEMES:
            yield "identifier", identifiers.url_of(scheme, value)
    if record.venue:
        yield "source", _venue(record)
    for link in record.links:
        yield "relation", link.url


def tags(record: Record, site: str) -> list[tuple[str, str]]:
    """Names and contents for the head of the page, in order.

    Of Dublin Core without the type, which Zotero would believe before that of the other tags, and without links elsewhere.
    """
    core = ((f"DC.{name}", value) for name, value in dublin_core(record, site) if name not in {"type", "relation", "contributor"})
    return [*highwire(record, site), *core]


def open_graph(record: Record, site: str) -> list[tuple[str, str]]:
    """What is shown where somebody posts the address (ogp.me): who wrote it and where it appeared, else what it says.

    Without the name of the site, which Zotero takes for a journal.
    """
    said = [("og:type", "article"), ("og:title", record.title), ("og:url", address(record, site))]
    description = " · ".join(filter(None, [_authors_in_short(record), _venue(record) or str(_year(record) or "")])) or record.abstract
    return [*said, ("og:description", description)] if description else said


def _authors_in_short(record: Record) -> str:
    names = [author.name for author in record.authors]
    return ", ".join(names if len(names) <= AUTHORS_IN_SHORT else [*names[: AUTHORS_IN_SHORT - 1], "et al."])


def _family_first(name: str) -> str:
    """`de Oliveira, Luke`. Where both parts have blanks, Zotero would make two people of it, unless one part's are unbreakable."""
    parts = name_parts(name)
    given = f"{parts.given} {parts.suffix}".strip()
    if not given:
        return parts.family
    family = parts.family.replace(" ", "\u00a0") if " " in given else parts.family
    return f"{family}, {given}"


def _year(record: Record) -> int | None:
    return record.year or (record.venue.year if record.venue else None)


def _venue(record: Record) -> str:
    venue = record.venue
    return f"{venue.name} {venue.year or ''}".strip() if venue else ""


def _institution(record: Record, site: str) -> str:
    if record.organizations:
        return record.organizations[0].name
    return urlsplit(record.main_link.url if record.main_link else site).hostname or site


# -- JSON-LD -----------------------------------------------------------------------------------
def linked_data(record: Record, site: str) -> dict[str, Any]:
    """The work in the words of schema.org."""
    said: dict[str, Any] = {
        "@context": _SCHEMA,
        "@type": _TYPES[record.kind],
        "@id": address(record, site),
        "name": record.title,
        "headline": record.title[:110],
        "alternateName": record.short_name,
        "author": [_person(author) for author in record.authors],
        "datePublished": str(_year(record) or ""),
        "abstract": record.abstract,
        "isPartOf": _published_in(record),
        "sourceOrganization": [{"@type": "Organization", "name": organization.name} for organization in record.organizations],
        "about": [category.name for category in record.categories],
        "identifier": [
            {"@type": "PropertyValue", "propertyID": scheme, "value": value, "url": identifiers.url_of(scheme, value)}
            for scheme, value in record.identifiers.items()
            if scheme in identifiers.SCHEMES
        ],
        "url": address(record, site),
        "sameAs": list(dict.fromkeys([*_leading_to(record), *(link.url for link in record.links if link.kind in {"paper", "pdf"})])),
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": f"{site}/"},
    }
    return {name: value for name, value in said.items() if value}


def _person(author: Author) -> dict[str, str]:
    person = {"@type": "Person", "name": author.name}
    return {**person, "@id": f"https://orcid.org/{author.orcid}"} if author.orcid else person


def _published_in(record: Record) -> dict[str, str] | None:
    if record.venue is None:
        return None
    return {"@type": "Periodical" if is_journal(record.venue.name) else "PublicationIssue", "name": _venue(record)}


def _leading_to(record: Record) -> list[str]:
    return [identifiers.url_of(scheme, value) for scheme, value in record.identifiers.items() if scheme in identifiers.SCHEMES]


def listed(title: str, path: str, count: int, paths: Iterable[str], site: str, *, first: int = 1) -> dict[str, Any]:
    """A page of a list of so many works, at this path; some of them by the paths of their pages, numbered from `first`."""
    items = [{"@type": "ListItem", "position": number, "url": site + quote(each)} for number, each in enumerate(paths, start=first)]
    works: dict[str, Any] = {"@type": "ItemList", "numberOfItems": count}
    return {
        "@context": _SCHEMA,
        "@type": "CollectionPage",
        "@id": site + quote(path),
        "name": title,
        "mainEntity": {**works, "itemListElement": items} if items else works,
    }


def dataset(site: str, title: str, *, license_: str, version: int, updated_at: str, files: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """The catalogue as data. `files` are DataDownloads in the words of schema.org."""
    said: dict[str, Any] = {
        "@context": _SCHEMA,
        "@type": "Dataset",
        "@id": f"{site}/",
        "name": title,
        "description": f"{title}: who wrote what, where and when, and in which category it stands.",
        "url": f"{site}/",
        "license": license_,
        "isAccessibleForFree": True,
        "version": str(version),
        "dateModified": updated_at,
        "distribution": list(files),
    }
    return {name: value for name, value in said.items() if value}


def script(data: Any) -> str:
    """As the text of a script element: no end of one, and no comment, can stand in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


# -- Signposting -------------------------------------------------------------------------------
def signposts(record: Record, site: str, *, license_: str, formats: Iterable[Format]) -> list[Signpost]:
    """The links of FAIR Signposting (signposting.org/FAIR), level 1; the address to cite comes first, and once."""
    here = address(record, site)
    file = here.removesuffix("/")
    return [
        (cite_as(record, site), "cite-as", {}),
        *((f"https://orcid.org/{author.orcid}", "author", {}) for author in record.authors if author.orcid),
        *((f"{file}.{format_.EXTENSION}", "describedby", {"type": format_.MEDIA_TYPE}) for format_ in formats),
        (f"{here}record.jsonld", "describedby", {"type": "application/ld+json"}),
        (f"{_SCHEMA}/AboutPage", "type", {}),
        (f"{_SCHEMA}/{_TYPES[record.kind]}", "type", {}),
        (license_, "license", {}),
        (f"{site}/papers/", "collection", {"type": "text/html"}),
    ]


def header(links: Sequence[Signpost], record: Record, site: str) -> str:
    """As the value of a Link header (RFC 8288), with where the whole set of links is."""
    shown = [link for link in links if link[1] != "author"] if len(_orcids(links)) > AUTHORS_IN_HEADER else links
    whole: Signpost = (f"{address(record, site)}linkset.json", "linkset", {"type": "application/linkset+json"})
    return ", ".join(
        "; ".join([f"<{target}>", f'rel="{relation}"', *(f'{name}="{value}"' for name, value in more.items())])
        for target, relation, more in [*shown, whole]
    )


def linkset(links: Sequence[Signpost], record: Record, site: str) -> dict[str, Any]:
    """As a set of links (RFC 9264): level 2. What describes the page leads back to it."""
    here = address(record, site)
    context: dict[str, Any] = {"anchor": here}
    for target, relation, more in links:
        context.setdefault(relation, []).append({"href": target, **more})
    back = [{"anchor": each["href"], "describes": [{"href": here, "type": "text/html"}]} for each in context.get("describedby", ())]
    return {"linkset": [context, *back]}


def _orcids(links: Sequence[Signpost]) -> list[Signpost]:
    return [link for link in links if link[1] == "author"]
