"""What readers are served is compared with the rows: each thing spoilt by hand is named, and renaming spoils nothing."""

import uuid
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from catalog import arranging, publishing, records, review, verification
from catalog.models import (
    Author,
    CatalogueState,
    Category,
    CategoryAlias,
    Link,
    Organization,
    Paper,
    Placement,
    Revision,
    Tombstone,
    Venue,
)
from catalog.verification import disagreements
from tests.factories import make_category, make_paper, make_papers, make_record

pytestmark = pytest.mark.django_db

ORCA = {
    "authors": ["Gyeong-In Yu"],
    "venue": "OSDI",
    "year": 2022,
    "organizations": ["Seoul National University", "FriendliAI"],
    "identifiers": {"doi": "10.1145/3477132.3483550"},
    "links": ["https://example.org/orca", records.Link(kind="code", url="https://github.com/orca/orca")],
    "categories": ["systems/serving", "reading"],
}


@pytest.fixture
def orca():
    return make_paper("Orca", **ORCA)


def named():
    return [str(disagreement) for disagreement in disagreements()]


def verify():
    out = StringIO()
    call_command("verify_catalogue", stdout=out)
    return out.getvalue()


def test_the_default_catalogue_agrees_and_one_line_says_so(catalogue):
    assert verify() == f"What readers are served agrees with the rows: {Paper.objects.count()} papers.\n"


def test_an_empty_catalogue_agrees():
    assert verify() == "What readers are served agrees with the rows: 0 papers.\n"


def test_what_does_not_agree_is_listed_and_the_command_fails(orca):
    Paper.objects.update(has_code=False, search_text="")
    out = StringIO()
    with pytest.raises(CommandError, match=r"^2 things do not agree\.$") as caught:
        call_command("verify_catalogue", stdout=out)
    assert caught.value.returncode == 1
    assert out.getvalue().splitlines() == [
        "papers/orca: the search document is not what its rows say",
        "papers/orca: has_code is not what its rows say",
    ]


def test_progress_is_shown_on_a_terminal_only(orca):
    class Terminal(StringIO):
        def isatty(self):
            return True

    out = Terminal()
    call_command("verify_catalogue", stdout=out)
    assert out.getvalue() == "1/1\rWhat readers are served agrees with the rows: 1 paper.\n"


def spoil_record():
    Paper.objects.update(record_json=Paper.objects.get().record_json.replace("Orca", "Whale"))


SERVED = {
    "record": (spoil_record, "the record that is served is not what its rows say"),
    "title row": (lambda: Paper.objects.update(title="Whale"), "the record that is served is not what its rows say"),
    "link row": (lambda: Link.objects.filter(position=2).delete(), "the record that is served is not what its rows say"),
    "placement row": (lambda: Placement.objects.update(note="!"), "the record that is served is not what its rows say"),
    "venue row": (lambda: Venue.objects.update(name="NSDI"), "the record that is served is not what its rows say"),
    "organization row": (lambda: Organization.objects.update(slug=F("id")), "the record that is served is not what its rows say"),
    "search": (lambda: Paper.objects.update(search_text=" whale "), "the search document is not what its rows say"),
    "title key": (lambda: Paper.objects.update(title_key="whale"), "the folded title is not that of its title"),
    **{
        flag: (partial(Paper.objects.update, **{flag: not holds}), f"{flag} is not what its rows say")
        for flag, holds in {"has_code": True, "has_pdf": False, "has_abstract": False, "has_doi": True, "has_arxiv": False}.items()
    },
    "author": (
        lambda: Author.objects.update(slug="somebody"),
        "the address of the author Gyeong-In Yu is not that of the name",
    ),
}


@pytest.mark.parametrize(("spoil", "what"), SERVED.values(), ids=SERVED)
def test_whatever_is_spoilt_of_a_paper_is_named(orca, spoil, what):
    assert named() == []
    spoil()
    assert f"papers/orca: {what}" in named()


def test_a_paper_without_a_revision_is_named(orca):
    Revision.objects.all().delete()
    assert named() == ["papers/orca: it has no revision"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": "Whale"}, "title"),
        ({"links": ["https://example.org/whale"]}, "links"),
        ({"identifiers": {}}, "identifiers"),
        ({"venue": "NSDI"}, "venue"),
        ({"organizations": ["FriendliAI"]}, "organizations"),
        ({"organizations": ["FriendliAI", "Seoul National University"]}, "organizations"),
        ({"categories": ["reading"]}, "categories"),
        ({"categories": ["systems/serving", "reading", "systems"]}, "categories"),
        ({"categories": ["reading", "systems/serving"]}, "categories"),
    ],
)
def test_facts_that_changed_without_a_revision_are_named(orca, facts, field):
    """Rows and what is served of them agree, and yet no revision says so."""
    publishing.revise(orca, make_record(**{"title": "Orca", **ORCA, **facts}))
    newest = Revision.objects.latest("number")
    Paper.objects.update(updated_at=newest.record.added_at, revision=1)
    publishing.lay_down(Paper.objects.all())
    newest.delete()
    assert named() == [f"papers/orca: its newest revision says otherwise: {field}"]


def test_renaming_moving_and_merging_names_is_no_disagreement(orca):
    systems, serving, reading = (make_category(path) for path in ("systems", "systems/serving", "reading"))
    lab = Organization.objects.get(name="Seoul National University")
    arranging.rename_category(systems, name="Machines")
    arranging.move_category(serving, reading)
    arranging.rename_venue(Venue.objects.get(), name="Operating Systems Design")
    arranging.merge_venue(Venue.objects.get(), arranging.add_venue("SOSP"))
    arranging.rename_organization(lab, name="SNU")
    arranging.merge_organization(Organization.objects.get(name="FriendliAI"), lab)
    make_paper("Whale", categories=["reading/serving"])
    arranging.place_paper(orca, serving, 2)
    assert orca.to_record().categories[0].path == "reading/serving"
    assert named() == []
    arranging.merge_category(serving, reading)
    assert named() == []


def test_another_order_of_the_tree_is_no_disagreement(orca):
    """A paper names its places in the order of the tree, after the primary one."""
    make_paper("Whale", categories=["systems", "systems/serving", "reading"])
    arranging.reorder_category(make_category("reading"), 1)
    assert [place.path for place in Paper.objects.get(title="Whale").record.categories] == ["systems", "reading", "systems/serving"]
    assert named() == []


def test_an_address_that_another_category_has_by_now_is_no_disagreement(orca):
    arranging.rename_category(make_category("reading"), name="Books")
    make_category("reading")
    assert not CategoryAlias.objects.filter(path="reading").exists()
    assert named() == []


def test_an_undone_correction_is_no_disagreement(orca, alice, mel):
    said = records.replace(orca.record, title="Whale")
    submission = review.correct(orca, said, by=alice, why="It is a whale.", token=uuid.uuid4())
    decision = review.decide(submission, review.APPROVE, by=mel, seen_version=1)
    arranging.rename_venue(Venue.objects.get(), name="Operating Systems Design")
    review.undo(decision, by=mel)
    assert named() == []


def test_a_wrong_number_of_papers_is_named(orca):
    CatalogueState.objects.update(paper_count=7)
    assert named() == ["papers: 7 are said to be here, and 1 are"]


TREE = {
    "path": (
        lambda: Category.objects.filter(slug="reading").update(path="books"),
        "categories/books: by its place in the tree its address is reading",
    ),
    "lineage": (
        lambda: Category.objects.get(slug="serving").lineage.clear(),
        "categories/systems/serving: its lineage is not the categories above it and itself",
    ),
    "order": (lambda: Category.objects.filter(slug="reading").update(tree_position=9), "categories/reading: in the tree it is no. 3"),
    "parent": (
        lambda: Category.objects.filter(slug="serving").update(parent=Category.objects.get(slug="reading")),
        "categories/systems/serving: by its place in the tree its address is reading/serving",
    ),
    "ring": (
        lambda: Category.objects.filter(slug="systems").update(parent=Category.objects.get(slug="serving")),
        "categories/systems: it stands nowhere in the tree",
    ),
    "alias": (
        lambda: CategoryAlias.objects.create(path="reading", category=Category.objects.get(slug="serving")),
        "categories/reading: its address is also kept as one of the past",
    ),
}


@pytest.mark.parametrize(("spoil", "what"), TREE.values(), ids=TREE)
def test_whatever_is_spoilt_of_the_tree_is_named(spoil, what):
    for path in ("systems/serving", "reading"):
        make_category(path)
    assert named() == []
    spoil()
    assert what in named()


def grave(paper, *, into=None):
    """The tombstone of a paper that was taken off the shelf."""
    return publishing.retract(paper, reason="Because.", by=None, into=into)


def test_chains_of_tombstones_that_end_are_no_disagreement(orca):
    one, two, three = make_papers(3)
    grave(one, into=two)
    grave(two, into=three)
    grave(three, into=orca)
    assert named() == []
    grave(orca)
    assert named() == []


@pytest.mark.parametrize("end", ["NOWHERE", "round"])
def test_a_chain_that_ends_nowhere_or_goes_round_is_named(orca, end):
    one, two = make_papers(2)
    first, second = grave(one, into=two), grave(two, into=orca)
    Tombstone.objects.filter(pk=second.pk).update(successor_public_id=first.public_id if end == "round" else end)
    what = "what took it in leads to no paper and to no tombstone that ends there"
    assert named() == [f"papers/{one.slug}: {what}", f"papers/{two.slug}: {what}"]


def test_a_tombstone_of_a_paper_that_stands_there_is_named(orca):
    [other] = make_papers(1)
    Tombstone.objects.filter(pk=grave(other).pk).update(public_id=orca.public_id)
    assert named() == [f"papers/{other.slug}: it has a tombstone and is on the shelf"]


def test_a_tombstone_whose_address_another_has_is_named(orca):
    [other] = make_papers(1)
    Tombstone.objects.filter(pk=grave(other).pk).update(slug=orca.slug)
    assert named() == ["papers/orca: its address is another paper’s"]


def test_the_questions_asked_depend_on_the_chunks_and_not_on_the_papers(monkeypatch):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            assert named() == []
        return len(asked)

    make_papers(3, **{**ORCA, "identifiers": {}})
    arranging.rename_category(make_category("reading"), name="Books")
    few = questions()
    make_papers(9, **{**ORCA, "identifiers": {}})
    arranging.rename_category(make_category("systems/serving"), name="Inference")
    assert questions() == few
    monkeypatch.setattr(verification, "CHUNK", 4)
    assert questions() <= 3 * few
