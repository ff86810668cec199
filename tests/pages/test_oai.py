"""OAI-PMH 2.0: a harvester that knows the protocol gets the whole catalogue, and what became of it since."""

import gzip
import re
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from lxml import etree
from sickle import Sickle
from sickle.oaiexceptions import NoRecordsMatch

from catalog import arranging, harvesting, publishing, records, review, selection, throttling
from catalog.models import CatalogueState, Category, Paper, Tombstone
from catalog.views import oai
from tests.factories import make_category, make_paper, make_papers, make_record

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
UTC_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def asked(client, **arguments):
    """The answer to a question, looked through as the schema of the protocol would."""
    return read(client.get("/oai", {name.removesuffix("_"): value for name, value in arguments.items()}))


def read(response):
    assert response.status_code == 200
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    root = etree.fromstring(response.content)
    check(root)
    return root


def check(root):
    """What OAI-PMH.xsd says of every answer, in the order that it says it."""
    assert root.tag == f"{OAI}OAI-PMH"
    assert root.attrib["{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"].endswith("OAI-PMH.xsd")
    date, request, *content = root
    assert (date.tag, request.tag) == (f"{OAI}responseDate", f"{OAI}request")
    assert UTC_SECOND.fullmatch(date.text)
    assert request.text == "http://127.0.0.1:8000/oai"
    errors = root.findall(f"{OAI}error")
    if errors:
        assert errors == content
        assert all(error.text for error in errors)
        is_nameless = {error.get("code") for error in errors} & {"badVerb", "badArgument"}
        assert bool(request.attrib) is not bool(is_nameless)
    else:
        assert [each.tag for each in content] == [OAI + request.get("verb")]
        assert len(content[0])
    for header in root.iter(f"{OAI}header"):
        parts = [each.tag.removeprefix(OAI) for each in header]
        assert parts[:2] == ["identifier", "datestamp"]
        assert set(parts[2:]) <= {"setSpec"}
        assert header.findtext(f"{OAI}identifier").startswith("oai:127.0.0.1:")
        assert UTC_SECOND.fullmatch(header.findtext(f"{OAI}datestamp"))
        assert header.get("status") in {None, "deleted"}
        for spec in header.findall(f"{OAI}setSpec"):
            assert oai._SET.fullmatch(spec.text)
    for record in root.iter(f"{OAI}record"):
        parts = [each.tag.removeprefix(OAI) for each in record]
        assert parts == (["header"] if record[0].get("status") else ["header", "metadata"])
        assert all(len(each) == 1 for each in record.findall(f"{OAI}metadata"))


def code(root):
    return [error.get("code") for error in root.findall(f"{OAI}error")]


def identifiers(root):
    return [each.text for each in root.iter(f"{OAI}identifier") if each.getparent().tag == f"{OAI}header"]


def token(root):
    return root.find(f".//{OAI}resumptionToken")


def everything(client, verb="ListIdentifiers", **arguments):
    """The headers of all pages of a list."""
    root = asked(client, verb=verb, metadataPrefix="oai_dc", **arguments)
    found = list(root.iter(f"{OAI}header"))
    while token(root) is not None and token(root).text:
        root = asked(client, verb=verb, resumptionToken=token(root).text)
        found += root.iter(f"{OAI}header")
    return found


def ids(headers):
    return [header.findtext(f"{OAI}identifier") for header in headers]


def of(*papers):
    return [f"oai:127.0.0.1:{paper.public_id}" for paper in papers]


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(oai, "ITEMS_A_PAGE", 3)


@pytest.fixture
def at(monkeypatch):
    """Let the catalogue change at a time: after `at(days=-3)` it is three days ago to who publishes."""

    def move(**by):
        moment = (timezone.now() + timedelta(**by)).replace(microsecond=0)
        monkeypatch.setattr(publishing, "whole_second", lambda _now: moment)
        return moment

    return move


# -- A harvester that is not ours --------------------------------------------------------------
@pytest.fixture
def harvester(live_server, catalogue):
    return Sickle(f"{live_server.url}/oai")


def test_a_harvester_takes_the_whole_catalogue_away(harvester):
    harvested = {record.header.identifier: record for record in harvester.ListRecords(metadataPrefix="oai_dc")}

    assert set(harvested) == set(of(*Paper.objects.all()))
    for paper in Paper.objects.all():
        metadata = harvested[f"oai:127.0.0.1:{paper.public_id}"].metadata
        assert metadata["title"] == [paper.title]
        assert len(metadata.get("creator", [])) == len(paper.record.authors)
        assert metadata["identifier"][0] == f"http://127.0.0.1:8000/papers/{paper.slug}/"


def test_a_harvester_hears_of_what_changed_since_and_of_what_went(harvester):
    since = timezone.now().replace(microsecond=0)
    first, second, third = Paper.objects.order_by("pk")[:3]
    publishing.revise(first, records.replace(first.record, title="Another title"))
    publishing.retract(second, reason="Withdrawn.", by=None)
    publishing.retract(third, reason="The same.", by=None, into=first)
    new = make_paper("Brand new")

    changed = list(harvester.ListRecords(**{"metadataPrefix": "oai_dc", "from": f"{since:%Y-%m-%dT%H:%M:%SZ}"}))

    assert [record.header.identifier for record in changed] == of(first, second, third, new)
    assert [record.deleted for record in changed] == [False, True, True, False]
    assert changed[0].metadata["title"] == ["Another title"]


def test_a_harvester_takes_a_set_alone(harvester):
    names = {each.setSpec: each.setName for each in harvester.ListSets()}
    assert names["llm-systems:serving"] == "Serving"
    assert len(names) == Category.objects.count()

    for path in ("llm-systems", "llm-systems/serving", "survey-paper"):
        found = [each.identifier for each in harvester.ListIdentifiers(metadataPrefix="mods", set=path.replace("/", ":"))]
        assert sorted(found) == sorted(of(*Paper.objects.in_category(Category.objects.get(path=path))))


def test_a_harvester_identifies_the_repository_and_gets_one_record(harvester):
    identify = harvester.Identify()
    assert identify.protocolVersion == "2.0"
    assert identify.deletedRecord == "persistent"
    assert identify.granularity == "YYYY-MM-DDThh:mm:ssZ"
    assert [each.metadataPrefix for each in harvester.ListMetadataFormats()] == ["oai_dc", "mods"]

    paper = Paper.objects.get(title__startswith="DistServe")
    record = harvester.GetRecord(identifier=of(paper)[0], metadataPrefix="oai_dc")
    assert record.metadata["source"] == ["OSDI 2024"]
    with pytest.raises(NoRecordsMatch):
        harvester.ListRecords(metadataPrefix="oai_dc", until="1999-01-01")


# -- Verbs -------------------------------------------------------------------------------------
def test_get_and_post_are_one(catalogue, visitor):
    question = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "set": "survey-paper"}
    got, posted = asked(visitor, **question), read(visitor.post("/oai", urlencode(question), "application/x-www-form-urlencoded"))

    assert identifiers(posted) == identifiers(got)
    assert visitor.put("/oai").status_code == 405


def test_posting_needs_no_token_of_ours(db):
    assert read(Client(enforce_csrf_checks=True).post("/oai", {"verb": "Identify"})) is not None


def test_the_repository_says_who_it_is(catalogue, visitor, settings):
    settings.SITE_URL = "https://papers.example.org"
    settings.DEFAULT_FROM_EMAIL = "The papers <post@example.org>"
    root = etree.fromstring(visitor.get("/oai?verb=Identify").content)
    said = {each.tag.removeprefix(OAI): each.text for each in root[2]}

    assert list(said) == [
        "repositoryName",
        "baseURL",
        "protocolVersion",
        "adminEmail",
        "earliestDatestamp",
        "deletedRecord",
        "granularity",
        "compression",
        "description",
    ]
    assert said["baseURL"] == root[1].text == "https://papers.example.org/oai"
    assert said["adminEmail"] == "post@example.org"
    assert said["earliestDatestamp"] == f"{harvesting.earliest():%Y-%m-%dT%H:%M:%SZ}"
    scheme = root.find(".//{http://www.openarchives.org/OAI/2.0/oai-identifier}repositoryIdentifier")
    assert scheme.text == "papers.example.org"


def test_the_identifier_of_a_host_without_a_name_is_not_called_one_of_the_scheme(catalogue, visitor):
    root = asked(visitor, verb="Identify")
    assert root.find(f".//{OAI}description") is None
    assert root.findtext(f".//{OAI}adminEmail") == "openshelf@127.0.0.1"


def test_no_datestamp_is_earlier_than_the_earliest(catalogue, visitor):
    first = asked(visitor, verb="Identify").findtext(f".//{OAI}earliestDatestamp")

    assert first == min(header.findtext(f"{OAI}datestamp") for header in everything(visitor))


def test_an_empty_catalogue_answers_too(db, visitor):
    assert code(asked(visitor, verb="Identify")) == []
    assert code(asked(visitor, verb="ListSets")) == ["noSetHierarchy"]
    assert code(asked(visitor, verb="ListRecords", metadataPrefix="oai_dc")) == ["noRecordsMatch"]


def test_dublin_core_says_what_is_known(db, visitor):
    facts = {"authors": ["Luke Maria de Oliveira", "NVIDIA"], "venue": "OSDI", "year": 2024, "abstract": "Batching & <b>more</b>."}
    paper = make_paper("Orca <3", identifiers={"doi": "10.1145/1", "arxiv": "2401.09670"}, categories=["serving"], **facts)
    root = asked(visitor, verb="GetRecord", identifier=of(paper)[0], metadataPrefix="oai_dc")
    said = [(each.tag.removeprefix(DC), each.text) for each in root.find(f".//{OAI}metadata")[0]]

    assert ("title", "Orca <3") in said
    assert ("creator", "de\u00a0Oliveira, Luke Maria") in said
    assert ("creator", "NVIDIA") in said
    assert ("description", "Batching & <b>more</b>.") in said
    assert ("identifier", "https://doi.org/10.1145/1") in said
    assert ("identifier", "https://arxiv.org/abs/2401.09670") in said
    assert {name for name, _text in said} <= {
        *("title", "creator", "subject", "description", "publisher", "contributor", "date", "type"),
        *("format", "identifier", "source", "language", "relation", "coverage", "rights"),
    }


def test_mods_keeps_the_parts_apart(db, visitor):
    paper = make_paper("Orca", authors=["Luke de Oliveira"], venue="OSDI", year=2024, identifiers={"doi": "10.1145/1"})
    root = asked(visitor, verb="GetRecord", identifier=of(paper)[0], metadataPrefix="mods")
    mods = "{http://www.loc.gov/mods/v3}"

    assert root.find(f".//{mods}namePart[@type='family']").text == "de Oliveira"
    assert root.find(f".//{mods}relatedItem[@type='host']/{mods}titleInfo/{mods}title").text == "OSDI"
    assert root.find(f".//{mods}identifier[@type='doi']").text == "10.1145/1"


def test_what_no_xml_holds_is_left_out(db, visitor):
    paper = make_paper("Orca")
    json = paper.record_json.replace('"Orca"', '"Or\\u0001c\\ufffea ]]> \\ud83d\\ude00"')
    Paper.objects.filter(pk=paper.pk).update(record_json=json)

    root = asked(visitor, verb="GetRecord", identifier=of(paper)[0], metadataPrefix="oai_dc")
    assert root.findtext(f".//{DC}title") == "Orca ]]> 😀"


# -- Deletions ---------------------------------------------------------------------------------
def test_what_went_is_remembered_with_its_sets_and_without_its_metadata(db, visitor):
    gone, stays = make_paper("Gone", categories=["systems/serving"]), make_paper("Stays", categories=["systems"])
    publishing.retract(gone, reason="Withdrawn.", by=None)

    root = asked(visitor, verb="GetRecord", identifier=of(gone)[0], metadataPrefix="oai_dc")
    header = root.find(f".//{OAI}header")
    assert header.get("status") == "deleted"
    assert [each.text for each in header.findall(f"{OAI}setSpec")] == ["systems", "systems:serving"]
    assert ids(everything(visitor, set="systems:serving")) == of(gone)
    assert ids(everything(visitor, set="systems")) == of(stays, gone)


def test_what_went_stays_in_its_set_when_the_set_is_renamed_and_moves(db, visitor):
    make_paper("Stays", categories=["serving"])
    gone = make_paper("Gone", categories=["serving"])
    publishing.retract(gone, reason="Withdrawn.", by=None)
    arranging.rename_category(Category.objects.get(), name="Inference", slug="inference")
    arranging.move_category(Category.objects.get(path="inference"), make_category("systems"))

    for name in ("systems:inference", "systems", "serving"):
        [header] = [each for each in everything(visitor, set=name) if each.get("status")]
        assert ids([header]) == of(gone)
        assert [each.text for each in header.findall(f"{OAI}setSpec")] == ["systems", "systems:inference"]
        assert len(everything(visitor, set=name)) == 2


def test_what_came_back_is_a_record_again(db, visitor):
    paper = make_paper("Orca")
    revision = publishing.newest_revision(paper.public_id)
    publishing.retract(paper, reason="A mistake.", by=None)
    publishing.bring_back(revision)

    [header] = everything(visitor)
    assert header.get("status") is None


def test_a_paper_that_moves_to_another_set_has_a_new_datestamp(db, visitor, at):
    at(days=-10)
    paper = make_paper("Orca", categories=["serving"])
    make_category("training")
    moved = at(days=-5)
    publishing.revise(paper, records.replace(paper.record, categories=make_record(categories=["training"]).categories))

    [header] = everything(visitor, set="training")
    assert header.findtext(f"{OAI}datestamp") == f"{moved:%Y-%m-%dT%H:%M:%SZ}"


# -- Lists -------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", [20_000, 0])
def test_all_pages_hold_everything_once_in_the_order_of_change(catalogue, visitor, small_pages, monkeypatch, way):
    monkeypatch.setattr(selection, "WALKED", way)
    first, second = Paper.objects.order_by("pk")[:2]
    publishing.retract(first, reason="Withdrawn.", by=None)
    publishing.revise(second, records.replace(second.record, title="Another title"))

    found = everything(visitor)
    assert len(ids(found)) == len(set(ids(found))) == 185
    assert ids(found)[-2:] == of(first, second)
    stamps = [header.findtext(f"{OAI}datestamp") for header in found]
    assert stamps == sorted(stamps)
    in_set = everything(visitor, set="llm-systems:serving")
    assert len(set(ids(in_set))) == len(in_set) == 63


def test_a_list_of_one_page_has_no_token_and_the_last_of_several_an_empty_one(db, visitor, small_pages):
    make_papers(3)
    assert token(asked(visitor, verb="ListRecords", metadataPrefix="oai_dc")) is None

    make_papers(3)
    first = token(asked(visitor, verb="ListRecords", metadataPrefix="oai_dc"))
    assert (first.get("cursor"), first.get("completeListSize")) == ("0", "6")
    assert UTC_SECOND.fullmatch(first.get("expirationDate"))
    last = token(asked(visitor, verb="ListRecords", resumptionToken=first.text))
    assert (last.text, last.get("cursor"), last.get("completeListSize")) == (None, "3", "6")


def test_the_same_token_gives_the_same_page(catalogue, visitor, small_pages):
    first = token(asked(visitor, verb="ListRecords", metadataPrefix="oai_dc"))
    pages = [asked(visitor, verb="ListRecords", resumptionToken=first.text) for _time in range(2)]

    assert etree.tostring(pages[0][2]) == etree.tostring(pages[1][2])


def test_what_changes_while_somebody_harvests_comes_at_the_end(db, visitor, small_pages):
    papers = make_papers(7)
    root = asked(visitor, verb="ListIdentifiers", metadataPrefix="oai_dc")
    assert identifiers(root) == of(*papers[:3])
    publishing.revise(papers[4], records.replace(papers[4].record, title="Another title"))
    publishing.retract(papers[5], reason="Withdrawn.", by=None)
    publishing.retract(papers[0], reason="Withdrawn.", by=None)

    rest = []
    while token(root).text:
        root = asked(visitor, verb="ListIdentifiers", resumptionToken=token(root).text)
        rest += identifiers(root)
    assert rest == of(papers[3], papers[6], papers[4], papers[5], papers[0])


@pytest.mark.parametrize("way", [20_000, 0])
def test_from_and_until_take_what_lies_between_with_both_ends(db, visitor, at, monkeypatch, way):
    monkeypatch.setattr(selection, "WALKED", way)
    times, papers = [], []
    for days in (-40, -30, -20, -10):
        times.append(at(days=days))
        papers += make_papers(2, categories=["serving"])
    second, third = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in times[1:3])

    for question in ({}, {"set": "serving"}):
        assert ids(everything(visitor, from_=second, until=third, **question)) == of(*papers[2:6])
        assert ids(everything(visitor, from_=second[:10], until=third[:10], **question)) == of(*papers[2:6])
        assert ids(everything(visitor, from_=third, **question)) == of(*papers[4:])
        assert ids(everything(visitor, until=second, **question)) == of(*papers[:4])
        just_after = f"{times[1] + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
        assert ids(everything(visitor, from_=just_after, until=third, **question)) == of(*papers[4:6])


def test_a_clock_that_was_set_back_hides_nothing(db, visitor, at):
    at(days=-10)
    make_paper("Before")
    late = at(days=-5)
    first = make_paper("On time")
    at(days=-5, hours=-3)
    second = make_paper("By a clock set back")

    assert ids(everything(visitor, from_=f"{late:%Y-%m-%dT%H:%M:%SZ}")) == of(first, second)


# -- What is refused ---------------------------------------------------------------------------
LIST = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "badVerb"),
        ("verb=", "badVerb"),
        ("verb=Nonsense", "badVerb"),
        ("verb=identify", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&verb=ListSets", "badVerb"),
        ("verb=Identify&x=1", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=GetRecord&identifier=oai:127.0.0.1:X", "badArgument"),
        ("verb=GetRecord&identifier=x&metadataPrefix=oai_dc&from=2024-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=%00", "cannotDisseminateFormat"),
        ("verb=GetRecord&identifier=oai:127.0.0.1:0000000000000000&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=GetRecord&identifier=oai:127.0.0.1:%00&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=GetRecord&identifier=%00%01&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=GetRecord&identifier=oai:elsewhere.org:0000000000000000&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=nothing", "idDoesNotExist"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=nowhere", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=a%00b", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=a:", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=1999-12-31", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=9999-12-31", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=junk", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=%00.%ff", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=junk", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=a&resumptionToken=b", "badArgument"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_protocol(catalogue, visitor, query, expected):
    assert code(read(visitor.get(f"/oai?{query}"))) == [expected]


@pytest.mark.parametrize(
    "date",
    [
        "2024-13-01", "2024-02-30", "2024", "2024-01", "24-01-01", "2024-01-01T00:00Z", "2024-01-01T00:00:00", "2024-01-01T25:00:00Z",
        "2024-01-01T00:00:00.0Z", "2024-01-01T00:00:00+00:00", "2024-01-01 00:00:00", "0000-01-01", "٢٠٢٤-٠١-٠١", "-2024-01-01", "now",
        "2024-01-01\x00", " 2024-01-01", "", "9" * 5000,
    ],
)  # fmt: skip
def test_a_date_that_is_none_is_refused(catalogue, visitor, date):
    for name in ("from_", "until"):
        assert code(asked(visitor, **LIST, **{name: date})) == ["badArgument"]


def test_a_range_is_of_one_granularity_and_runs_forward(catalogue, visitor):
    assert code(asked(visitor, **LIST, from_="2024-01-01", until="2024-01-02T00:00:00Z")) == ["badArgument"]
    assert code(asked(visitor, **LIST, from_="2024-01-02", until="2024-01-01")) == ["badArgument"]
    assert code(asked(visitor, **LIST, from_="0001-01-01", until="9999-12-31")) == []
    assert code(asked(visitor, **LIST, from_="9999-12-31T23:59:59Z", until="9999-12-31T23:59:59Z")) == ["noRecordsMatch"]


def test_a_token_is_good_for_its_own_question_alone(catalogue, visitor, small_pages, settings, monkeypatch):
    good = token(asked(visitor, **LIST)).text
    assert code(asked(visitor, verb="ListRecords", resumptionToken=good)) == []
    assert code(asked(visitor, verb="ListIdentifiers", resumptionToken=good)) == ["badResumptionToken"]
    assert code(asked(visitor, verb="ListRecords", resumptionToken=good + "x")) == ["badResumptionToken"]
    assert code(asked(visitor, verb="ListRecords", resumptionToken="x" + good)) == ["badResumptionToken"]
    assert code(asked(visitor, verb="ListRecords", resumptionToken=good, metadataPrefix="oai_dc")) == ["badArgument"]

    later = timezone.now() + timedelta(days=2)
    with monkeypatch.context() as patched:
        patched.setattr(oai.timezone, "now", lambda: later)
        assert code(asked(visitor, verb="ListRecords", resumptionToken=good)) == ["badResumptionToken"]
    settings.SECRET_KEY = "another"
    assert code(asked(visitor, verb="ListRecords", resumptionToken=good)) == ["badResumptionToken"]


# -- How it is answered ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("question", "most"),
    [
        ({"verb": "Identify"}, 2),
        ({"verb": "ListSets"}, 1),
        (LIST, 6),
        ({**LIST, "set": "llm-systems"}, 10),
        ({**LIST, "from_": "2026-06-01", "until": "2030-01-01"}, 6),
    ],
)
def test_the_number_of_questions_does_not_grow_with_the_catalogue(
    catalogue, visitor, django_assert_max_num_queries, monkeypatch, question, most
):
    monkeypatch.setattr("catalog.views.oai.throttle", lambda *asked: None)
    for paper in Paper.objects.order_by("-pk")[:20]:
        publishing.retract(paper, reason="Withdrawn.", by=None)
    for _time in range(2):
        with django_assert_max_num_queries(most):
            asked(visitor, **question)
        make_papers(20, categories=["llm-systems"])


def test_who_has_the_answer_is_told_so(catalogue, visitor):
    first = visitor.get("/oai?verb=ListSets")
    again = visitor.get("/oai?verb=ListSets", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first["ETag"].startswith('W/"')

    make_category("brand-new")
    assert visitor.get("/oai?verb=ListSets", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_it_is_sent_compressed_to_who_takes_it_so(catalogue, visitor):
    packed = visitor.get("/oai", LIST, headers={"Accept-Encoding": "gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    root = etree.fromstring(gzip.decompress(packed.content))
    check(root)
    assert len(identifiers(root)) == oai.ITEMS_A_PAGE


def test_nobody_is_known_by_it(catalogue, alice_client, visitor):
    answer = alice_client.get("/oai", LIST)

    assert not answer.cookies
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert identifiers(read(answer)) == identifiers(asked(visitor, **LIST))


def test_without_its_database_it_says_when_to_come_back(catalogue, visitor, monkeypatch):
    def away(*args):
        raise OperationalError("away")

    monkeypatch.setattr(harvesting.Changes, "after", away)
    answer = visitor.get("/oai", LIST)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_nothing_that_waits_or_was_rejected_is_in_it(catalogue, visitor, alice):
    review.submit(make_record("Vortex is a secret"), by=alice, why="It adds something to the list.", token=uuid4())
    pages = visitor.get("/oai", {**LIST, "from": "2026-01-01"}).text
    assert "Vortex" not in pages
    assert len(everything(visitor)) == CatalogueState.now().paper_count == 185
    assert not Tombstone.objects.exists()


def test_who_asks_too_often_is_told_when_to_come_back(db, visitor, monkeypatch):
    monkeypatch.setitem(throttling.RATES, "harvest", throttling.Rate(1, 60))
    assert visitor.get("/oai?verb=Identify").status_code == 200
    refused = visitor.get("/oai?verb=Identify")
    assert refused.status_code == 503
    assert 0 < int(refused["Retry-After"]) <= 60
