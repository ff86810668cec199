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

pytestmark = pytest.mark.django_db
ROOM = "/admin/catalog/import/"
ADD = f"{ROOM}add/"
BIRDS = """title,authors,year,venue,url,categories
Sparrow: Serving Without Waiting,Ann Bee,2024,OSDI,https://arxiv.org/abs/2401.00007,llm-systems/serving
Wren: Tiny Models for Tiny Birds,Bob Cee; Cy Dee,2023,,https://example.org/wren,llm-systems/serving
Orca: A Distributed Serving System for Transformer-Based Generative Models,,1999,,,ml-systems
FlashAttention: Fast and Memory-Efficient Exact Attention with Awareness of IO,,2022,,,llm-systems/serving
,,2020,,,
"""
SPARROW, WREN = "Sparrow: Serving Without Waiting", "Wren: Tiny Models for Tiny Birds"


def file_of(text, name="birds.csv"):
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


def upload(client, text=BIRDS, name="birds.csv", **told):
    return client.post(ADD, {"file": file_of(text, name), "text": "", "format": "", "category": "", **told})


def bring(client, text=BIRDS, name="birds.csv", **told):
    response = upload(client, text, name, **told)
    assert response.status_code == 302, response.context["form"].errors
    return Import.objects.latest("pk")


def many(number, start=0):
    lines = [f"Bird number {n} of the plain and hill {n * 7},https://example.org/{n},llm-systems/serving" for n in range(start, start + number)]
    return "\n".join(["title,url,categories", *lines])


def row(brought, title):
    return brought.rows.get(title__startswith=title)


def choose(client, brought, **told):
    """By titles: `choose(client, brought, Sparrow="publish")`."""
    told = {(f"choice-{row(brought, name).pk}" if name[0].isupper() else name): value for name, value in told.items()}
    return client.post(f"{ROOM}{brought.pk}/choose/", told)


def apply(client, brought):
    return client.post(f"{ROOM}{brought.pk}/apply/")


def page(client, brought, **asked):
    response = client.get(f"{ROOM}{brought.pk}/change/", asked)
    assert response.status_code == 200
    return response


def acts(brought):
    return [(each.title[:8], each.act, each.choice) for each in brought.rows.all()]


def became(brought):
    return {each.title[:8]: each.became for each in brought.rows.all()}


def words(response):
    return " ".join(response.text.split())


# -- Bring -------------------------------------------------------------------------------------
def test_a_file_is_shown_entry_by_entry_and_nothing_is_done(catalogue, mel, mel_client):
    brought = bring(mel_client)
    assert acts(brought) == [
        ("Sparrow:", "add", "propose"),
        ("Wren: Ti", "add", "propose"),
        ("Orca: A ", "change", "propose"),
        ("FlashAtt", "suspected", "propose"),
        ("2020", "not_understood", "skip"),
    ]
    assert (brought.by, brought.name, brought.list_name, brought.format) == (mel, "birds.csv", "birds", "csv")
    assert brought.lines == brought.entries + sum(brought.ignored.values()) + 1
    said = words(page(mel_client, brought))
    for text in ("<b>Sparrow</b>", "Ann Bee", "OSDI 2024", "https://arxiv.org/abs/2401.00007", "Serving", "6 lines read: 4 entries", "1 not understood"):
        assert text in said, text
    assert (Paper.objects.count(), Submission.objects.count(), ImportedList.objects.filter(name="birds").count()) == (185, 0, 0)
