"""axe-core finds nothing on any page, dark on a phone and light on a desk, for whoever may see it."""

from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe

from catalog import dumps, review
from catalog.models import Category, Paper
from catalog.records import replace
from tests.factories import make_record

WHY = "It measures what others only say about batching."

READING = [
    "/",
    "/papers/",
    "/papers/?q=kv-cache&year=2024",
    "/papers/?q=nothing-at-all",
    "/papers/?year=20x4",
    "/papers/orca-a-distributed-serving-system/",
    "/categories/",
    "/categories/llm-systems/",
    "/categories/llm-systems/serving/",
    "/venues/",
    "/venues/sosp/",
    "/venues/sosp/2024/",
    "/organizations/",
    "/organizations/uc-berkeley/",
    "/changes/",
    "/queue/",
    "/papers/orca-a-distributed-serving-system/history/",
    "/about/",
    "/dumps/",
    "/accounts/login/",
    "/accounts/signup/",
    "/no-such-page/",
]


@pytest.fixture(autouse=True)
def dump(catalogue, settings, tmp_path):
    settings.DUMPS_DIR = tmp_path
    return dumps.write(tmp_path, keep=1)


@pytest.fixture
def submission(catalogue, alice):
    record = make_record("A Paper on Serving", links=["https://example.org/paper"], categories=["llm-systems/serving"])
    return review.submit(record, by=alice, why=WHY, token=uuid4())


def pages_of_a_contributor(paper, correction, removal, submission):
    return [
        *("/submissions/", f"/submissions/{submission.pk}/", f"/submissions/{submission.pk}/edit/"),
        "/submissions/new/?paste=https://arxiv.org/abs/2405.04437",
        *(f"/papers/{paper.slug}/correct/", f"/papers/{paper.slug}/remove/"),
        *(f"/submissions/{correction.pk}/", f"/submissions/{correction.pk}/edit/"),
        *(f"/submissions/{removal.pk}/", f"/submissions/{removal.pk}/edit/"),
        *("/accounts/", "/accounts/email/", "/accounts/notifications/", "/accounts/tokens/"),
    ]


def pages_of_a_maintainer(paper, correction, removal, submission):
    category, other = Category.objects.get(path="llm-systems/serving").pk, removal.paper.pk
    rooms = [
        *("submission/", f"submission/{submission.pk}/change/", f"submission/{submission.pk}/edit/"),
        *(f"submission/{correction.pk}/change/", f"submission/{removal.pk}/change/", "reason/"),
        *("category/", f"category/{category}/change/", f"category/{category}/order/", "venue/", "venue/mapping/"),
        *(f"paper/{paper.pk}/change/", f"paper/{paper.pk}/merge/?with={other}", "paper/duplicates/", "tombstone/"),
        *("import/", "import/add/"),
    ]
    return ["/admin/", *(f"/admin/catalog/{room}" for room in rooms)]


@pytest.mark.parametrize("who", [None, "alice", "mel"])
def test_every_page_is_free_of_violations(open_context, live_server, client, submission, alice, mel, who):
    paper, other = Paper.objects.filter(slug__startswith="orca").first(), Paper.objects.order_by("pk").first()
    correction = review.correct(paper, replace(paper.record, note="Read section 4."), by=alice, why=WHY, token=uuid4())
    removal = review.remove(other, by=alice, why=WHY, token=uuid4())
    review.comment(submission, "See https://example.org/slides too.", by=alice)
    about = (paper, correction, removal, submission)
    addresses = {None: READING, "alice": pages_of_a_contributor(*about), "mel": pages_of_a_maintainer(*about)}[who]
    # axe puts a style of its own into the page.
    context = open_context(bypass_csp=True)
    if who:
        client.force_login({"alice": alice, "mel": mel}[who])
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    found = []
    for address in addresses:
        page.goto(address)
        for width, scheme in ((1280, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            violations = Axe().run(page, options={"preload": False}).response["violations"]
            found += [f"{address} {width}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations]
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found += [f"{address} {width}: {overflow} px too wide"] if overflow > 0 else []
    assert found == []
