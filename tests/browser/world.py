"""The site on one day: the default catalogue, what is proposed, and people in the middle of things."""

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils.dateparse import parse_datetime

from catalog import dumps, matching, records, review
from catalog.models import Category, Paper
from catalog.records import Author, Link, Organization, Record, Venue
from catalog.records import Category as Place
from tests.conftest import make_user

NOW = "2026-11-24T12:00:00Z"

PROPOSED = [
    (
        "2026-11-22T09:14:00Z",
        Record(
            title="FlashAttention-2: Faster Attention with Better Parallelism and Work Partitioning",
            short_name="FlashAttention-2",
            year=2023,
            authors=(Author(name="Tri Dao"),),
            venue=Venue(slug="iclr", name="ICLR", year=2024, raw="ICLR'24"),
            organizations=(Organization(slug="stanford-university", name="Stanford University"), Organization(name="Princeton University")),
            identifiers={"arxiv": "2307.08691"},
            links=(Link(kind="paper", url="https://arxiv.org/abs/2307.08691"),),
            categories=(Place(path="system-efficiency-optimization"),),
        ),
        "Halves the time of exact attention by splitting work over the sequence, so most stacks since 2023 rest on it.",
    ),
    (
        "2026-11-23T10:02:00Z",
        Record(
            title="Splitwise: Efficient Generative LLM Inference Using Phase Splitting",
            short_name="Splitwise",
            year=2024,
            identifiers={"arxiv": "2311.18677"},
            links=(Link(kind="paper", url="https://arxiv.org/abs/2311.18677"),),
            categories=(Place(path="llm-systems/serving"),),
        ),
        "Runs the two phases of a request on machines of their own, which others have built on since.",
    ),
    (
        "2026-11-24T11:20:00Z",
        Record(
            title="Mooncake: A KVCache-centric Disaggregated Architecture for LLM Serving",
            short_name="Mooncake",
            year=2024,
            identifiers={"arxiv": "2407.00079"},
            links=(Link(kind="paper", url="https://arxiv.org/abs/2407.00079"),),
            categories=(Place(path="llm-systems/serving"),),
        ),
        "Describes how a large public service keeps its caches apart from its machines.",
    ),
]


def at(moment: str) -> Any:
    return time_machine.travel(parse_datetime(moment), tick=False)


@pytest.fixture
def world(catalogue, alice, bruno, mel, settings, tmp_path):
    """What addresses of pages name, by its name."""
    settings.DUMPS_DIR = tmp_path
    people = [alice, bruno, make_user("dana")]
    additions = []
    for by, (moment, record, why) in zip(people, PROPOSED, strict=True):
        with at(moment):
            near = [match.paper for match in matching.find_candidates(record) if match.paper]
            additions.append(review.submit(record, by=by, why=why, token=uuid4(), different_from=near))
    hap = Paper.objects.get(slug__startswith="hap-")
    right = records.replace(hap.record, identifiers={**hap.record.identifiers, "arxiv": "2401.05965"}, note="Code is on the project page.")
    with at("2026-11-23T02:50:00Z"):
        why = "Its preprint has an arXiv number, and the entry does not say where the code is."
        correction = review.correct(hap, right, by=alice, why=why, token=uuid4())
        review.comment(additions[0], "See https://example.org/slides too.", by=alice)
    with at("2026-11-23T08:00:00Z"):
        aviary = Paper.objects.get(slug__startswith="aviary")
        removal = review.remove(aviary, by=alice, why="It is shut down, and its address leads to a shop.", token=uuid4())
    with at("2026-11-23T15:30:00Z"):
        orca = Paper.objects.get(slug__startswith="orca-")
        noted = review.correct(
            orca, records.replace(orca.record, note="Read section 4."), by=alice, why="Others build on section 4.", token=uuid4()
        )
        review.decide(noted, review.APPROVE, by=mel, seen_version=noted.version, seen_revision=orca.revision)
        gone = Paper.objects.order_by("-pk")[0]
        taken_out = review.remove(gone, by=bruno, why="It was never published anywhere.", token=uuid4())
        review.decide(
            taken_out, review.APPROVE, by=mel, seen_version=taken_out.version, seen_revision=gone.revision, reason="It was never published."
        )
    with at(NOW):
        dumps.write(tmp_path, keep=1)
    return {
        "addition": additions[0].pk,
        "correction": correction.pk,
        "removal": removal.pk,
        "corrected": orca.slug,
        "retracted": gone.slug,
        "paper": orca.pk,
        "other": aviary.pk,
        "serving": Category.objects.get(path="llm-systems/serving").pk,
        "people": {"alice": alice, "mel": mel},
    }
