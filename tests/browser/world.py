"""The site on one day: the default catalogue, what is proposed, and people in the middle of things."""

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.utils.dateparse import parse_datetime

from accounts.models import User
from catalog import dumps, following, letters, matching, records, review
from catalog.models import Category, Paper, Venue
from catalog.reading import lists, states
from catalog.records import Author, Link, Organization, Record
from catalog.records import Category as Place
from catalog.records import Venue as Series
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
            venue=Series(slug="iclr", name="ICLR", year=2024, raw="ICLR'24"),
            organizations=(Organization(slug="stanford-university", name="Stanford University"), Organization(name="Princeton University")),
            identifiers={"arxiv": "2307.08691"},
            links=(Link(kind="paper", url="https://arxiv.org/abs/2307.08691"),),
            categories=(Place(path="system-efficiency-optimization", name="System Efficiency Optimization"),),
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
            categories=(Place(path="llm-systems/serving", name="Serving"),),
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
            categories=(Place(path="llm-systems/serving", name="Serving"),),
        ),
        "Describes how a large public service keeps its caches apart from its machines.",
    ),
]

APPROVED = [
    (
        "2026-11-22T16:40:00Z",
        Record(
            title="Vidur: A Large-Scale Simulation Framework For LLM Inference",
            short_name="Vidur",
            year=2024,
            authors=(Author(name="Amey Agrawal"), Author(name="Nitin Kedia"), Author(name="Jayashree Mohan")),
            venue=Series(slug="mlsys", name="MLSys", year=2024, raw="MLSys'24"),
            organizations=(Organization(slug="microsoft", name="Microsoft"),),
            identifiers={"arxiv": "2405.05465"},
            links=(Link(kind="paper", url="https://arxiv.org/abs/2405.05465"), Link(kind="code", url="https://github.com/microsoft/vidur")),
            categories=(Place(path="llm-systems/serving", name="Serving"),),
            abstract="A model can be deployed in many ways. A simulator finds the cheapest of them without a cluster to try them on.",
        ),
        "Finds in an hour on one machine what would take a cluster a month of trials.",
    ),
    (
        "2026-11-22T17:05:00Z",
        Record(
            title="CacheBlend: Fast Large Language Model Serving with Cached Knowledge Fusion",
            short_name="CacheBlend",
            year=2025,
            authors=(Author(name="Jiayi Yao"), Author(name="Hanchen Li")),
            venue=Series(slug="eurosys", name="EuroSys", year=2025, raw="EuroSys 2025"),
            identifiers={"arxiv": "2405.16444"},
            links=(Link(kind="paper", url="https://arxiv.org/abs/2405.16444"),),
            categories=(Place(path="llm-systems/serving", name="Serving"),),
        ),
        "Makes caches of parts usable where they are not the beginning of a prompt.",
    ),
]
ALICE = {"is_public": True, "display_name": "Alice Okafor", "affiliation": "University of Nairobi", "orcid": "0000-0002-1825-0097"}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def at(moment: str) -> Any:
    return time_machine.travel(parse_datetime(moment), tick=False)


@pytest.fixture
def world(catalogue, alice, bruno, mel, root, settings, tmp_path):
    """What addresses of pages name, by its name."""
    settings.DUMPS_DIR = tmp_path
    named = {"person": alice.pk, "serving": Category.objects.get(path="llm-systems/serving").pk}
    named |= _decided(alice, bruno, mel) | _waiting(alice, bruno)
    for person, facts in ((alice, ALICE), (mel, {"is_public": True})):
        User.objects.filter(pk=person.pk).update(**facts)
    with at(NOW):
        dumps.write(tmp_path, keep=1)
        TOTP.activate(mel, SECRET)
        RecoveryCodes.activate(mel)
        for one in (Category.objects.get(path="llm-systems/serving"), Venue.objects.get(slug="osdi")):
            following.follow(alice, following.named(one), how="weekly")
        named |= _kept(alice)
    named["unsubscribe"] = letters.way_out(alice, letters.Kind.WEEKLY).removeprefix(settings.SITE_URL)
    return {**named, "people": {"alice": alice, "mel": mel, "root": root}}


def _decided(alice, bruno, mel):
    """Additions, a correction and a removal that were approved."""
    for moment, record, why in APPROVED:
        with at(moment):
            _approve(review.submit(record, by=alice, why=why, token=uuid4()), by=mel)
    with at("2026-11-23T15:30:00Z"):
        orca, gone = Paper.objects.get(slug__startswith="orca-"), Paper.objects.order_by("pk")[100]
        right = records.replace(orca.record, note="Read section 4.")
        _approve(review.correct(orca, right, by=alice, why="Others build on section 4.", token=uuid4()), by=mel)
        _approve(review.remove(gone, by=bruno, why="It was never published anywhere.", token=uuid4()), by=mel)
    return {"paper": orca.pk, "corrected": orca.slug, "retracted": gone.slug}


def _kept(alice):
    """What alice reads: papers in each state, one with a note; a list for everybody and one for herself."""
    serving = list(Paper.objects.filter(slug__regex="^(orca|distserve|splitwise|vllm|sarathi|llumnix|alpaserve)").order_by("pk"))
    ids = [paper.public_id for paper in serving] + list(Paper.objects.order_by("pk").values_list("public_id", flat=True)[:6])
    for public_id, state in zip(ids, ["reading", "to_read", "to_read", "read", "to_read"], strict=False):
        states.put(public_id, by=alice, state=state)
    states.put(ids[0], by=alice, note="Compare section 4 with what we run.\nAsk Chen about the traces.")
    first = lists.create(by=alice, name="Where to begin with serving", description="Read in this order.", is_public=True, papers=ids[:5])
    second = lists.create(by=alice, name="For the seminar", papers=ids[2:9])
    return {"read": ids[0], "list": first.public_id, "private": second.public_id}


def _approve(submission, *, by):
    seen = submission.paper.revision if submission.paper else None
    review.decide(submission, review.APPROVE, by=by, seen_version=submission.version, seen_revision=seen, reason="Checked at the source.")


def _waiting(alice, bruno):
    """Three additions, a correction and a removal."""
    additions = []
    for by, (moment, record, why) in zip([alice, bruno, make_user("dana")], PROPOSED, strict=True):
        with at(moment):
            near = [match.paper for match in matching.find_candidates(record) if match.paper]
            additions.append(review.submit(record, by=by, why=why, token=uuid4(), different_from=near))
    hap, aviary = Paper.objects.get(slug__startswith="hap-"), Paper.objects.get(slug__startswith="aviary")
    right = records.replace(hap.record, identifiers={**hap.record.identifiers, "arxiv": "2401.05965"}, note="Code is on the project page.")
    with at("2026-11-23T02:50:00Z"):
        why = "Its preprint has an arXiv number, and the entry does not say where the code is."
        correction = review.correct(hap, right, by=alice, why=why, token=uuid4())
        review.comment(additions[0], "See https://example.org/slides too.", by=alice)
    with at("2026-11-23T08:00:00Z"):
        removal = review.remove(aviary, by=alice, why="It is shut down, and its address leads to a shop.", token=uuid4())
    return {"addition": additions[0].pk, "correction": correction.pk, "removal": removal.pk, "other": aviary.pk}
