"""axe-core finds nothing on any page, dark on a phone and light on a desk, for whoever may see it."""

from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe

from catalog import review
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
    "/accounts/login/",
    "/accounts/signup/",
    "/no-such-page/",
]


@pytest.fixture
def submission(catalogue, alice):
    record = make_record("A Paper on Serving", links=["https://example.org/paper"], categories=["llm-systems/serving"])
    return review.submit(record, by=alice, why=WHY, token=uuid4())


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_every_page_is_free_of_violations(open_context, live_server, client, submission, alice, mel, scheme, width):
    paper, other = Paper.objects.filter(slug__startswith="orca").first(), Paper.objects.order_by("pk").first()
    correction = review.correct(paper, replace(paper.record, note="Read section 4."), by=alice, why=WHY, token=uuid4())
    removal = review.remove(other, by=alice, why=WHY, token=uuid4())
    review.comment(submission, "See https://example.org/slides too.", by=alice)
    contributing = ["/submissions/", f"/submissions/{submission.pk}/", f"/submissions/{submission.pk}/edit/", "/accounts/email/"]
    contributing += ["/submissions/new/?paste=https://arxiv.org/abs/2405.04437", "/accounts/", "/accounts/notifications/"]
    contributing += [f"/papers/{paper.slug}/correct/", f"/papers/{paper.slug}/remove/", f"/submissions/{correction.pk}/"]
    contributing += [f"/submissions/{correction.pk}/edit/", f"/submissions/{removal.pk}/", f"/submissions/{removal.pk}/edit/"]
    desk, category = "/admin/catalog", Category.objects.get(path="llm-systems/serving").pk
    deciding = ["/admin/", f"{desk}/submission/", f"{desk}/submission/{submission.pk}/change/", f"{desk}/submission/{submission.pk}/edit/"]
    deciding += [f"{desk}/submission/{correction.pk}/change/", f"{desk}/submission/{removal.pk}/change/", f"{desk}/reason/"]
    deciding += [f"{desk}/category/", f"{desk}/category/{category}/change/", f"{desk}/category/{category}/order/", f"{desk}/venue/"]
    deciding += [f"{desk}/venue/mapping/", f"{desk}/paper/{paper.pk}/change/", f"{desk}/paper/{paper.pk}/merge/?with={other.pk}"]
    deciding += [f"{desk}/paper/duplicates/", f"{desk}/tombstone/"]
    found = []
    for person, addresses in [(None, READING), (alice, contributing), (mel, deciding)]:
        # axe puts a style of its own into the page.
        context = open_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
        if person:
            client.force_login(person)
            context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        for address in addresses:
            page.goto(address)
            violations = Axe().run(page, options={"preload": False}).response["violations"]
            found += [f"{address}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations]
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found += [f"{address}: {overflow} px too wide"] if overflow > 0 else []
    assert found == []
