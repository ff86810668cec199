"""The rooms behind the queue: papers to look at, names to set right, people for the owner."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import MAINTAINERS, User
from catalog import arranging, taxonomy
from catalog.models import CatalogueState, Category, CategoryAlias, Decision, Organization, Paper, Placement, Venue
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_papers

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
        assert root_client.post(f"/admin/catalog/paper/{paper.pk}/{ending}", client_data).status_code in {403, 404, 405}
    assert root_client.post("/admin/catalog/paper/add/", {"title": "New"}).status_code in {403, 404}
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


def act(named, what, **told):
    """The address of an act on it, with what is asked there."""
    address = f"/admin/catalog/{named._meta.model_name}/{named.pk}/{what}/"
    return f"{address}?{urlencode(told)}" if told else address


def log():
    """The public lines, oldest first: what each is about, what was done, by whom."""
    return list(Decision.objects.order_by("pk").values_list("subject", "reason", "by__username"))


def sentences(response):
    return [str(message) for message in response.context["messages"]]


def everything():
    return (
        list(Category.objects.order_by("pk").values()),
        list(CategoryAlias.objects.values("path", "category")),
        list(Placement.objects.order_by("pk").values()),
        list(Venue.objects.order_by("pk").values()),
        list(Organization.objects.order_by("pk").values()),
        list(Paper.objects.order_by("pk").values_list("record_json")),
        log(),
        version(),
    )


def test_a_category_is_moved_under_another(mel_client):
    make_paper("Orca", categories=["systems/serving"])
    category, inference = Category.objects.get(path="systems/serving"), make_category("inference")
    page = mel_client.post(act(category, "move"), {"under": inference.pk}, follow=True)
    assert page.redirect_chain == [(change(category), 302)]
    assert sentences(page) == ["Moved under “Inference”."]
    assert Paper.objects.get().record.categories[0].path == "inference/serving"
    mel_client.post(act(category, "move"), {"under": ""})
    assert mel_client.post(act(category, "move"), {"under": ""}, follow=True).context["messages"]
    assert Category.objects.filter(path="serving", parent=None).exists()
    assert log() == [("Serving", "Moved under “Inference”.", "mel"), ("Serving", "Moved to the top.", "mel")]
    assert "Moved under “Inference”." in mel_client.get(f"{CATEGORIES}{category.pk}/history/").text


def test_a_category_takes_another_place_among_its_siblings(mel_client):
    for slug in "abc":
        make_category(f"systems/{slug}")
    category = Category.objects.get(path="systems/c")
    assert "One of 3." in mel_client.get(change(category)).text
    for _time in range(2):
        mel_client.post(act(category, "place"), {"position": "1"})
    assert list(Category.objects.get(path="systems").children.values_list("slug", flat=True)) == ["c", "a", "b"]
    assert log() == [("C", "Moved from place 3 to place 1 among its siblings.", "mel")]


def test_merging_categories_is_asked_once_more_with_the_numbers(mel_client):
    make_papers(2, categories=["inference"])
    make_paper("Both", categories=["inference", "serving"])
    make_category("inference/decoding")
    category, serving = Category.objects.get(path="inference"), Category.objects.get(path="serving")
    page = mel_client.get(act(category, "merge", into=serving.pk))
    for words in ("Merge “Inference” into “Serving”", "2 papers move", "1 paper stands in both", "1 part moves under it: Decoding."):
        assert words in page.text
    assert Category.objects.filter(pk=category.pk).exists()
    done = mel_client.post(act(category, "merge"), {"into": serving.pk}, follow=True)
    assert done.redirect_chain == [(change(serving), 302)]
    assert sentences(done) == ["“Inference” is merged into this one: 3 papers."]
    assert log() == [("Inference", "Merged into “Serving”: 3 papers.", "mel")]
    assert taxonomy.category_at("inference") == serving
    assert mel_client.post(act(category, "merge"), {"into": serving.pk}).status_code == 404


def test_what_cannot_be_arranged_is_refused_in_a_sentence_and_nothing_changes(mel_client):
    make_paper("Orca", categories=["serving/scheduling", "inference/scheduling"])
    serving, below = Category.objects.get(path="serving"), Category.objects.get(path="serving/scheduling")
    inference = Category.objects.get(path="inference")
    before = everything()
    for address, told in [
        (act(serving, "move"), {"under": below.pk}),
        (act(serving, "move"), {"under": serving.pk}),
        (act(serving, "move"), {"under": "x"}),
        (act(below, "move"), {"under": inference.pk}),
        (act(serving, "place"), {"position": "0"}),
        (act(serving, "place"), {}),
        (act(serving, "merge"), {"into": below.pk}),
        (act(serving, "merge"), {"into": serving.pk}),
        (act(serving, "merge"), {"into": inference.pk}),
        (act(serving, "merge"), {"into": 10**30}),
        (act(serving, "merge"), {}),
        (act(serving, "order"), {"paper": "x", "number": "1"}),
        (act(serving, "order"), {"paper": Paper.objects.get().pk, "number": "1"}),
        (act(serving, "order"), {"paper": 10**30, "number": "1"}),
    ]:
        page = mel_client.post(address, told, follow=True)
        assert page.status_code == 200
        assert len(sentences(page)) == 1, (address, told)
    assert everything() == before


def test_a_name_that_would_be_too_long_an_address_is_refused_at_its_field(mel_client):
    deep = make_category("/".join(["a", "b" * 60, "c" * 60, "d" * 60, "e" * 60]))
    told = {"name": "Long", "slug": "f" * 60, "description": "", "parent": deep.pk}
    for address in (change(Category.objects.get(path="a")), f"{CATEGORIES}add/"):
        response = mel_client.post(address, told)
        assert response.status_code == 200
        assert "too long for an address" in str(response.context["adminform"].form.errors["slug"])
    assert not Category.objects.filter(slug="f" * 60).exists()


def test_one_that_somebody_merged_a_moment_before_is_said_to_be_gone(mel_client, monkeypatch):
    category, answer = make_category("serving"), ModelAdmin.changeform_view

    def outrun(*args, **more):
        monkeypatch.setattr(ModelAdmin, "changeform_view", answer)
        raise Category.DoesNotExist

    monkeypatch.setattr(ModelAdmin, "changeform_view", outrun)
    page = mel_client.post(change(category), {"name": "Inference", "slug": "", "description": ""}, follow=True)
    assert page.redirect_chain == [(CATEGORIES, 302)]
    assert "it is gone" in sentences(page)[0]


def test_papers_are_put_in_order_by_number(mel_client):
    papers = [make_paper(title, categories=["serving"]) for title in ("A & B", "C", "D")]
    address = act(Category.objects.get(), "order")
    assert "New number of “A &amp; B”" in mel_client.get(address).text
    done = mel_client.post(address, {"paper": papers[2].pk, "number": "1"}, follow=True)
    assert done.redirect_chain == [(f"{address}?page=1#paper-{papers[2].pk}", 302)]
    assert sentences(done) == ["“D” is number 1 now."]
    assert list(Placement.objects.order_by("position").values_list("paper__title", flat=True)) == ["D", "A & B", "C"]
    assert log() == [("Serving", "“D” is number 1 now.", "mel")]


def test_the_names_of_systems_stand_out_in_the_order_as_in_every_list(mel_client, django_assert_max_num_queries):
    make_paper("Orca: A Distributed Serving System", short_name="Orca", categories=["serving"])
    make_papers(20, categories=["serving"])
    with django_assert_max_num_queries(10):
        assert "<bdi><b>Orca</b>: A Distributed Serving System</bdi>" in mel_client.get(act(Category.objects.get(), "order")).text


def test_the_order_of_a_large_category_is_paged(mel_client):
    papers = make_papers(103, categories=["serving"])
    address = act(Category.objects.get(), "order")
    page = mel_client.get(f"{address}?page=2")
    assert page.text.count('name="paper"') == 3
    assert f'value="{papers[-1].pk}"' in page.text
    assert mel_client.get(f"{address}?page=3").status_code == 404
    moved = mel_client.post(f"{address}?page=2", {"paper": papers[-1].pk, "number": "101"})
    assert moved["Location"] == f"{address}?page=2#paper-{papers[-1].pk}"


def test_the_pages_of_names_ask_as_much_for_many_as_for_few(mel_client, questions):
    make_papers(3, categories=["systems/serving", "systems/training"], venue="OSDI", year=2022, organizations=["MIT"])
    systems, serving = Category.objects.get(path="systems"), Category.objects.get(path="systems/serving")
    training = Category.objects.get(path="systems/training")
    venue = Venue.objects.get()
    taxonomy.add_venue("SOSP")
    addresses = [
        CATEGORIES,
        change(serving),
        act(serving, "order"),
        act(training, "merge", into=serving.pk),
        change(venue),
        act(venue, "merge", into="SOSP"),
    ]
    for named in (serving, venue):
        mel_client.get(change(named))  # What kinds of things there are is asked once and remembered.
    few = [questions(mel_client, address) for address in addresses]
    make_papers(40, categories=["systems/serving"], venue="OSDI", year=2022, organizations=["MIT"])
    for number in range(20):
        make_category(f"systems/part-{number}")
        taxonomy.add_venue(f"Venue {number}")
    assert [questions(mel_client, address) for address in addresses] == few
    assert systems.children.count() == 22


def test_only_what_changed_is_logged(mel_client):
    category = make_category("serving")
    told = {"name": "Serving", "slug": "serving", "description": "", "kept_by": ""}
    mel_client.post(change(category), told)
    assert log() == []
    make_user("sol")
    mel_client.post(change(category), {**told, "name": "Inference", "slug": "", "description": "Answering.", "kept_by": "sol"})
    mel_client.post(f"{CATEGORIES}add/", {"name": "Training", "parent": "", "slug": "", "description": "", "kept_by": ""})
    assert log() == [
        ("Inference", "Renamed from “Serving” to “Inference”.", "mel"),
        ("Inference", "Its address was serving and is inference.", "mel"),
        ("Inference", "Described in other words.", "mel"),
        ("Inference", "Others keep it now than before.", "mel"),
        ("Training", "Added.", "mel"),
    ]


# -- Venues and organizations ----------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["venue", "organization"])
def test_merging_is_asked_once_more_with_the_number_of_papers(mel_client, kind):
    facts = {"venue": "Symposium", "year": 2024} if kind == "venue" else {"organizations": ["Symposium"]}
    make_papers(2, **facts)
    named = (Venue if kind == "venue" else Organization).objects.get()
    other = getattr(taxonomy, f"add_{kind}")("OSDI", aliases=["O. S. D. I.", "Usenix <i>OSDI</i>"])
    assert '<option value="OSDI">' in mel_client.get(change(named)).text
    page = mel_client.get(act(named, "merge", into="usenix i OSDI i"))
    assert "Merge “Symposium” into “OSDI”" in page.text
    assert "2 papers show the other name" in page.text
    assert type(named).objects.count() == 2
    done = mel_client.post(act(named, "merge"), {"into": "OSDI"}, follow=True)
    assert done.redirect_chain == [(change(other), 302)]
    assert log() == [("Symposium", "Merged into “OSDI”: 2 papers.", "mel")]
    record = Paper.objects.first().record
    assert (record.venue if kind == "venue" else record.organizations[0]).slug == "osdi"
    assert mel_client.post(act(named, "merge"), {"into": "OSDI"}).status_code == 404


@pytest.mark.parametrize("into", ["", "Nobody", "Symposium", "\x00", "x" * 201])
def test_what_a_venue_cannot_be_merged_into_is_said(mel_client, into):
    venue = taxonomy.add_venue("Symposium")
    before = everything()
    for answer in (
        mel_client.get(act(venue, "merge", into=into), follow=True),
        mel_client.post(act(venue, "merge"), {"into": into}, follow=True),
    ):
        assert answer.redirect_chain[-1] == (change(venue), 302)
        assert len(sentences(answer)) == 1
    assert everything() == before


def test_a_spelling_that_holds_an_address_stays(mel_client, visitor):
    osdi = taxonomy.add_venue("OSDI")
    arranging.merge_venue(taxonomy.add_venue("Symposium"), osdi)
    mel_client.post(change(osdi), {"name": "OSDI", "full_name": "", "aliases": "Other"})
    assert set(osdi.aliases.values_list("key", flat=True)) == {"osdi", "symposium", "other"}
    assert visitor.get("/venues/symposium/")["Location"] == "/venues/osdi/"


def test_new_names_and_spellings_are_logged(mel_client):
    venue, organization = taxonomy.add_venue("OSDI"), taxonomy.add_organization("MIT")
    told = {"name": "OSDI", "full_name": "", "aliases": ""}
    for more in (
        {},
        {"full_name": "Operating Systems"},
        {"full_name": "Operating Systems", "aliases": "Symposium"},
        {"name": "USENIX OSDI"},
    ):
        mel_client.post(change(venue), {**told, **more})
    mel_client.post(change(organization), {"name": "MIT CSAIL", "aliases": ""})
    assert [line[:2] for line in log()] == [
        ("OSDI", "Its full name is “Operating Systems” now."),
        ("OSDI", "Its spellings changed."),
        ("USENIX OSDI", "Renamed from “OSDI” to “USENIX OSDI”."),
        ("MIT CSAIL", "Renamed from “MIT” to “MIT CSAIL”."),
    ]


@pytest.mark.parametrize("who", ["visitor", "contributor", "keeper", "staff"])
def test_nobody_but_a_full_maintainer_arranges_anything(db, who, visitor):
    make_paper("Orca", categories=["systems/serving"], venue="OSDI", year=2022, organizations=["MIT"])
    category, other = Category.objects.get(path="systems/serving"), make_category("inference")
    venue, organization = Venue.objects.get(), Organization.objects.get()
    taxonomy.add_venue("SOSP")
    taxonomy.add_organization("ETH")
    client = visitor if who == "visitor" else signed_in(make_user("sol", is_staff=who == "staff"))
    if who == "keeper":
        taxonomy.name_maintainers(Category.objects.get(path="systems"), list(User.objects.filter(username="sol")))
    before = everything()
    for address, told in [
        (act(category, "move"), {"under": ""}),
        (act(category, "place"), {"position": "1"}),
        (act(category, "merge"), {"into": other.pk}),
        (act(category, "order"), {"paper": Paper.objects.get().pk, "number": "1"}),
        (act(venue, "merge"), {"into": "SOSP"}),
        (act(organization, "merge"), {"into": "ETH"}),
        (f"{VENUES}mapping/", {"kind": "venue", "number": venue.pk, "name": "Mine"}),
    ]:
        refusal = 302 if who == "visitor" else 403
        assert client.post(address, told).status_code == refusal, address
        if not address.endswith(("/move/", "/place/")):
            assert client.get(address).status_code == refusal, address
    assert everything() == before


def test_acts_are_posts_with_a_token(mel):
    category = make_category("serving")
    client = Client(enforce_csrf_checks=True)
    client.force_login(mel)
    assert client.get(act(category, "move")).status_code == 405
    for what in ("move", "place", "merge", "order"):
        assert client.post(act(category, what), {"under": "", "position": "1"}).status_code == 403
    assert log() == []


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


def test_what_is_said_of_a_person_is_dated_and_called_as_everywhere(root_client, alice):
    moment = datetime(2026, 3, 7, 16, 5, tzinfo=UTC)
    type(alice).objects.filter(pk=alice.pk).update(date_joined=moment, last_login=None)
    for page in ("/admin/accounts/user/", person(alice)):
        said = root_client.get(page).text
        assert "7 Mar 2026, 16:05 UTC" in said
        assert "Here since" in said
        assert "Email address" in said
    assert "<dt>May enter the desk</dt>" in root_client.get("/admin/accounts/user/?is_staff__exact=0").text
    assert '<b class="small">Last signed in</b><div class="readonly" dir="auto">–</div>' in root_client.get(person(alice)).text


def test_passwords_cannot_be_searched_for(root_client):
    assert root_client.get("/admin/accounts/user/?password__startswith=p").status_code == 400


def test_people_are_not_added_by_hand(root_client):
    assert root_client.get("/admin/accounts/user/add/").status_code == 403


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
