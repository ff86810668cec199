"""A list at the desk: brought, looked at entry by entry, chosen about, and done once, whoever presses and however often."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import publishing, records, review, taxonomy
from catalog.ingest import desk
from catalog.models import Category, Decision, Import, ImportedList, ImportRow, Paper, Submission, Tombstone
from catalog.verification import disagreements
from tests.conftest import make_user, signed_in
from tests.factories import make_category
from tests.test_review import at_once

pytestmark = pytest.mark.django_db
ROOM = "/admin/catalog/import/"
ADD = f"{ROOM}add/"
SERVING = "llm-systems/serving"
BIRDS = """title,authors,year,venue,url,note
Sparrow: Serving Without Waiting,Ann Bee,2024,OSDI,https://arxiv.org/abs/2401.00007,
Wren: Tiny Models for Tiny Birds,Bob Cee; Cy Dee,2023,,https://example.org/wren,
Orca: A Distributed Serving System for Transformer-Based Generative Models,,1999,,,Read section 4 first.
FlashAttention: Fast and Memory-Efficient Exact Attention with Awareness of IO,,2022,,,
,,2020,,,
"""
SPARROW, WREN = "Sparrow: Serving Without Waiting", "Wren: Tiny Models for Tiny Birds"


def file_of(text, name="birds.csv"):
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


def upload(client, text=BIRDS, name="birds.csv", **told):
    return client.post(ADD, {"file": file_of(text, name), "text": "", "format": "", "category": SERVING, **told})


def bring(client, text=BIRDS, name="birds.csv", **told):
    response = upload(client, text, name, **told)
    assert response.status_code == 302, response.context["form"].errors
    return Import.objects.latest("pk")


def many(number, start=0):
    birds = range(start, start + number)
    return "\n".join(["title,url", *(f"Bird {n} of plain and hill {n * 7},https://example.org/{n}" for n in birds)])


def row(brought, title):
    return brought.rows.get(title__startswith=title)


def choose(client, brought, *, follow=False, **told):
    """By the first words of titles, or what a button says: `choose(client, brought, Sparrow="publish", all="change:skip")`."""
    sent = {(f"choice-{row(brought, name).pk}" if name[0].isupper() else name): value for name, value in told.items()}
    return client.post(f"{ROOM}{brought.pk}/choose/", sent, follow=follow)


def apply(client, brought):
    return client.post(f"{ROOM}{brought.pk}/apply/", follow=True)


def page(client, brought, **asked):
    response = client.get(f"{ROOM}{brought.pk}/change/", asked)
    assert response.status_code == 200
    return response


def choices(brought):
    return {each.title.split()[0]: each.choice for each in brought.rows.exclude(act="not_understood")}


def became(brought):
    return {each.title.split()[0]: each.became for each in brought.rows.exclude(act="not_understood")}


def words(response):
    return " ".join(response.text.split())


def nothing_done():
    return (Paper.objects.count(), Submission.objects.count(), Decision.objects.filter(verdict="import").count()) == (185, 0, 0)


# -- Bring -------------------------------------------------------------------------------------
def test_a_file_is_shown_entry_by_entry_and_nothing_is_done(catalogue, mel, mel_client):
    brought = bring(mel_client)
    assert [(each.line, each.title[:8], each.act, each.choice) for each in brought.rows.all()] == [
        (2, "Sparrow:", "add", "propose"),
        (3, "Wren: Ti", "add", "propose"),
        (4, "Orca: A ", "change", "propose"),
        (5, "FlashAtt", "suspected", "propose"),
        (6, "2020", "not_understood", "skip"),
    ]
    assert (brought.by, brought.name, brought.list_name, brought.format) == (mel, "birds.csv", "birds", "csv")
    said = words(page(mel_client, brought))
    for text in ("Ann Bee", "OSDI 2024", "https://arxiv.org/abs/2401.00007", "Serving", "1 not understood", "no title"):
        assert text in said, text
    assert nothing_done()


def test_every_line_is_in_the_account(catalogue, mel_client):
    brought = bring(mel_client, BIRDS + "\n\n")
    assert brought.lines == brought.entries + sum(brought.ignored.values()) + brought.rows.filter(act="not_understood").count() == 8
    assert "8 lines read: 4 entries, 2 blank, 1 heading, 1 not understood." in words(page(mel_client, brought))


def test_what_differs_is_shown_field_by_field_beside_what_is_here(catalogue, mel_client):
    response = page(mel_client, bring(mel_client))
    [orca] = [each for each in response.context["rows"] if each.row.act == "change"]
    assert [change.name for change in orca.changes] == ["note"]
    assert "<ins>Read section 4 first.</ins>" in response.text
    assert orca.paper.get_absolute_url() in response.text


def test_a_suspicion_is_shown_with_its_reasons_and_a_way_to_the_paper(catalogue, mel_client):
    response = page(mel_client, bring(mel_client))
    [near] = [each.step.suspected[0] for each in response.context["rows"] if each.row.act == "suspected"]
    assert near.reasons
    assert f'<a href="{near.path}"><bdi>{near.candidate}</bdi></a>' in response.text
    assert near.reasons[0] in response.text


def test_a_text_is_pasted_and_says_what_it_is(catalogue, mel_client):
    pasted = {"file": "", "text": "@article{a, title={Heron Stands}, year={2021}}", "category": SERVING}
    assert mel_client.post(ADD, pasted | {"format": ""}).context["form"].errors.keys() == {"format"}
    assert mel_client.post(ADD, pasted | {"format": "bib"}).status_code == 302
    assert [(each.title, each.act) for each in ImportRow.objects.all()] == [("Heron Stands", "add")]


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        (b"PK\x03\x04rest", "birds.csv", 1),
        (b"\x1f\x8brest", "birds.csv", 1),
        ("title\nWren".encode("utf-16"), "birds.csv", 1),
        (b"title\nWren\nSpar\x00row\n", "birds.csv", 3),
        (b"title\nW\xffren\n", "birds.csv", 2),
        (b"\n \n", "birds.csv", 1),
    ],
    ids=["zip", "gzip", "utf-16", "nul", "latin", "blank"],
)
def test_what_cannot_be_read_is_refused_with_the_line_and_nothing_is_kept(catalogue, mel_client, text, name, line):
    response = upload(mel_client, text, name)
    assert response.status_code == 422
    assert f"Line {line}: " in response.context["form"].errors["file"][0]
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    "told", [{"name": "birds.exe"}, {"name": "../../etc/passwd"}, {"format": "exe"}, {"category": "no/where"}, {"text": ""}]
)
def test_what_does_not_fit_is_said_beside_its_field(catalogue, mel_client, told):
    response = upload(mel_client, **told) if "text" not in told else mel_client.post(ADD, {"text": " ", "category": SERVING})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() <= {"format", "category", "file"}
    assert response.context["form"].errors
    assert not Import.objects.exists()


def test_what_was_typed_is_not_lost_on_an_error(catalogue, mel_client):
    response = mel_client.post(ADD, {"file": "", "text": "title\n<b>Wren</b>", "format": "", "category": SERVING})
    assert "&lt;b&gt;Wren&lt;/b&gt;</textarea>" in response.text
    assert f'value="{SERVING}" selected' in response.text


def test_more_than_can_be_taken_is_refused(catalogue, mel_client, monkeypatch):
    monkeypatch.setattr(desk, "MOST_ENTRIES", 5)
    assert "more than 5 entries" in upload(mel_client, many(6)).context["form"].errors["file"][0]
    assert upload(mel_client, many(5)).status_code == 302
    monkeypatch.setattr(desk, "MOST_BYTES", 100)
    assert "too large" in upload(mel_client, many(6)).context["form"].errors["file"][0]


class Unread:
    """What is sent is not even looked at."""

    def read(self, *size):
        raise AssertionError("It was read.")

    readline = read


def test_a_hundred_megabytes_are_refused_before_they_are_read(mel_client, alice_client):
    sent = {"wsgi.input": Unread(), "CONTENT_LENGTH": "100000000", "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    response = mel_client.generic("POST", ADD, **sent)
    assert response.status_code == 413
    assert "at most 5 MB" in response.text
    assert alice_client.generic("POST", ADD, **sent).status_code == 403


def test_a_pasted_text_that_memory_should_not_hold_is_refused(mel_client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    response = mel_client.post(ADD, {"file": "", "text": "x" * 2_000, "format": "csv"})
    assert response.status_code == 413
    assert "Save it as a file" in response.text


def test_a_form_from_elsewhere_is_refused(catalogue, mel):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mel)
    assert upload(client).status_code == 403
    assert not Import.objects.exists()


HOSTILE = "<script>alert(1)</script><img src=x>\" ' & \u202eabc"


def test_hostile_text_and_names_are_text_wherever_they_are_shown(catalogue, mel_client):
    name = f"<b>x</b>\n\u202e{'y' * 300}.csv"
    quoted = HOSTILE.replace('"', '""')
    text = f'title,authors,note,year\n"{quoted} Heron","{quoted}","{quoted}",2020\n"Orca: A Distributed Serving System for'
    text += f' Transformer-Based Generative Models",,"{quoted}",\n,"{quoted}",,\n'
    brought = bring(mel_client, text, name, format="csv", category="")
    assert len(brought.name) <= 200
    assert "\u202e" not in brought.name
    pages = [page(mel_client, brought), mel_client.get(ROOM), mel_client.get(f"{ROOM}{brought.pk}/apply/"), apply(mel_client, brought)]
    for response in pages:
        assert response.status_code == 200
        assert "<script>alert" not in response.text
        assert "<img" not in response.text
        assert "<b>x" not in response.text


def test_what_no_database_holds_is_refused_row_by_row(catalogue, mel_client):
    text = '{"title": "A \\u0000 nul"}\n{"title": "Half \\ud800 pair"}\n' + '{"title": "' + "x" * 600 + '"}\n{"title": "Heron Stands"}\n'
    brought = bring(mel_client, text, "birds.jsonl")
    assert row(brought, "Heron").act == "add"
    assert set(brought.rows.exclude(title="Heron Stands").values_list("act", flat=True)) <= {"refused", "not_understood"}
    assert page(mel_client, brought)
    apply(mel_client, brought)
    assert list(Submission.objects.values_list("title", flat=True)) == ["Heron Stands"]


# -- Choose ------------------------------------------------------------------------------------
def test_choices_are_kept_and_lead_where_the_button_says(catalogue, mel_client):
    brought = bring(mel_client)
    response = choose(mel_client, brought, Sparrow="publish", Orca="skip", to="act=add&page=1&evil=//x")
    assert response["Location"] == f"{ROOM}{brought.pk}/change/?act=add&page=1"
    assert choices(brought) == {"Sparrow:": "publish", "Wren:": "propose", "Orca:": "skip", "FlashAttention:": "propose"}
    assert choose(mel_client, brought, Wren="skip", apply="")["Location"] == f"{ROOM}{brought.pk}/apply/"
    assert choices(brought)["Wren:"] == "skip"
    assert nothing_done()


def test_one_click_chooses_for_all_new_ones(catalogue, mel_client):
    brought = bring(mel_client)
    choose(mel_client, brought, Sparrow="skip", all="add:publish")
    assert choices(brought) == {"Sparrow:": "publish", "Wren:": "publish", "Orca:": "propose", "FlashAttention:": "propose"}


def test_a_forged_row_or_choice_changes_nothing(catalogue, mel_client):
    ours, other = bring(mel_client), bring(mel_client, many(2))
    foreign, unreadable = other.rows.first(), ours.rows.get(act="not_understood")
    address = f"{ROOM}{ours.pk}/choose/"
    forged = {f"choice-{foreign.pk}": "skip", f"choice-{unreadable.pk}": "publish", "choice-" + "9" * 18: "skip", "choice-x": "skip"}
    mel_client.post(address, forged | {f"choice-{row(ours, 'Wren').pk}": "everything", "all": "refused:publish"})
    mel_client.post(address, {"all": "add:\x00"})
    mel_client.post(address, {"all": "nonsense", "to": "\x00&page=\x00"})
    assert set(ImportRow.objects.exclude(act="not_understood").values_list("choice", flat=True)) == {"propose"}
    assert ImportRow.objects.get(pk=unreadable.pk).choice == "skip"


@pytest.mark.parametrize("number", ["0", "987654", "9" * 30])
def test_an_import_that_never_was_answers_404(mel_client, number):
    assert mel_client.get(f"{ROOM}{number}/change/").status_code == 404
    for act in ("choose", "apply", "throw-away"):
        assert mel_client.post(f"{ROOM}{number}/{act}/").status_code == 404


@pytest.mark.parametrize("asked", ["9999", "0", "-1", "x", "9" * 40])
def test_a_page_that_is_not_there_answers_404(catalogue, mel_client, asked):
    assert mel_client.get(f"{ROOM}{bring(mel_client).pk}/change/", {"page": asked}).status_code == 404


def test_what_it_would_do_is_filtered_and_paged(catalogue, mel_client):
    brought = bring(mel_client, BIRDS + many(120).partition("\n")[2].replace(",https", ",,,,https").replace("\n", ",\n") + ",")
    assert brought.rows.count() == 125
    assert len(page(mel_client, brought).context["rows"]) == 100
    assert len(page(mel_client, brought, page=2).context["rows"]) == 25
    assert [each.row.title[:4] for each in page(mel_client, brought, act="change").context["rows"]] == ["Orca"]
    kinds = {kind.value: kind.count for kind in page(mel_client, brought).context["kinds"]}
    assert kinds == {"add": 122, "suspected": 1, "change": 1, "not_understood": 1}


def test_a_hundred_rows_ask_as_little_as_one(catalogue, mel_client):
    titles = list(Paper.objects.values_list("title", flat=True)[:60])
    text = "\n".join(["title,url,note", *(f'"{title}",,Read it' for title in titles), *many(60).split("\n")[1:]])
    brought = bring(mel_client, text)
    assert brought.rows.filter(act="change").count() >= 50

    def questions(client=mel_client):
        with CaptureQueriesContext(connection) as asked:
            page(client, brought)
        return len(asked)

    assert questions() <= 15
    apply(mel_client, brought)
    assert questions() <= 15


def test_whatever_a_file_calls_a_category_becomes_an_address_of_words(catalogue, mel_client):
    paths = ["../../<b>Song Birds</b>", "a/" + "long-" * 40, "llm-systems/" + "x" * 90]
    text = "\n".join(f'{{"title": "Bird {path[:8]} of the hill", "categories": [{{"path": "{path}"}}]}}' for path in paths)
    brought = bring(mel_client, text, "birds.jsonl", category="")
    choose(mel_client, brought, all="add:publish")
    assert apply(mel_client, brought).status_code == 200
    assert set(brought.rows.values_list("became", flat=True)) == {"published"}
    for path in Category.objects.values_list("path", flat=True):
        assert re.fullmatch(r"[\w-]{1,60}(/[\w-]{1,60})*", path)


def test_headings_that_are_new_are_named_before_they_become_categories(catalogue, mel_client):
    brought = bring(mel_client, category="")
    assert "(new category)" in page(mel_client, brought).text
    response = mel_client.get(f"{ROOM}{brought.pk}/apply/")
    assert response.context["summary"].new_categories == ["birds"]
    choose(mel_client, brought, all="add:skip")
    choose(mel_client, brought, Orca="skip", FlashAttention="skip")
    assert mel_client.get(f"{ROOM}{brought.pk}/apply/").context["summary"].new_categories == []


# -- Do it -------------------------------------------------------------------------------------
def test_what_was_chosen_is_done_and_the_result_says_what_became_of_each(catalogue, mel, mel_client):
    brought = bring(mel_client)
    choose(mel_client, brought, Sparrow="publish", Wren="skip")
    summary = mel_client.get(f"{ROOM}{brought.pk}/apply/").context["summary"]
    assert (summary.publish, summary.propose, summary.skip, summary.removals) == (1, 2, 1, [])
    response = apply(mel_client, brought)
    assert became(brought) == {"Sparrow:": "published", "Wren:": "left_out", "Orca:": "proposed", "FlashAttention:": "proposed"}
    sparrow = Paper.objects.get(title=SPARROW)
    assert [place.path for place in sparrow.record.categories] == [SERVING]
    assert f'href="{sparrow.get_absolute_url()}"' in response.text
    for submission in Submission.objects.all():
        assert f'href="/admin/catalog/submission/{submission.pk}/change/"' in response.text
    assert set(Submission.objects.values_list("kind", "contributor")) == {("addition", mel.pk), ("correction", mel.pk)}
    assert Import.objects.get().applied_by == mel
    assert [each.row.title for each in page(mel_client, brought, became="published").context["rows"]] == [SPARROW]
    assert Decision.objects.get(verdict="import").by == mel
    assert list(disagreements()) == []


def test_a_correction_is_published_where_that_was_chosen(catalogue, mel_client):
    brought = bring(mel_client)
    choose(mel_client, brought, Orca="publish")
    assert "Corrected" in apply(mel_client, brought).text
    assert Paper.objects.get(short_name="Orca").record.note == "Read section 4 first."


def test_done_twice_it_happens_once(catalogue, mel_client, root_client):
    brought = bring(mel_client)
    choose(mel_client, brought, all="add:publish")
    apply(mel_client, brought)
    before = (Paper.objects.count(), Submission.objects.count(), Decision.objects.count(), Import.objects.get().applied_at)
    for client in (mel_client, root_client):
        assert apply(client, brought).status_code == 200
        assert client.get(f"{ROOM}{brought.pk}/apply/").status_code == 302
    assert (Paper.objects.count(), Submission.objects.count(), Decision.objects.count(), Import.objects.get().applied_at) == before


@pytest.mark.django_db(transaction=True)
def test_four_who_press_at_once_do_it_once(mel):
    make_category(SERVING)
    clients = [signed_in(mel) for _each in range(4)]
    brought = bring(clients[0], many(6))
    choose(clients[0], brought, all="add:publish")
    choose(clients[0], brought, **{"Bird 0": "propose", "Bird 1": "skip"})
    answers = at_once(*[lambda client=client: apply(client, brought) for client in clients])
    assert [answer.status_code for answer in answers] == [200] * 4
    assert (Paper.objects.count(), Submission.objects.count(), Decision.objects.count()) == (4, 1, 1)
    assert sorted(each.became for each in brought.rows.all()) == ["left_out", "proposed", *["published"] * 4]


def test_once_done_nothing_is_chosen_or_thrown_away(catalogue, mel_client):
    brought = bring(mel_client)
    apply(mel_client, brought)
    assert "it is being applied already" in choose(mel_client, brought, follow=True, Wren="skip").text
    assert "it is being applied already" in mel_client.post(f"{ROOM}{brought.pk}/throw-away/", follow=True).text
    assert choices(brought)["Wren:"] == "propose"


def test_the_same_file_again_has_nothing_to_do(catalogue, mel_client):
    first = bring(mel_client)
    choose(mel_client, first, all="add:publish", Orca="skip")
    apply(mel_client, first)
    again = bring(mel_client)
    assert set(again.rows.exclude(act="not_understood").values_list("act", flat=True)) == {"unchanged"}
    apply(mel_client, again)
    assert set(became(again).values()) == {"nothing"}


def test_what_is_gone_from_the_list_is_proposed_or_taken_out(catalogue, mel_client):
    first = bring(mel_client)
    choose(mel_client, first, all="add:publish")
    apply(mel_client, first)
    newer = "\n".join(line for line in BIRDS.split("\n") if "Wren" not in line and "FlashAttention" not in line)
    second = bring(mel_client, newer)
    assert [(each.act, each.title[:4], each.may_be_published) for each in second.rows.filter(act="remove")] == [
        ("remove", "Wren", True),
        ("remove", "Flas", False),
    ]
    choose(mel_client, second, all="remove:publish")
    assert mel_client.get(f"{ROOM}{second.pk}/apply/").context["summary"].removals == [WREN]
    apply(mel_client, second)
    assert "birds" in Tombstone.objects.get(title=WREN).reason
    assert Submission.objects.get(title__startswith="FlashAttention").status == "withdrawn"
    assert became(second)["Wren:"] == "published"


def test_of_a_part_of_a_list_nothing_is_gone_unless_somebody_says_so(catalogue, mel_client):
    first = bring(mel_client, many(30))
    choose(mel_client, first, all="add:publish")
    apply(mel_client, first)
    part = bring(mel_client, many(5))
    assert "This may be a part of the list" in page(mel_client, part).text
    gone = part.rows.filter(act="remove")
    assert list(gone.values_list("choice", flat=True)) == ["skip"] * 25
    mel_client.post(f"{ROOM}{part.pk}/choose/", {f"choice-{gone.first().pk}": "publish"})
    apply(mel_client, part)
    assert Paper.objects.count() == 185 + 29
    later = bring(mel_client, many(28))
    assert (later.rows.filter(act="unchanged").count(), later.rows.filter(act="remove").count()) == (27, 2)


# -- What happened meanwhile -------------------------------------------------------------------
def test_what_has_come_here_meanwhile_is_not_published_twice(catalogue, mel_client):
    brought = bring(mel_client)
    choose(mel_client, brought, all="add:publish")
    [step] = [desk.step_of(each) for each in brought.rows.filter(title=WREN)]
    publishing.publish(records.replace(step.record, note="Ours."))
    publishing.publish(records.Record(title=SPARROW, identifiers={"arxiv": "2401.00007"}))
    apply(mel_client, brought)
    wren, sparrow = row(brought, "Wren"), row(brought, "Sparrow")
    assert (wren.became, wren.reason) == ("nothing", "By now it is here as the list has it.")
    assert sparrow.became == "proposed"
    assert "So it was proposed, and not published." in sparrow.reason
    assert Paper.objects.filter(title__in=[WREN, SPARROW]).count() == 2


def test_a_newer_edit_of_a_paper_is_not_overwritten_unseen(catalogue, mel_client):
    brought = bring(mel_client)
    choose(mel_client, brought, Orca="publish")
    orca = Paper.objects.get(short_name="Orca")
    publishing.revise(orca, records.replace(orca.record, abstract="Newer."))
    apply(mel_client, brought)
    assert row(brought, "Orca").became == "proposed"
    assert "changed since it was shown" in row(brought, "Orca").reason
    orca.refresh_from_db()
    assert (orca.abstract, orca.note) == ("Newer.", "")
    assert Submission.objects.get(kind="correction").record.abstract == "Newer."


def test_what_may_be_a_paper_that_nobody_has_seen_beside_it_is_not_published(catalogue, mel_client):
    brought = bring(mel_client)
    choose(mel_client, brought, all="add:publish")
    publishing.publish(records.Record(title="Sparrow: Serving Without Much Waiting"))
    apply(mel_client, brought)
    assert (row(brought, "Sparrow").became, row(brought, "Wren").became) == ("proposed", "published")


def test_what_has_gone_meanwhile_has_gone(catalogue, mel, mel_client):
    first = bring(mel_client)
    choose(mel_client, first, all="add:publish")
    apply(mel_client, first)
    second = bring(mel_client, "\n".join(line for line in BIRDS.split("\n") if "Wren" not in line))
    publishing.retract(Paper.objects.get(title=WREN), reason="It was withdrawn.", by=mel)
    apply(mel_client, second)
    assert (row(second, "Wren").became, row(second, "Wren").reason) == ("nothing", "It has gone from here already.")


def test_a_category_that_went_meanwhile_is_said_and_nothing_is_done(catalogue, mel_client):
    empty = taxonomy.add_category("Aviary", parent=None, slug="aviary")
    brought = bring(mel_client, category="aviary")
    Category.objects.filter(pk=empty.pk).delete()
    assert "is there no more" in apply(mel_client, brought).text
    assert nothing_done()
    assert Import.objects.get().begun_at is None


# -- In parts ----------------------------------------------------------------------------------
@pytest.fixture
def in_parts(monkeypatch):
    """Of two rows each, as if each took long."""
    monkeypatch.setattr(desk, "AT_ONCE", 2)
    monkeypatch.setattr(desk, "SECONDS", 0)
    monkeypatch.setattr(desk, "monotonic", lambda: 0)


def test_a_long_list_is_done_in_parts_that_are_whole(catalogue, mel_client, root_client, in_parts):
    brought = bring(mel_client, many(5))
    choose(mel_client, brought, all="add:publish")
    response = apply(mel_client, brought)
    assert Paper.objects.count() == 187
    assert "3 entries are left to do" in response.text
    assert "data-continues" in response.text
    assert Import.objects.get().applied_at is None
    assert not ImportedList.objects.filter(name="birds").exists()
    assert "Begun, not finished" in mel_client.get(ROOM).text
    apply(root_client, brought)
    response = apply(mel_client, brought)
    assert "data-continues" not in response.text
    assert set(brought.rows.values_list("became", flat=True)) == {"published"}
    assert Paper.objects.count() == 190
    assert ImportedList.objects.get(name="birds").papers.count() == 5
    assert list(disagreements()) == []
    assert set(bring(mel_client, many(5)).rows.values_list("act", flat=True)) == {"unchanged"}


def test_a_part_that_fails_leaves_those_before_it_and_can_be_asked_for_again(catalogue, mel, in_parts, monkeypatch, mel_client):
    brought = bring(mel_client, many(4))
    assert not desk.carry_out(brought, by=mel)

    def breaks(*args, **more):
        raise OSError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(review, "submit", breaks)
        with pytest.raises(OSError, match="disk"):
            desk.carry_out(brought, by=mel)
    assert Submission.objects.count() == brought.rows.exclude(became="").count() == 2
    assert desk.carry_out(brought, by=mel)
    assert Submission.objects.count() == 4


def test_a_first_part_that_fails_has_not_begun(catalogue, mel, mel_client, monkeypatch):
    brought = bring(mel_client)
    monkeypatch.setattr(review, "submit", lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        desk.carry_out(brought, by=mel)
    assert Import.objects.get().begun_at is None
    assert nothing_done()


# -- Who, and what else ------------------------------------------------------------------------
def test_where_nobody_decides_their_own_it_is_only_proposed(catalogue, mel_client, settings):
    brought = bring(mel_client)
    choose(mel_client, brought, Wren="publish")
    settings.SELF_APPROVAL = "nobody"
    response = page(mel_client, brought)
    assert 'value="publish"' not in response.text
    assert ":publish" not in response.text
    assert "nobody publishes what they bring themselves" in choose(mel_client, brought, follow=True, all="add:publish").text
    assert "nobody publishes what they bring themselves" in apply(mel_client, brought).text
    assert nothing_done()
    choose(mel_client, brought, all="add:propose")
    apply(mel_client, brought)
    assert (Paper.objects.count(), Submission.objects.count()) == (185, 4)


def test_an_import_is_thrown_away_and_leaves_nothing(catalogue, mel_client):
    brought = bring(mel_client)
    address = f"{ROOM}{brought.pk}/throw-away/"
    assert mel_client.get(address).status_code == 405
    assert "is thrown away" in mel_client.post(address, follow=True).text
    assert not Import.objects.exists()
    assert not ImportRow.objects.exists()
    assert nothing_done()


def test_the_list_says_who_when_what_and_how_it_stands(catalogue, mel_client):
    assert "Nothing was brought yet" in mel_client.get(ROOM).text
    bring(mel_client)
    text = mel_client.get(ROOM).text
    for said in ("birds.csv", "mel", "Waits for a choice"):
        assert said in text
    apply(mel_client, Import.objects.get())
    assert "Applied by mel" in mel_client.get(ROOM).text
    assert f'href="{ADD}"' in mel_client.get("/admin/").text


def test_it_is_there_for_full_maintainers_only(catalogue, mel_client, alice_client, visitor):
    sol = make_user("sol")
    taxonomy.name_maintainers(Category.objects.get(path=SERVING), [sol])
    sol_client = signed_in(sol)
    brought = bring(mel_client)
    addresses = [ROOM, ADD, *(f"{ROOM}{brought.pk}/{act}/" for act in ("change", "choose", "apply", "throw-away"))]
    assert ROOM not in sol_client.get("/admin/").text
    for address in addresses:
        for client, statuses in ((visitor, {302}), (alice_client, {403}), (sol_client, {403, 405})):
            assert client.get(address).status_code in statuses, address
            assert client.post(address, {"all": "add:skip"}).status_code in statuses, address
    assert upload(sol_client).status_code == 403
    assert Import.objects.count() == 1
    assert set(choices(brought).values()) == {"propose"}
    assert nothing_done()


def test_its_pages_bring_no_styles_or_scripts_of_their_own(catalogue, mel_client):
    brought = bring(mel_client)
    pages = [mel_client.get(ROOM), mel_client.get(ADD), page(mel_client, brought), mel_client.get(f"{ROOM}{brought.pk}/apply/")]
    pages.append(apply(mel_client, brought))
    for response in pages:
        assert "<style" not in response.text
        assert " style=" not in response.text
        assert response.text.count("<script") == response.text.count("<script src=")
        assert response.text.count("<h1") == 1
        assert not re.search(r"\bid=\"([^\"]+)\".*\bid=\"\1\"", response.text, re.DOTALL)
