"""Names and order as readers are served them: what moves, what leads where, and what papers say afterwards."""

import uuid

import pytest

from catalog import arranging, publishing, records, review, taxonomy
from catalog.models import CatalogueState, Category, CategoryAlias, Organization, Paper, Placement, Venue
from catalog.taxonomy import AddressTooLong, InsideItself, NameTaken
from tests.conftest import make_user
from tests.factories import make_category, make_paper, make_record
from tests.test_review import at_once

pytestmark = pytest.mark.django_db
WHY = "It serves a thousand adapters from one copy of the base model."


@pytest.fixture(autouse=True)
def _what_is_served_is_what_the_rows_say():
    """After every test here, of every paper."""
    yield
    for paper in Paper.objects.all():
        assert paper.record_json == records.to_json(paper.to_record()), paper.slug


def at(path):
    return Category.objects.get(path=path)


def order(path):
    return list(Placement.objects.filter(category__path=path).order_by("position").values_list("paper__slug", flat=True))


def positions(path):
    return list(Placement.objects.filter(category__path=path).order_by("position").values_list("position", flat=True))


def served(slug):
    return Paper.objects.get(slug=slug).record


def places(slug):
    return [(place.path, place.name, place.position, place.primary) for place in served(slug).categories]


def state():
    """Everything that arranging writes, but for the version."""
    return (
        list(Category.objects.order_by("pk").values_list("pk", "path", "name", "position", "tree_position")),
        list(CategoryAlias.objects.order_by("path").values_list("path", "category")),
        list(Placement.objects.order_by("pk").values_list("pk", "category", "position", "is_primary", "note")),
        list(Paper.objects.order_by("pk").values_list("record_json", "updated_at", "revision")),
    )


# -- Moving a category -----------------------------------------------------------------------
def test_a_category_moves_with_all_below_it_and_its_papers_say_so():
    make_paper("Orca", categories=["systems/serving/scheduling"])
    make_category("inference/decoding")
    before, revision = CatalogueState.now().version, served("orca").revision
    arranging.move_category(at("systems/serving"), at("inference"))
    assert list(Category.objects.values_list("path", flat=True)) == [
        "systems",
        "inference",
        "inference/decoding",
        "inference/serving",
        "inference/serving/scheduling",
    ]
    assert places("orca") == [("inference/serving/scheduling", "Scheduling", 1, True)]
    assert served("orca").revision == revision
    assert CatalogueState.now().version == before + 1
    assert {each.path for each in at("inference/serving/scheduling").lineage.all()} == {
        "inference",
        "inference/serving",
        "inference/serving/scheduling",
    }


def test_a_moved_category_is_still_found_at_its_old_addresses():
    make_category("systems/serving/scheduling")
    arranging.move_category(at("systems/serving"), None)
    assert taxonomy.category_at("systems/serving") == at("serving")
    assert taxonomy.category_at("systems/serving/scheduling") == at("serving/scheduling")
    assert at("serving").parent is None


def test_a_move_leaves_no_hole_among_the_siblings_it_left():
    for path in ("systems/a", "systems/b", "systems/c", "other"):
        make_category(path)
    arranging.move_category(at("systems/a"), at("other"))
    assert list(at("systems").children.order_by("position").values_list("slug", "position")) == [("b", 1), ("c", 2)]
    assert list(at("other").children.values_list("slug", "position")) == [("a", 1)]


@pytest.mark.parametrize("under", ["systems", "systems/serving", "systems/serving/scheduling"])
def test_a_category_does_not_move_under_itself_or_what_is_below_it(under):
    make_paper("Orca", categories=["systems/serving/scheduling"])
    before = state()
    with pytest.raises(InsideItself):
        arranging.move_category(at("systems"), at(under))
    assert state() == before


def test_a_category_does_not_move_to_an_address_that_is_taken():
    make_category("systems/serving")
    make_category("serving")
    before = state()
    with pytest.raises(NameTaken):
        arranging.move_category(at("systems/serving"), None)
    assert state() == before


def test_no_address_grows_longer_than_a_path_can_be():
    deep = make_category("/".join("abcd"[place] * 60 for place in range(4)))
    under = make_category("e" * 60)
    with pytest.raises(AddressTooLong):
        arranging.move_category(Category.objects.get(slug="a" * 60), under)
    with pytest.raises(AddressTooLong):
        arranging.add_category("f" * 60, parent=deep)
    assert taxonomy.category_at(deep.path) == deep


def test_moving_it_to_where_it_stands_changes_nothing():
    for path in ("systems/a", "systems/b"):
        make_category(path)
    before = state()
    arranging.move_category(at("systems/a"), at("systems"))
    assert state() == before


# -- Their order -------------------------------------------------------------------------------
@pytest.mark.parametrize(("position", "slugs"), [(1, "cabd"), (2, "acbd"), (4, "abdc"), (99, "abdc"), (0, "cabd"), (3, "abcd")])
def test_a_category_takes_its_place_among_its_siblings(position, slugs):
    for slug in "abcd":
        make_category(f"systems/{slug}")
    arranging.reorder_category(at("systems/c"), position)
    assert "".join(at("systems").children.order_by("tree_position").values_list("slug", flat=True)) == slugs
    assert list(at("systems").children.order_by("position").values_list("position", flat=True)) == [1, 2, 3, 4]


# -- Merging categories ------------------------------------------------------------------------
def test_a_merged_category_leaves_its_papers_at_the_end_of_the_other_in_their_order():
    for title, category in [("One", "serving"), ("Two", "inference"), ("Three", "inference")]:
        make_paper(title, categories=[category])
    before = CatalogueState.now().version
    assert arranging.merge_category(at("inference"), at("serving")) == 2
    assert order("serving") == ["one", "two", "three"]
    assert places("three") == [("serving", "Serving", 3, True)]
    assert not Category.objects.filter(path="inference").exists()
    assert CatalogueState.now().version == before + 1


def test_a_paper_that_stood_in_both_keeps_its_place_and_its_primary_place_stays_primary():
    make_paper("First", categories=["serving"])
    make_paper("Both", categories=["inference", "serving"])
    make_paper("Last", categories=["serving"])
    Placement.objects.filter(paper__slug="both", category__path="inference").update(note="Read it first.")
    arranging.merge_category(at("inference"), at("serving"))
    assert order("serving") == ["first", "both", "last"]
    assert places("both") == [("serving", "Serving", 2, True)]
    assert served("both").categories[0].note == "Read it first."


def test_the_words_that_stand_in_the_other_stay():
    make_category("inference", description="Gone.")
    make_category("serving", description="Answering.")
    make_paper("Both", categories=["inference", "serving"])
    for path in ("inference", "serving"):
        Placement.objects.filter(category__path=path).update(note=f"Of {path}.")
    arranging.merge_category(at("inference"), at("serving"))
    assert (at("serving").description, served("both").categories[0].note) == ("Answering.", "Of serving.")


def test_all_addresses_of_a_merged_category_lead_to_the_other_however_often():
    make_category("a/part")
    make_category("b")
    make_category("c")
    arranging.rename_category(at("a"), name="A", slug="aa")
    arranging.merge_category(at("aa"), at("b"))
    arranging.merge_category(at("b"), at("c"))
    assert {path: taxonomy.category_at(path).path for path in ("a", "aa", "b", "c")} == dict.fromkeys(("a", "aa", "b", "c"), "c")
    assert {path: taxonomy.category_at(path).path for path in ("a/part", "aa/part", "b/part")} == dict.fromkeys(
        ("a/part", "aa/part", "b/part"), "c/part"
    )


def test_the_parts_of_a_merged_category_come_after_those_that_are_there():
    make_paper("Deep", categories=["inference/decoding"])
    make_category("inference/batching")
    make_category("serving/scheduling")
    arranging.merge_category(at("inference"), at("serving"))
    assert list(at("serving").children.order_by("position").values_list("slug", "position")) == [
        ("scheduling", 1),
        ("decoding", 2),
        ("batching", 3),
    ]
    assert places("deep") == [("serving/decoding", "Decoding", 1, True)]


def test_a_category_may_be_merged_into_the_one_above_it():
    make_paper("Orca", categories=["systems/serving"])
    make_category("systems/serving/scheduling")
    make_category("systems/training")
    arranging.merge_category(at("systems/serving"), at("systems"))
    assert list(Category.objects.values_list("path", "position")) == [("systems", 1), ("systems/training", 1), ("systems/scheduling", 2)]
    assert places("orca") == [("systems", "Systems", 1, True)]


@pytest.mark.parametrize(
    ("category", "into", "refusal"),
    [
        ("serving", "serving", InsideItself),
        ("serving", "serving/scheduling", InsideItself),
        ("serving", "serving/scheduling/deep", InsideItself),
        ("serving", "inference", NameTaken),
    ],
)
def test_a_merge_that_cannot_be_changes_nothing(category, into, refusal):
    make_paper("Orca", categories=["serving", "serving/scheduling/deep", "inference", "inference/scheduling"])
    make_paper("Splitwise", categories=["serving"])
    before = state()
    with pytest.raises(refusal):
        arranging.merge_category(at(category), at(into))
    assert state() == before


def test_who_kept_a_merged_category_does_not_keep_the_other():
    source, target = make_category("inference"), make_category("serving")
    taxonomy.name_maintainers(source, [make_user("sol")])
    arranging.merge_category(source, target)
    assert target.keepers == []


def test_what_was_proposed_for_a_merged_category_stands_in_the_other(alice, mel):
    make_category("inference")
    make_paper("Orca", categories=["serving"])
    record = make_record("Splitwise", categories=["inference"], links=["https://example.org/splitwise"])
    submission = review.submit(record, by=alice, why=WHY, token=uuid.uuid4())
    arranging.merge_category(at("inference"), at("serving"))
    review.decide(submission, review.APPROVE, by=mel, seen_version=1)
    assert order("serving") == ["orca", "splitwise"]
    assert places("splitwise") == [("serving", "Serving", 2, True)]


# -- Papers in a category ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "slugs"), [(1, "d a b c e"), (2, "a d b c e"), (4, "a b c d e"), (5, "a b c e d"), (99, "a b c e d"), (-1, "d a b c e")]
)
def test_a_paper_takes_another_number_and_the_others_step_aside(number, slugs):
    for title in "ABCDE":
        make_paper(title, categories=["serving"])
    arranging.place_paper(Paper.objects.get(slug="d"), at("serving"), number)
    assert order("serving") == slugs.split()
    assert [served(slug).categories[0].position for slug in order("serving")] == [1, 2, 3, 4, 5]


def test_a_place_that_a_paper_left_stays_free_for_it():
    for title in "ABCD":
        make_paper(title, categories=["serving"])
    gone = publishing.retract(Paper.objects.get(slug="b"), reason="Withdrawn.", by=None)
    arranging.place_paper(Paper.objects.get(slug="d"), at("serving"), 2)
    assert order("serving") == ["a", "d", "c"]
    assert positions("serving") == [1, 3, 4]
    publishing.bring_back(publishing.newest_revision(gone.public_id))
    assert order("serving") == ["a", "b", "d", "c"]


def test_only_papers_whose_number_changed_are_laid_down_anew(monkeypatch):
    for title in "ABCDE":
        make_paper(title, categories=["serving"])
    laid, lay_down = [], publishing.lay_down
    monkeypatch.setattr(publishing, "lay_down", lambda papers: lay_down(laid.append(paper.slug) or paper for paper in papers))
    arranging.place_paper(Paper.objects.get(slug="d"), at("serving"), 3)
    assert sorted(laid) == ["c", "d"]


def test_a_paper_that_does_not_stand_there_gets_no_number():
    make_paper("Orca", categories=["serving"])
    other = make_category("training")
    with pytest.raises(Placement.DoesNotExist):
        arranging.place_paper(Paper.objects.get(), other, 1)


# -- Venues ------------------------------------------------------------------------------------
def test_a_merged_venue_leaves_its_papers_and_spellings_to_the_other():
    make_paper("Orca", venue="OSDI", year=2022)
    make_paper("Alpa", venue="USENIX OSDI", year=2022)
    make_paper("Some time", venue="USENIX OSDI")
    osdi, other = Venue.objects.get(slug="osdi"), Venue.objects.get(slug="usenix-osdi")
    assert arranging.merge_venue(other, osdi) == 2
    assert [(served(slug).venue.slug, served(slug).venue.name, served(slug).venue.year) for slug in ("alpa", "some-time")] == [
        ("osdi", "OSDI", 2022),
        ("osdi", "OSDI", None),
    ]
    assert list(osdi.editions.values_list("year", "papers__slug").order_by("papers__slug")) == [
        (2022, "alpa"),
        (2022, "orca"),
        (None, "some-time"),
    ]
    assert taxonomy.venue_named("usenix-OSDI") == osdi
    assert taxonomy.venue_named("Anything", slug="usenix-osdi") == osdi
    assert list(Venue.objects.all()) == [osdi]


@pytest.mark.parametrize("kind", ["venue", "organization"])
def test_addresses_of_merged_names_lead_on_and_are_nobody_elses(kind):
    add, merge = getattr(taxonomy, f"add_{kind}"), getattr(arranging, f"merge_{kind}")
    found, rename = getattr(taxonomy, f"{kind}_at"), getattr(arranging, f"rename_{kind}")
    a, b, c = add("Alpha"), add("Beta"), add("Gamma")
    merge(a, b)
    merge(b, c)
    rename(c, name="Delta", aliases=[])
    assert {found(slug).slug for slug in ("alpha", "beta", "gamma")} == {"gamma"}
    assert not set(c.aliases.values_list("key", flat=True)) - {"alpha", "beta", "gamma", "delta"}
    with pytest.raises(NameTaken):
        add("Alpha")
    assert add("Epsilon", slug="alpha").slug == "alpha-2"


@pytest.mark.parametrize("kind", ["venue", "organization"])
def test_an_address_is_kept_where_no_spelling_can_hold_it(kind):
    add, merge = getattr(taxonomy, f"add_{kind}"), getattr(arranging, f"merge_{kind}")
    found, rename = getattr(taxonomy, f"{kind}_at"), getattr(arranging, f"rename_{kind}")
    stars, beta, gamma = add("★★"), add("Beta"), add("Gamma")
    merge(add("Alpha"), beta)
    rename(beta, name="Alpha")
    merge(stars, beta)
    merge(beta, gamma)
    assert {found(slug).slug for slug in ("unnamed", "alpha", "beta", "gamma")} == {"gamma"}


@pytest.mark.parametrize("kind", ["venue", "organization"])
def test_nothing_is_merged_into_itself(kind):
    named = getattr(taxonomy, f"add_{kind}")("Alpha")
    with pytest.raises(InsideItself):
        getattr(arranging, f"merge_{kind}")(named, type(named).objects.get())
    assert type(named).objects.get() == named


@pytest.mark.parametrize("kind", ["venue", "organization"])
def test_one_that_took_another_in_is_not_forgotten_with_its_papers(kind):
    facts = {"venue": "Workshop", "year": 2024} if kind == "venue" else {"organizations": ["Workshop"]}
    paper = make_paper("Orca", **facts)
    named = (Venue if kind == "venue" else Organization).objects.get()
    assert not named.is_confirmed
    getattr(arranging, f"merge_{kind}")(getattr(taxonomy, f"add_{kind}")("Alpha"), named)
    publishing.retract(paper, reason="Withdrawn.", by=None)
    assert getattr(taxonomy, f"{kind}_at")("alpha") == named


def test_one_that_is_confirmed_may_have_another_name_by_that_and_keeps_its_spellings():
    make_paper("Orca", venue="Work Shop", year=2024, organizations=["Naver"])
    venue, organization = Venue.objects.get(), Organization.objects.get()
    arranging.confirm_venue(venue, name="Workshop on Serving")
    arranging.confirm_organization(organization)
    assert (venue.is_confirmed, organization.is_confirmed) == (True, True)
    assert served("orca").venue.name == "Workshop on Serving"
    assert taxonomy.venue_named("workshop") == venue
    assert organization.name == "Naver"


def test_a_spelling_is_added_once_and_belongs_to_one():
    osdi, _sosp = taxonomy.add_venue("OSDI"), taxonomy.add_venue("SOSP")
    for _time in range(2):
        arranging.add_spelling(osdi, "OSDI Symposium")
    with pytest.raises(NameTaken):
        arranging.add_spelling(osdi, "S-O-S-P")
    assert set(osdi.aliases.values_list("key", flat=True)) == {"osdi", "osdisymposium"}


# -- Organizations ---------------------------------------------------------------------------------
def test_a_paper_that_named_both_organizations_names_the_other_once_where_the_first_stood():
    make_paper("Before", organizations=["Meta", "MIT", "FAIR"])
    make_paper("After", organizations=["FAIR", "MIT", "Meta"])
    make_paper("Only", organizations=["MIT", "FAIR"])
    meta, fair = Organization.objects.get(slug="meta"), Organization.objects.get(slug="fair")
    assert arranging.merge_organization(fair, meta) == 3
    named = {slug: [each.name for each in served(slug).organizations] for slug in ("before", "after", "only")}
    assert named == {"before": ["Meta", "MIT"], "after": ["Meta", "MIT"], "only": ["MIT", "Meta"]}
    assert taxonomy.organization_named("fair") == meta


# -- Many at once ------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_two_merges_of_one_category_at_once_one_wins_and_the_other_finds_it_gone():
    make_paper("Orca", categories=["a"])
    make_paper("Splitwise", categories=["b", "c"])
    a, b, c = at("a"), at("b"), at("c")
    answers = at_once(lambda: arranging.merge_category(a, b), lambda: arranging.merge_category(Category.objects.get(pk=a.pk), c))
    assert sorted(type(answer).__name__ for answer in answers) == ["DoesNotExist", "int"]
    assert Category.objects.count() == 2
    assert places("orca")[0][0] == taxonomy.category_at("a").path


@pytest.mark.django_db(transaction=True)
def test_of_two_that_are_merged_into_each_other_at_once_one_stays():
    make_paper("Orca", organizations=["Meta", "MIT"])
    make_paper("Splitwise", organizations=["FAIR", "Meta"])
    meta, fair = Organization.objects.get(slug="meta"), Organization.objects.get(slug="fair")
    answers = at_once(
        lambda: arranging.merge_organization(Organization.objects.get(pk=meta.pk), fair),
        lambda: arranging.merge_organization(Organization.objects.get(pk=fair.pk), meta),
    )
    assert sum(isinstance(answer, Organization.DoesNotExist) for answer in answers) == 1
    left = Organization.objects.exclude(slug="mit").get()
    assert taxonomy.organization_at("meta") == taxonomy.organization_at("fair") == left
    assert [each.name for each in served("splitwise").organizations] == [left.name]


@pytest.mark.django_db(transaction=True)
def test_two_categories_that_move_under_each_other_at_once_make_no_ring():
    make_category("a")
    make_category("b")
    a, b = at("a"), at("b")
    answers = at_once(lambda: arranging.move_category(a, at("b")), lambda: arranging.move_category(b, Category.objects.get(pk=a.pk)))
    assert sum(isinstance(answer, InsideItself) for answer in answers) == 1
    assert Category.objects.filter(parent=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_numbers_given_at_once_are_each_given_once():
    papers = [make_paper(title, categories=["serving"]) for title in "ABCDEF"]
    category = at("serving")
    answers = at_once(*[lambda paper=paper: arranging.place_paper(paper, category, 1) for paper in papers])
    assert answers == [None] * 6
    assert positions("serving") == [1, 2, 3, 4, 5, 6]
    assert [served(slug).categories[0].position for slug in order("serving")] == [1, 2, 3, 4, 5, 6]


@pytest.mark.django_db
def test_papers_name_their_places_in_the_new_order_of_the_tree():
    paper = make_paper("Whale", categories=["systems", "systems/serving", "reading"])
    arranging.reorder_category(make_category("reading"), 1)
    assert [place.path for place in Paper.objects.get(pk=paper.pk).record.categories] == ["systems", "reading", "systems/serving"]
