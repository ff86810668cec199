"""The mapping queue: names that nobody has said anything about, and what is said about them."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import review, taxonomy
from catalog.admin.mapping import Nearest
from catalog.models import CatalogueState, Decision, Organization, Paper, ProposedName, Submission, Venue
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_record
from tests.test_review import at_once

MAPPING = "/admin/catalog/venue/mapping/"
WHY = "It serves a thousand adapters from one copy of the base model."
KINDS = {"venue": Venue, "organization": Organization}

pytestmark = pytest.mark.django_db


@pytest.fixture
def propose(alice):
    """A submission that waits, with a venue or an organization."""

    def propose_(title, **facts):
        make_category("serving")
        record = make_record(title, categories=["serving"], links=[f"https://example.org/{title}"], year=2024, **facts)
        return review.submit(record, by=alice, why=WHY, token=uuid.uuid4())

    return propose_


def names(kind, *texts):
    """The facts of a record that names these."""
    return {"venue": texts[0]} if kind == "venue" else {"organizations": texts}


def add(kind, name, **more):
    return getattr(taxonomy, f"add_{kind}")(name, **more)


def log():
    return list(Decision.objects.filter(verdict=review.ARRANGE).order_by("pk").values_list("subject", "reason", "by__username"))


def sentences(response):
    return [str(message) for message in response.context["messages"]]


def in_queue(client):
    return [row.texts[0] for row in client.get(MAPPING).context["rows"]]


def everything():
    return (
        list(Venue.objects.order_by("pk").values()),
        list(Organization.objects.order_by("pk").values()),
        list(Venue.objects.order_by("aliases__key").values_list("pk", "aliases__key")),
        list(Organization.objects.order_by("aliases__key").values_list("pk", "aliases__key")),
        list(Paper.objects.order_by("pk").values_list("record_json")),
        log(),
        CatalogueState.now().version,
    )


# -- What is in it -----------------------------------------------------------------------------
def test_it_shows_what_nobody_confirmed_with_its_papers_and_what_submissions_propose(mel_client, propose):
    paper = make_paper("Orca", venue="OSDI Conf", year=2024, organizations=["Naver <Cloud>"])
    taxonomy.add_venue("OSDI")
    first, second = propose("One", venue="Euro Systems", organizations=["Naver <Cloud>"]), propose("Two", venue="euro-SYSTEMS")
    assert in_queue(mel_client) == ["OSDI Conf", "Naver <Cloud>", "Euro Systems"]
    page = mel_client.get(MAPPING).text
    assert paper.get_absolute_url() in page
    for submission in (first, second):
        assert f"/admin/catalog/submission/{submission.pk}/change/" in page
    assert "“euro-SYSTEMS”" in page
    assert "Naver &lt;Cloud&gt;" in page
    assert "<Cloud>" not in page


def test_what_is_known_confirmed_or_settled_is_not_in_it(mel_client, propose, alice):
    make_paper("Orca", venue="OSDI", year=2024)
    Venue.objects.update(is_confirmed=True)
    propose("One", venue="O.S.D.I.")
    review.withdraw(propose("Two", venue="Nowhere"), by=alice)
    assert in_queue(mel_client) == []
    assert "Every name is mapped" in mel_client.get(MAPPING).text


def test_a_name_that_became_known_since_is_not_in_it(mel_client, propose):
    propose("One", venue="EuroSys", organizations=["EuroSys"])
    taxonomy.add_venue("EuroSys")
    assert [row.head.kind for row in mel_client.get(MAPPING).context["rows"]] == ["organization"]


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("universityofcalifornaberkeley", [("UC Berkeley", "nearly the same")]),
        ("googl", [("Google", "nearly the same")]),
        ("googleresearch", [("Google", "somewhat alike")]),
        ("google", []),
        ("zzz", []),
        ("", []),
        ("g", []),
    ],
)
def test_the_nearest_are_named_with_their_likeness_in_words(text, best):
    known = [("ucberkeley", "UC Berkeley"), ("universityofcaliforniaberkeley", "UC Berkeley"), ("google", "Google")]
    assert [(name, str(words)) for name, words in Nearest(known).to(text)] == best


def test_of_many_alike_the_best_three_are_named_each_once():
    known = [(f"labs{letter}", name) for letter, name in [("a", "A"), ("aa", "A"), ("b", "B"), ("c", "C"), ("d", "D")]]
    assert [name for name, _words in Nearest(known).to("labsx")] == ["A", "B", "C"]


def test_only_what_is_confirmed_is_suggested(mel_client):
    make_paper("Orca", venue="Symposium A", year=2024)
    make_paper("vLLM", venue="Symposium B", year=2024)
    rows = mel_client.get(MAPPING).context["rows"]
    assert [row.nearest for row in rows] == [[], []]


# -- It is one that is known ---------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
def test_an_unconfirmed_one_is_merged_into_the_known_one(mel_client, kind):
    paper = make_paper("Orca", year=2024, **names(kind, "OSDI Conf"))
    made, known = KINDS[kind].objects.get(), add(kind, "OSDI")
    done = mel_client.post(MAPPING, {"kind": kind, "number": made.pk, "known": "o-s-d-i"}, follow=True)
    assert sentences(done) == ["OSDI Conf: Merged into “OSDI”: 1 paper."]
    record = Paper.objects.get(pk=paper.pk).record
    assert (record.venue if kind == "venue" else record.organizations[0]).name == "OSDI"
    assert getattr(taxonomy, f"{kind}_named")("OSDI conf") == known
    assert log() == [("OSDI Conf", "Merged into “OSDI”: 1 paper.", "mel")]
    assert in_queue(mel_client) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_proposed_name_becomes_a_spelling_and_its_submissions_are_examined_again(mel_client, kind, propose):
    known = add(kind, "EuroSys")
    submissions = [propose("One", **names(kind, "Euro Systems")), propose("Two", **names(kind, "EURO SYSTEMS"))]
    before = Submission.objects.get(pk=submissions[0].pk).tally
    key = ProposedName.objects.first().key
    done = mel_client.post(MAPPING, {"kind": kind, "key": key, "known": "EuroSys"}, follow=True)
    assert sentences(done) == ["EuroSys: Also written “Euro Systems”."]
    assert getattr(taxonomy, f"{kind}_named")("euro systems") == known
    assert not ProposedName.objects.exists()
    assert Submission.objects.get(pk=submissions[0].pk).tally != before
    assert log() == [("EuroSys", "Also written “Euro Systems”.", "mel")]


# -- It is one of its own ------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
def test_an_unconfirmed_one_is_confirmed_and_may_get_another_name(mel_client, kind):
    paper = make_paper("Orca", year=2024, **names(kind, "work shop"))
    made = KINDS[kind].objects.get()
    mel_client.post(MAPPING, {"kind": kind, "number": made.pk, "name": "  Workshop on\u202e Serving "})
    made.refresh_from_db()
    assert (made.is_confirmed, made.name) == (True, "Workshop on Serving")
    record = Paper.objects.get(pk=paper.pk).record
    assert (record.venue if kind == "venue" else record.organizations[0]).name == "Workshop on Serving"
    assert getattr(taxonomy, f"{kind}_named")("work shop") == made
    assert log() == [("Workshop on Serving", "One of its own.", "mel")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_proposed_name_becomes_one_of_its_own_under_the_name_given(mel_client, kind, propose):
    propose("One", **names(kind, "euro sys"))
    mel_client.post(MAPPING, {"kind": kind, "key": "eurosys", "name": "European Systems"})
    made = KINDS[kind].objects.get()
    assert (made.name, made.is_confirmed) == ("European Systems", True)
    assert getattr(taxonomy, f"{kind}_named")("EuroSys") == made
    assert not ProposedName.objects.exists()
    assert log() == [("European Systems", "Added as one of its own.", "mel")]


# -- Twice, wrong, or not allowed ----------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("told", [{"known": "EuroSys"}, {"name": "Another"}])
def test_an_answer_given_twice_counts_once(mel_client, kind, told, propose):
    add(kind, "EuroSys")
    make_paper("Orca", year=2024, **names(kind, "Workshop"))
    propose("One", **names(kind, "Euro Systems"))
    made = KINDS[kind].objects.get(is_confirmed=False)
    for which in ({"number": made.pk}, {"key": "eurosystems"}):
        more = {"name": f"{told['name']} {len(which)} {which}"} if "name" in told else told
        mel_client.post(MAPPING, {"kind": kind, **which, **more})
        before = everything()
        again = mel_client.post(MAPPING, {"kind": kind, **which, **more}, follow=True)
        assert "already" in sentences(again)[-1]
        assert everything() == before
    assert in_queue(mel_client) == []


def test_one_that_is_confirmed_is_not_merged_from_here(mel_client):
    osdi, _sosp = taxonomy.add_venue("OSDI"), taxonomy.add_venue("SOSP")
    mel_client.post(MAPPING, {"kind": "venue", "number": osdi.pk, "known": "SOSP"})
    assert Venue.objects.count() == 2


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"kind": "paper", "number": 1, "name": "x"},
        {"kind": "venue"},
        {"kind": "venue", "number": "x", "name": "Workshop"},
        {"kind": "venue", "number": 10**30, "name": "Workshop"},
        {"kind": "venue", "number": 10**9, "name": "Workshop"},
        {"kind": "venue", "key": "eurosystems", "name": "…"},
        {"kind": "venue", "key": "eurosystems", "name": "x" * 101},
        {"kind": "venue", "key": "eurosystems", "name": "SOSP"},
        {"kind": "venue", "key": "eurosystems", "known": "Nobody"},
        {"kind": "venue", "key": "eurosystems", "known": "\x00"},
        {"kind": "venue", "key": "nobody-proposes-this", "name": "Workshop"},
        {"kind": "organization", "key": "eurosystems", "name": "Workshop"},
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_in_a_sentence_and_nothing_changes(mel_client, propose, told):
    taxonomy.add_venue("SOSP")
    propose("One", venue="Euro Systems")
    before = everything()[:-1]
    page = mel_client.post(MAPPING, told, follow=True)
    assert page.status_code == 200
    assert len(sentences(page)) == 1
    assert everything()[:-1] == before
    assert in_queue(mel_client) == ["Euro Systems"]


def test_an_unconfirmed_one_is_not_mapped_to_itself(mel_client):
    make_paper("Orca", venue="Workshop", year=2024)
    made = Venue.objects.get()
    page = mel_client.post(MAPPING, {"kind": "venue", "number": made.pk, "known": "workshop"}, follow=True)
    assert "the one in question" in sentences(page)[0]
    assert Venue.objects.get() == made


def test_it_is_for_full_maintainers(alice_client, visitor, mel):
    assert alice_client.get(MAPPING).status_code == 403
    assert visitor.get(MAPPING).status_code == 302
    keeper = make_user("sol")
    taxonomy.name_maintainers(make_category("serving"), [keeper])
    client = Client(enforce_csrf_checks=True)
    client.force_login(keeper)
    assert client.get(MAPPING).status_code == 403
    client.force_login(mel)
    assert client.get(MAPPING).status_code == 200
    assert client.post(MAPPING, {"kind": "venue", "key": "x", "name": "x"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_three_answers_at_once_one_counts(mel, propose):
    for name in ("EuroSys", "SOSP"):
        taxonomy.add_venue(name)
    propose("One", venue="Euro Systems")

    def answer(**told):
        return signed_in(mel).post(MAPPING, {"kind": "venue", "key": "eurosystems", **told}).status_code

    assert at_once(lambda: answer(known="EuroSys"), lambda: answer(known="SOSP"), lambda: answer(name="Euro Systems")) == [302] * 3
    [(subject, _what, _by)] = log()
    assert taxonomy.venue_spelled("euro systems").name == subject
    assert Venue.objects.count() == (3 if subject == "Euro Systems" else 2)


# -- Many -----------------------------------------------------------------------------------------
def questions(client):
    """How many a page of the queue asks the database, session and user included."""
    with CaptureQueriesContext(connection) as asked:
        client.get(MAPPING)
    return len(asked)


def test_a_hundred_names_are_on_a_page_and_asked_for_as_quickly_as_three(mel_client, propose):
    make_paper("Orca", venue="First Workshop", year=2024, organizations=["First Lab"])
    propose("One", venue="Somewhere")
    taxonomy.add_venue("OSDI")
    few = questions(mel_client)
    for number in range(60):
        add("venue", f"Venue {number}", is_confirmed=False)
        add("organization", f"Lab {number}", is_confirmed=False)
        add("venue", f"Known {number}")
    submission = Submission.objects.get()
    ProposedName.objects.bulk_create(
        ProposedName(submission=submission, kind="venue", text=f"New {number}", key=f"new{number}") for number in range(30)
    )
    assert questions(mel_client) <= few <= 12
    assert [len(mel_client.get(f"{MAPPING}?page={page}").context["rows"]) for page in (1, 2)] == [100, 53]
    assert mel_client.get(f"{MAPPING}?page=3").status_code == 302
    assert mel_client.get(f"{MAPPING}?page=x").status_code == 404
