"""Two papers that are one: choosing, comparing, merging, and the way back."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from catalog import publishing, review
from catalog.models import Decision, Paper, Revision, Tombstone
from catalog.records import Category, replace
from tests.factories import make_category, make_paper, make_papers, make_record


@pytest.fixture
def pair(db):
    """The one catalogued first, and the other, which has a place of its own between two neighbours."""
    make_category("systems")
    orca = make_paper("Orca: Serving", categories=["serving"], authors=["Ann"], year=2022, links=["https://example.org/orca"])
    make_papers(2, categories=["systems"])
    facts = {"categories": ["systems"], "identifiers": {"arxiv": "2201.00001"}, "abstract": "By iteration."}
    other = make_paper("Orca", authors=["Ann", "Bob"], year=2021, links=["https://example.org/other"], **facts)
    make_papers(1, categories=["systems"])
    return orca, other


def address(paper):
    return reverse("admin:catalog_paper_merge", args=[paper.pk])


def told(paper, other, **more):
    return {"with": other.pk, "survivor": "this", "reason": "One work.", "seen_this": paper.revision, "seen_other": other.revision, **more}


def merge(client, paper, other, **more):
    return client.post(address(paper), told(paper, other, **more))


def undo(client, decision):
    return client.post(reverse("admin:catalog_paper_undo"), {"decision": decision.pk})


def exported(client):
    return client.get("/papers.jsonl").getvalue()


def everything():
    return (
        list(Paper.objects.order_by("pk").values()),
        list(Tombstone.objects.values()),
        Revision.objects.count(),
        Decision.objects.count(),
    )


# -- Choosing and comparing ------------------------------------------------------------------------
def test_the_other_is_found_by_title_address_and_id_and_near_papers_are_offered(mel_client, pair):
    orca, other = pair
    for text in ("orc", other.slug, f"https://testserver{other.get_absolute_url()}", other.public_id, other.public_id.lower()):
        found = mel_client.get(address(orca), {"q": text}).context["found"]
        assert [paper.pk for paper in found] == [other.pk], text
    assert other in [match.paper for match in mel_client.get(address(orca)).context["near"]]


@pytest.mark.parametrize("text", ["\x00", "%", "‮", "x" * 2000, "'\"<b>", "/", "//"])
def test_no_search_breaks_the_page(mel_client, pair, text):
    assert mel_client.get(address(pair[0]), {"q": text}).status_code == 200


def test_both_stand_side_by_side_with_a_choice_where_they_differ(mel_client, pair):
    orca, other = pair
    page = mel_client.get(address(orca), {"with": other.pk})
    lines = {line.row.name: line for line in page.context["lines"]}
    pressed = {name: line.choice.value() for name, line in lines.items() if line.choice}

    assert pressed == {
        "title": "this",
        "authors": "this",
        "year": "this",
        "categories": "both",
        "links": "both",
        "abstract": "other",
        "identifiers.arxiv": "other",
    }
    assert lines["kind"].choice is None
    assert re.search(r'name="survivor" value="this"[^>]* checked', page.text)
    assert "<del>" not in page.text


def test_the_one_catalogued_first_stays_unless_somebody_chooses_otherwise(mel_client, pair):
    orca, other = pair
    page = mel_client.get(address(other), {"with": orca.pk})

    assert page.context["form"].staying == "other"
    assert {line.row.name: line.choice.value() for line in page.context["lines"] if line.choice}["title"] == "other"


def test_the_result_is_shown_before_anything_is_done(mel_client, pair):
    orca, other = pair
    before = everything()
    page = merge(
        mel_client, orca, other, **{"preview": "1", "reason": "", "keep-title": "other", "keep-year": "other", "survivor": "other"}
    )
    result = {row.label: row.proposed[0][0].text for row in page.context["result"] if row.proposed}

    assert (result["Title"], result["Year"]) == ("Orca", "2021")
    assert page.context["staying"] == other
    assert not page.context["form"].errors
    assert everything() == before


def test_a_page_asks_the_same_number_of_questions_however_long_the_records_are(mel_client, pair, questions):
    orca, other = pair
    assert questions(mel_client, f"{address(orca)}?with={other.pk}") <= 10


# -- Merging -----------------------------------------------------------------------------------------
def test_merging_keeps_what_was_chosen_and_the_other_leads_there(mel, mel_client, pair, visitor):
    orca, other = pair
    response = merge(mel_client, orca, other, **{"keep-title": "other", "keep-authors": "both", "keep-year": "this"})
    decision = Decision.objects.get()
    paper = Paper.objects.get(pk=orca.pk)

    assert response["Location"] == f"/admin/catalog/paper/{orca.pk}/change/?merged={decision.pk}"
    assert (decision.verdict, decision.by, decision.reason, decision.subject) == ("merge", mel, "One work.", "Orca")
    assert (paper.title, paper.year, paper.slug) == ("Orca", 2022, "orca-serving")
    assert [author.name for author in paper.record.authors] == ["Ann", "Bob"]
    assert paper.record.identifiers == {"arxiv": "2201.00001"}
    assert [(place.path, place.position) for place in paper.record.categories] == [("serving", 1), ("systems", 3)]
    gone = visitor.get(other.get_absolute_url())
    assert (gone.status_code, gone["Location"], gone["Cache-Control"]) == (301, "/papers/orca-serving/", "no-cache")


def test_the_other_can_be_the_one_that_stays(mel_client, pair):
    orca, other = pair
    merge(mel_client, orca, other, survivor="other")

    assert Tombstone.objects.get().public_id == orca.public_id
    assert Paper.objects.get(pk=other.pk).title == "Orca: Serving"


def test_after_a_merge_one_press_brings_back_the_very_bytes(mel_client, pair, visitor):
    orca, other = pair
    before = exported(visitor)
    page = mel_client.get(merge(mel_client, orca, other)["Location"])
    assert exported(visitor) != before
    decision = page.context["merged"]
    assert f'name="decision" value="{decision.pk}"><button class="btn">Undo the merge</button>' in page.text

    assert undo(mel_client, decision).status_code == 302
    assert exported(visitor) == before
    assert visitor.get(other.get_absolute_url()).status_code == 200
    assert "Undo the merge" not in mel_client.get(f"/admin/catalog/paper/{orca.pk}/change/?merged={decision.pk}").text


def test_a_ring_of_merges_cannot_be_made(mel_client, pair):
    orca, other = pair
    merge(mel_client, other, orca, survivor="other")
    before = everything()

    for data in (told(other, orca), told(other, orca, survivor="other")):
        response = mel_client.post(address(other), data)
        assert response.status_code == 409
        assert "taken off the shelf meanwhile" in response.text
    assert mel_client.post(address(orca), told(orca, other)).status_code == 409
    assert everything() == before


def test_a_paper_is_not_merged_into_itself(mel_client, pair):
    before = everything()
    response = merge(mel_client, pair[0], pair[0])

    assert (response.status_code, everything()) == (409, before)
    assert "These are the same paper" in response.text


@pytest.mark.parametrize("which", [0, 1])
def test_one_that_was_changed_while_comparing_is_looked_at_again_with_the_choices_kept(mel_client, pair, which):
    orca, other = pair
    publishing.revise(pair[which], replace(pair[which].record, note="Corrected meanwhile."))
    seen = told(orca, other) | {"seen_this": 1, "seen_other": 1, "keep-year": "other", "reason": "Both are one."}
    response = mel_client.post(address(orca), seen)

    assert response.status_code == 409
    assert "was changed while you were comparing" in response.text
    assert "Both are one.</textarea>" in response.text
    assert re.search(r'name="keep-year" value="other"[^>]* checked', response.text)
    assert Paper.objects.filter(pk__in=[orca.pk, other.pk]).count() == 2
    anew = {name: response.context["form"][name].value() for name in ("seen_this", "seen_other")}
    assert mel_client.post(address(orca), {**seen, **anew}).status_code == 302


def test_a_merge_needs_a_public_reason(mel_client, pair):
    before = everything()
    response = merge(mel_client, *pair, reason=" ")

    assert (response.status_code, everything()) == (200, before)
    assert response.context["form"].errors.keys() == {"reason"}


def test_more_links_than_a_paper_may_have_are_refused_with_a_sentence(mel_client, db):
    many, more = (make_paper(name, links=[f"https://example.org/{name}/{number}" for number in range(15)]) for name in ("a", "b"))
    response = merge(mel_client, many, more)

    assert "at most 20 links" in response.text
    assert Paper.objects.count() == 2


@pytest.mark.parametrize(
    "data", [{"keep-title": "both"}, {"keep-title": "x"}, {"survivor": "neither"}, {"seen_this": "x"}, {"seen_other": ""}]
)
def test_what_cannot_be_chosen_changes_nothing(mel_client, pair, data):
    before = everything()

    assert (merge(mel_client, *pair, **data).status_code, everything()) == (200, before)


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, "-1", "²"])
def test_another_that_never_was_is_not_found(mel_client, pair, number):
    assert mel_client.get(address(pair[0]), {"with": number}).status_code == 404
    assert mel_client.post(address(pair[0]), told(*pair) | {"with": number}).status_code == 404


def test_hostile_titles_stay_text(mel_client, db):
    one, other = make_paper("<script>alert(1)</script>"), make_paper("<img src=x onerror=alert(1)>")
    for response in (mel_client.get(address(one), {"with": other.pk}), mel_client.get(address(one), {"q": "<"})):
        assert "<script>alert" not in response.text
        assert "<img src=x" not in response.text


# -- Undoing -----------------------------------------------------------------------------------------
def test_what_was_built_on_since_is_not_undone(mel_client, pair):
    orca, other = pair
    merge(mel_client, orca, other)
    survivor = Paper.objects.get(pk=orca.pk)
    publishing.revise(survivor, replace(survivor.record, note="Since."))
    before = everything()
    response = undo(mel_client, Decision.objects.get())

    assert (response.status_code, everything()) == (409, before)
    assert "More was built on this decision since" in response.text


def test_an_undo_sent_twice_undoes_once(mel_client, pair):
    merge(mel_client, *pair)
    decision = Decision.objects.get()

    assert undo(mel_client, decision).status_code == 302
    before = everything()
    response = undo(mel_client, decision)
    assert (response.status_code, everything()) == (409, before)
    assert "Already undone by mel" in response.text


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 30, "987654"])
def test_undoing_what_was_never_decided_is_not_found(mel_client, number):
    assert mel_client.post(reverse("admin:catalog_paper_undo"), {"decision": number}).status_code == 404


# -- Who may -------------------------------------------------------------------------------------------
def test_nobody_but_a_full_maintainer_merges_or_undoes(mel_client, alice_client, bruno, bruno_client, visitor, pair):
    orca, other = pair
    make_category("serving").maintainers.add(bruno)
    merge(mel_client, orca, other)
    decision, third = Decision.objects.get(), make_paper("Third", categories=["serving"])
    before = everything()

    for client, refused in ((alice_client, {403}), (bruno_client, {403, 404}), (visitor, {302})):
        assert client.get("/admin/catalog/paper/").status_code in refused
        assert client.get(address(orca), {"with": third.pk}).status_code in refused
        assert client.post(address(orca), told(orca, third)).status_code in refused
        assert undo(client, decision).status_code in refused
    assert everything() == before


def test_what_is_only_read_cannot_be_posted_and_what_acts_cannot_be_fetched(mel_client, pair):
    assert mel_client.get(reverse("admin:catalog_paper_undo")).status_code == 405
    assert mel_client.post(f"/admin/catalog/paper/{pair[0].pk}/change/").status_code == 405


# -- What remains ----------------------------------------------------------------------------------------
def test_a_merged_paper_is_listed_with_the_one_it_went_into_and_comes_back_from_there(mel_client, pair, visitor):
    orca, other = pair
    before = exported(visitor)
    merge(mel_client, orca, other)
    tombstone = Tombstone.objects.get()
    assert "Merged into “Orca: Serving”" in mel_client.get("/admin/catalog/tombstone/").text
    page = mel_client.get(f"/admin/catalog/tombstone/{tombstone.pk}/change/")
    assert page.context["decision"] == Decision.objects.get()
    assert mel_client.get(f"/admin/catalog/paper/{other.pk}/change/")["Location"].endswith(f"/tombstone/{tombstone.pk}/change/")

    mel_client.post(reverse("admin:catalog_paper_undo"), {"decision": page.context["decision"].pk, "reason": "Two works."})
    assert exported(visitor) == before
    assert Decision.objects.get(verdict="undo").reason == "Two works."


def test_a_removed_paper_comes_back_with_its_removal_waiting(mel, mel_client, alice, visitor, pair):
    orca, _other = pair
    before = exported(visitor)
    submission = review.remove(orca, by=alice, why="It was withdrawn by its authors.", token=uuid4())
    decision = review.decide(submission, "approve", by=mel, seen_version=1)
    page = mel_client.get(f"/admin/catalog/tombstone/{Tombstone.objects.get().pk}/change/")
    assert (page.context["kind"], page.context["decision"]) == ("Retracted", decision)

    assert undo(mel_client, decision).status_code == 302
    assert exported(visitor) == before
    submission.refresh_from_db()
    assert submission.is_pending


def test_a_paper_whose_approval_was_undone_comes_back_by_its_submission(mel, mel_client, alice, db):
    submission = review.submit(make_record("Orca"), by=alice, why="It shows what nobody else has.", token=uuid4())
    review.undo(review.decide(submission, "approve", by=mel, seen_version=1), by=mel)
    page = mel_client.get(f"/admin/catalog/tombstone/{Tombstone.objects.get().pk}/change/")

    assert f'href="/admin/catalog/submission/{submission.pk}/change/"' in page.text
    assert reverse("admin:catalog_paper_undo") not in page.text


def test_a_paper_that_no_decision_took_off_says_so(mel_client, db):
    publishing.retract(make_paper("Orca"), reason="It was <b>withdrawn</b>.", by=None)
    page = mel_client.get(f"/admin/catalog/tombstone/{Tombstone.objects.get().pk}/change/")

    assert "No decision of the log took it off the shelf" in page.text
    assert "It was &lt;b&gt;withdrawn&lt;/b&gt;." in page.text


def test_tombstones_are_for_full_maintainers(alice_client, bruno, bruno_client, visitor, pair):
    publishing.retract(pair[0], reason="Withdrawn.", by=None)
    make_category("systems").maintainers.add(bruno)
    for address_ in ("/admin/catalog/tombstone/", f"/admin/catalog/tombstone/{Tombstone.objects.get().pk}/change/"):
        assert alice_client.get(address_).status_code == 403
        assert bruno_client.get(address_).status_code == 403
        assert visitor.get(address_).status_code == 302


def test_a_category_of_the_record_that_is_gone_is_a_sentence(mel_client, pair, monkeypatch):
    orca, other = pair
    monkeypatch.setattr(
        "catalog.merging.merged", lambda survivor, *_more: replace(survivor, categories=(Category(path="nowhere", name="Nowhere"),))
    )
    response = merge(mel_client, orca, other)

    assert response.status_code == 409
    assert Paper.objects.count() == 5
