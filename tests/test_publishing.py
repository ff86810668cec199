"""Publishing: what is written, what readers are served, and that nothing is left half done."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from catalog import arranging, publishing, records
from catalog.models import CatalogueState, Category, Identifier, Organization, Paper, Placement, Revision, Tombstone, Venue
from tests.factories import make_category, make_paper, make_record

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2020, 5, 17, 12, 30, 15, 123456, tzinfo=UTC)


def served(paper):
    return Paper.objects.get(pk=paper.pk).record


def test_what_is_served_is_what_the_rows_say(mel):
    paper = make_paper(
        "Orca: A Distributed Serving System",
        by=mel,
        short_name="Orca",
        kind="survey",
        year=2022,
        abstract="Iteration-level scheduling.",
        note="See section 4.",
        authors=["Gyeong-In Yu", "Joo Seong Jeong"],
        organizations=["Seoul National University"],
        venue="OSDI",
        identifiers={"usenix": "osdi22/yu", "doi": "10.1/orca"},
        links=["https://www.usenix.org/conference/osdi22/presentation/yu"],
        categories=["systems/serving", "systems"],
    )
    record = served(paper)
    assert record == paper.to_record()
    assert records.from_json(Paper.objects.get().record_json) == record
    assert (record.title, record.headword, record.kind, record.year) == ("Orca: A Distributed Serving System", "Orca", "survey", 2022)
    assert [author.name for author in record.authors] == ["Gyeong-In Yu", "Joo Seong Jeong"]
    assert [(one.slug, one.name) for one in record.organizations] == [("seoul-national-university", "Seoul National University")]
    assert (record.venue.slug, record.venue.name, record.venue.year) == ("osdi", "OSDI", 2022)
    assert [(place.path, place.position, place.primary) for place in record.categories] == [
        ("systems/serving", 1, True),
        ("systems", 1, False),
    ]
    assert (paper.has_abstract, paper.has_doi, paper.has_arxiv, paper.has_code, paper.has_pdf) == (True, True, False, False, False)
    assert record.path == f"/papers/{record.slug}/" == paper.get_absolute_url()


def test_a_paper_begins_with_its_first_revision(mel):
    paper = make_paper("Orca", by=mel)
    revision = Revision.objects.get()
    assert (revision.paper_public_id, revision.number, revision.by) == (paper.public_id, 1, mel)
    assert revision.record == paper.record


def test_times_are_whole_seconds():
    paper = make_paper("Orca", at=LONG_AGO)
    assert paper.added_at == paper.updated_at == LONG_AGO.replace(microsecond=0)
    assert '"added_at":"2020-05-17T12:30:15Z"' in paper.record_json


def test_a_record_with_an_id_an_address_and_times_keeps_them():
    record = make_record("Orca", id="0" * 16, slug="the-whale", added_at=LONG_AGO, updated_at=LONG_AGO)
    paper = publishing.publish(record)
    assert (paper.public_id, paper.slug, paper.added_at) == ("0" * 16, "the-whale", LONG_AGO)


def test_papers_of_one_title_get_addresses_and_keys_of_their_own():
    papers = [make_paper("Optimus", year=2018), make_paper("Optimus", year=2018), make_paper("OPTIMUS", year=2018)]
    assert [paper.slug for paper in papers] == ["optimus", "optimus-2", "optimus-3"]
    assert len({paper.citation_key for paper in papers}) == 3


def test_an_address_of_the_past_is_never_used_again(mel):
    publishing.retract(make_paper("Orca"), reason="Withdrawn by its authors.", by=mel)
    assert make_paper("Orca").slug == "orca-2"


@pytest.mark.parametrize("title", ["☃", "…", "!!!"])
def test_a_title_without_words_gets_its_id_for_an_address(title):
    paper = make_paper(title)
    assert paper.slug == paper.public_id.lower()


def test_zero_and_zero_plus_plus_are_two_addresses():
    assert [make_paper("ZeRO").slug, make_paper("ZeRO++").slug] == ["zero", "zero-plus-plus"]


def test_an_identifier_belongs_to_one_paper():
    first = make_paper("Orca", identifiers={"arxiv": "2307.08691"})
    with pytest.raises(publishing.AlreadyCatalogued) as caught:
        make_paper("Whale", identifiers={"arxiv": "2307.08691"})
    assert (caught.value.paper, caught.value.scheme) == (first, "arxiv")
    assert Paper.objects.get() == first
    assert CatalogueState.now().version == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Identifier.objects.create(paper=make_paper("Whale"), scheme="arxiv", value="2307.08691")


def test_an_unknown_category_leaves_nothing_behind():
    with pytest.raises(Category.DoesNotExist):
        publishing.publish(make_record("Orca", venue="OSDI", categories=["nowhere"]))
    assert not Paper.objects.exists()
    assert not Venue.objects.exists()
    assert CatalogueState.now().version == 0


def test_an_organization_in_two_spellings_is_named_once():
    paper = make_paper("Orca", organizations=["Hugging Face", "HuggingFace"])
    assert [one.name for one in paper.record.organizations] == ["Hugging Face"]
    assert Organization.objects.count() == 1


def test_a_new_paper_stands_last_in_its_category():
    papers = [make_paper(f"Paper {number}", categories=["serving"]) for number in range(3)]
    assert [paper.record.categories[0].position for paper in papers] == [1, 2, 3]


def test_every_change_that_readers_see_is_a_version(mel):
    paper = make_paper("Orca", categories=["serving"])
    publishing.revise(paper, records.replace(paper.record, title="Whale"), by=mel)
    arranging.rename_category(Category.objects.get(path="serving"), name="Inference")
    publishing.retract(paper, reason="Withdrawn.", by=mel)
    state = CatalogueState.now()
    assert (state.version, state.paper_count) == (4, 0)


def test_a_revision_replaces_the_facts_and_keeps_the_address(mel):
    paper = make_paper("Orca", at=LONG_AGO, authors=["Ada", "Ben"], identifiers={"doi": "10.1/a"}, categories=["serving", "training"])
    before = paper.record
    changed = records.replace(
        before, title="Whale", authors=before.authors[:1], identifiers={"arxiv": "2307.08691"}, categories=before.categories[:1]
    )
    publishing.revise(paper, changed, by=mel)
    record = served(paper)
    assert (record.title, record.identifiers, record.revision) == ("Whale", {"arxiv": "2307.08691"}, 2)
    assert [author.name for author in record.authors] == ["Ada"]
    assert [place.path for place in record.categories] == ["serving"]
    assert (record.id, record.slug, record.added_at) == (before.id, before.slug, before.added_at)
    assert record.updated_at > before.updated_at
    assert [revision.record.title for revision in Revision.objects.all()] == ["Orca", "Whale"]


def test_renaming_a_category_reaches_every_paper_in_and_below_it(django_assert_max_num_queries):
    inside, below, beside = make_paper("A", categories=["systems"]), make_paper("B", categories=["systems/serving"]), make_paper("C")
    arranging.rename_category(Category.objects.get(path="systems"), name="LLM Systems")
    assert [(place.path, place.name) for place in served(inside).categories] == [("llm-systems", "LLM Systems")]
    assert [place.path for place in served(below).categories] == ["llm-systems/serving"]
    assert served(below).updated_at == below.record.updated_at
    assert served(beside) == beside.record


def test_what_is_retracted_leaves_a_tombstone_and_its_revisions(mel):
    paper = make_paper("Orca", identifiers={"doi": "10.1/a"}, categories=["serving"])
    tombstone = publishing.retract(paper, reason="Withdrawn by its authors.", by=mel)
    assert not Paper.objects.exists()
    assert not Placement.objects.exists()
    assert (tombstone.slug, tombstone.title, tombstone.reason, tombstone.by) == ("orca", "Orca", "Withdrawn by its authors.", mel)
    assert Revision.objects.get().paper_public_id == tombstone.public_id
    assert make_paper("Orca again", identifiers={"doi": "10.1/a"})
    with pytest.raises(IntegrityError), transaction.atomic():
        Tombstone.objects.create(public_id="1" * 16, slug="x", title="x", reason="", at=LONG_AGO)


def test_five_hundred_and_fifty_seven_authors_keep_their_order():
    names = [f"Author {number}" for number in range(557)]
    paper = make_paper("Gemini", authors=names)
    assert [author.name for author in served(paper).authors] == names


def test_a_place_under_an_old_name_of_a_category_is_the_category_itself():
    make_category("serving")
    arranging.rename_category(Category.objects.get(), name="Inference")
    paper = publishing.publish(make_record("Orca", categories=["serving"]))
    assert [place.path for place in paper.record.categories] == ["inference"]
