"""The OpenAPI document: it validates, it describes every address, and what it gives as an example can be sent as it is."""

import json
from urllib.parse import quote, urlencode
from uuid import uuid4

import jsonschema
import pytest
from django.db.models.signals import pre_save
from django.test import Client
from django.urls import get_resolver
from msgspec import inspect
from openapi_spec_validator import OpenAPIV31SpecValidator

from catalog import review
from catalog.api.examples import EXAMPLES
from catalog.api.proposals import ProposedRecord
from catalog.models import Submission
from catalog.records import Record
from tests.api.conftest import Program, asked, body
from tests.factories import make_record

NUMBER = 12


@pytest.fixture
def no_12(catalogue, alice):
    """The submission that the examples are about, with that number."""

    def number(instance, **_more):
        if instance._state.adding and not Submission.objects.filter(pk=NUMBER).exists():
            instance.pk = NUMBER

    pre_save.connect(number, sender=Submission)
    record = make_record("Paged Everything: On Pages of All Kinds", categories=["llm-systems"], links=["https://example.org/pages"])
    submission = review.submit(record, by=alice, why="It is about pages of every kind there is.", token=uuid4())
    pre_save.disconnect(number, sender=Submission)
    assert submission.pk == NUMBER


def operations(document):
    for address, methods in document["paths"].items():
        for method, operation in methods.items():
            yield address, method, operation


def example_of(address, operation):
    """The address, the headers and the body that the document's examples of an operation make."""
    query, headers = [], {}
    for parameter in operation.get("parameters", ()):
        if "example" not in parameter:
            continue
        value = parameter["example"]
        match parameter["in"]:
            case "path":
                address = address.replace(f"{{{parameter['name']}}}", quote(str(value)))
            case "query":
                query += [(parameter["name"], each) for each in (value if isinstance(value, list) else [value])]
            case "header":
                headers[parameter["name"]] = value
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    return f"{address}?{urlencode(query)}".removesuffix("?"), headers, sent


def conforms(document, operation, response):
    """What it says; it is one of the answers that the operation describes, in status, media type and shape."""
    described = operation["responses"].get(str(response.status_code))
    assert described, (response.status_code, response.content)
    content = described["content"][response["Content-Type"].partition(";")[0]]
    schema = {**content["schema"], "components": document["components"]}
    jsonschema.Draft202012Validator.check_schema(schema)
    said = json.loads(body(response))
    jsonschema.validate(said, schema, format_checker=jsonschema.FormatChecker())
    return said


DOCUMENTED = sorted(EXAMPLES)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_example_of_each_operation_is_answered_as_described(name, no_12, alice, mel):
    document = asked("/api/schema/")
    address, method, operation = next(each for each in operations(document) if each[2]["operationId"] == name)
    asker = Program(mel if name in {"queue", "decide"} else alice) if operation.get("security") else Client()
    where, headers, sent = example_of(address, operation)
    response = asker.generic(method.upper(), where, json.dumps(sent) if sent else "", content_type="application/json", headers=headers)
    success = next(int(status) for status in operation["responses"] if status.startswith("2"))
    assert response.status_code == success, body(response)
    said = conforms(document, operation, response)
    for name in {"results", "papers", "candidates", "facts"} & said.keys():
        assert said[name], "an example that finds nothing shows nothing"


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_parameter_that_no_operation_knows_is_refused_as_described(name, no_12, mel):
    document = asked("/api/schema/")
    address, method, operation = next(each for each in operations(document) if each[2]["operationId"] == name)
    where, headers, sent = example_of(address, operation)
    joint = "&" if "?" in where else "?"
    response = Program(mel).generic(
        method.upper(), f"{where}{joint}colour=blue", json.dumps(sent), content_type="application/json", headers=headers
    )
    assert response.status_code == 400
    conforms(document, operation, response)


@pytest.mark.parametrize("name", [name for name, example in EXAMPLES.items() if "body" in example])
@pytest.mark.parametrize("sent", ["[", "[]", "{}", '{"colour": 1}', "null", " "])
def test_what_is_not_of_the_shape_is_refused_as_described(name, sent, no_12, mel, alice):
    document = asked("/api/schema/")
    address, method, operation = next(each for each in operations(document) if each[2]["operationId"] == name)
    where, headers, _sent = example_of(address, operation)
    asker = Program(mel if name == "decide" else alice)
    response = asker.generic(method.upper(), where, sent, content_type="application/json", headers=headers)
    if sent == "{}" and name == "edit":
        assert response.status_code == 400 or response.json()["version"] == 2
    else:
        assert response.status_code == 400, response.content
    conforms(document, operation, response)


def test_the_document_is_openapi_3_1(db):
    document = asked("/api/schema/")
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_operation_has_an_example_and_every_address_an_operation(db):
    document = asked("/api/schema/")
    assert {operation["operationId"] for _address, _method, operation in operations(document)} == set(EXAMPLES)
    described = {address.removeprefix("/api/") for address in document["paths"]}
    patterns = {str(pattern.pattern) for pattern in _api_patterns()}
    for converter in ("str:", "path:", "int:"):
        patterns = {pattern.replace(f"<{converter}", "{").replace(">", "}") for pattern in patterns}
    assert {pattern for pattern in patterns if pattern.startswith("v1/")} == described


def _api_patterns():
    resolver = next(each for each in get_resolver().url_patterns if str(each.pattern) == "api/")
    return resolver.url_patterns


def test_what_changes_something_says_by_which_token_it_can(db):
    for address, method, operation in operations(asked("/api/schema/")):
        is_private = "submissions" in address or "queue" in address
        assert bool(operation.get("security")) == is_private, address
        assert {"401", "403"} <= set(operation["responses"]) or not is_private
        if method in {"put", "patch"} or address.endswith(("withdraw/", "decisions/")):
            assert [each["required"] for each in operation["parameters"] if each["name"] == "If-Match"] == [True]


def test_a_record_can_be_sent_back_as_it_was_read():
    assert set(Record.__struct_fields__) == set(ProposedRecord.__struct_fields__)
    for name in ("authors", "organizations", "links", "categories", "venue"):
        served, sent = _item(Record, name), _item(ProposedRecord, name)
        assert set(served.__struct_fields__) == set(sent.__struct_fields__), name


def _item(struct, name):
    """The structure that stands in a field, alone, in a row or among others."""
    found = [next(each.type for each in inspect.type_info(struct).fields if each.name == name)]
    while found:
        kind = found.pop()
        if isinstance(kind, inspect.StructType):
            return kind.cls
        inside = [getattr(kind, part, None) for part in ("type", "item_type")]
        found += [each for each in (*inside, *getattr(kind, "types", ())) if each]
    raise LookupError(name)
