"""Forms kept for later: whose they are, how many, how long; and what happens when two are saved at once."""

import uuid

import pytest
from django.http import QueryDict

from catalog import drafts
from catalog.models import Draft

pytestmark = pytest.mark.django_db

PAGE = "/submissions/new/"


def saved(by, token=None, path=PAGE, **fields):
    query = QueryDict(mutable=True)
    query.update(fields)
    return drafts.save(query, by=by, token=token or uuid.uuid4(), path=path, title=fields.get("title", ""))


def test_what_was_kept_comes_back_word_for_word_to_whoever_kept_it(alice, bruno):
    draft = saved(alice, title="Orca & “whale”", authors="Yu\r\nJeong")
    fields = drafts.fields_of(str(draft.token), by=alice, path=PAGE)
    assert (fields["title"], fields["authors"]) == ("Orca & “whale”", "Yu\r\nJeong")
    assert drafts.fields_of(str(draft.token), by=bruno, path=PAGE) is None


def test_a_draft_belongs_to_the_form_it_was_typed_in(alice):
    draft = saved(alice, path="/papers/orca/correct/", title="Orca")
    assert drafts.fields_of(str(draft.token), by=alice, path=PAGE) is None


@pytest.mark.parametrize("token", ["", "x", "1" * 500, "7c9e6679-7425-40de-944b-e07fc1f90ae7"])
def test_a_token_that_keeps_nothing_finds_nothing(alice, token):
    assert drafts.fields_of(token, by=alice, path=PAGE) is None


def test_saving_the_same_form_again_takes_the_place_of_what_was_kept(alice):
    token = uuid.uuid4()
    saved(alice, token, title="Orca")
    saved(alice, token, title="Orca, at length")
    assert Draft.objects.get().title == "Orca, at length"


def test_two_people_with_the_same_token_keep_a_draft_each(alice, bruno):
    token = uuid.uuid4()
    saved(alice, token, title="Orca")
    saved(bruno, token, title="Whale")
    assert drafts.fields_of(str(token), by=alice, path=PAGE)["title"] == "Orca"


def test_secrets_of_the_form_are_not_kept(alice):
    draft = saved(alice, title="Orca", csrfmiddlewaretoken="secret", act="save")
    assert "secret" not in draft.fields
    assert "act" not in draft.fields


def test_the_twenty_first_is_not_kept_and_the_twenty_stay(alice, bruno):
    kept = [saved(alice, title=str(number)) for number in range(drafts.PER_PERSON)]
    with pytest.raises(drafts.TooMany):
        saved(alice, title="One more")
    saved(alice, kept[0].token, title="An old one again")
    saved(bruno, title="Of somebody else")
    assert Draft.objects.filter(contributor=alice).count() == drafts.PER_PERSON


def test_more_than_a_draft_can_hold_is_not_kept(alice):
    saved(alice, abstract="x" * (drafts.LONGEST - 100))
    with pytest.raises(drafts.TooLong):
        saved(alice, abstract="x" * drafts.LONGEST)
    assert Draft.objects.count() == 1


def test_a_title_of_any_length_is_cut_for_the_list_and_whole_in_the_form(alice):
    draft = saved(alice, title="x" * 10_000)
    assert len(Draft.objects.get().title) == 500
    assert len(drafts.fields_of(str(draft.token), by=alice, path=PAGE)["title"]) == 10_000


def test_only_ones_own_is_thrown_away(alice, bruno):
    draft = saved(alice, title="Orca")
    drafts.discard(draft.token, by=bruno)
    assert Draft.objects.exists()
    drafts.discard(draft.token, by=alice)
    assert not Draft.objects.exists()
