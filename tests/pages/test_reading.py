"""What somebody reads: said and changed on their pages, on the paper's, and in lists; and seen by nobody else."""

import pytest

from catalog import reading
from catalog.models import Reading
from tests.factories import make_paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def orca(db):
    return make_paper("Orca: A Distributed Serving System", short_name="Orca", categories=["serving"], year=2022)


def page_of(paper):
    return f"/reading/papers/{paper.public_id}/"


@pytest.mark.parametrize("address", ["/", "/papers/", "/papers/?q=orca", "/categories/serving/"])
def test_lists_say_how_far_their_reader_is(orca, alice, alice_client, bruno_client, visitor, address):
    assert "To read" in alice_client.get(address).text
    reading.put(orca.public_id, by=alice, state="reading")

    assert '<span class="state">Reading</span>' in alice_client.get(address).text
    assert 'value="to_read"' in bruno_client.get(address).text
    for page in (bruno_client.get(address).text, visitor.get(address).text):
        assert '<span class="state">Reading</span>' not in page
    assert "to_read" not in visitor.get(address).text


def test_it_is_put_on_what_is_to_be_read_in_one_click(orca, alice, alice_client):
    answer = alice_client.post(page_of(orca), {"state": "to_read", "back": "/papers/?page=1", "mark": "1"})
    assert answer["Location"] == f"/papers/?page=1#reading-{orca.public_id}"
    assert Reading.objects.get(user=alice).state == "to_read"

    part = alice_client.post(page_of(orca), {"state": "read", "mark": "1"}, headers={"HX-Request": "true"})
    assert part.text == '<span class="state" data-said="Read: Orca">Read</span>'
