"""How the queue stands, for everyone; and nothing of what stands in it."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from catalog import review
from catalog.models import Decision, Submission
from tests.conftest import make_user
from tests.factories import make_category, make_paper, make_record


def propose(by, title="A Secret Title", *, hours=0):
    record = make_record(f"{title} {uuid4()}", authors=["Secret Author"])
    submission = review.submit(record, by=by, why="A secret sentence about what it adds.", token=uuid4())
    Submission.objects.filter(pk=submission.pk).update(submitted_at=timezone.now() - timedelta(hours=hours))
    return submission


def decide(by, contributor, *, verdict="reject", hours=1, times=1):
    for _each in range(times):
        review.decide(propose(contributor, hours=hours), verdict, by=by, seen_version=1, reason="A secret reason.")


def figures(page):
    words = page[page.index('<dl class="figures">') : page.index("</dl>")]
    return dict(pair.removesuffix("</dd>").split("</dt><dd>") for pair in words.replace("</div>", "").split("<div><dt>")[1:])


def test_everyone_sees_how_many_wait_for_how_long_and_how_fast_they_are_decided(alice, mel, anyone):
    for hours in (3, 31, 40):
        decide(mel, alice, hours=hours)
    propose(alice, hours=52)
    propose(alice, hours=5)
    page = anyone.get("/queue/").text

    assert figures(page) == {
        "waiting": "2",
        "oldest": "2 days",
        "back with contributors": "0",
        "median of the last 30": "31 hours",
        "decided in the last 7 days": "3",
    }
    assert "Two proposals are waiting for a maintainer, oldest first." in page


def test_nothing_about_what_waits_or_by_whom_is_shown(alice, mel, visitor):
    decide(mel, alice)
    propose(alice)
    page = visitor.get("/queue/").text

    assert "secret" not in page.lower()
    assert "alice" not in page


def test_what_is_back_with_its_contributor_or_withdrawn_does_not_wait(alice, mel, visitor):
    decide(mel, alice, verdict="request_changes")
    review.withdraw(propose(alice), by=alice)

    shown = figures(visitor.get("/queue/").text)
    assert shown["waiting"] == "0"
    assert shown["oldest"] == "–"
    assert shown["back with contributors"] == "1"


def test_only_decisions_on_submissions_count(alice, mel, root, visitor):
    decide(mel, alice)
    review.log_arrangement("Serving", "Renamed from “Inference”.", by=root)
    survivor = make_paper("Orca")
    review.merge(make_paper("Orka"), survivor, survivor.record, by=root)
    page = visitor.get("/queue/")

    assert page.context["reviewers"] == [(mel, 1)]
    assert figures(page.text)["decided in the last 7 days"] == "1"


def test_what_was_undone_does_not_count_for_the_median(alice, mel, visitor):
    decide(mel, alice, hours=3)
    decide(mel, alice, hours=40)
    review.undo(Decision.objects.latest("pk"), by=mel)

    assert figures(visitor.get("/queue/").text)["median of the last 30"] == "3 hours"


def test_what_is_decided_as_soon_as_it_comes_has_a_median_too(alice, mel, visitor):
    submission = propose(alice)
    decision = review.decide(submission, "approve", by=mel, seen_version=1, reason="A secret reason.")
    Submission.objects.filter(pk=submission.pk).update(submitted_at=decision.at)
    page = visitor.get("/queue/").text

    assert figures(page)["median of the last 30"] == "1 minute"
    assert "None has been settled yet" not in page
    assert "half decided in 1 minute" in visitor.get("/").text


def test_a_category_maintainer_is_one_of_those_who_decide(alice, bruno, visitor):
    make_category("serving").maintainers.add(bruno)
    submission = review.submit(make_record("Orca", categories=["serving"]), by=alice, why="It adds something.", token=uuid4())
    review.decide(submission, "approve", by=bruno, seen_version=1)

    assert visitor.get("/queue/").context["reviewers"] == [(bruno, 1)]


def test_the_last_thirty_decisions_are_shared_out_by_name_and_count(alice, mel, root, visitor):
    decide(root, alice, times=5)
    Decision.objects.update(at=timezone.now() - timedelta(days=8))
    decide(root, alice, times=9)
    decide(mel, alice, times=21)
    page = visitor.get("/queue/")

    assert page.context["reviewers"] == [(mel, 21), (root, 9)]
    assert (
        '<th scope="row"><bdi>mel</bdi></th><td><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="70"'
        in page.text
    )
    assert '<td class="n">21</td>' in page.text
    assert "The last 30 decisions, by maintainer" in page.text
    assert figures(page.text)["decided in the last 7 days"] == "30"


def test_maintainers_who_left_are_counted_and_not_named(alice, mel, visitor):
    decide(mel, alice, times=2)
    mel.delete()

    assert visitor.get("/queue/").context["reviewers"] == [(None, 2)]
    assert "deleted user" in visitor.get("/queue/").text


def test_an_empty_queue_says_so(db, anyone):
    page = anyone.get("/queue/").text

    assert figures(page) == {
        "waiting": "0",
        "oldest": "–",
        "back with contributors": "0",
        "median of the last 30": "–",
        "decided in the last 7 days": "0",
    }
    assert "Nothing is waiting for a maintainer." in page
    assert "the first decision is still to come" in page
    assert "<table" not in page


def test_htmx_gets_the_same_page(db, visitor):
    assert visitor.get("/queue/", headers={"HX-Request": "true"}).text.count("<h1") == 1


def test_every_foot_leads_to_it(db, visitor):
    assert '<a href="/queue/">Review queue</a>' in visitor.get("/about/").text


def test_the_number_of_questions_does_not_grow_with_the_queue(alice, mel, anyone, questions):
    decide(mel, alice)
    propose(alice)
    few = questions(anyone, "/queue/")
    for number in range(3):
        reviewer = make_user(f"reviewer{number}", is_staff=True, is_superuser=True)
        decide(reviewer, alice, times=15)
        propose(alice)

    assert questions(anyone, "/queue/") == few


def test_it_can_only_be_read_and_leaves_no_cookie(db, visitor, mel_client):
    assert mel_client.post("/queue/").status_code == 405
    assert not visitor.get("/queue/").cookies
