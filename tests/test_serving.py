"""What is the same for everybody is made once; what is somebody's is never kept; nobody changes what others get."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from uuid import uuid4

import brotli
import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from catalog import arranging, encodings, keeping, publishing, review, serving
from catalog.models import Category, Decision, Paper
from tests.factories import make_paper, make_record

PAGES = [
    "/",
    "/papers/",
    "/papers/?q=orca",
    "/papers/orca/",
    "/papers/orca/history/",
    "/categories/",
    "/categories/serving/",
    "/venues/",
    "/venues/osdi/",
    "/venues/osdi/2022/",
    "/organizations/",
    "/organizations/snu/",
    "/changes/",
    "/queue/",
    "/about/",
]
DATA = ["/api/v1/", "/api/v1/papers/", "/api/v1/papers/orca/", "/api/v1/categories/", "/api/schema/", "/changes.atom"]


@pytest.fixture
def orca(db):
    return make_paper("Orca", categories=["serving"], venue="OSDI", year=2022, organizations=["SNU"])


def propose(by, title="Vortex"):
    return review.submit(make_record(title), by=by, why="It adds something.", token=uuid4())


def decide(submission, verdict, by):
    return review.decide(submission, verdict, by=by, seen_version=submission.version, reason="A reason.")


def kept():
    return len(keeping.answers._kept)


# -- What has not changed ----------------------------------------------------------------------
@pytest.mark.parametrize("address", PAGES + DATA)
def test_what_was_made_once_costs_one_question(orca, visitor, address, django_assert_num_queries):
    first = visitor.get(address)
    with django_assert_num_queries(1):
        second = visitor.get(address)

    assert (second.status_code, second.content) == (200, first.content)
    assert second.headers == first.headers
    assert second["Cache-Control"] == "public, no-cache"
    assert int(second["Content-Length"]) == len(second.content)
    assert not second.cookies


@pytest.mark.parametrize("address", PAGES + DATA)
@pytest.mark.parametrize("is_kept", [True, False])
def test_who_has_it_is_told_so(orca, visitor, address, is_kept):
    first = visitor.get(address)
    if not is_kept:
        keeping.answers = keeping.Store(most=keeping.MOST_ANSWERS)
    for known in (first["ETag"], f"W/{first['ETag']}", f'"of another page", {first["ETag"]}', "*"):
        answer = visitor.get(address, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        for name in ("Cache-Control", "ETag", "Vary"):
            assert answer[name] == first[name]
        assert not {"Content-Type", "Content-Length", "Content-Encoding"} & set(answer.headers)


@pytest.mark.parametrize("known", ['"of another page"', "", "orca", '"', ",,,", "\x00", '"a' * 5000])
def test_who_has_something_else_gets_it(orca, visitor, known):
    assert visitor.get("/papers/", headers={"If-None-Match": known}).content == visitor.get("/papers/").content


def test_a_page_of_every_kind_is_kept_with_the_headers_that_keep_it_safe(orca, visitor):
    for address in PAGES:
        visitor.get(address)
        again = visitor.get(address)
        assert "default-src 'none'" in again["Content-Security-Policy"], address
        assert again["X-Content-Type-Options"] == "nosniff"
        assert again["Cross-Origin-Resource-Policy"] == "same-origin"
        assert {"Cookie", "Accept-Encoding"} <= set(again["Vary"].split(", "))


# -- What has ----------------------------------------------------------------------------------
def renamed(alice, mel):
    arranging.rename_category(Category.objects.get(), name="Serving systems", slug="serving")


def approved(alice, mel):
    decide(propose(alice), "approve", mel)


def retracted(alice, mel):
    publishing.retract(Paper.objects.get(), reason="It is gone.", by=mel)


@pytest.mark.parametrize("change", [renamed, approved, retracted])
def test_a_change_shows_at_once(orca, alice, mel, visitor, change):
    before = visitor.get("/papers/")
    change(alice, mel)
    after = visitor.get("/papers/", headers={"If-None-Match": before["ETag"]})

    assert after.status_code == 200
    assert after.content != before.content
    assert visitor.get("/papers/").content == after.content


def test_the_queue_and_the_log_are_never_behind(orca, alice, mel, visitor):
    """Though neither a proposal nor a rejection is another version of the catalogue."""

    def seen():
        return [visitor.get(address).content for address in ("/queue/", "/changes/", "/changes.atom")]

    last = seen()
    acts = [
        lambda: propose(alice),
        lambda: decide(alice.submissions.latest("pk"), "request_changes", mel),
        lambda: review.undo(Decision.objects.latest("pk"), by=mel),
        lambda: review.withdraw(alice.submissions.latest("pk"), by=alice),
        lambda: propose(alice, "Nexus"),
        lambda: decide(alice.submissions.latest("pk"), "reject", mel),
        lambda: review.log_arrangement("Serving", "Others keep it now.", by=mel),
    ]
    for act in acts:
        act()
        assert seen() != last
        last = seen()


def test_an_edit_that_brings_a_proposal_back_shows_in_the_queue(orca, alice, mel, visitor):
    submission = propose(alice)
    decide(submission, "request_changes", mel)
    before = visitor.get("/queue/").content
    review.edit(submission, make_record("Vortex, again"), by=alice, seen_version=1, why="It adds more.")
    assert visitor.get("/queue/").content != before


def test_what_has_no_stamp_is_right_within_a_minute(orca, alice, mel, visitor, a_minute_passes):
    propose(alice)
    decide(propose(alice, "Nexus"), "reject", mel)
    assert "mel" in visitor.get("/queue/").text
    User.objects.filter(pk=mel.pk).update(username="melanie")
    a_minute_passes()
    assert "melanie" in visitor.get("/queue/").text


def test_before_there_is_a_catalogue_nothing_is_kept(db, visitor):
    assert visitor.get("/papers/")["ETag"]
    assert not kept()


def test_nothing_is_kept_while_developing(orca, visitor, settings):
    settings.DEBUG = True
    assert visitor.get("/about/")["ETag"]
    assert not kept()


def test_without_its_database_a_kept_page_is_not_served_as_if_it_were_fresh(orca, visitor, monkeypatch):
    visitor.get("/papers/")
    visitor.get("/api/v1/papers/")
    asked = []

    def away():
        asked.append(1)
        raise OperationalError("could not connect to db.internal")

    monkeypatch.setattr(keeping, "current_stamp", away)
    answer = visitor.get("/papers/")
    assert (answer.status_code, len(asked)) == (503, 1)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert visitor.get("/api/v1/papers/").json()["status"] == 503


# -- Codings -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP;Q=0.5", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip;q=0", "identity"),
        ("identity, br;q=0.5", "identity"),
        ("*", "br"),
        ("br;q=0, *;q=0.1", "gzip"),
        ("*;q=0", "identity"),
        ("identity;q=0, *;q=0", "identity"),
        ("br;q=2, gzip;q=x, br;level=9", "identity"),
        ("br;q=nan", "identity"),
        ("zstd, compress", "identity"),
        (";;;,,,=\x00", "identity"),
        ("br," * 5000, "br"),
    ],
)
def test_the_coding_is_the_one_that_the_client_prefers(header, coding):
    assert encodings.wanted(header) == coding


@pytest.mark.parametrize("address", ["/papers/", "/api/schema/"])
def test_each_coding_has_a_validator_of_its_own(orca, visitor, address):
    plain, packed, zipped = (visitor.get(address, headers={"Accept-Encoding": coding}) for coding in ("", "br", "gzip"))

    assert brotli.decompress(packed.content) == gzip.decompress(zipped.content) == plain.content
    assert [answer.get("Content-Encoding") for answer in (plain, packed, zipped)] == [None, "br", "gzip"]
    tag = plain["ETag"].strip('"')
    assert (packed["ETag"], zipped["ETag"]) == (f'"{tag}-br"', f'"{tag}-gz"')
    for answer, coding in ((packed, "br"), (zipped, "gzip")):
        assert int(answer["Content-Length"]) == len(answer.content) < len(plain.content)
        assert visitor.get(address, headers={"Accept-Encoding": coding, "If-None-Match": answer["ETag"]}).status_code == 304
        assert visitor.get(address, headers={"Accept-Encoding": coding, "If-None-Match": plain["ETag"]}).status_code == 200


def test_what_is_short_stays_as_it_is(orca, visitor):
    answer = visitor.get("/api/v1/categories/serving/", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in answer.headers
    assert answer.json()["name"] == "Serving"
    assert "Accept-Encoding" in answer["Vary"]


def test_head_says_what_get_would(orca, visitor):
    for address in ("/papers/", "/api/v1/papers/"):
        for _kept_by_then in (False, True):
            head = visitor.head(address)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers == visitor.get(address).headers
            assert visitor.head(address, headers={"If-None-Match": head["ETag"]}).status_code == 304


def test_a_download_is_a_stream_as_ever(orca, visitor):
    answer = visitor.get("/papers.json", headers={"Accept-Encoding": "br"})
    assert answer.streaming
    assert visitor.get("/papers.json", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert not kept()


# -- What is somebody's --------------------------------------------------------------------------
def test_nobody_gets_what_was_made_for_somebody_else(orca, visitor, alice_client, mel_client):
    for address in PAGES:
        for_alice, for_nobody, for_mel = (client.get(address) for client in (alice_client, visitor, mel_client))
        assert "<bdi>alice</bdi>" in for_alice.text
        assert "<bdi>mel</bdi>" in for_mel.text
        assert "Signed in as" not in for_nobody.text
        assert for_alice["Cache-Control"] == for_mel["Cache-Control"] == "private, no-store"
        assert "ETag" not in for_alice.headers
    assert kept() == len(PAGES)


def test_somebody_is_never_told_that_the_page_is_the_one_they_had_as_nobody(orca, visitor, alice_client):
    known = visitor.get("/papers/")["ETag"]
    assert alice_client.get("/papers/", headers={"If-None-Match": known}).status_code == 200


@pytest.mark.parametrize("address", ["/submissions/", "/submissions/new/", "/accounts/", "/accounts/notifications/", "/accounts/logout/"])
def test_private_pages_are_never_stored(orca, alice_client, visitor, address):
    assert alice_client.get(address)["Cache-Control"] == "private, no-store"
    visitor.get(address)
    assert not kept()


def test_a_form_with_a_token_is_never_kept(orca, visitor):
    first = visitor.get("/accounts/login/")
    assert first.cookies
    assert first["Cache-Control"] == "private, no-store"
    assert not kept()
    # With that cookie, pages are as good as without.
    assert visitor.get("/papers/").content == Client().get("/papers/").content


def test_a_private_page_is_compressed_with_noise(orca, alice_client):
    plain = alice_client.get("/about/")
    one, other = (alice_client.get("/about/", headers={"Accept-Encoding": "br, gzip"}) for _time in range(2))
    assert one["Content-Encoding"] == "gzip"
    assert one.content != other.content
    assert int(one["Content-Length"]) == len(one.content) < len(plain.content)
    assert b"Signed in as" in gzip.decompress(one.content)
    assert "Accept-Encoding" in plain["Vary"]


# -- Who tries to change what others get ---------------------------------------------------------
HOSTILE = [
    {"Host": "testserver:81"},
    {"Host": "127.0.0.1"},
    {"Host": "evil.example"},
    {"Host": "testserver@evil.example"},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Port": "666"},
    {"X-Original-URL": "/about/"},
    {"X-HTTP-Method-Override": "HEAD"},
    {"HX-Request": "true"},
    {"HX-Request": "%74rue", "HX-Request-URI-AutoEncoded": "true"},
    {"HX-Request": "true", "HX-History-Restore-Request": "true"},
    {"HX-Request": "TRUE"},
    {"HX-Target": "evil", "HX-Current-URL": "https://evil.example/"},
    {"Accept": "application/xml"},
    {"Accept": "text/html;q=0, */*;q=0"},
    {"Accept-Language": "de"},
    {"Accept-Encoding": "br"},
    {"Accept-Encoding": ";;;\x00,gzip;q=,br;q=-1"},
    {"Accept-Encoding": "gzip;q=0.1, " * 900},
    {"Authorization": "Basic YWxpY2U6cGFzc3dvcmQ="},
    {"Content-Type": "text/plain; charset=utf-16"},
    {"Content-Type": "application/json; charset=latin-1"},
    {"If-Match": '"something"'},
    {"If-None-Match": "*"},
    {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"Range": "bytes=0-9"},
    {"Origin": "https://evil.example"},
    {"Cookie": "sessionid=forged"},
    {"Cookie": "sessionid="},
    {"Cookie": 'sessionid="; csrftoken=x'},
    {"Cookie": "csrftoken=" + "x" * 32},
    {"Cookie": "messages=W1siX19qc29uX21lc3NhZ2UiLDAsMjUsImV2aWwiXV0"},
    {"Cookie": ";;;=;\x00"},
]


@pytest.mark.parametrize("address", ["/papers/?page=1&q=orca", "/api/v1/papers/", "/changes.atom"])
def test_no_header_changes_what_others_get(orca, address):
    right = Client().get(address)
    for headers in HOSTILE:
        keeping.answers = keeping.Store(most=keeping.MOST_ANSWERS)
        Client().get(address, headers=headers)
        Client().head(address, headers=headers)
        answer = Client().get(address)
        assert (answer.status_code, answer.content) == (200, right.content), headers
        assert answer.headers == right.headers, headers


@pytest.mark.parametrize("cookie", ["sessionid=forged", "sessionid=", "messages=x", "a=b; sessionid=forged"])
def test_who_comes_with_a_session_or_a_message_leaves_nothing_behind(orca, visitor, cookie):
    visitor.get("/papers/", headers={"Cookie": cookie})
    assert not kept()


def test_a_forged_message_is_shown_to_nobody_else(orca):
    client = Client()
    client.cookies["messages"] = "forged"
    client.get("/papers/")
    assert "forged" not in Client().get("/papers/").text


@pytest.mark.parametrize("query", ["colour=green", "q=" + "x" * 400, "q=orca&q=orca", "utm_source=" + "x" * 20_000, "&&&", "%ff=%00"])
def test_each_query_is_its_own(orca, visitor, query):
    right = visitor.get("/papers/").content
    for _time in range(2):
        visitor.get(f"/papers/?{query}")
        assert visitor.get("/papers/").content == right


@pytest.mark.parametrize(
    "address", ["/papers/nothing/", "/papers/?venue=nowhere", "/papers/?page=9", "/api/v1/papers/?page=2", "/no/such/page/"]
)
def test_what_is_wrong_is_not_kept(orca, visitor, address):
    assert visitor.get(address).status_code in {400, 404}
    assert not kept()


# -- What a view may get wrong -----------------------------------------------------------------
SPOILT = [
    {"status": 206},
    {"headers": {"Cache-Control": "private"}},
    {"headers": {"Cache-Control": "max-age=5, No-Store"}},
    {"headers": {"Vary": "Accept-Language"}},
    {"headers": {"Vary": "*"}},
    {"headers": {"Content-Encoding": "zstd"}},
]


def served(rf, view, **headers):
    return serving.Serving(view)(rf.get("/", headers=headers))


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_promise_that_the_answer_breaks_is_not_believed(orca, rf, spoilt):
    answer = served(rf, serving.for_everybody(lambda request: HttpResponse("for one", **spoilt)))
    assert "ETag" not in answer.headers
    assert not kept()


def test_an_answer_with_a_cookie_is_not_kept(orca, rf):
    @serving.for_everybody
    def view(request):
        response = HttpResponse("for one")
        response.set_cookie("a", "b")
        return response

    assert served(rf, view).cookies
    assert not kept()


def test_a_view_that_promises_nothing_is_not_kept(orca, rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert served(rf, lambda request: HttpResponse("for one")).content == b"for one"
    assert not kept()


def test_a_change_while_a_page_is_made_is_not_hidden_by_it(orca, rf):
    @serving.for_everybody
    def view(request):
        made = str(Paper.objects.count())
        if made == "1":
            make_paper("Vortex")
        return HttpResponse(made)

    assert [served(rf, view).content for _time in range(3)] == [b"1", b"2", b"2"]


# -- The store ---------------------------------------------------------------------------------
@given(st.lists(st.tuples(st.text(max_size=20), st.integers(0, 30_000)), max_size=60))
def test_no_more_is_held_than_there_is_room_for(puts):
    store = keeping.Store(most=50_000)
    for key, size in puts:
        store.put(key, "a stamp", b"x" * size, size=size)
        assert store._kept.currsize <= 50_000
    for key, size in puts:
        found = store.find(key, "a stamp")
        assert found is None or size + len(found) < 50_000


def test_a_part_is_made_once_for_each_state():
    made = []

    def make():
        made.append(1)
        return f"part {len(made)}"

    assert [keeping.keep(stamp, ("part", 1), make) for stamp in ("a", "a", "b", "b", None, None)] == [
        "part 1",
        "part 1",
        "part 2",
        "part 2",
        "part 3",
        "part 4",
    ]


def test_many_threads_make_a_part_once():
    made = []

    def make():
        made.append(1)
        sleep(0.05)
        return b"part"

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _number: keeping.keep("a", "part", make), range(8)))
    assert found == [b"part"] * 8
    assert len(made) == 1


def test_who_fails_to_make_a_part_stops_nobody_else():
    def fail():
        raise OperationalError

    with pytest.raises(OperationalError):
        keeping.keep("a", "part", fail)
    assert keeping.keep("a", "part", lambda: "made") == "made"
