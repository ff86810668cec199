"""The page of the API: all that the OpenAPI document says, for people."""

import json
import re
import shlex

import pytest
from django.test import Client

from catalog.api import schema
from catalog.api.reference import reference
from catalog.templatetags.reference import coded


@pytest.fixture
def page(db):
    response = Client().get("/api/docs/")
    assert response.status_code == 200
    assert not response.cookies
    return response.content.decode()


@pytest.fixture(scope="module")
def document():
    return json.loads(schema.openapi())


def test_every_operation_stands_there_once(page, document):
    names = [operation["operationId"] for operations in document["paths"].values() for operation in operations.values()]
    assert sorted(re.findall(r'<article class="operation stack" id="([a-z_]+)"', page)) == sorted(names)


def test_every_structure_stands_there_and_every_name_of_one_leads_to_it(page, document):
    places = re.findall(r' id="([^"]+)"', page)
    assert len(places) == len(set(places))
    assert set(document["components"]["schemas"]) <= set(places)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(places)


def test_every_parameter_and_every_field_is_described(page, document):
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                assert f"<code>{parameter['name']}</code>" in page
                assert str(coded(parameter.get("description", ""))) in page


def test_what_opens_answers(catalogue):
    addresses = [operation.address for operations in reference().groups.values() for operation in operations if operation.address]
    assert len(addresses) > 10
    for address in addresses:
        assert Client().get(address).status_code == 200, address


def test_a_command_is_what_a_shell_makes_the_example_of(document):
    operations = {operation.name: operation for group in reference().groups.values() for operation in group}
    words = shlex.split(operations["edit"].example.replace("\\\n", ""))
    assert words[:3] == ["curl", "-X", "PATCH"]
    assert words.count("-H") == 3
    assert 'If-Match: "1"' in words
    assert words[-3].endswith("/api/v1/submissions/12/")
    assert json.loads(words[-1]) == schema.EXAMPLES["edit"]["body"]
    assert operations["edit"].scopes == ("submit",)


def test_words_between_backticks_are_code_and_nothing_else_is_markup():
    assert coded("`next` is <b>") == "<code>next</code> is &lt;b&gt;"
    assert coded("`<i>`") == "<code>&lt;i&gt;</code>"
