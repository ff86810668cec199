"""Proposing a paper: what the form takes, what it refuses and how it says so, and that nothing typed is ever lost."""

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from catalog import matching, review
from catalog.models import Paper, Submission
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_record

pytestmark = pytest.mark.django_db

PAGE = "/submissions/new/"
WHY = "It says something that no other paper says."


@pytest.fixture(autouse=True)
def _serving(db):
    make_category("systems/serving")


def typed(**changes):
    """What alice types, but for the changes; None leaves a field out."""
    fields = {
        "token": str(uuid.uuid4()),
        "paste": "",
        "title": "Orca: A Distributed Serving System",
        "short_name": "Orca",
        "kind": "paper",
        "year": "2022",
        "authors": "Gyeong-In Yu\nJoo Seong Jeong",
        "venue": "OSDI' 22",
        "organizations": "Seoul National University",
        "categories": ["systems/serving"],
        "link_url": ["https://arxiv.org/abs/2307.08691"],
        "link_kind": ["paper"],
        "why": WHY,
    }
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def text_of(response):
    return unescape(response.content.decode())


def error_beside(response, field):
    """The sentence tied to the field, which has to be marked as wrong and to name the sentence."""
    page = response.content.decode()
    [sentence] = re.findall(rf'id="id_{field}_error">.*?<span>(.*?)</span></p>', page, re.DOTALL)
    control = re.search(rf'<[^>]*id="id_{field}"[^>]*>', page)[0]
    assert f"id_{field}_error" in control
    assert f'<a href="#id_{field}">' in page
    return unescape(sentence).strip()


def is_refused(response, field, sentence):
    assert response.status_code == 422
    assert not Submission.objects.exists()
    assert sentence in error_beside(response, field)
    assert 'id="errors"' in response.content.decode()


# -- Who -----------------------------------------------------------------------------------------
def test_a_visitor_is_shown_the_way_to_sign_in_and_back(visitor):
    response = visitor.get(f"{PAGE}?paste=2307.08691")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/submissions/new/")


def test_who_has_no_verified_address_cannot_submit():
    user = User.objects.create_user("carol", "carol@example.org", "password")
    response = signed_in(user).post(PAGE, typed())
    assert response.status_code == 302
    assert not Submission.objects.exists()


def test_a_contributor_and_a_maintainer_see_the_form(alice_client, mel_client):
    for client in (alice_client, mel_client):
        response = client.get(PAGE)
        assert response.status_code == 200
        assert "Submit a paper" in text_of(response)
        assert response["Cache-Control"] == "private, no-store"


def test_an_account_that_was_closed_meanwhile_submits_nothing(alice, alice_client):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert alice_client.post(PAGE, typed()).status_code == 302
    assert not Submission.objects.exists()


# -- What is taken ---------------------------------------------------------------------------------
def test_a_filled_form_is_a_submission_with_a_page(alice, alice_client):
    response = alice_client.post(PAGE, typed(is_own_work="on", abstract="One.\n\nTwo.", note="See section 4."))
    submission = Submission.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/submissions/{submission.pk}/")
    assert (submission.contributor, submission.status, submission.why, submission.is_own_work) == (alice, "pending", WHY, True)
    record = submission.record
    assert (record.title, record.short_name, record.kind, record.year) == ("Orca: A Distributed Serving System", "Orca", "paper", 2022)
    assert [author.name for author in record.authors] == ["Gyeong-In Yu", "Joo Seong Jeong"]
    assert (record.venue.name, record.venue.year, record.venue.raw) == ("OSDI", 2022, "OSDI' 22")
    assert record.identifiers == {"arxiv": "2307.08691"}
    assert [(link.kind, link.url) for link in record.links] == [
        ("paper", "https://arxiv.org/abs/2307.08691"),
        ("pdf", "https://arxiv.org/pdf/2307.08691"),
    ]
    assert [(place.path, place.name, place.primary) for place in record.categories] == [("systems/serving", "Serving", True)]
    assert (record.abstract, record.note) == ("One.\n\nTwo.", "See section 4.")
    assert not Paper.objects.exists()


@pytest.mark.parametrize("written", ["SOSP' 24", "SOSP 2024", "sosp24", "SOSP ’24"])
def test_a_venue_and_its_year_are_one_whatever_the_spelling(alice_client, written):
    make_paper("Whale", venue="SOSP", year=2023)
    alice_client.post(PAGE, typed(venue=written))
    venue = Submission.objects.get().record.venue
    assert (venue.slug, venue.name, venue.year, venue.raw) == ("sosp", "SOSP", 2024, written)


def test_known_organizations_get_their_names_and_new_ones_are_kept_as_written(alice_client):
    make_paper("Whale", organizations=["Stanford University"])
    alice_client.post(PAGE, typed(organizations="stanford university, Princeton"))
    assert [(one.slug, one.name) for one in Submission.objects.get().record.organizations] == [
        ("stanford-university", "Stanford University"),
        ("", "Princeton"),
    ]


@pytest.mark.parametrize(
    ("address", "identifiers"),
    [
        ("arXiv:2307.08691v2", {"arxiv": "2307.08691"}),
        ("https://www.arxiv.org/pdf/2307.08691v1.pdf", {"arxiv": "2307.08691"}),
        ("cs/0112017", {"arxiv": "cs/0112017"}),
        ("10.1145/3600006.3613165", {"doi": "10.1145/3600006.3613165"}),
        ("https://doi.org/10.1145/3600006.3613165", {"doi": "10.1145/3600006.3613165"}),
        ("https://openreview.net/forum?id=mZn2Xyh9Ec", {"openreview": "mZn2Xyh9Ec"}),
        ("example.org/paper.pdf", {}),
    ],
)
def test_a_link_may_be_an_identifier_in_any_spelling(alice_client, address, identifiers):
    assert alice_client.post(PAGE, typed(link_url=[address])).status_code == 302
    assert Submission.objects.get().record.identifiers == identifiers


def test_tracking_parameters_are_left_out_of_links(alice_client):
    alice_client.post(PAGE, typed(link_url=["https://example.org/p?id=3&utm_source=mail"]))
    assert Submission.objects.get().record.links[0].url == "https://example.org/p?id=3"


def test_557_authors_fit_one_name_a_line(alice_client):
    alice_client.post(PAGE, typed(authors="\n".join(f"Author {number}" for number in range(557))))
    assert len(Submission.objects.get().record.authors) == 557


def test_a_row_of_names_is_taken_apart_and_a_name_with_a_comma_is_not(alice_client):
    alice_client.post(PAGE, typed(authors="Tri Dao, Dan Fu\nErmon, Stefano"))
    assert [author.name for author in Submission.objects.get().record.authors] == ["Tri Dao", "Dan Fu", "Ermon, Stefano"]


def test_markup_in_a_title_is_text(alice_client):
    title = "<script>alert(1)</script> & <b>Orca</b>"
    response = alice_client.post(PAGE, typed(title=title, short_name=""), follow=True)
    assert Submission.objects.get().title == title
    assert b"<script>alert" not in response.content
    assert title in text_of(response)


def test_fields_nobody_offers_are_not_taken(alice_client, bruno):
    alice_client.post(PAGE, typed(status="approved", contributor=str(bruno.pk), id="7", submitted_at="2000-01-01", version="9", risk="x"))
    submission = Submission.objects.get()
    assert (submission.status, submission.contributor.username, submission.version) == ("pending", "alice", 1)
    assert submission.submitted_at > timezone.now() - timedelta(minutes=1)


def test_a_form_sent_twice_is_one_submission_and_both_land_on_its_page(alice_client):
    fields = typed()
    first, second = alice_client.post(PAGE, fields), alice_client.post(PAGE, {**fields, "title": "Edited meanwhile"})
    assert first["Location"] == second["Location"] == Submission.objects.get().get_absolute_url()


def test_each_form_has_a_key_of_its_own_and_a_broken_one_is_replaced(alice_client):
    keys = [re.search(r'name="token" value="(.*?)"', text_of(alice_client.get(PAGE)))[1] for _again in range(2)]
    assert keys[0] != keys[1]
    assert alice_client.post(PAGE, typed(token="broken")).status_code == 302


# -- What is refused -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Give the title as the paper has it."),
        ("title", " \n\t ", "Give the title as the paper has it."),
        ("title", "x" * 501, "Shorten it to 500 characters; it has 501."),
        ("title", "x" * 10_000, "Shorten it to 500 characters; it has 10000."),
        ("title", "Or\x00ca", "U+0000"),
        ("title", "Orca \u202eacrO", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("title", "Or\u200bca", "U+200B ZERO WIDTH SPACE"),
        ("title", "Or\x07ca", "U+0007"),
        ("title", "Or\ufeffca", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("short_name", "x" * 81, "Shorten it to 80 characters"),
        ("kind", "novel", "There is no kind “novel”; choose one of the list."),
        ("year", "22", "Write the year in four digits"),
        ("year", "20222", "Write the year in four digits"),
        ("year", "soon", "Write the year in four digits."),
        ("year", "9" * 5_000, "Write the year in four digits"),
        ("authors", "Or\x00ca", "U+0000"),
        ("authors", "x" * 201, "is too long for a name"),
        ("authors", "Somebody\n" * 1_001, "Shorten it to 1000 names; it has 1001."),
        ("venue", "x" * 150, "Shorten the venue's name to 100 characters."),
        ("venue", "x" * 2_000, "Shorten it to 200 characters"),
        ("organizations", "x" * 201, "is too long for a name"),
        ("organizations", ", ".join(f"University {number}" for number in range(51)), "Shorten it to 50 organizations."),
        ("categories", ["nowhere"], "There is no category “nowhere”; choose from the list."),
        ("categories", [], "Choose at least one category."),
        ("categories", ["<b>"], "There is no category “<b>”"),
        ("link_url", [""], "Give at least one link"),
        ("link_url", ["javascript:alert(1)"], "Only addresses that begin with https:// or http:// can be kept."),
        ("link_url", ["data:text/html,x"], "Only addresses that begin with https:// or http:// can be kept."),
        ("link_url", ["ftp://example.org/a"], "Only addresses that begin with https:// or http:// can be kept."),
        ("link_url", ["https://me:secret@example.org/"], "name or a password"),
        ("link_url", ["https://example.org\\@evil.org/"], "backslash"),
        ("link_url", ["http://127.0.0.1/"], "does not name a public site"),
        ("link_url", ["https://[::1"], "does not name a public site"),
        ("link_url", ["https://example.org/" + "x" * 9_000], "too long"),
        ("link_url", ["https://example.org/\u202ex"], "hidden character"),
        ("link_url", ["https://a.org/1", "https://arxiv.org/abs/2307.08691", "nonsense"], "Link 3:"),
        ("link_url", [f"https://a.org/{number}" for number in range(21)], "Shorten it to 20 links."),
        ("link_url", ["https://arxiv.org/abs/2307.08691", "https://arxiv.org/abs/2205.14135"], "lead to two papers"),
        ("abstract", "x" * 10_001, "Shorten it to 10000 characters"),
        ("note", "x" * 5_001, "Shorten it to 5000 characters"),
        ("why", "", "Say what it adds, in one sentence of at least 30 characters."),
        ("why", "Better work partitioning", "Say what it adds, in one sentence of at least 30 characters."),
        ("why", "x" * 281, "Shorten it to 280 characters; it has 281."),
        ("because", "x" * 281, "Shorten it to 280 characters; it has 281."),
        ("why", "x" * 40 + "\u2066", "U+2066 LEFT-TO-RIGHT ISOLATE"),
    ],
)
def test_bad_input_gets_a_sentence_beside_its_field(alice_client, field, value, sentence):
    changes = {field: value}
    if field == "link_url":
        changes["link_kind"] = ["paper"] * len(value)
    if field == "categories":
        response = alice_client.post(PAGE, typed(**changes))
        assert (response.status_code, Submission.objects.count()) == (422, 0)
        assert sentence in unescape(re.search(r'id="id_categories_error">.*?</p>', response.text, re.DOTALL)[0])
        return
    response = alice_client.post(PAGE, typed(**changes))
    shown = {"link_url": "links"}.get(field, field)
    if "Link 3" in sentence:
        assert sentence in text_of(response)
        assert response.text.count('aria-describedby="id_links_error"') == 1
        return
    is_refused(response, shown, sentence)


def test_what_cannot_be_a_form_at_all_is_refused_without_an_error_of_ours(alice_client):
    assert alice_client.post(PAGE, {"title": "x" * 3_000_000}).status_code == 400
    assert alice_client.post(PAGE, {f"field{number}": "x" for number in range(2_000)}).status_code == 400
    assert alice_client.post(PAGE, {}).status_code == 422
    assert alice_client.post(PAGE, {"link_kind": ["paper"] * 3, "link_url": ["", "x"], "act": "nonsense"}).status_code == 200
    assert alice_client.put(PAGE).status_code == 405
    assert not Submission.objects.exists()


def test_a_kind_of_link_nobody_offers_is_refused(alice_client):
    is_refused(alice_client.post(PAGE, typed(link_kind=["virus"])), "links", "choose what it leads to")


def test_every_value_comes_back_with_the_errors(alice_client):
    fields = typed(title="", why="short", abstract="An abstract", note="A note", is_own_work="on", kind="survey")
    page = text_of(alice_client.post(PAGE, fields))
    for value in ("2022", "Gyeong-In Yu\nJoo Seong Jeong", "OSDI' 22", "Seoul National University", "short", "An abstract", "A note"):
        assert value in page
    assert re.search(r'value="systems/serving"[^>]* checked', page)
    assert '<option value="survey" selected>' in page
    assert 'value="https://arxiv.org/abs/2307.08691"' in page
    assert re.search(r'name="is_own_work"[^>]* checked', page)
    assert fields["token"] in page


# -- Duplicates --------------------------------------------------------------------------------------
def test_a_taken_identifier_is_refused_with_the_way_to_the_paper(alice_client):
    make_paper("Whale", identifiers={"arxiv": "2307.08691"})
    response = alice_client.post(PAGE, typed(link_url=["https://arxiv.org/pdf/2307.08691v3"]))
    is_refused(response, "links", "“Whale” has this identifier: the paper is here already.")
    assert 'href="/papers/whale/"' in response.text
    assert "This paper is here already" in response.text


def test_what_somebody_has_proposed_is_refused_without_showing_their_submission(alice_client, bruno_client):
    bruno_client.post(PAGE, typed())
    response = alice_client.post(PAGE, typed(title="Walrus on ice", short_name=""))
    assert response.status_code == 422
    assert "Somebody has proposed this paper already." in error_beside(response, "links")
    assert Submission.objects.count() == 1
    assert "/submissions/1" not in response.text
    assert "bruno" not in response.text


def test_what_one_has_proposed_oneself_is_named(alice_client):
    alice_client.post(PAGE, typed())
    assert f"no. {Submission.objects.get().pk}." in error_beside(alice_client.post(PAGE, typed()), "links")


def test_a_near_title_is_asked_about_and_the_answer_is_remembered(alice_client):
    near = make_paper("DéjàVu: KV-cache Streaming for Fast Serving", short_name="DéjàVu")
    fields = typed(title="Deja Vu: Contextual Sparsity for Efficient LLMs", short_name="Deja Vu")
    response = alice_client.post(PAGE, fields)
    assert response.status_code == 422
    assert "Say whether this is a different paper" in text_of(response)
    assert "One paper here looks close to this one" in response.text
    assert f'name="asked" value="{near.public_id}"' in response.text
    assert 'name="because"' in response.text
    answer = {"answer": "different", "asked": near.public_id, "because": "Sparsity, not streaming."}
    assert alice_client.post(PAGE, {**fields, **answer}).status_code == 302
    assert list(Submission.objects.get().different_from.all()) == [near]
    assert Submission.objects.get().because == "Sparsity, not streaming."


def test_an_answer_counts_only_for_papers_that_were_shown(alice_client):
    make_paper("DéjàVu: KV-cache Streaming for Fast Serving")
    other = make_paper("Something else")
    fields = typed(title="Deja Vu: Contextual Sparsity", short_name="", answer="different", asked=[other.public_id, "x"])
    assert alice_client.post(PAGE, fields).status_code == 422


def test_one_of_these_is_nothing_to_add(alice_client):
    near = make_paper("Orca: A Distributed Serving System", identifiers={"doi": "10.1/orca"})
    response = alice_client.post(PAGE, typed(answer="same", asked=near.public_id))
    assert response.status_code == 422
    assert "there is nothing to add" in text_of(response)
    assert not Submission.objects.exists()


def test_eighteen_papers_may_share_one_page(alice_client):
    for number in range(3):
        make_paper(f"{'abc'[number] * 8} work", links=["https://sigops.org/accepted.html"])
    assert alice_client.post(PAGE, typed(link_url=["https://sigops.org/accepted.html"])).status_code == 302


def test_a_paper_catalogued_a_moment_ago_comes_back_as_an_error(alice_client, monkeypatch):
    make_paper("Whale", identifiers={"arxiv": "2307.08691"})
    looks = iter([lambda *_record, **_more: []])
    find = matching.find_candidates
    monkeypatch.setattr(matching, "find_candidates", lambda *args, **more: next(looks, find)(*args, **more))
    response = alice_client.post(PAGE, typed())
    assert response.status_code == 409
    assert "“Whale” has this identifier" in error_beside(response, "links")


# -- The paste box -----------------------------------------------------------------------------------
BIBTEX = """@inproceedings{yu22, title={Orca: A Distributed Serving System}, author={Yu, Gyeong-In and Jeong, Joo Seong},
year={2022}, booktitle={OSDI}, doi={10.1145/1.2}}"""


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_paste_fills_the_fields_and_saves_nothing(alice_client, method):
    pasted = {"paste": BIBTEX}
    response = alice_client.get(PAGE, pasted) if method == "get" else alice_client.post(PAGE, {**pasted, "act": "read"})
    page = text_of(response)
    assert response.status_code == 200
    assert "Orca: A Distributed Serving System</textarea>" in page
    assert "Gyeong-In Yu\nJoo Seong Jeong" in page
    assert 'value="https://doi.org/10.1145/1.2"' in page
    assert "read from your paste; please check" in page
    assert 'value="OSDI 2022"' in page
    assert 'id="errors"' not in page
    assert not Submission.objects.exists()


def test_a_paste_never_replaces_what_was_typed(alice_client):
    page = text_of(alice_client.post(PAGE, typed(act="read", paste=BIBTEX, title="My own title", authors="")))
    assert "My own title</textarea>" in page
    assert "Gyeong-In Yu" in page
    assert 'value="https://arxiv.org/abs/2307.08691"' in page
    assert 'value="https://doi.org/10.1145/1.2"' in page


def test_the_version_of_a_preprint_is_read_and_not_kept(alice_client):
    page = text_of(alice_client.get(PAGE, {"paste": "https://arxiv.org/pdf/2307.08691v1"}))
    assert "arXiv 2307.08691" in page
    assert "Version 1; we keep the paper, not the version." in page


def test_a_known_identifier_gets_its_verdict_before_anything_else_is_filled_in(alice_client):
    make_paper("Whale", identifiers={"arxiv": "2307.08691"})
    page = text_of(alice_client.get(PAGE, {"paste": "arXiv:2307.08691v2"}))
    assert "This paper is here already" in page
    assert 'href="/papers/whale/"' in page


@pytest.mark.parametrize(
    ("paste", "sentence"),
    [
        ("javascript:alert(1)", "Only addresses that begin with https:// or http:// can be kept."),
        ("x" * 200_001, "That is more than 200 kB."),
        ("\x00\u202e", "Left out, because nobody can see it"),
        ("@article{broken", "We could not read this."),
    ],
)
def test_an_unreadable_paste_is_answered_with_what_to_do(alice_client, paste, sentence):
    response = alice_client.post(PAGE, {"paste": paste, "act": "read"})
    assert response.status_code == 200
    assert sentence in text_of(response)


def test_another_link_row_needs_no_script(alice_client):
    response = alice_client.post(PAGE, typed(act="add_link"))
    assert response.text.count('name="link_url"') == 2
    assert response.text.count("autofocus") == 1
    assert "Orca: A Distributed Serving System</textarea>" in response.text
    assert not Submission.objects.exists()


# -- While typing ------------------------------------------------------------------------------------
def test_checks_while_typing_are_a_fragment_and_save_nothing(alice_client):
    make_paper("Orca: Something else", short_name="Orca")
    response = alice_client.post(PAGE, typed(act="check", why="short"), headers={"HX-Request": "true"})
    page = text_of(response)
    assert response.status_code == 200
    assert page.startswith('<section id="checks"')
    assert "5 characters so far; 30 needed." in page
    assert "One paper here looks close to this one" in page
    assert "“OSDI” is new here; a maintainer will map it." in page
    assert "<html" not in page
    assert "HX-Request" in response["Vary"]
    assert not Submission.objects.exists()


def test_a_blank_form_accuses_nobody(alice_client):
    page = text_of(alice_client.get(PAGE))
    assert "They run on what you fill in." in page
    assert "Needs you" not in page
    assert "Nothing is waiting ahead of you." in page


def test_the_form_says_how_long_it_takes(alice_client, bruno, mel):
    with time_machine.travel(timezone.now() - timedelta(hours=31), tick=False):
        settled = review.submit(make_record("Whale"), by=bruno, why=WHY, token=uuid.uuid4())
    review.decide(settled, review.REJECT, by=mel, seen_version=1, reason="Out of scope.")
    for title in ("Seal", "Walrus"):
        review.submit(make_record(title), by=bruno, why=WHY, token=uuid.uuid4())
    assert "Two are waiting ahead of you. Half are decided within 31 hours." in " ".join(text_of(alice_client.get(PAGE)).split())


def test_the_form_asks_few_questions(alice_client, catalogue_of_names, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        alice_client.get(PAGE)
    with django_assert_max_num_queries(17):
        alice_client.get(PAGE, {"paste": BIBTEX})


@pytest.fixture
def catalogue_of_names():
    for number in range(20):
        make_paper(f"Paper {number}", venue=f"CONF{number}X", organizations=[f"University {number}"], categories=["systems/serving"])


# -- At once -----------------------------------------------------------------------------------------
def test_a_maintainer_may_publish_at_once_with_a_decision_of_its_own(mel_client):
    assert "Submit and publish at once" in mel_client.get(PAGE).text
    fields = typed(act="publish")
    response = mel_client.post(PAGE, fields)
    submission = Submission.objects.get()
    assert (submission.status, submission.paper) == ("approved", Paper.objects.get())
    assert submission.decisions.get().is_own
    assert mel_client.post(PAGE, fields)["Location"] == response["Location"]


def test_a_contributor_who_forges_it_only_submits(alice_client):
    assert "Submit and publish at once" not in alice_client.get(PAGE).text
    alice_client.post(PAGE, typed(act="publish"))
    assert Submission.objects.get().status == "pending"
    assert not Paper.objects.exists()


# -- Limits ------------------------------------------------------------------------------------------
def test_the_eleventh_in_an_hour_is_told_when_it_can_be_sent(alice, alice_client):
    with time_machine.travel("2026-11-22T14:04:00Z", tick=False) as clock:
        for number in range(review.PER_HOUR):
            review.submit(make_record(f"Paper {number}"), by=alice, why=WHY, token=uuid.uuid4())
        clock.shift(timedelta(minutes=10))
        client = signed_in(alice)
        fields = typed()
        response = client.post(PAGE, fields)
        page = text_of(response)
        assert response.status_code == 429
        assert response["Retry-After"] == "3000"
        assert 'You can submit again at <b class="num">15:04</b> UTC; what you typed is kept.' in page
        assert "Orca: A Distributed Serving System</textarea>" in page
        assert Submission.objects.count() == review.PER_HOUR
        clock.shift(timedelta(minutes=51))
        assert signed_in(alice).post(PAGE, fields).status_code == 302


def test_the_twenty_first_open_one_has_to_wait(alice, alice_client):
    with time_machine.travel(timezone.now() - timedelta(days=1), tick=False):
        for number in range(review.OPEN_AT_ONCE):
            review.submit(make_record(f"Paper {number}"), by=alice, why=WHY, token=uuid.uuid4())
    response = alice_client.post(PAGE, typed())
    assert response.status_code == 429
    assert "as many as can be open at once" in response.text


def test_a_form_sent_again_is_never_too_many(alice, alice_client):
    fields = typed()
    alice_client.post(PAGE, fields)
    for number in range(review.PER_HOUR - 1):
        review.submit(make_record(f"Paper {number}"), by=alice, why=WHY, token=uuid.uuid4())
    assert alice_client.post(PAGE, fields).status_code == 302


# -- Nothing is lost ---------------------------------------------------------------------------------
def test_a_session_that_ended_loses_no_word(visitor, alice):
    fields = typed(title="Orca, typed for an hour", why="")
    response = visitor.post(PAGE, fields)
    assert response["Location"] == "/accounts/login/?next=/submissions/new/"
    assert not Submission.objects.exists()
    visitor.force_login(alice)
    page = text_of(visitor.get(PAGE))
    assert "Here is what you typed" in page
    assert "Orca, typed for an hour</textarea>" in page
    assert "Gyeong-In Yu\nJoo Seong Jeong" in page
    assert fields["token"] in page
    assert "Here is what you typed" not in text_of(visitor.get(PAGE))


def test_a_form_without_its_token_comes_back_with_every_word_and_a_good_token(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    fields = typed(csrfmiddlewaretoken="stale", title="Orca, typed for an hour")
    response = client.post(PAGE, fields)
    page = text_of(response)
    assert response.status_code == 403
    assert "This was not sent yet" in page
    assert "Orca, typed for an hour</textarea>" in page
    assert not Submission.objects.exists()
    token = re.search(r'id="submission".*?name="csrfmiddlewaretoken" value="(.*?)"', page, re.DOTALL)[1]
    assert client.post(PAGE, {**fields, "csrfmiddlewaretoken": token}).status_code == 302


def test_no_session_and_no_token_still_lose_no_word(alice):
    client = Client(enforce_csrf_checks=True)
    response = client.post(PAGE, typed(title="Orca, typed for an hour"))
    assert response["Location"] == "/accounts/login/?next=/submissions/new/"
    client.force_login(alice)
    assert "Orca, typed for an hour</textarea>" in text_of(client.get(PAGE))


def test_other_forms_without_a_token_get_the_general_page(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post("/accounts/logout/").status_code == 403


def test_the_page_has_no_script_or_style_within_it(alice_client):
    page = alice_client.post(PAGE, typed(why="short")).text
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|javascript:", page)


def test_another_persons_key_is_no_way_in(alice_client, bruno_client):
    fields = typed()
    alice_client.post(PAGE, fields)
    assert bruno_client.post(PAGE, {**fields, "link_url": ["https://example.org/b"], "title": "Walrus"}).status_code == 302
    assert Submission.objects.count() == 2


def test_an_unverified_person_finds_the_words_too():
    user = make_user("dora")
    user.emailaddress_set.update(verified=False)
    client = signed_in(user)
    client.post(PAGE, typed(title="Orca, typed for an hour"))
    user.emailaddress_set.update(verified=True)
    assert "Orca, typed for an hour</textarea>" in text_of(client.get(PAGE))


def test_the_public_rules_stand_beside_the_form(alice_client):
    page = alice_client.get(PAGE).text
    assert "One work once, however many versions it has." in page
    assert "Public: anyone can read it at the link." in page
    assert 'href="/about/"' in page
