"""The rooms behind the queue: papers to look at, names to set right, people for the owner."""

import pytest
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import Group

from accounts.models import MAINTAINERS
from catalog import taxonomy
from catalog.models import CatalogueState, Category, CategoryAlias, Organization, Paper, Venue
from tests.factories import make_category, make_paper

CATEGORIES, VENUES, ORGANIZATIONS = (f"/admin/catalog/{room}/" for room in ("category", "venue", "organization"))


def change(named):
    return f"/admin/catalog/{named._meta.model_name}/{named.pk}/change/"


def version():
    return CatalogueState.now().version


# -- Papers ------------------------------------------------------------------------------------
def test_a_paper_is_shown_with_its_revisions_and_cannot_be_changed(root_client):
    paper = make_paper("Orca: A Distributed Serving System", year=2022)
    page = root_client.get(change(paper)).content.decode()
    assert paper.get_absolute_url() in page
    assert '<button class="btn primary big"' not in page
    for ending, client_data in [("change/", {"title": "Hacked", "year": 1999}), ("delete/", {"post": "yes"})]:
        assert root_client.post(f"/admin/catalog/paper/{paper.pk}/{ending}", client_data).status_code == 403
    assert root_client.post("/admin/catalog/paper/add/", {"title": "New"}).status_code == 403
    root_client.post("/admin/catalog/paper/", {"action": "delete_selected", "_selected_action": paper.pk, "post": "yes"})
    assert Paper.objects.get().title == "Orca: A Distributed Serving System"


def test_papers_are_found_by_title_and_a_strange_search_breaks_nothing(mel_client):
    make_paper("Orca")
    make_paper("Splitwise")
    found = mel_client.get("/admin/catalog/paper/", {"q": "split"}).context["cl"].result_list
    assert [paper.title for paper in found] == ["Splitwise"]
    for query in ("\x00", "%", "9" * 40):
        assert mel_client.get("/admin/catalog/paper/", {"q": query}).status_code == 200
    for query in ({"contributor__password__startswith": "p"}, {"p": "9999"}, {"o": "x"}):
        assert mel_client.get("/admin/catalog/paper/", query, follow=True).status_code in {200, 400}


# -- Categories ----------------------------------------------------------------------------------
def test_renaming_a_category_moves_its_address_and_what_its_papers_show(mel_client):
    category = make_category("serving")
    paper = make_paper("Orca", categories=["serving"])
    before = version()
    response = mel_client.post(change(category), {"name": "Inference  Serving", "slug": "", "description": "Answering."})
    assert response.status_code == 302
    category.refresh_from_db()
    assert (category.name, category.path, category.description) == ("Inference Serving", "inference-serving", "Answering.")
    assert CategoryAlias.objects.get().path == "serving"
    assert Paper.objects.get(pk=paper.pk).record.categories[0].name == "Inference Serving"
    assert version() > before


def test_what_was_renamed_is_remembered_with_who_did_it(mel_client):
    category = make_category("serving")
    history = f"{CATEGORIES}{category.pk}/history/"
    assert "Nothing was changed on the desk." in mel_client.get(history).content.decode()
    mel_client.post(change(category), {"name": "Inference", "slug": "", "description": ""})
    page = mel_client.get(history).content.decode()
    assert "Changed Name" in page
    assert "<bdi>mel</bdi>" in page


def test_renaming_a_category_below_another_keeps_it_there(mel_client):
    child = make_category("systems/serving")
    mel_client.post(change(child), {"name": "Inference", "slug": "inference", "description": ""})
    child.refresh_from_db()
    assert child.path == "systems/inference"
    assert child.parent.path == "systems"


def test_a_new_category_stands_last_under_the_one_it_names(mel_client):
    parent = make_category("systems")
    make_category("systems/serving")
    response = mel_client.post(f"{CATEGORIES}add/", {"name": "Training", "parent": parent.pk, "slug": "", "description": ""})
    assert response.status_code == 302
    category = Category.objects.get(path="systems/training")
    assert (category.parent, category.position) == (parent, 2)
    assert list(category.lineage.order_by("tree_position").values_list("path", flat=True)) == ["systems", "systems/training"]


@pytest.mark.parametrize(("name", "field"), [("Training", "slug"), ("", "name"), ("‮…", "name"), ("x" * 101, "name"), ("\x00", "name")])
def test_a_category_name_that_cannot_be_is_refused_at_its_field(mel_client, name, field):
    make_category("training")
    category = make_category("serving")
    for address in (change(category), f"{CATEGORIES}add/"):
        response = mel_client.post(address, {"name": name, "slug": "", "description": "", "parent": ""})
        assert response.status_code == 200
        assert field in response.context["adminform"].form.errors
    assert set(Category.objects.values_list("path", flat=True)) == {"serving", "training"}


def test_a_category_is_never_deleted(root_client):
    category = make_category("serving")
    assert root_client.post(f"{CATEGORIES}{category.pk}/delete/", {"post": "yes"}).status_code == 403
    root_client.post(CATEGORIES, {"action": "delete_selected", "_selected_action": category.pk, "post": "yes"})
    assert Category.objects.filter(pk=category.pk).exists()


# -- Venues and organizations ----------------------------------------------------------------------
def test_renaming_a_venue_shows_on_its_papers_and_keeps_the_old_spelling(mel_client):
    paper = make_paper("Orca", venue="OSDI", year=2022)
    venue = Venue.objects.get()
    before = version()
    told = {"name": "USENIX OSDI", "full_name": "Operating Systems Design", "aliases": "OSDI conference\n\n osdi CONFERENCE "}
    assert mel_client.post(change(venue), told).status_code == 302
    venue.refresh_from_db()
    assert (venue.name, venue.slug) == ("USENIX OSDI", "osdi")
    assert set(venue.aliases.values_list("key", flat=True)) == {"usenixosdi", "operatingsystemsdesign", "osdi", "osdiconference"}
    assert Paper.objects.get(pk=paper.pk).record.venue.name == "USENIX OSDI"
    assert version() > before


def test_a_spelling_can_be_taken_away(mel_client):
    make_paper("Orca", organizations=["Seoul National University"])
    organization = Organization.objects.get()
    mel_client.post(change(organization), {"name": organization.name, "aliases": "SNU\nSeoul National"})
    page = mel_client.get(change(organization)).content.decode()
    assert "Seoul National\nSNU</textarea>" in page
    mel_client.post(change(organization), {"name": organization.name, "aliases": "SNU"})
    assert set(organization.aliases.values_list("key", flat=True)) == {"seoulnationaluniversity", "snu"}


@pytest.mark.parametrize(
    ("told", "field"), [({"name": "SOSP"}, "name"), ({"aliases": "s.o.s.p\nsosp"}, "aliases"), ({"name": " "}, "name")]
)
def test_a_spelling_belongs_to_one_venue(mel_client, told, field):
    make_paper("Orca", venue="OSDI", year=2022)
    make_paper("vLLM", venue="SOSP", year=2023)
    osdi = Venue.objects.get(name="OSDI")
    response = mel_client.post(change(osdi), {"name": "OSDI", "full_name": "", "aliases": "", **told})
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    osdi.refresh_from_db()
    assert osdi.name == "OSDI"


def test_venues_and_organizations_are_neither_added_nor_deleted_by_hand(root_client):
    make_paper("Orca", venue="OSDI", year=2022, organizations=["Seoul National University"])
    for room, named in ((VENUES, Venue.objects.get()), (ORGANIZATIONS, Organization.objects.get())):
        assert root_client.get(f"{room}add/").status_code == 403
        assert root_client.post(f"{room}{named.pk}/delete/", {"post": "yes"}).status_code == 403


def test_nobody_but_a_maintainer_changes_a_name(alice_client):
    category = make_category("serving")
    assert alice_client.post(change(category), {"name": "Mine", "slug": "", "description": ""}).status_code == 403
    category.refresh_from_db()
    assert category.name == "Serving"


def test_hostile_names_are_text(mel_client):
    make_paper("Orca", venue="<script>alert(1)</script>", year=2022, organizations=["<img src=x onerror=alert(1)>"])
    for page in (VENUES, ORGANIZATIONS, change(Venue.objects.get()), change(Organization.objects.get())):
        text = mel_client.get(page).content.decode()
        assert "<script>alert" not in text
        assert "<img" not in text


# -- People ----------------------------------------------------------------------------------------
def person(user):
    return f"/admin/accounts/user/{user.pk}/change/"


def test_the_owner_makes_a_maintainer(root_client, alice):
    group = Group.objects.get_or_create(name=MAINTAINERS)[0]
    told = {"is_active": "on", "is_staff": "on", "groups": [group.pk], "username": "changed", "email": "changed@example.org"}
    assert root_client.post(person(alice), told).status_code == 302
    alice = type(alice).objects.get(pk=alice.pk)
    assert alice.is_maintainer
    assert alice.is_staff
    assert (alice.username, alice.email) == ("alice", "alice@example.org")


def test_the_owner_cannot_lock_themselves_out(root, root_client):
    root_client.post(person(root), {"groups": []})
    root.refresh_from_db()
    assert root.is_active
    assert root.is_staff
    assert root.is_superuser


def test_addresses_are_shown_to_the_owner_only(root_client, mel_client, alice):
    assert b"alice@example.org" in root_client.get("/admin/accounts/user/").content
    assert mel_client.get(person(alice)).status_code == 403
    assert mel_client.post(person(alice), {"is_superuser": "on"}).status_code == 403
    alice.refresh_from_db()
    assert not alice.is_superuser


def test_passwords_cannot_be_searched_for(root_client):
    assert root_client.get("/admin/accounts/user/?password__startswith=p").status_code == 400


def test_people_are_neither_added_nor_deleted_by_hand(root_client, alice):
    assert root_client.get("/admin/accounts/user/add/").status_code == 403
    assert root_client.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_name_that_somebody_else_took_a_moment_before_is_said_beside_the_field(mel_client, monkeypatch):
    sosp, answer = taxonomy.add_venue("SOSP"), ModelAdmin.changeform_view

    def outrun(*args, **more):
        monkeypatch.setattr(ModelAdmin, "changeform_view", answer)
        taxonomy.add_venue("Symposium")
        raise taxonomy.NameTaken("Symposium")

    monkeypatch.setattr(ModelAdmin, "changeform_view", outrun)
    page = mel_client.post(change(sosp), {"name": "Symposium", "full_name": "", "aliases": ""})
    assert "is a spelling of Symposium" in page.text
    assert Venue.objects.get(pk=sosp.pk).name == "SOSP"
