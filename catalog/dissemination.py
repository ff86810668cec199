"""A record in the XML formats that harvesters ask for. Pure.

A new one is a writer and its place in XML_FORMATS. What the elements mean is said by the standard of each.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catalog import metadata
from catalog.citing import name_parts
from catalog.records import Author, Record
from catalog.xmltext import element, text_element

_XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True, kw_only=True)
class XmlFormat:
    """`write(record, site)` gives one element, with its namespaces. `site` is an address without a slash at its end."""

    prefix: str
    schema: str
    namespace: str
    write: Callable[[Record, str], str]


def _oai_dc(record: Record, site: str) -> str:
    """Unqualified Dublin Core 1.1, the format that every OAI-PMH server has."""
    return element(
        "oai_dc:dc",
        *(text_element(f"dc:{name}", value) for name, value in metadata.dublin_core(record, site)),
        **{"xmlns:oai_dc": OAI_DC.namespace, "xmlns:dc": "http://purl.org/dc/elements/1.1/", **_located(OAI_DC)},
    )


def _located(format_: XmlFormat) -> dict[str, str]:
    return {"xmlns:xsi": _XSI, "xsi:schemaLocation": f"{format_.namespace} {format_.schema}"}


def _mods(record: Record, site: str) -> str:
    """MODS 3.7 (loc.gov/standards/mods): what Dublin Core has no words for, such as parts of names and what a paper is a part of."""
    return element(
        "mods",
        *_mods_elements(record, site),
        xmlns=MODS.namespace,
        **_located(MODS),
        version="3.7",
    )


def _mods_elements(record: Record, site: str) -> Iterator[str]:
    yield _title(record.title)
    if record.short_name:
        yield element("titleInfo", text_element("title", record.short_name), type="abbreviated")
    yield from map(_author, record.authors)
    for organization in record.organizations:
        yield element("name", text_element("namePart", organization.name), type="corporate")
    yield text_element("typeOfResource", "software, multimedia" if record.kind == "framework" else "text")
    yield text_element("genre", record.kind)
    if record.year:
        yield element("originInfo", text_element("dateIssued", str(record.year), encoding="w3cdtf"))
    if record.abstract:
        yield text_element("abstract", record.abstract)
    if record.note:
        yield text_element("note", record.note)
    for category in record.categories:
        yield element("subject", text_element("topic", category.name))
    if venue := record.venue:
        date = element("originInfo", text_element("dateIssued", str(venue.year), encoding="w3cdtf")) if venue.year else ""
        yield element("relatedItem", _title(venue.name), date, type="host")
    for scheme, value in record.identifiers.items():
        yield text_element("identifier", value, type=scheme)
    for link in record.links:
        yield element("location", text_element("url", link.url, displayLabel=link.label or link.kind))
    yield element("location", text_element("url", site + record.path, usage="primary display"))
    yield element("recordInfo", *_record_info(record))


def _title(title: str) -> str:
    return element("titleInfo", text_element("title", title))


def _author(author: Author) -> str:
    parts = name_parts(author.name)
    named = [("family", parts.family), ("given", parts.given), ("termsOfAddress", parts.suffix)]
    return element(
        "name",
        *(text_element("namePart", part, type=kind) for kind, part in named if part),
        element("role", text_element("roleTerm", "author", type="text")),
        text_element("nameIdentifier", author.orcid, type="orcid", typeURI="https://orcid.org/") if author.orcid else "",
        type="personal",
    )


def _record_info(record: Record) -> Iterator[str]:
    times = [("recordCreationDate", record.added_at), ("recordChangeDate", record.updated_at)]
    yield from (text_element(name, f"{at:%Y-%m-%dT%H:%M:%SZ}", encoding="w3cdtf") for name, at in times if at)
    yield text_element("recordIdentifier", record.id)


OAI_DC = XmlFormat(
    prefix="oai_dc",
    schema="http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
    namespace="http://www.openarchives.org/OAI/2.0/oai_dc/",
    write=_oai_dc,
)
MODS = XmlFormat(
    prefix="mods",
    schema="http://www.loc.gov/standards/mods/v3/mods-3-7.xsd",
    namespace="http://www.loc.gov/mods/v3",
    write=_mods,
)
XML_FORMATS = (OAI_DC, MODS)
