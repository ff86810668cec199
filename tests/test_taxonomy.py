"""Categories, venues and organizations: their order, their addresses, their spellings."""

import pytest
from django.db import IntegrityError, transaction

from catalog import taxonomy
from catalog.models import Category, CategoryAlias, Organization, Venue
from tests.factories import make_category

pytestmark = pytest.mark.django_db


def paths():
    return list(Category.objects.values_list("path", flat=True))


def test_the_tree_reads_from_top_to_bottom_with_children_below_their_parent():
    for path in ("systems", "systems/training", "reading", "systems/serving", "systems/training/checkpoints"):
        make_category(path)
    assert paths() == ["systems", "systems/training", "systems/training/checkpoints", "systems/serving", "reading"]


def test_a_lineage_is_the_ancestors_and_the_category_itself():
    leaf = make_category("systems/training/checkpoints")
    assert {category.path for category in leaf.lineage.all()} == {"systems", "systems/training", "systems/training/checkpoints"}
    assert leaf.depth == 2


def test_an_address_is_taken_once():
    make_category("systems/training")
    with pytest.raises(taxonomy.NameTaken):
        taxonomy.add_category("Training", parent=Category.objects.get(path="systems"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Category.objects.create(slug="systems", name="Systems", path="other")


def test_a_renamed_category_leaves_its_old_addresses_and_those_below():
    leaf = make_category("systems/training/checkpoints")
    taxonomy.rename_category(Category.objects.get(path="systems"), name="LLM Systems")
    assert paths() == ["llm-systems", "llm-systems/training", "llm-systems/training/checkpoints"]
    assert {alias.path: alias.category.path for alias in CategoryAlias.objects.select_related("category")} == {
        "systems": "llm-systems",
        "systems/training": "llm-systems/training",
        "systems/training/checkpoints": "llm-systems/training/checkpoints",
    }
    assert CategoryAlias.objects.get(path="systems/training/checkpoints").category == leaf


def test_a_category_renamed_back_and_forth_never_answers_at_two_places():
    category = make_category("systems")
    taxonomy.rename_category(category, name="Machines")
    taxonomy.rename_category(category, name="Systems")
    assert paths() == ["systems"]
    assert list(CategoryAlias.objects.values_list("path", flat=True)) == ["machines"]


def test_a_new_category_takes_over_an_address_that_only_an_alias_held():
    category = make_category("systems")
    taxonomy.rename_category(category, name="Machines")
    make_category("systems")
    assert not CategoryAlias.objects.filter(path="systems").exists()


def test_a_name_that_is_taken_is_refused_and_nothing_changes():
    make_category("systems")
    other = make_category("reading")
    with pytest.raises(taxonomy.NameTaken):
        taxonomy.rename_category(other, name="Systems")
    assert paths() == ["systems", "reading"]


@pytest.mark.parametrize("spelling", ["OSDI", "osdi", "O S D I", "Osdi", "Operating Systems Design and Implementation", "OSDI Symposium"])
def test_every_spelling_of_a_venue_is_one_venue(spelling):
    osdi = taxonomy.add_venue("OSDI", full_name="Operating Systems Design and Implementation", aliases=["OSDI-Symposium"])
    assert taxonomy.venue_named(spelling) == osdi
    assert Venue.objects.count() == 1


@pytest.mark.parametrize("spelling", ["Hugging Face", "HuggingFace", "hugging-face", "Húgging Face"])
def test_every_spelling_of_an_organization_is_one_organization(spelling):
    known = taxonomy.add_organization("Hugging Face")
    assert taxonomy.organization_named(spelling) == known


def test_a_name_nobody_has_heard_of_becomes_known():
    venue, organization = taxonomy.venue_named("USENIX ATC"), taxonomy.organization_named("Université de Genève")
    assert (venue.slug, organization.slug) == ("usenix-atc", "universite-de-geneve")
    assert taxonomy.venue_named("usenix atc") == venue


def test_a_slug_is_trusted_before_the_spelling():
    known = taxonomy.add_organization("UC Berkeley")
    assert taxonomy.organization_named("Something else", slug="uc-berkeley") == known


def test_two_organizations_never_share_a_spelling():
    taxonomy.add_organization("Massachusetts Institute of Technology", aliases=["MIT"])
    with pytest.raises(taxonomy.NameTaken):
        taxonomy.add_organization("Manukau Institute of Technology", aliases=["M.I.T.", "MIT"])
    assert Organization.objects.count() == 1


def test_names_without_a_letter_for_an_address_get_one_all_the_same():
    first, second = taxonomy.add_organization("★★"), taxonomy.add_organization("☆☆")
    assert (first.slug, second.slug) == ("unnamed", "unnamed-2")
    assert taxonomy.organization_named("☆☆") == second


def test_a_name_belongs_to_one_even_where_it_is_no_spelling():
    for add in (taxonomy.add_venue, taxonomy.add_organization):
        add("★★")
        with pytest.raises(taxonomy.NameTaken):
            add("★★")
