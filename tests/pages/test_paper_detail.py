import json
import re
from html import unescape
from urllib.parse import unquote
from uuid import uuid4

import pytest

from catalog import publishing, review
from catalog.formats import FORMATS
from catalog.models import Paper, Placement
from catalog.records import Link
from tests.factories import make_paper, make_papers, make_record

WHY = "It shows what nobody else has shown so far."


def page_of(client, paper):
    return client.get(paper.get_absolute_url()).text


def section(page, head):
    """From this head to the next."""
    return page[page.index(f">{head}</h2>") :].split("<h2", 1)[0]


def test_everyone_sees_what_the_record_says(catalogue, anyone):
    page = page_of(anyone, Paper.objects.get(title__startswith="DistServe"))

    assert '<h1 class="long"><bdi><b>DistServe</b>: Disaggregating Prefill and Decoding' in page
    assert '<a href="/papers/?author=yinmin-zhong"><bdi>Yinmin Zhong</bdi></a>' in page
    assert '<a class="venue" href="/venues/osdi/2024/">OSDI <span>2024</span></a>' in page
    assert re.search(r'<a class="btn big primary" href="https://arxiv.org/abs/2401.09670" rel="nofollow ugc noopener">Read on arXiv', page)
    assert '<a href="https://arxiv.org/abs/2401.09670" rel="nofollow ugc noopener">2401.09670</a>' in section(page, "Record")
    assert re.search(r"<bdi>OSDI 2024</bdi>, from “<bdi>OSDI.*24</bdi>”", section(page, "Record"))
    assert "zhong-2024-distserve" in section(page, "Record")


def test_htmx_gets_the_same_page(catalogue, visitor):
    paper = Paper.objects.first()

    assert visitor.get(paper.get_absolute_url(), headers={"HX-Request": "true"}).text.count("<h1") == 1


def test_every_paper_of_the_catalogue_has_a_page(catalogue, visitor):
    for paper in Paper.objects.all():
        response = visitor.get(paper.get_absolute_url())
        assert response.status_code == 200, paper.slug


def test_of_hundreds_of_authors_twelve_stand_open_and_the_rest_one_step_away(catalogue, visitor):
    paper = Paper.objects.get(title="The Llama 3 Herd of Models")
    page = page_of(visitor, paper)
    opened, folded = page.split('<summary class="textbtn small">', 1)

    assert opened.count("/papers/?author=") == 12
    assert folded.startswith("and 545 more authors")
    assert folded.count("/papers/?author=") == 545
    assert "and others}" in page
    assert "A long row of authors is cut here" in page


def test_every_author_leads_to_papers_of_that_name(db, visitor):
    paper = make_paper("Orca", authors=["Íñigo Goiri", "李 明", "Åsa Öberg-Lindström"])
    addresses = re.findall(r'<a href="(/papers/\?author=.*?)">', page_of(visitor, paper))

    assert len(addresses) == 3
    for address in addresses:
        assert visitor.get(address).context["page"].paginator.count == 1


@pytest.mark.parametrize(
    ("outbound", "said"), [(False, "1, not checked: this site makes no outside requests"), (True, "1, not checked yet")]
)
def test_what_nobody_has_checked_is_said(db, visitor, settings, outbound, said):
    settings.OUTBOUND = outbound
    page = page_of(visitor, make_paper("Orca", links=["https://example.org/orca"]))

    assert f"<dt>Links</dt><dd>{said}</dd>" in page


def test_links_say_where_they_lead(db, visitor):
    links = [
        Link(url="https://www.usenix.org/conference/osdi22/presentation/yu"),
        Link(kind="pdf", url="https://example.org/orca.pdf"),
        Link(url="https://dl.acm.org/doi/10.1145/1"),
        Link(kind="code", url="https://github.com/orca/orca"),
        Link(kind="project", url="https://example.org/", label="Leader<board>"),
    ]
    page = page_of(visitor, make_paper("Orca", venue="OSDI", year=2022, links=links))
    labels = re.findall(r'<a class="btn big[^>]*>([^<]*)<', page)

    assert labels == ["Read on USENIX", "PDF", "OSDI page", "Code", "Leader&lt;board&gt;"]


def test_the_abstract_stands_there_only_where_there_is_one(db, visitor):
    assert "Abstract</h2>" not in page_of(visitor, make_paper("Orca"))
    assert "Batching <i>well</i>" not in page_of(visitor, make_paper("Sarathi", abstract="Batching <i>well</i>."))
    assert "Batching &lt;i&gt;well&lt;/i&gt;." in page_of(visitor, Paper.objects.get(title="Sarathi"))


def test_the_citation_can_be_chosen_copied_and_taken_along_without_script(db, visitor):
    page = page_of(visitor, make_paper("Orca: Serving", short_name="Orca", venue="OSDI", year=2022, authors=["Gyeong-In Yu"]))
    box = section(page, "Cite")

    assert re.findall(r'<input type="radio" name="fmt" value="(\w+)"( checked)?>([^<]+)<', box) == [
        ("bib", " checked", "BibTeX"),
        ("ris", "", "RIS"),
        ("csl", "", "CSL-JSON"),
        ("txt", "", "Text"),
    ]
    shown = {name: unescape(text) for name, text in re.findall(r'<pre data-for="(\w+)"[^>]*>(.*?)</pre>', box, re.DOTALL)}
    assert shown["bib"].startswith("@inproceedings{yu-2022-orca,")
    assert "AU  - Yu, Gyeong-In\nPY  - 2022\nT2  - OSDI 2022\n" in shown["ris"]
    assert json.loads(shown["csl"])[0]["author"] == [{"family": "Yu", "given": "Gyeong-In"}]
    assert shown["txt"].startswith("Gyeong-In Yu. Orca: Serving. OSDI 2022.")
    files = dict(re.findall(r'data-for="(\w+)" href="([^"]+)" download="orca-serving\.\1"', box))
    assert files.keys() == shown.keys()
    assert all(visitor.get(files[name]).status_code == 200 for name in ("bib", "ris", "csl"))
    assert unquote(files["txt"]) == f"data:text/plain;charset=utf-8,{shown['txt']}"


def test_a_citation_of_hundreds_of_authors_is_cut_in_every_format(catalogue, visitor):
    box = section(page_of(visitor, Paper.objects.get(title="The Llama 3 Herd of Models")), "Cite")

    assert box.count("AU  - ") == 20
    assert box.count("&quot;family&quot;") <= 20


def test_the_record_can_be_had_in_every_format(db, visitor):
    page = page_of(visitor, make_paper("Orca"))

    for format_ in FORMATS:
        assert f'<a href="/papers/orca.{format_.EXTENSION}" download>{format_.LABEL}</a>' in page
        assert f'<link rel="alternate" type="{format_.MEDIA_TYPE}" href="/papers/orca.{format_.EXTENSION}"' in page
        assert visitor.get(f"/papers/orca.{format_.EXTENSION}").status_code == 200


def test_its_place_on_the_shelf_is_that_of_the_curator(catalogue, visitor):
    placements = list(Placement.objects.filter(category__slug="serving").order_by("position").select_related("paper"))
    for number, placement in enumerate(placements, start=1):
        if placement.paper.record.categories[0].path != "llm-systems/serving":
            continue
        place = section(page_of(visitor, placement.paper), "On the shelf")
        assert f'aria-label="Number {number} of 63 in Serving"' in place
        before, after = placements[number - 2 : number - 1], placements[number : number + 1]
        linked = re.findall(r'<a href="(/papers/.*?)" title', place)
        assert linked == [beside.paper.get_absolute_url() for beside in [*before, *after]]


def test_a_long_shelf_shows_the_part_around_the_paper(db, visitor):
    papers = make_papers(100, categories=["serving"], year=2024)
    for number in (1, 50, 100):
        page = visitor.get(papers[number - 1].get_absolute_url())
        place = page.context["place"]
        assert (place.number, place.count, len(place.years)) == (number, 100, 64)
        assert f"{number} of 100" in section(page.text, "On the shelf")
    assert place.next is None


def test_a_paper_without_a_category_stands_on_no_shelf(db, visitor):
    page = page_of(visitor, make_paper("Orca"))

    assert "On the shelf" not in page
    assert '<li><a href="/papers/">Papers</a></li>' in page


def test_related_papers_come_with_their_reasons_those_with_most_first(db, visitor):
    orca = make_paper("Orca", authors=["Ann", "Bob"], venue="OSDI", year=2022, categories=["serving"])
    make_paper("Next door", categories=["serving"])
    make_paper("Same talk", venue="OSDI", year=2022)
    make_paper("Twins", authors=["Ann", "Bob", "Cid"], venue="OSDI", year=2022)
    make_paper("Stranger", authors=["Dee"], venue="OSDI", year=2023)
    related = section(page_of(visitor, orca), "Related")
    found = re.findall(r"<bdi>(.*?)</bdi></a><p>(.*?)</p>", related)

    assert found == [
        ("Twins", "2 authors in common; Same venue and year"),
        ("Same talk", "Same venue and year"),
        ("Next door", "Beside it in Serving"),
    ]


def test_papers_that_are_called_alike_are_related_by_their_rarest_words(db, visitor):
    paper = make_paper("Paged Attention for Serving with Speculative Decoding")
    make_paper("Speculative Decoding on a Budget")
    make_paper("Attention Serving")
    make_paper("Serving with Care, and Attention to Detail")
    make_paper("Decoding for Large Models")
    related = section(page_of(visitor, paper), "Related")

    assert re.findall(r"<bdi>(.*?)</bdi></a><p>(.*?)</p>", related) == [
        ("Speculative Decoding on a Budget", "“speculative” and “decoding” in both titles"),
        ("Serving with Care, and Attention to Detail", "“attention” and “serving” in both titles"),
    ]


def test_at_most_five_related_papers_are_shown(db, visitor):
    papers = make_papers(12, authors=["Ann"], venue="OSDI", year=2022, categories=["serving"])

    assert len(visitor.get(papers[5].get_absolute_url()).context["related"]) == 5


def test_the_trail_says_who_proposed_and_who_decided(alice, mel, visitor):
    submission = review.submit(make_record("Orca"), by=alice, why=WHY, token=uuid4())
    review.decide(submission, "approve", by=mel, seen_version=1, private_note="Between us.")
    page = page_of(visitor, Paper.objects.get())

    assert re.search(r"Proposed by (<bdi>)?alice", section(page, "How it got here"))
    assert re.search(r"Approved by (<bdi>)?mel", section(page, "How it got here"))
    assert "Between us." not in page
    assert "@example.org" not in page


def test_a_maintainers_own_paper_is_marked_as_that(mel, visitor):
    submission = review.submit(make_record("Orca"), by=mel, why=WHY, token=uuid4())
    review.decide(submission, "approve", by=mel, seen_version=1)

    assert "whose own proposal it is" in section(page_of(visitor, Paper.objects.get()), "How it got here")


def test_people_who_left_are_not_named(alice, mel, visitor):
    submission = review.submit(make_record("Orca"), by=alice, why=WHY, token=uuid4())
    review.decide(submission, "approve", by=mel, seen_version=1)
    alice.delete()

    assert "deleted user" in section(page_of(visitor, Paper.objects.get()), "How it got here")


def test_a_paper_of_the_first_hour_came_with_the_catalogue(db, visitor):
    assert "Came with the catalogue" in page_of(visitor, make_paper("Orca"))


def test_a_retracted_paper_is_gone_and_says_why(db, anyone):
    publishing.retract(make_paper("Aviary"), reason="The site was <b>withdrawn</b>.", by=None)
    response = anyone.get("/papers/aviary/")

    assert response.status_code == 410
    assert "The site was &lt;b&gt;withdrawn&lt;/b&gt;." in response.text


def test_a_merged_paper_leads_to_the_one_that_stays(db, anyone):
    survivor = make_paper("NanoFlow")
    publishing.retract(make_paper("NanoFlow"), reason="The same work.", by=None, into=survivor)
    response = anyone.get("/papers/nanoflow-2/")

    assert (response.status_code, response["Location"]) == (301, "/papers/nanoflow/")


def merged(paper, into):
    return publishing.retract(Paper.objects.get(title=paper), reason="The same work.", by=None, into=Paper.objects.get(title=into))


def test_a_chain_of_merges_leads_to_the_last_and_to_its_reason_once_that_is_gone(db, anyone):
    for title in ("Ariel", "Boris", "Carla"):
        make_paper(title)
    merged("Ariel", into="Boris")
    merged("Boris", into="Carla")
    for slug in ("ariel", "boris"):
        response = anyone.get(f"/papers/{slug}/")
        assert (response.status_code, response["Location"], response["Cache-Control"]) == (301, "/papers/carla/", "no-cache")

    publishing.retract(Paper.objects.get(), reason="It was made up.", by=None)
    for slug, name in (("ariel", "Ariel"), ("boris", "Boris")):
        response = anyone.get(f"/papers/{slug}/")
        assert response.status_code == 410
        assert "“<bdi>It was made up.</bdi>”" in response.text
        assert f"This address was that of <b><bdi>{name}</bdi></b>" in response.text
        assert "The same work." not in response.text
        assert 'href="/papers/carla/history/"' in response.text


def test_the_one_that_stays_says_what_was_folded_into_it_as_long_as_it_is(alice, mel, visitor):
    twin = make_paper("Twin <b>")
    paper = make_paper("Orca")
    merge = review.merge(twin, paper, make_record("Orca"), by=mel, reason="One work.")
    page = visitor.get(twin.get_absolute_url(), follow=True).text
    assert "Two records were one paper." in page
    assert "“<bdi>Twin &lt;b&gt;</bdi>” was folded into this one on" in page

    review.undo(merge, by=mel)
    assert "were one paper" not in visitor.get(paper.get_absolute_url()).text


def test_the_trail_tells_edits_corrections_merges_and_what_was_undone(alice, mel, visitor):
    submission = review.submit(make_record("Orka"), by=alice, why=WHY, token=uuid4())
    review.decide(submission, "approve", by=mel, seen_version=1, record=make_record("Orca"))
    paper = Paper.objects.get()
    submission = review.correct(paper, make_record("Orca", year=2022), by=alice, why=WHY, token=uuid4())
    undone = review.decide(submission, "approve", by=mel, seen_version=1)
    review.undo(undone, by=mel)
    merge = review.merge(make_paper("Twin"), Paper.objects.get(pk=paper.pk), make_record("Orca"), by=mel, reason="One work.")
    review.undo(merge, by=mel)
    trail = re.findall(r'<li class="done">(.*?)<br>', section(page_of(visitor, paper), "How it got here"))

    assert trail == [
        "Proposed by <bdi>alice</bdi>",
        "Approved with edits by <bdi>mel</bdi>",
        "Correction by <bdi>alice</bdi>",
        "Approved by <bdi>mel</bdi>",
        "A correction undone by <bdi>mel</bdi>",
        "“<bdi>Twin</bdi>” merged into it by <bdi>mel</bdi>",
        "A merge undone by <bdi>mel</bdi>",
    ]


def test_a_correction_and_a_removal_can_be_proposed_from_the_page_and_open_ones_are_not_told(alice, visitor):
    paper = make_paper("Orca")
    review.correct(paper, make_record("Orca", abstract="Xylophonic."), by=alice, why="Xylophonic.", token=uuid4())
    review.remove(paper, by=alice, why="Xylophonic.", token=uuid4())
    page = page_of(visitor, paper)

    assert '<a href="/papers/orca/correct/" rel="nofollow">Propose a correction</a>' in page
    assert '<a href="/papers/orca/remove/" rel="nofollow">Propose its removal</a>' in page
    assert "Xylophonic" not in page
    assert "alice" not in page


@pytest.mark.parametrize("slug", ["nowhere", "orca%00", "%00", "ORCA", "x" * 5000, "%e2%80%ae", "orca%20"])
def test_an_unknown_address_is_not_found(db, visitor, slug):
    make_paper("Orca")

    assert visitor.get(f"/papers/{slug}/").status_code == 404


@pytest.mark.parametrize(
    "title",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ 7|add:7 }} {% now 'Y' %}",
        "&amp; &lt;b&gt;",
        "x" * 500,
        "عربي: Orca",
        "?",
    ],
)
def test_hostile_titles_stay_text_everywhere(db, visitor, title):
    short = title.split(":")[0] if ":" in title else ""
    paper = make_paper(
        title, short_name=short, categories=["serving"], venue=title[:90], year=2024, authors=[title[:100]], organizations=[title[:90]]
    )
    make_paper("Beside", categories=["serving"])
    addresses = [paper.get_absolute_url(), "/papers/beside/", "/papers/", "/", "/categories/serving/", paper.edition.get_absolute_url()]

    for address in addresses:
        response = visitor.get(address)
        assert response.status_code == 200
        for harm in ("<script>alert", "<img src=x", ">14 "):
            assert harm not in response.text


def test_the_number_of_questions_does_not_grow_with_the_papers(anyone, questions):
    facts = {"categories": ["systems/serving"], "venue": "OSDI", "year": 2024, "authors": ["Ann", "Bob"], "organizations": ["MIT"]}
    paper = make_papers(5, **facts)[2]
    few = questions(anyone, paper.get_absolute_url())
    make_papers(20, **facts)

    assert questions(anyone, paper.get_absolute_url()) == few


def test_no_paper_of_the_catalogue_asks_more_than_ten_questions(catalogue, mel_client, questions):
    for paper in Paper.objects.order_by("title_key")[::6]:
        questions(mel_client, paper.get_absolute_url())


def test_reading_leaves_no_cookie(db, visitor):
    assert not visitor.get(make_paper("Orca").get_absolute_url()).cookies
