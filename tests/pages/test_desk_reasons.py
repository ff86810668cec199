"""The reasons that maintainers choose from, and who may word them."""

import re
from uuid import uuid4

import pytest

from catalog import review, taxonomy
from catalog.models import Decision, Reason
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_record

REASONS = "/admin/catalog/reason/"


def change(client, reason, **told):
    facts = {"kind": reason.kind, "label": reason.label, "text": reason.text, "position": reason.position}
    data = facts | ({"is_offered": "on"} if reason.is_offered else {}) | told
    return client.post(f"{REASONS}{reason.pk}/change/", {name: value for name, value in data.items() if value is not None})


def add(client, **told):
    data = {"verdict": "reject", "kind": "", "label": "Written by a machine", "text": "", "position": 9, "is_offered": "on", **told}
    return client.post(f"{REASONS}add/", data)


@pytest.fixture
def submission(alice):
    make_category("serving")
    record = make_record("Orca", categories=["serving"], links=["https://example.org/paper"])
    return review.submit(record, by=alice, why="It serves a thousand adapters from one base model.", token=uuid4())


def bulk_preview(client, submission, verdict="reject"):
    return client.post("/admin/catalog/submission/bulk/", {"verdict": verdict, "number": submission.pk}).text


def test_the_list_stands_by_verdict_in_its_order(mel_client):
    page = mel_client.get(REASONS).text
    assert re.findall(r"<h2>([^<]+)</h2>", page) == ["Approved", "Rejected", "Changes requested", "Approved in part"]
    rejected = page[page.index("<h2>Rejected") : page.index("<h2>Changes requested")]
    labels = list(Reason.objects.filter(verdict="reject").order_by("position").values_list("label", flat=True))
    assert re.findall(r'<th scope="row"><a [^>]+><bdi>([^<]+)', rejected) == labels


def test_a_new_reason_has_a_code_made_of_its_wording_and_is_offered_at_once(mel_client, submission):
    assert add(mel_client, text="It reads as if nobody wrote it.").status_code == 302
    reason = Reason.objects.get(label="Written by a machine")
    assert (reason.verdict, reason.code, reason.is_offered) == ("reject", "written_by_a_machine", True)
    page = bulk_preview(mel_client, submission)
    assert "Written by a machine" in page
    assert 'data-text="It reads as if nobody wrote it."' in page


def test_two_reasons_of_one_wording_have_two_codes(mel_client):
    for _each in range(3):
        add(mel_client)
    codes = Reason.objects.filter(label="Written by a machine").values_list("code", flat=True)
    assert sorted(codes) == ["written_by_a_machine", "written_by_a_machine_2", "written_by_a_machine_3"]


def test_another_wording_shows_at_once_and_decisions_keep_their_code(mel, mel_client, submission):
    reason = Reason.objects.get(verdict="reject", code="out_of_scope")
    assert "Out of scope" in bulk_preview(mel_client, submission)
    assert change(mel_client, reason, label="Not about systems", text="Its home is another list.", position=1).status_code == 302
    page = bulk_preview(mel_client, submission)
    assert "Not about systems" in page
    assert "Its home is another list." in page
    assert "Out of scope" not in page
    review.decide(submission, review.REJECT, by=mel, seen_version=1, reason_code="out_of_scope", reason="No.")
    change(mel_client, Reason.objects.get(pk=reason.pk), label="Elsewhere")
    assert Decision.objects.get().reason_code == "out_of_scope"
    assert "Elsewhere" in mel_client.get("/changes/").text


def test_neither_code_nor_verdict_can_be_changed(mel_client):
    reason = Reason.objects.get(verdict="reject", code="out_of_scope")
    change(mel_client, reason, code="belongs", verdict="approve")
    reason.refresh_from_db()
    assert (reason.verdict, reason.code) == ("reject", "out_of_scope")


def test_one_that_is_switched_off_is_offered_no_more_and_stays_in_the_list(mel_client, submission):
    reason = Reason.objects.get(verdict="reject", code="out_of_scope")
    assert 'value="out_of_scope"' in bulk_preview(mel_client, submission)
    change(mel_client, reason, is_offered=None)
    assert 'value="out_of_scope"' not in bulk_preview(mel_client, submission)
    assert "Switched off" in mel_client.get(REASONS).text


def test_none_can_be_deleted(mel_client, root_client):
    reason = Reason.objects.first()
    for client in (mel_client, root_client):
        assert client.post(f"{REASONS}{reason.pk}/delete/", {"post": "yes"}).status_code in {403, 404}
        client.post(REASONS, {"action": "delete_selected", "_selected_action": reason.pk, "post": "yes"})
    assert Reason.objects.filter(pk=reason.pk).exists()


@pytest.mark.parametrize(
    "told", [{"label": ""}, {"label": "—"}, {"label": "x" * 101}, {"text": "x" * 5001}, {"verdict": "undo"}, {"kind": "paper"}]
)
def test_what_cannot_be_a_reason_is_refused_at_its_field(mel_client, told):
    response = add(mel_client, **told)
    assert response.status_code == 200
    assert response.context["adminform"].form.errors.keys() == set(told)
    assert not Reason.objects.filter(position=9, label__startswith="Written").exists()


def test_only_full_maintainers_word_them(visitor, alice_client, db):
    sol = make_user("sol")
    taxonomy.name_maintainers(make_category("systems"), [sol])
    before = list(Reason.objects.values())
    for client, status in [(visitor, 302), (alice_client, 403), (signed_in(sol), 403)]:
        assert client.get(REASONS).status_code == status
        assert add(client).status_code == status
        assert change(client, Reason.objects.first(), label="Mine").status_code == status
    assert list(Reason.objects.values()) == before


def test_hidden_characters_do_not_get_into_a_wording(mel_client):
    add(mel_client, label="Writ\u202eten  by a\u200b machine")
    assert Reason.objects.filter(label="Written by a machine").exists()


def test_a_hostile_wording_is_text(mel_client, submission):
    add(mel_client, label="<script>alert(1)</script>", text='"><script>alert(2)</script>')
    for page in (mel_client.get(REASONS).text, bulk_preview(mel_client, submission)):
        assert "<script>alert" not in page
