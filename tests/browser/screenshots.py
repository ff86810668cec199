"""Draw docs/screenshots/ anew: each page at two widths, light and dark, with the default catalogue and a few submissions.

Run by `make screenshots`; not a test, though it stands on the tests' cast and server.
"""

from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from django.utils.dateparse import parse_datetime

from catalog import matching, records, review
from catalog.models import Category, Paper
from catalog.records import Author, Link, Organization, Record, Venue
from catalog.records import Category as Place
from tests.conftest import make_user

SCREENSHOTS = Path(__file__).parents[2] / "docs" / "screenshots"
SIZES = {1280: 900, 390: 844}
NOW = "2026-11-22T12:00:00Z"

PROPOSED = [
    (
        "2026-11-20T09:14:00Z",
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
        "2026-11-21T10:02:00Z",
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
        "2026-11-22T11:20:00Z",
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


@pytest.fixture
def queue(catalogue, alice, bruno, mel):
    """Three additions wait, and a correction."""
    people = [alice, bruno, make_user("dana")]
    submissions = []
    for by, (at, record, why) in zip(people, PROPOSED, strict=True):
        with time_machine.travel(parse_datetime(at), tick=False):
            near = [match.paper for match in matching.find_candidates(record) if match.paper]
            submissions.append(review.submit(record, by=by, why=why, token=uuid4(), different_from=near))
    paper = Paper.objects.get(slug__startswith="hap-")
    right = records.replace(
        paper.record, identifiers={**paper.record.identifiers, "arxiv": "2401.05965"}, note="Code is on the project page."
    )
    with time_machine.travel(parse_datetime("2026-11-21T02:50:00Z"), tick=False):
        why = "Its preprint has an arXiv number, and the entry does not say where the code is."
        submissions.append(review.correct(paper, right, by=bruno, why=why, token=uuid4()))
    assert Category.objects.count() == 14
    return submissions


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_draw(open_context, live_server, queue, client, alice, mel, width, scheme):
    first, *_others, correction = queue
    pages = {
        "home": (None, "/"),
        "list": (None, "/papers/?category=llm-systems/serving&year=2024&year=2023"),
        "paper": (None, "/papers/distserve-disaggregating-prefill-and-decoding/"),
        "category": (None, "/categories/llm-systems/"),
        "sign-in": (None, "/accounts/login/"),
        "form": (alice, "/submissions/new/?paste=https://arxiv.org/pdf/2402.05099v1"),
        "submission": (alice, f"/submissions/{first.pk}/"),
        "queue": (mel, "/admin/catalog/submission/"),
        "item": (mel, f"/admin/catalog/submission/{first.pk}/change/"),
        "correction": (mel, f"/admin/catalog/submission/{correction.pk}/change/"),
    }
    with time_machine.travel(parse_datetime(NOW), tick=False):
        for name, (person, address) in pages.items():
            context = open_context(viewport={"width": width, "height": SIZES[width]}, color_scheme=scheme)
            if person:
                client.force_login(person)
                cookie = client.cookies["sessionid"]
                context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
            page = context.new_page()
            page.goto(address)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")
            context.close()
