"""Atom (RFC 4287), for feed readers: the newest of a selection, a page at a time (RFC 5005, section 3).

Text is text, never markup. An entry's id is made of the paper's own, so that it stays whatever else is renamed.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from catalog.citing import plain_text
from catalog.formats.format import Catalogue
from catalog.records import Link, Record, without_unwanted_characters
from catalog.xmltext import DECLARATION, element, text_element

NAME = "atom"
LABEL = "Atom"
EXTENSION = "atom"
MEDIA_TYPE = "application/atom+xml"
PAGE_SIZE = 100

END = "</feed>\n"
_EPOCH = datetime.fromtimestamp(0, UTC)


def dump(records: Iterable[Record], about: Catalogue) -> Iterator[str]:
    """A page, which is made as a whole: a feed says first when it has changed last."""
    entries = list(records)
    site, page = about.site, about.page
    beside = {"self": page.address, "first": page.first, "previous": page.previous, "next": page.next} if page else {}
    yield head(
        text("id", f"{site}{page.first if page else '/'}"),
        text("title", about.title),
        element("author", text("name", about.title)),
        text("rights", about.license),
        link("alternate", f"{site}{page.listed_at if page else '/'}", type="text/html"),
        *(link(rel, f"{site}{address}", type=MEDIA_TYPE) for rel, address in beside.items() if address),
        updated=[record.updated_at for record in entries if record.updated_at],
    )
    for record in entries:
        yield _entry(record, site)
    yield END


def head(*elements: str, updated: Iterable[datetime], language: str = "") -> str:
    """The beginning of a feed; END is its end. One without entries has not changed since the epoch."""
    said_in = f' xml:lang="{language}"' if language else ""
    changed = text("updated", time_of(max(updated, default=_EPOCH)))
    return f'{DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom"{said_in}>\n{"".join(elements)}{changed}\n'


def entry(*elements: str) -> str:
    return f"{element('entry', *elements)}\n"


def text(name: str, content: str, /, **attributes: str) -> str:
    """An element with text that holds nothing which nobody can see."""
    return text_element(name, without_unwanted_characters(content), **attributes)


def link(rel: str, href: str, **attributes: str) -> str:
    return element("link", rel=rel, href=href, **attributes)


def time_of(at: datetime) -> str:
    """As RFC 3339 has it, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _entry(record: Record, site: str) -> str:
    return entry(
        text("id", uuid5(NAMESPACE_URL, f"openshelf:{record.id or record.citation_key or record.title}").urn),
        text("title", record.title),
        text("updated", time_of(record.updated_at or _EPOCH)),
        *([text("published", time_of(record.added_at))] if record.added_at else []),
        *(element("author", text("name", author.name)) for author in record.authors),
        link("alternate", f"{site}{record.path or '/'}", type="text/html"),
        *map(_link, record.links),
        *(
            element("category", scheme=f"{site}/categories/", term=place.path, label=without_unwanted_characters(place.name))
            for place in record.categories
        ),
        text("summary", record.abstract or plain_text(record), type="text"),
    )


def _link(to: Link) -> str:
    title = {"title": without_unwanted_characters(to.label)} if to.label else {}
    return link("enclosure", to.url, type="application/pdf", **title) if to.kind == "pdf" else link("related", to.url, **title)
