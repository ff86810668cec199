"""What can be followed, what it is now, and that names which are merged or renamed are followed on."""

import pytest
from django.db import IntegrityError, transaction
from django.http import QueryDict

from catalog import arranging, following, keeping, personal, publishing, taxonomy
from catalog.filters import PaperFilter
from catalog.models import Category, Follow, Organization, Paper, Venue
from tests.factories import make_category, make_paper, make_papers

pytestmark = pytest.mark.django_db
SITE, DAILY, WEEKLY = Follow.How


@pytest.fixture(autouse=True)
def _papers():
    make_paper("Orca", categories=["systems/serving"], venue="OSDI", year=2022, authors=["Tri Dao"], organizations=["UC Berkeley"])


def selected(query):
    papers = PaperFilter(QueryDict(query))
    assert papers.is_valid(), papers.errors
    return following.selected(papers)


def follow(person, query, how=SITE):
    return following.follow(person, selected(query), how=how)


def now(person):
    """What a person follows now, by the names it had then."""
    follows = list(person.follows.all())
    things = following.things(follows, stamp=keeping.current_stamp())
    return {each.name: things[each.pk] for each in follows}


def numbers(*titles):
    return set(Paper.objects.filter(title__in=titles).values_list("pk", flat=True))


# -- What can be followed ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "kind", "name", "reason", "address"),
    [
        ("category=systems/serving", "category", "Serving", "in Serving", "/categories/systems/serving/"),
        ("venue=osdi", "venue", "OSDI", "at OSDI", "/venues/osdi/"),
        ("organization=uc-berkeley", "organization", "UC Berkeley", "from UC Berkeley", "/organizations/uc-berkeley/"),
        ("author=tri-dao", "author", "Tri Dao", "by Tri Dao", "/papers/?author=tri-dao"),
        ("q=%22kv+cache%22+fast", "search", '"kv cache" fast', 'found by "kv cache" fast', "/papers/?q=%22kv+cache%22+fast"),
        ("q=kv++cache", "search", "“kv cache”", "found by “kv cache”", "/papers/?q=kv+cache"),
        ("year_min=2022&venue=osdi", "search", "OSDI, from 2022", "found by OSDI, from 2022", "/papers/?venue=osdi&year_min=2022"),
        ("", "search", "All papers", "in the catalogue", "/papers/"),
    ],
)
def test_a_name_is_followed_by_itself_and_anything_else_as_a_search(alice, query, kind, name, reason, address):
    thing = selected(query)

    assert (thing.kind, thing.name, thing.reason, thing.address) == (kind, name, reason, address)
    feed = f"/papers.atom?{query}" if kind not in {"author", "search"} else address.replace("/papers/", "/papers.atom")
    assert thing.feed == feed
    follow(alice, query)
    assert now(alice)[name].papers == PaperFilter(QueryDict(query)).selection.papers


def test_the_same_selection_is_one_thing_however_it_is_asked_for(alice):
    make_paper("Whale", venue="SOSP")
    first = follow(alice, "venue=sosp&venue=osdi&q=orca&sort=title&page=3&utm_source=x")
    again = follow(alice, "q=+orca+&venue=osdi&venue=sosp&venue=osdi", how=DAILY)

    assert first.pk == again.pk
    assert again.what == "q=orca&venue=osdi&venue=sosp"
    assert first.name == selected("venue=osdi&venue=sosp&q=orca").name == "“orca”, OSDI, SOSP"
    assert Follow.objects.get().how == DAILY


def test_a_sort_makes_no_search_of_a_name():
    assert selected("category=systems/serving&sort=curated").kind == "category"


def test_one_follows_at_most_a_hundred_things_and_changes_what_one_has_at_the_limit(alice, monkeypatch):
    monkeypatch.setattr(following, "MOST", 2)
    follow(alice, "venue=osdi")
    follow(alice, "author=tri-dao")
    with pytest.raises(following.TooMany):
        follow(alice, "q=orca")
    follow(alice, "venue=osdi", how=WEEKLY)

    assert sorted(alice.follows.values_list("what", "how")) == [("osdi", "weekly"), ("tri-dao", "site")]


def test_a_search_that_is_too_long_to_be_kept_is_refused(alice):
    with pytest.raises(following.TooLong):
        follow(alice, "q=" + "%E5%AD%97" * 490)
    assert not Follow.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"kind": "person"}, {"how": "hourly"}, {"kind": "venue", "what": ""}, {"name": ""}, {"what": "osdi", "kind": "venue"}]
)
def test_the_database_takes_only_what_can_be_followed_and_once(alice, wrong):
    known = follow(alice, "venue=osdi")
    facts = {"user": alice, "kind": "search", "what": "q=x", "name": "x", "how": "site", "created_at": known.created_at}

    with pytest.raises(IntegrityError), transaction.atomic():
        Follow.objects.create(**{**facts, **wrong})


# -- What it is now ------------------------------------------------------------------------------
def test_a_follow_begins_with_the_next_paper(alice):
    follow(alice, "category=systems")
    make_paper("Whale", categories=["systems/serving"])
    make_paper("Elsewhere", categories=["theory"])
    follows = list(alice.follows.all())
    untold = following.things(follows, stamp=None, only_untold=True)[follows[0].pk]

    assert set(untold.papers) == numbers("Whale")
    assert set(now(alice)["Systems"].papers) == numbers("Orca", "Whale")


def test_a_category_that_is_renamed_and_moved_is_followed_on_though_its_address_is_anothers_now(alice):
    follow(alice, "category=systems/serving")
    category = Category.objects.get(path="systems/serving")
    arranging.rename_category(category, name="Inference")
    make_category("systems/serving")
    make_paper("Stranger", categories=["systems/serving"])
    arranging.move_category(category, None)

    thing = now(alice)["Serving"]
    assert (thing.name, thing.address) == ("Inference", "/categories/inference/")
    assert set(thing.papers) == numbers("Orca")


def test_whoever_followed_what_was_merged_follows_what_took_it_in(alice, bruno):
    make_paper("Whale", categories=["training"], venue="SOSP", organizations=["MIT"])
    follow(alice, "category=systems/serving", how=WEEKLY)
    follow(alice, "venue=osdi")
    follow(alice, "organization=uc-berkeley")
    follow(bruno, "category=systems/serving")
    follow(bruno, "category=training", how=DAILY)
    arranging.merge_category(Category.objects.get(path="systems/serving"), Category.objects.get(path="training"))
    arranging.merge_venue(Venue.objects.get(slug="osdi"), Venue.objects.get(slug="sosp"))
    arranging.merge_organization(Organization.objects.get(slug="uc-berkeley"), Organization.objects.get(slug="mit"))

    assert {name: thing.name for name, thing in now(alice).items()} == {"Serving": "Training", "OSDI": "SOSP", "UC Berkeley": "MIT"}
    assert all(set(thing.papers) == numbers("Orca", "Whale") for thing in now(alice).values())
    assert [(each.name, each.how) for each in bruno.follows.all()] == [("Training", "daily")]


def test_what_is_gone_has_no_papers_and_the_name_it_had(alice):
    for query in ("venue=osdi", "author=tri-dao", "q=orca&venue=osdi", "q=orca"):
        follow(alice, query)
    Venue.objects.filter(slug="osdi").update(is_confirmed=False)
    publishing.retract(Paper.objects.get(), reason="Withdrawn.", by=None)

    found = now(alice)
    assert {name: thing.is_here for name, thing in found.items()} == {
        "OSDI": False,
        "Tri Dao": False,
        "“orca”, OSDI": False,
        "“orca”": True,
    }
    assert not any(thing.papers for thing in found.values())


def test_a_search_knows_a_name_by_the_one_it_was_merged_into(alice):
    make_paper("Whale", venue="SOSP")
    follow(alice, "venue=osdi&year_min=2000")
    arranging.merge_venue(Venue.objects.get(slug="osdi"), Venue.objects.get(slug="sosp"))

    assert now(alice)["OSDI, from 2000"].name == "SOSP, from 2000"


def test_names_are_on_one_line_and_hold_nothing_unseen():
    taxonomy.add_venue("Evil\r\nBcc: x@example.org\u202e")

    assert selected(f"venue={Venue.objects.get(name__startswith='Evil').slug}").name == "Evil Bcc: x@example.org"


def test_the_number_of_questions_grows_neither_with_names_nor_with_searches_that_were_asked_before(alice, django_assert_num_queries):
    make_paper("Whale", categories=["training"], venue="SOSP", organizations=["MIT"], authors=["Ion Stoica"])
    for query in (
        *("category=training", "category=systems", "venue=osdi", "venue=sosp", "author=tri-dao", "author=ion-stoica"),
        *("organization=mit", "organization=uc-berkeley", "q=orca", "q=whale&year_min=2000"),
    ):
        follow(alice, query)
    follows, stamp = list(alice.follows.all()), keeping.current_stamp()
    following.things(follows, stamp=stamp)

    with django_assert_num_queries(3):
        following.things(follows, stamp=stamp)


def test_a_search_is_asked_anew_when_the_catalogue_has_changed(alice):
    follow(alice, "q=whale")
    assert not now(alice)["“whale”"].papers
    make_paper("Whale")

    assert set(now(alice)["“whale”"].papers) == numbers("Whale")


# -- Taking it along -------------------------------------------------------------------------------
def test_what_one_follows_can_be_taken_along_and_goes_with_the_account(alice, bruno):
    follow(alice, "venue=osdi", how=DAILY)
    follow(bruno, "q=orca")

    facts = {"kind": "venue", "name": "OSDI", "query": "venue=osdi", "how": "daily", "since": alice.follows.get().created_at}
    assert following.data_of(alice) == [facts]
    assert '"follows": [{"kind": "venue", "name": "OSDI"' in "".join(personal.document(alice))
    alice.delete()
    assert Follow.objects.get().user == bruno


def test_what_was_seen_is_new_no_more_and_nobody_sees_ahead(alice):
    follow(alice, "category=systems")
    [first, second] = make_papers(2, categories=["systems"])
    following.mark_seen(alice, first.pk)
    assert alice.follows.get().seen_through == first.pk
    following.mark_seen(alice, 10**15)
    assert alice.follows.get().seen_through == second.pk
    following.mark_seen(alice, first.pk)
    assert alice.follows.get().seen_through == second.pk
