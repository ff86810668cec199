"""The queue of the desk: what it says of each submission, how it is narrowed and ordered, and what is behind it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from catalog import records, review
from catalog.models import Submission
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_record

QUEUE = "/admin/catalog/submission/"
WHY = "It serves a thousand adapters from one copy of the base model."


@pytest.fixture
def submit(alice):
    """Propose a paper in the category `serving`, waiting for so many hours."""

    def submit_(title, *, by=alice, hours=1, risk=None):
        make_category("serving")
        record = make_record(title, categories=["serving"], links=["https://example.org/paper"])
        return put(review.submit(record, by=by, why=WHY, token=uuid4()), hours=hours, risk=risk)

    return submit_


def put(submission, *, hours=1, risk=None):
    facts = {"submitted_at": timezone.now() - timedelta(hours=hours)} | ({} if risk is None else {"risk": risk})
    Submission.objects.filter(pk=submission.pk).update(**facts)
    return Submission.objects.get(pk=submission.pk)


@pytest.fixture
def sol(mel):
    """A second maintainer."""
    user = make_user("sol", is_staff=True)
    user.groups.set(mel.groups.all())
    return user


@pytest.fixture
def every_sort(submit, alice, bruno, mel, sol):
    """Of each kind, state, risk and lease something."""
    paper, other = make_paper("Whale", categories=["serving"]), make_paper("Seal", categories=["serving"])
    record = records.replace(paper.record, title="Whale, and how it swims")
    correction = put(review.correct(paper, record, by=alice, why=WHY, token=uuid4()), hours=5, risk="title_changes")
    removal = put(review.remove(other, by=bruno, why="It was never published.", token=uuid4()), hours=6)
    review.open_item(correction, by=mel)
    review.open_item(removal, by=sol)
    submit("Orca", hours=60, risk="")
    submit("Splitwise", hours=30, risk="similar_title")
    review.open_item(submit("Sarathi", hours=3, risk="same_identifier"), by=sol)
    submit("Medha", hours=2, risk="same_link")
    review.decide(submit("Mnemosyne"), review.APPROVE, by=mel, seen_version=1, reason_code="belongs")
    review.decide(submit("Vidur"), review.REJECT, by=mel, seen_version=1, reason="Out of scope.")
    review.decide(submit("Nanoflow"), review.REQUEST_CHANGES, by=mel, seen_version=1, reason="Name the authors.")
    review.withdraw(submit("DistServe"), by=alice)


def titles(response):
    return [row.submission.title for row in response.context["rows"]]


def row_of(client, title):
    [row] = [row for row in client.get(QUEUE).context["rows"] if row.submission.title == title]
    return row


# -- Narrowed ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "chosen", ["", "q=a", "sort=risk", "kind=addition", "state=decided&state=waiting", "lease=others&lease=mine", "risk=none"]
)
def test_each_count_is_the_number_of_rows_that_its_click_gives(mel_client, every_sort, chosen):
    selection = mel_client.get(f"{QUEUE}?{chosen}").context["selection"]
    assert [facet.name for facet in selection.facets] == ["state", "kind", "risk", "lease"]
    for facet in selection.facets:
        for option in facet.options:
            asked = {**selection.chosen, "q": selection.q, facet.name: option.value}
            assert len(titles(mel_client.get(QUEUE, asked))) == option.count, (facet.name, option.value)


def test_every_count_is_on_the_page_beside_its_box(mel_client, every_sort):
    page = mel_client.get(QUEUE).text
    for name, value in [("risk", "same_identifier"), ("risk", "none"), ("lease", "mine"), ("lease", "others"), ("kind", "removal")]:
        assert f'name="{name}" value="{value}"><span>' in page


def test_the_risks_and_leases_chosen_are_what_is_shown(mel_client, every_sort):
    assert titles(mel_client.get(QUEUE, {"risk": ["same_identifier", "similar_title"]})) == ["Splitwise", "Sarathi"]
    assert titles(mel_client.get(QUEUE, {"risk": "title_changes"})) == ["Whale, and how it swims"]
    assert titles(mel_client.get(QUEUE, {"lease": "mine"})) == ["Whale, and how it swims"]
    assert titles(mel_client.get(QUEUE, {"lease": "others"})) == ["Seal", "Sarathi"]
    assert titles(mel_client.get(QUEUE, {"lease": "free", "kind": "addition"})) == ["Orca", "Splitwise", "Medha"]


def test_nothing_that_fits_says_so(mel_client, every_sort):
    page = mel_client.get(QUEUE, {"lease": "mine", "kind": "removal"})
    assert titles(page) == []
    assert "No submission is like that" in page.text


# -- Ordered -----------------------------------------------------------------------------------
def test_the_oldest_come_first_and_by_risk_the_gravest(mel_client, every_sort):
    assert titles(mel_client.get(QUEUE)) == ["Orca", "Splitwise", "Seal", "Whale, and how it swims", "Sarathi", "Medha"]
    by_risk = ["Sarathi", "Splitwise", "Whale, and how it swims", "Medha", "Orca", "Seal"]
    assert titles(mel_client.get(QUEUE, {"sort": "risk"})) == by_risk


def test_the_links_of_the_order_keep_what_is_chosen_and_the_filters_keep_the_order(mel_client, every_sort):
    page = mel_client.get(QUEUE, {"kind": "addition", "q": "a", "sort": "risk"}).text
    assert 'href="?kind=addition&amp;q=a"' in page
    assert 'href="?kind=addition&amp;q=a&amp;sort=risk" aria-current="true"' in page
    assert page.count('<input type="hidden" name="sort" value="risk">') == 2


# -- What a row says ---------------------------------------------------------------------------
def test_a_lease_names_who_has_it_until_when(mel_client, sol, mel, submit):
    mine, theirs, lapsed = submit("Orca"), submit("Splitwise"), submit("Sarathi")
    for submission, person in [(mine, mel), (theirs, sol), (lapsed, sol)]:
        review.open_item(submission, by=person)
    Submission.objects.filter(pk=lapsed.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    page = " ".join(mel_client.get(QUEUE).text.split())
    until = timezone.localtime(Submission.objects.get(pk=theirs.pk).leased_until).strftime("%H:%M")
    assert f'<bdi>sol</bdi> <span class="quiet">until {until} UTC</span>' in page
    assert f'Yours <span class="quiet">until {until} UTC</span>' in page
    assert [row_of(mel_client, title).lease for title in ("Orca", "Splitwise", "Sarathi")] == ["mine", "others", "free"]


def test_an_edit_since_somebody_looked_is_marked_while_they_have_it(mel_client, sol, alice, submit):
    submission = submit("Orca")
    review.open_item(submission, by=sol)
    assert "edited since" not in mel_client.get(QUEUE).text
    review.edit(submission, submission.record, by=alice, seen_version=1, why=f"{WHY} So.")
    assert "edited since <bdi>sol</bdi> looked" in mel_client.get(QUEUE).text
    assert "edited since you looked" in signed_in(sol).get(QUEUE).text
    Submission.objects.update(leased_until=timezone.now())
    assert "edited since" not in mel_client.get(QUEUE).text


def test_age_is_said_in_words_as_well_as_in_colour(mel_client, submit):
    for hours in (1, 30, 60):
        submit(f"Paper {hours}", hours=hours)
    page = mel_client.get(QUEUE).text
    assert 'class="age late" data-l="Age">2 d 12 h<span class="vh"> late</span>' in page
    assert 'class="age old" data-l="Age">1 d 6 h<span class="vh"> a day old</span>' in page


def test_only_what_is_open_can_be_selected(mel_client, every_sort):
    page = mel_client.get(QUEUE, {"state": ["decided", "withdrawn", "changes"]}).text
    assert page.count("data-selects-one") == 1
    assert 'aria-label="Select Nanoflow"' in page


def test_a_hostile_name_is_text_in_every_column(mel_client, submit, sol, alice):
    hostile = "<script>alert(1)</script>"
    submission = submit(f"{hostile} a proposal")
    review.open_item(submission, by=sol)
    review.edit(submission, submission.record, by=alice, seen_version=1, why=f"{WHY} So.")
    assert "<script>alert" not in mel_client.get(QUEUE).text


@pytest.mark.parametrize("parameter", ["state", "kind", "risk", "lease", "sort"])
@pytest.mark.parametrize("value", ["nonsense", "\x00", "‮", "x" * 2000])
def test_an_unknown_filter_is_as_good_as_none(mel_client, submit, parameter, value):
    submit("Orca")
    assert titles(mel_client.get(QUEUE, {parameter: value})) == ["Orca"]


# -- Cost and privacy --------------------------------------------------------------------------
@pytest.mark.parametrize("query", ["", "?sort=risk&risk=similar_title&risk=none&lease=others&lease=free"])
def test_a_hundred_rows_with_leases_ask_no_more_than_twelve_questions(
    mel_client, submit, alice, bruno, sol, query, django_assert_max_num_queries
):
    for number in range(100):
        review.open_item(submit(f"Paper {number}", by=[alice, bruno][number % 2]), by=sol)
    with django_assert_max_num_queries(12):
        assert len(titles(mel_client.get(QUEUE + query))) == 100


def test_the_queue_is_kept_by_no_cache(mel_client, submit):
    submit("Orca")
    for address in (QUEUE, "/admin/"):
        assert mel_client.get(address)["Cache-Control"] == "private, no-store"


# -- The desk's front page ---------------------------------------------------------------------
def test_the_front_page_leads_to_every_room(mel_client, root_client):
    rooms = ["submission", "paper", "category", "venue", "organization", "reason"]
    page = mel_client.get("/admin/").text
    for room in rooms:
        assert f'href="/admin/catalog/{room}/"' in page
    for words in ("Papers that may be one", "Names to map"):
        assert words in page
    assert 'href="/admin/accounts/user/"' not in page
    assert 'href="/admin/accounts/user/"' in root_client.get("/admin/").text


def test_the_keys_are_listed_on_the_page(mel_client, submit):
    submit("Orca")
    page = mel_client.get(QUEUE).text
    assert '<details class="keys"' in page
    for key in ("j", "k", "x", "↵", "/", "b", "?"):
        assert f"<kbd>{key}</kbd>" in page
