"""The lists that we write are such as awesome-lint 2.3.0 has nothing to say about."""

import os

import pytest
from django.test import Client

from catalog.formats import Catalogue, markdown
from catalog.models import Paper
from tests.api.conftest import body
from tests.awesome import linter
from tests.formats.hostile import CATEGORIES, hostile_records


@pytest.fixture
def complaints(tmp_path):
    if not linter.is_installed():
        missing = pytest.fail if os.environ.get("REQUIRE_AWESOME_LINT") == "1" else pytest.skip
        missing("awesome-lint is not installed; `make test` fetches it where node and npm are")
    return lambda text: linter.complaints(tmp_path, text)


@pytest.mark.parametrize("query", ["", "?category=llm-systems/serving", "?q=serving&year_min=2024", "?q=nothing+is+called+so"])
def test_it_has_nothing_to_say_about_any_selection(catalogue, complaints, query):
    assert complaints(body(Client().get(f"/papers.md{query}")).decode()) == []


def test_it_has_nothing_to_say_about_one_paper(catalogue, complaints):
    assert complaints(body(Client().get(f"/papers/{Paper.objects.last().slug}.md")).decode()) == []


def test_it_has_nothing_to_say_about_what_people_write_to_break_it(complaints):
    records = hostile_records(400)
    about = Catalogue(
        site="https://x.example",
        title="Awesome Hostile Papers",
        license="CC0-1.0",
        version=1,
        updated_at=None,
        count=400,
        contents=CATEGORIES,
    )
    assert complaints("".join(markdown.dump(records, about))) == []


def test_it_does_object(complaints):
    assert any("Duplicate link" in each for each in complaints("# Awesome\n\n- [A](https://x.org)\n- [B](https://x.org)\n"))
