"""What reference managers, search engines and machines that follow links read out of the pages."""

import json
import re
from html import unescape

import pytest
from lxml import etree, html

from catalog import metadata, publishing
from catalog.formats import FORMATS
from catalog.models import Paper
from catalog.records import Author, Link
from tests.factories import make_paper, make_record

SITE = "http://127.0.0.1:8000"
ORCID = "0000-0002-1825-0097"
TYPE_TAGS = {
    "citation_journal_title": "journalArticle",
    "citation_conference_title": "conferencePaper",
    "citation_technical_report_institution": "report",
    "citation_book_title": "bookSection",
    "citation_inbook_title": "bookSection",
    "citation_dissertation_institution": "thesis",
}


def head(client, address):
    return html.fromstring(client.get(address).content)


def tags(page, attribute="name"):
    return [(each.get(attribute), each.get("content")) for each in page.iter("meta") if each.get(attribute)]


def links(response):
    """The links of a Link header: address, relation and type."""
    found = re.findall(r'<([^>]*)>((?:; [a-z]+="[^"]*")*)', response["Link"])
    return [(target, dict(re.findall(r'([a-z]+)="([^"]*)"', more))) for target, more in found]


def of(response, relation):
    return [target for target, more in links(response) if more["rel"] == relation]


# -- What Zotero does ------------------------------------------------------------------------
def embedded_metadata(page):
    """What Zotero's translator "Embedded Metadata" makes of a page: as its source does it, for the tags that we write."""
    item = {"itemType": "journalArticle", "creators": []}
    fields = {
        "citation_title": "title",
        "citation_publication_date": "date",
        "citation_journal_title": "publicationTitle",
        "citation_conference_title": "conferenceName",
        "citation_technical_report_institution": "institution",
        "citation_technical_report_number": "number",
        "citation_abstract": "abstractNote",
        "citation_doi": "DOI",
        "citation_public_url": "url",
    }
    for name, content in tags(page):
        item["itemType"] = TYPE_TAGS.get(name, item["itemType"])
        if name in fields:
            item[fields[name]] = " ".join(content.split(" "))
        if name == "citation_author":
            authors = re.split(r"\s*;\s*", content)
            by_comma = re.split(r"[ \t]*,[ \t]*", content)
            if len(authors) == 1 and len(by_comma) > 1 and " " in by_comma[0] and " " in by_comma[1]:
                authors = by_comma
            for author in authors:
                family, _comma, given = author.partition(", ")
                item["creators"].append((family.replace("\u00a0", " "), given))
        if name == "citation_keywords":
            item["tags"] = [tag.strip() for tag in content.split(";")]
    return item


def zotero(client, address):
    """The translators of Zotero that answer for a page, the one of the highest priority first, and what that one reads."""
    page = head(client, address)
    found = []
    server = page.xpath('//link[@rel="unapi-server"]/@href')
    ids = page.xpath('//abbr[contains(@class, " unapi-id") or contains(@class, "unapi-id ") or @class="unapi-id"][@title]/@title')
    if server and ids:
        found.append("unAPI")
    if page.xpath('//span[contains(@class, "Z3988")]'):
        found.append("COinS")
    if any(name.startswith(("citation_", "DC.")) for name, _content in tags(page)):
        found.append("Embedded Metadata")
    if found[0] == "unAPI":
        formats = etree.fromstring(client.get(server[0].removeprefix(SITE)).content)
        names = [each.get("name") for each in formats]
        best = next(name for name in ("mods", "ris", "bibtex", "rdf_dc") if name in names)
        return found, [client.get("/unapi", {"id": each, "format": best}) for each in ids]
    return found, [embedded_metadata(page)]


def test_zotero_takes_a_paper_from_its_page(catalogue, visitor):
    paper = Paper.objects.get(title__startswith="DistServe")
    found, [answer] = zotero(visitor, paper.get_absolute_url())

    assert found == ["unAPI", "Embedded Metadata"]
    assert answer.status_code == 200
    assert paper.title in answer.getvalue().decode()


def test_zotero_takes_every_paper_of_a_list(catalogue, visitor):
    listed = visitor.get("/papers/?category=survey-paper").context["page"].paginator.count
    for address in ("/papers/?category=survey-paper", "/categories/survey-paper/"):
        found, taken = zotero(visitor, address)
        assert found == ["unAPI"]
        assert len(taken) == listed > 3
        assert all(answer.status_code == 200 for answer in taken)


@pytest.mark.parametrize(
    ("facts", "read"),
    [
        ({"venue": "OSDI", "year": 2024}, {"itemType": "conferencePaper", "conferenceName": "OSDI 2024", "date": "2024"}),
        ({"venue": "ACM Transactions on Computer Systems", "year": 2020}, {"itemType": "journalArticle"}),
        (
            {"identifiers": {"arxiv": "2401.09670"}, "year": 2024},
            {"itemType": "report", "institution": "arXiv", "number": "arXiv:2401.09670"},
        ),
        ({"kind": "framework", "organizations": ["SNU"]}, {"itemType": "report", "institution": "SNU"}),
        ({"kind": "article", "links": ["https://example.org/post"]}, {"itemType": "report", "institution": "example.org"}),
        (
            {"venue": "SOSP", "identifiers": {"doi": "10.1145/1", "arxiv": "2401.09670"}},
            {"itemType": "conferencePaper", "DOI": "10.1145/1"},
        ),
    ],
)
def test_without_unapi_zotero_reads_the_tags(db, visitor, facts, read):
    paper = make_paper("Orca: & <More>", authors=["Luke Maria de Oliveira", "Gyeong-In Yu", "NVIDIA"], abstract="An abstract.", **facts)
    page = head(visitor, paper.get_absolute_url())
    item = embedded_metadata(page)

    assert item["title"] == "Orca: & <More>"
    assert item["creators"] == [("de Oliveira", "Luke Maria"), ("Yu", "Gyeong-In"), ("NVIDIA", "")]
    assert item["abstractNote"] == "An abstract."
    assert item["url"] == f"{SITE}{paper.get_absolute_url()}"
    assert item | read == item
    assert len([name for name, _content in tags(page) if name in TYPE_TAGS]) == 1


def test_every_paper_of_the_catalogue_has_one_type_and_what_scholar_asks_for(catalogue, visitor):
    for paper in Paper.objects.all():
        said = list(metadata.highwire(paper.record, SITE))
        names = [name for name, _content in said]
        assert len(TYPE_TAGS.keys() & set(names)) == len([name for name in names if name in TYPE_TAGS]) == 1
        assert names.count("citation_title") == 1
        assert names.count("citation_author") == len(paper.record.authors)
        assert "citation_pdf_url" not in names
        assert all(content.strip() for _name, content in said)


def test_no_pdf_that_nobody_looked_at_is_named_and_no_journal_made_up(db, visitor):
    page = visitor.get(make_paper("Orca", links=[Link(kind="pdf", url="https://example.org/a.pdf")]).get_absolute_url()).text

    assert "citation_pdf_url" not in page
    assert "og:site_name" not in page
    assert "DC.type" not in page
    assert "Z3988" not in page


def test_dublin_core_and_open_graph_say_the_same(db, visitor):
    paper = make_paper("Orca", authors=["Gyeong-In Yu"], venue="OSDI", year=2022, identifiers={"doi": "10.1145/1"}, abstract="It batches.")
    page = head(visitor, paper.get_absolute_url())

    assert {("DC.title", "Orca"), ("DC.creator", "Yu, Gyeong-In"), ("DC.date", "2022"), ("DC.source", "OSDI 2022")} <= set(tags(page))
    assert ("DC.identifier", "https://doi.org/10.1145/1") in tags(page)
    assert tags(page, "property")[:4] == [
        ("og:type", "article"),
        ("og:title", "Orca"),
        ("og:url", f"{SITE}/papers/orca/"),
        ("og:description", "Gyeong-In Yu · OSDI 2022"),
    ]


# -- JSON-LD -----------------------------------------------------------------------------------
def linked_data(page):
    return [json.loads(each) for each in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)]


def test_the_page_says_in_the_words_of_schema_org_what_it_is_about(db, visitor):
    paper = make_paper("Orca", venue="OSDI", year=2022, identifiers={"arxiv": "2401.09670"}, categories=["serving"])
    publishing.revise(paper, make_record("Orca", venue="OSDI", year=2022, identifiers={"arxiv": "2401.09670"}, categories=["serving"]))
    record = metadata.linked_data(paper.record, SITE)
    [said] = linked_data(visitor.get(paper.get_absolute_url()).text)

    assert said["@type"] == "ScholarlyArticle"
    assert said["name"] == "Orca"
    assert said["datePublished"] == "2022"
    assert said["isPartOf"]["name"] == "OSDI 2022"
    assert said["identifier"] == [
        {"@type": "PropertyValue", "propertyID": "arxiv", "value": "2401.09670", "url": "https://arxiv.org/abs/2401.09670"}
    ]
    assert "license" not in said
    assert said == record == json.loads(visitor.get("/papers/orca/record.jsonld").content)


def test_an_author_is_known_by_an_orcid():
    said = metadata.linked_data(make_record("Orca"), SITE)
    assert "author" not in said
    record = make_record("Orca")
    record = type(record)(title="Orca", authors=(Author(name="Gyeong-In Yu", orcid=ORCID),))
    assert metadata.linked_data(record, SITE)["author"] == [
        {"@type": "Person", "name": "Gyeong-In Yu", "@id": f"https://orcid.org/{ORCID}"}
    ]


@pytest.mark.parametrize("title", ["</script><script>alert(1)</script>", "<!-- <script>", "]]> & \u2028", '"><img src=x onerror=alert(1)>'])
def test_no_title_ends_the_script_or_a_tag(db, visitor, title):
    paper = make_paper(title, abstract=title, authors=[title])
    response = visitor.get(paper.get_absolute_url())
    page = html.fromstring(response.content)

    [said] = linked_data(response.text)
    assert said["name"] == paper.title
    [script] = page.xpath("//script[not(@src)]")
    assert not {"<", ">", "&"} & set(script.text)
    assert not page.xpath("//img[@onerror]")
    assert ("citation_title", paper.title) in tags(page)


def test_lists_say_how_much_they_list_and_a_category_what(catalogue, visitor):
    [said] = linked_data(visitor.get("/papers/?category=survey-paper").text)
    assert said["@type"] == "CollectionPage"
    assert said["mainEntity"]["numberOfItems"] > 3

    page = visitor.get("/categories/llm-systems/serving/")
    [said] = linked_data(page.text)
    items = said["mainEntity"]["itemListElement"]
    assert [each["position"] for each in items] == list(range(1, 64))
    paths = re.findall(r'<li class="entry">.*?<h3><a href="(.*?)\?.*?">', page.text, re.DOTALL)
    assert [each["url"] for each in items] == [SITE + unescape(path) for path in paths]


# -- Signposting -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("identifiers", "address"),
    [
        ({"doi": "10.1145/1", "arxiv": "2401.09670"}, "https://doi.org/10.1145/1"),
        ({"arxiv": "2401.09670"}, "https://doi.org/10.48550/arXiv.2401.09670"),
        ({}, f"{SITE}/papers/orca/"),
    ],
)
def test_signposts_lead_from_the_page(db, visitor, identifiers, address):
    make_paper("Orca", identifiers=identifiers)
    for ask in (visitor.get, visitor.head):
        response = ask("/papers/orca/")
        assert of(response, "cite-as") == [address]
        described = {target: more["type"] for target, more in links(response) if more["rel"] == "describedby"}
        for format_ in FORMATS:
            assert described[f"{SITE}/papers/orca.{format_.EXTENSION}"] == format_.MEDIA_TYPE
        assert set(of(response, "type")) == {"https://schema.org/AboutPage", "https://schema.org/ScholarlyArticle"}
        assert of(response, "license") == ["https://spdx.org/licenses/CC0-1.0.html"]
        assert of(response, "collection") == [f"{SITE}/papers/"]
        assert of(response, "linkset") == [f"{SITE}/papers/orca/linkset.json"]
        assert not of(response, "item")
    again = visitor.get("/papers/orca/", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again["Link"]) == (304, response["Link"])


def test_what_a_signpost_leads_to_is_what_it_says(db, visitor):
    make_paper("Orca")
    response = visitor.get("/papers/orca/")
    for target, more in links(response):
        if target.startswith(f"{SITE}/papers/orca") and "type" in more:
            answer = visitor.get(target.removeprefix(SITE))
            assert answer.status_code == 200, target
            assert answer["Content-Type"].partition(";")[0] == more["type"]


def test_the_set_of_links_says_all_and_leads_back(db, visitor):
    make_paper("Orca", identifiers={"doi": "10.1145/1"})
    answer = visitor.get("/papers/orca/linkset.json")
    [context, *back] = json.loads(answer.content)["linkset"]

    assert answer["Content-Type"] == "application/linkset+json"
    assert context["anchor"] == f"{SITE}/papers/orca/"
    assert context["cite-as"] == [{"href": "https://doi.org/10.1145/1"}]
    assert {each["href"] for each in context["describedby"]} == {each["anchor"] for each in back}
    assert all(each["describes"] == [{"href": f"{SITE}/papers/orca/", "type": "text/html"}] for each in back)


def test_a_header_stays_short_however_many_authors_there_are():
    people = tuple(Author(name=f"Author {number}", orcid=ORCID) for number in range(500))
    record = make_record("Orca", slug="orca", path="/papers/orca/")
    record = type(record)(title="Orca", path="/papers/orca/", authors=people)
    posts = metadata.signposts(record, SITE, license_="https://example.org/", formats=FORMATS)

    assert len(metadata.header(posts, record, SITE)) < 4_000
    assert len(metadata.linkset(posts, record, SITE)["linkset"][0]["author"]) == 500


def test_an_address_in_any_script_fits_into_a_header(db, visitor):
    paper = make_paper("李明的论文")
    response = visitor.get(paper.get_absolute_url())

    assert response["Link"].isascii()
    assert visitor.get(f"{paper.get_absolute_url()}linkset.json").status_code == 200


def test_what_is_gone_or_moved_says_so_here_too(db, visitor):
    survivor, taken_in, gone = make_paper("Survivor"), make_paper("Taken in"), make_paper("Gone")
    publishing.retract(taken_in, reason="The same.", by=None, into=survivor)
    publishing.retract(gone, reason="Withdrawn.", by=None)

    for name in ("linkset.json", "record.jsonld"):
        assert visitor.get(f"/papers/taken-in/{name}")["Location"] == f"/papers/survivor/{name}"
        assert visitor.get(f"/papers/gone/{name}").status_code == 410
        assert visitor.get(f"/papers/nothing/{name}").status_code == 404


# -- unAPI -------------------------------------------------------------------------------------
def formats(response):
    assert response["Content-Type"] == "application/xml"
    return {each.get("name"): each.get("type") for each in etree.fromstring(response.content)}


def test_unapi_says_its_formats_those_of_a_paper_and_the_paper(db, visitor):
    paper = make_paper("Orca")
    every, of_paper = visitor.get("/unapi"), visitor.get("/unapi?id=orca")

    assert (every.status_code, of_paper.status_code) == (200, 300)
    assert formats(every) == formats(of_paper)
    assert {"bibtex", "oai_dc"} <= formats(every).keys()
    assert etree.fromstring(of_paper.content).get("id") == "orca"
    for key in ("orca", paper.public_id):
        for name, type_ in formats(every).items():
            answer = visitor.get("/unapi", {"id": key, "format": name})
            content = answer.getvalue() if answer.streaming else answer.content
            assert answer.status_code == 200
            assert answer["Content-Type"].partition(";")[0] == type_
            assert b"Orca" in content or b"{Orca}" in content


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("id=nothing", 404),
        ("id=nothing&format=bibtex", 404),
        ("id=%00", 404),
        ("id=orca&format=marc", 406),
        ("id=orca&format=%00", 406),
        ("format=bibtex", 400),
        ("other=1", 400),
    ],
)
def test_unapi_says_what_it_has_not(db, visitor, query, status):
    make_paper("Orca")
    assert visitor.get(f"/unapi?{query}").status_code == status


def test_unapi_knows_what_was_merged_and_what_went(db, visitor):
    survivor, taken_in, gone = make_paper("Survivor"), make_paper("Taken in"), make_paper("Gone")
    publishing.retract(taken_in, reason="The same.", by=None, into=survivor)
    publishing.retract(gone, reason="Withdrawn.", by=None)

    assert b"Survivor" in visitor.get("/unapi?id=taken-in&format=bibtex").getvalue()
    assert visitor.get("/unapi?id=gone&format=bibtex").status_code == 410
