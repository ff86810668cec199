"""Whoever replays the changes, in pages of any size, whatever happens between them, holds what a dump holds."""

import itertools
import json
import random
from uuid import uuid4

import pytest
from django.test import Client

from catalog import arranging, publishing, review
from catalog.api import changes
from catalog.models import CatalogueState, Category, Organization, Paper, Placement, Revision, Tombstone, Venue
from catalog.records import replace
from tests.api.conftest import asked, put_on_the_shelf
from tests.factories import make_category, make_paper, make_record

CHANGES = "/api/v1/changes/"


class Replica:
    """A program that keeps a copy of the catalogue."""

    def __init__(self):
        self.papers, self.gone, self.cursor, self.last = {}, {}, None, (-1, "")

    def take_page(self, size):
        """Whether there is more."""
        since = f"&since={self.cursor}" if self.cursor else ""
        page = asked(f"{CHANGES}?page_size={size}{since}")
        for change in page["results"]:
            place = (change["version"], change["id"])
            assert place > self.last, "changes come in the order of their places"
            self.last = place
            if change["deleted"]:
                self.papers.pop(change["id"], None)
                self.gone[change["id"]] = change["successor"]
            else:
                assert change["record"]["id"] == change["id"]
                self.papers[change["id"]] = change["record"]
                self.gone.pop(change["id"], None)
        self.cursor = page["cursor"]
        return page["next"] is not None

    def catch_up(self, size=50):
        while self.take_page(size):
            pass


def dump():
    response = Client().get("/api/v1/export/")
    return {record["id"]: record for record in json.loads(response.getvalue())["papers"]}


def is_whole(replica):
    assert replica.papers == dump()
    assert replica.gone == {grave.public_id: grave.successor_public_id or None for grave in Tombstone.objects.all()}


@pytest.mark.parametrize("size", [1, 3, 7, 200])
def test_from_the_beginning_it_is_the_whole_catalogue(shelf, size):
    replica = Replica()
    replica.catch_up(size)
    is_whole(replica)


def test_the_next_time_only_what_has_changed_is_told(shelf):
    replica = Replica()
    replica.catch_up()
    assert asked(f"{CHANGES}?since={replica.cursor}")["results"] == []
    assert asked(f"{CHANGES}?since={replica.cursor}")["cursor"] == replica.cursor
    paper = Paper.objects.get(slug="paper-3")
    publishing.revise(paper, replace(paper.record, note="Read section 4."))
    answer = asked(f"{CHANGES}?since={replica.cursor}")
    assert [(change["id"], change["deleted"]) for change in answer["results"]] == [(paper.public_id, False)]
    assert answer["results"][0]["record"]["note"] == "Read section 4."
    assert answer["results"][0]["version"] == CatalogueState.now().version
    assert answer["next"] is None


def test_what_went_is_told_with_the_reason_and_where_it_went(shelf):
    second, third = Paper.objects.get(slug="paper-2"), Paper.objects.get(slug="paper-3")
    cursor = asked(f"{CHANGES}?page_size=200")["cursor"]
    publishing.retract(second, reason="The authors made up the figures.", by=None)
    publishing.retract(third, reason="The same.", by=None, into=Paper.objects.get(slug="paper-4"))
    assert asked(f"{CHANGES}?since={cursor}")["results"] == [
        {
            "id": second.public_id,
            "version": CatalogueState.now().version - 1,
            "deleted": True,
            "slug": "paper-2",
            "reason": "The authors made up the figures.",
            "successor": None,
        },
        {
            "id": third.public_id,
            "version": CatalogueState.now().version,
            "deleted": True,
            "slug": "paper-3",
            "reason": "The same.",
            "successor": Paper.objects.get(slug="paper-4").public_id,
        },
    ]


def test_records_are_the_stored_text(shelf):
    content = Client().get(f"{CHANGES}?page_size=200").content
    for paper in Paper.objects.all():
        assert f'"deleted":false,"record":{paper.record_json}}}'.encode() in content


def test_what_was_laid_down_before_versions_were_kept_comes_first(shelf):
    Paper.objects.filter(slug__in=["paper-1", "paper-2", "paper-9"]).update(version=0)
    Tombstone.objects.bulk_create(
        Tombstone(
            public_id=f"{number:016d}",
            slug=f"old-{number}",
            title="Old",
            reason="Old.",
            paper_number=10_000 + number,
            citation_key=f"old-{number}",
            at=Paper.objects.first().added_at,
        )
        for number in (0, 5000)
    )
    replica = Replica()
    replica.catch_up(2)
    is_whole(replica)


@pytest.mark.parametrize(
    "text", ["", "x", "1", "1.", "1.x.y", "-1.A", "1.é", "1.A%00", "999999999.A", "9" * 30 + ".A", "٣.A", "1. A", "%ff"]
)
def test_a_cursor_that_is_none_is_refused(shelf, text):
    if text == "1.":
        assert asked(f"{CHANGES}?since={text}")
    else:
        problem = asked(f"{CHANGES}?since={text}", status=400)
        assert [error["parameter"] for error in problem["errors"]] == ["since"]


def test_a_catalogue_that_is_older_than_the_cursor_says_so(shelf):
    cursor = asked(f"{CHANGES}?page_size=200")["cursor"]
    CatalogueState.objects.update(version=3)
    assert asked(f"{CHANGES}?since={cursor}", status=400)["errors"][0]["parameter"] == "since"


def test_the_neighbours_stand_in_the_header(shelf):
    response = Client().get(f"{CHANGES}?page_size=5")
    assert f'<{response.json()["next"]}>; rel="next"' in response["Link"]
    assert f'<http://testserver{CHANGES}?page_size=5>; rel="first"' in response["Link"]
    assert "since" not in response["Link"].partition('rel="first"')[0].rpartition("<")[2]
    assert Client().get(f"{CHANGES}?page_size=5", headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_a_page_asks_few_questions_however_long_it_is(catalogue, django_assert_max_num_queries):
    for size in (1, 200):
        with django_assert_max_num_queries(4):
            asked(f"{CHANGES}?page_size={size}")


# -- Whatever happens ------------------------------------------------------------------------------
class Life:
    """What may befall a catalogue, at random."""

    def __init__(self, seed, mel):
        self.dice, self.mel, self.numbers = random.Random(seed), mel, itertools.count(1)
        for path in ("systems", "systems/serving", "surveys"):
            make_category(path)
        for _each in range(12):
            self.publish()

    def any_of(self, rows):
        return self.dice.choice(list(rows.order_by("pk")))

    def publish(self):
        number = next(self.numbers)
        place = self.any_of(Category.objects)
        facts = {"venue": self.dice.choice(["OSDI", "SOSP", ""]), "organizations": [self.dice.choice(["MIT", "CMU"])]}
        make_paper(f"Paper {number}", authors=[f"Author {number % 4}"], categories=[place.path], year=2020 + number % 5, **facts)

    def revise(self):
        paper = self.any_of(Paper.objects)
        publishing.revise(paper, replace(paper.record, note=f"Note {next(self.numbers)}"))

    def retract(self):
        publishing.retract(self.any_of(Paper.objects), reason="It does not hold.", by=None)

    def merge(self):
        paper, survivor = self.dice.sample(list(Paper.objects.order_by("pk")), 2)
        review.merge(paper, survivor, survivor.record, by=self.mel, reason="The same work.")

    def bring_back(self):
        graves = set(Tombstone.objects.values_list("public_id", flat=True))
        gone = Revision.objects.filter(paper_public_id__in=graves).order_by("paper_public_id", "-number")
        if gone.exists():
            publishing.bring_back(self.dice.choice(list(gone)))

    def rename_category(self):
        arranging.rename_category(self.any_of(Category.objects), name=f"Category {next(self.numbers)}")

    def move_category(self):
        category = Category.objects.filter(parent=None).order_by("pk").first()
        arranging.reorder_category(category, self.dice.choice([1, 2]))

    def rename_venue(self):
        if Venue.objects.exists():
            arranging.rename_venue(self.any_of(Venue.objects), name=f"Venue {next(self.numbers)}")

    def rename_organization(self):
        arranging.rename_organization(self.any_of(Organization.objects), name=f"Organization {next(self.numbers)}")

    def reorder(self):
        placement = self.any_of(Placement.objects)
        arranging.place_paper(placement.paper, placement.category, self.dice.choice([1, 2, 3]))

    def approve_and_undo(self):
        record = make_record(f"Proposed {next(self.numbers)}", categories=[self.any_of(Category.objects).path])
        submission = review.submit(record, by=self.mel, why="It belongs.", token=uuid4())
        decision = review.decide(submission, review.APPROVE, by=self.mel, seen_version=1)
        if self.dice.random() < 0.5:
            review.undo(decision, by=self.mel)

    def rebuild(self):
        publishing.rebuild()

    def go_on(self):
        happenings = [self.publish, self.revise, self.reorder, self.rename_category, self.move_category, self.rename_venue]
        happenings += [self.rename_organization, self.approve_and_undo, self.bring_back, self.rebuild]
        if Paper.objects.count() > 4:
            happenings += [self.retract, self.merge]
        self.dice.choice(happenings)()


@pytest.mark.parametrize("seed", range(12))
def test_a_replica_holds_what_a_dump_holds_whatever_happens_between_pages(seed, mel):
    life, replica = Life(seed, mel), Replica()
    for _each in range(15):
        for _change in range(life.dice.randrange(3)):
            life.go_on()
        replica.take_page(life.dice.choice([1, 2, 5]))
    replica.catch_up(life.dice.choice([1, 4, 50]))
    is_whole(replica)
    late = Replica()
    late.catch_up(3)
    is_whole(late)


def test_a_paper_that_comes_back_is_there_again(shelf):
    replica = Replica()
    paper = put_on_the_shelf(60, slug="lost")
    replica.catch_up()
    publishing.retract(paper, reason="Lost.", by=None)
    replica.catch_up()
    assert paper.public_id in replica.gone
    publishing.bring_back(publishing.newest_revision(paper.public_id))
    replica.catch_up()
    is_whole(replica)


def test_what_happens_while_a_page_is_read_is_told_later_and_not_lost(shelf, monkeypatch):
    """Between the question for papers and the one for those that went, one comes and then one goes."""
    say = changes._changed

    def meanwhile(*facts):
        monkeypatch.setattr(changes, "_changed", say)
        put_on_the_shelf(70, slug="meanwhile")
        publishing.retract(Paper.objects.get(slug="paper-1"), reason="Meanwhile.", by=None)
        return say(*facts)

    monkeypatch.setattr(changes, "_changed", meanwhile)
    replica = Replica()
    replica.catch_up(200)
    replica.catch_up(200)
    is_whole(replica)
