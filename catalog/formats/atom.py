"""Atom (RFC 4287), for feed readers: the newest of a selection, a page at a time (RFC 5005, section 3).

Text is text, never markup. An entry's id is made of the paper's own, so that it stays whatever else is renamed.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from catalog.citing import plain_text
from catalog.formats.format import Catalogue
from catalog.records import Record, without_unwanted_characters
from catalog.xmltext import DECLARATION, element, text_element

NAME = "atom"
LABEL = "Atom"
EXTENSION = "atom"
MEDIA_TYPE = "application/atom+xml"
PAGE_SIZE = 100

_EPOCH = datetime.fromtimestamp(0, UTC)


def dump(records: Iterable[Record], about: Catalogue) -> Iterator[str]:
    """A page, which is made as a whole: a feed says first when it has changed last."""
    entries = list(records)
    page = about.page
    links = [("self", page.address), ("first", page.first), ("previous", page.previous), ("next", page.next)] if page else []
    yield f'{DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom">\n'
    yield text_element("id", f"{about.site}{page.first if page else '/'}")
    yield text_element("title", without_unwanted_characters(about.title))
    yield text_element("updated", _time(max((entry.updated_at for entry in entries if entry.updated_at), default=_EPOCH)))
    yield element("author", text_element("name", without_unwanted_characters(about.title)))
    yield text_element("rights", about.license)
    yield element("link", rel="alternate", type="text/html", href=f"{about.site}{page.listed_at if page else '/'}")
    for rel, address in links:
        if address:
            yield element("link", rel=rel, type=MEDIA_TYPE, href=f"{about.site}{address}")
    yield "\n"
    for entry in entries:
        yield _entry(entry, about.site) + "\n"
    yield "</feed>\n"


def _entry(record: Record, site: str) -> str:
    return element(
        "entry",
        text_element("id", uuid5(NAMESPACE_URL, f"openshelf:{record.id or record.citation_key or record.title}").urn),
        text_element("title", without_unwanted_characters(record.title)),
        text_element("updated", _time(record.updated_at or _EPOCH)),
        *([text_element("published", _time(record.added_at))] if record.added_at else []),
        *(element("author", text_element("name", without_unwanted_characters(author.name))) for author in record.authors),
        element("link", rel="alternate", type="text/html", href=f"{site}{record.path or '/'}"),
        *(_link(link.kind, link.url, without_unwanted_characters(link.label)) for link in record.links),
        *(
            element("category", scheme=f"{site}/categories/", term=category.path, label=without_unwanted_characters(category.name))
            for category in record.categories
        ),
        text_element("summary", without_unwanted_characters(record.abstract or plain_text(record))),
    )


def _link(kind: str, url: str, label: str) -> str:
    title = {"title": label} if label else {}
    if kind == "pdf":
        return element("link", rel="enclosure", type="application/pdf", href=url, **title)
    return element("link", rel="related", href=url, **title)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
