"""Words find papers, the paper that was meant comes first, and any text is safe."""

import re
from itertools import chain

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from catalog import arranging, index, publishing, search
from catalog.models import Organization, Paper, Venue
from catalog.queries import FIELDS
from catalog.terms import EVERY_PAPER
from tests.factories import make_paper, make_record
from tests.test_queries import ANY, SYNTAX


def everything():
    return index.papers_of([EVERY_PAPER])[EVERY_PAPER]


def in_order(found, within=None):
    runs = found.ranked(everything() if within is None else within)
    return list(chain.from_iterable(run if isinstance(run, list) else reversed(run) for run in runs))


def found(text):
    titles = dict(Paper.objects.values_list("pk", "title"))
    return [titles[number] for number in in_order(search.find(text))]


class TestWords:
    def test_every_word_must_be_found(self, db):
        make_paper("Orca: A Distributed Serving System", authors=["Gyeong-In Yu"], venue="OSDI", year=2022)

        assert found("orca serving 2022 osdi yu")
        assert not found("orca serving 2023")

    def test_authors_venues_organizations_identifiers_notes_and_abstracts_are_searched(self, db):
        facts = {"authors": ["Íñigo Goiri"], "venue": "EuroSys", "organizations": ["ETH Zürich"], "identifiers": {"doi": "10.1145/3620665"}}
        make_paper("Nothing of the kind", year=2024, note="Read it twice", abstract="We present nothing.", **facts)

        for words in ("inigo goiri", "eurosys 2024", "eth zurich", "10.1145/3620665", "twice", "present nothing"):
            assert found(words) == ["Nothing of the kind"], words

    def test_numbers_and_single_letters_are_whole_words(self, db):
        make_paper("FlashAttention-2", year=2023)
        make_paper("FlashAttention", year=2022)
        make_paper("N:M Sparsity")
        make_paper("Norms in 22 steps")

        assert found("flashattention-2") == ["FlashAttention-2"]
        assert found("n:m") == ["N:M Sparsity"]
        assert found("202") == []
        assert found("22") == ["Norms in 22 steps"]

    def test_inflections_are_found_after_the_word_itself(self, db):
        make_paper("Models that serve")
        make_paper("Serving models")
        make_paper("A server of models")

        assert found("serving model") == ["Serving models", "Models that serve"]

    def test_the_beginning_of_a_word_is_looked_for_in_texts_only_while_it_is_no_word(self, db):
        make_paper("Cache")
        make_paper("Caches of caches", abstract="All is cachable.")
        make_paper("Anything", abstract="It is cachexia.")

        assert found("cachex") == ["Anything"]
        assert "Anything" not in found("cache")

    def test_short_words_are_not_beginnings(self, db):
        make_paper("Mixture of experts")

        assert found("mi") == []
        assert found("mix") == ["Mixture of experts"]

    def test_small_words_ask_for_nothing_unless_they_are_all_there_is(self, db):
        make_paper("Survey of caches")
        make_paper("On caches: a survey")

        assert len(found("the survey of caches")) == 2
        assert found("of") == ["Survey of caches"]
        assert found("university of caches") == []

    def test_a_word_is_mended_only_if_nothing_is_known_of_it(self, db):
        make_paper("Orca")
        make_paper("Orga")

        assert found("orca") == ["Orca"]
        assert found("orac") == ["Orca"]
        assert set(found("orfa")) == {"Orca", "Orga"}
        assert found("h100") == []

    @pytest.mark.parametrize("slip", ["flashatention", "flashatttention", "flashattenton", "flashattentoin", "flasjattention"])
    def test_a_slip_is_a_letter_missing_too_many_another_or_two_in_the_wrong_order(self, db, slip):
        make_paper("FlashAttention: Fast")

        assert found(slip) == ["FlashAttention: Fast"]

    def test_a_word_is_taken_apart_where_papers_mostly_write_it_so(self, db):
        make_paper("A KV cache")
        make_paper("Deep networks seek", abstract="Deep networks that seek.")
        make_paper("We seek deep networks")

        assert found("kvcache") == ["A KV cache"]
        assert found("deepseek") == []


class TestPhrases:
    def test_words_stand_side_by_side_in_one_line(self, db):
        make_paper("Large language models", authors=["Ada Large", "Language Smith"])
        make_paper("Language models, large ones")

        assert found('"large language"') == ["Large language models"]
        assert found('"models large"') == ["Language models, large ones"]
        assert found('"ada large language"') == []

    def test_a_hyphen_parts_words(self, db):
        make_paper("KV-cache streaming")

        assert found('"kv cache streaming"') == found('"KV-cache streaming"') == found('"kv-cache"') == ["KV-cache streaming"]

    def test_a_quoted_word_is_itself_alone(self, db):
        make_paper("Serving")
        make_paper("Servers")

        assert found('"serving"') == ["Serving"]

    def test_signs_of_the_database_are_none(self, db):
        make_paper("Fifty cache")
        make_paper("Fifty_cache 100% of it")

        assert found('"fifty%cache"') == found('"fifty cache"')
        assert found('"1__"') == []

    def test_only_the_newest_are_proven(self, db, monkeypatch):
        papers = [make_paper(f"Large language {number}") for number in range(3)]
        monkeypatch.setattr(search, "PROVEN", 2)

        assert set(search.find('title:"large language"').papers) == {paper.pk for paper in papers[1:]}

    def test_for_who_wants_newer_papers_alone_are_proven_of_those_alone(self, db):
        older = [make_paper("Cache of the KV"), make_paper("KV cache")][-1]
        newer = [make_paper("KV cache streaming"), make_paper("A cache, and KV")]
        with CaptureQueriesContext(connection) as questions:
            papers = search.find('"kv cache"', since=older.pk).papers
        [proof] = [each["sql"] for each in questions if "search_text" in each["sql"]]

        assert newer[0].pk in papers
        assert newer[1].pk not in papers
        assert {int(number) for row in re.findall(r" IN \(([\d, ]+)\)", proof) for number in row.split(", ")} == {each.pk for each in newer}


class TestExclusions:
    def test_leave_out_words_phrases_and_field_words(self, db):
        make_paper("Orca one", year=2022)
        make_paper("Orca two KV-cache", year=2023)

        assert found("orca -one") == found("orca -year:2022") == ["Orca two KV-cache"]
        assert found("orca -kvcache") == found("orca -kv-cache") == found('orca -"kv cache"') == ["Orca one"]
        assert found("orca -title:two") == ["Orca one"]

    def test_alone_find_everything_else(self, db):
        make_paper("Orca")
        make_paper("Vllm")

        assert found("-orca") == ["Vllm"]

    def test_take_a_word_as_it_stands(self, db):
        make_paper("Serving")
        make_paper("Servers")

        assert found("-serving") == ["Servers"]


class TestFieldWords:
    def test_an_author_is_one_person(self, db):
        make_paper("First", authors=["Ion Stoica"])
        make_paper("Second", authors=["Ion Smith", "Ada Stoica"])
        make_paper("Third", organizations=["Ion Stoica Institute"])

        assert found('author:"ion stoica"') == found('author:"Stoica, Ion"') == ["First"]
        assert found("author:ion") == ["Second", "First"]

    def test_a_name_may_be_begun_and_is_then_any_of_that_beginning(self, db):
        make_paper("First", organizations=["Stanford University"])
        make_paper("Second", organizations=["Stanley Works"])

        assert set(found("org:stan")) == {"First", "Second"}
        assert found("org:stanford") == ["First"]
        assert found("org:nobody") == []

    def test_a_venue_is_any_of_its_spellings_also_with_a_year(self, db):
        make_paper("First", venue="SOSP", year=2024)
        make_paper("Second", venue="SOSP", year=2023)
        arranging.rename_venue(Venue.objects.get(), name="SOSP", aliases=["Symposium on Operating Systems Principles"])

        assert found('venue:"symposium on operating systems principles" year:2023') == ["Second"]
        assert found("venue:sosp24") == found("sosp24") == found("sosp'24") == found("sosp 2024") == ["First"]
        assert found("symposium on operating systems principles") == ["First", "Second"]

    def test_a_category_is_all_below_it(self, db):
        make_paper("First", categories=["systems/serving"])
        make_paper("Second", categories=["systems"])

        assert found("category:serving") == found("category:systems/serving") == found("category:serv") == ["First"]
        assert found("category:systems") == ["Second", "First"]

    def test_without_words_the_newest_come_first(self, db):
        make_paper("Older", year=2023)
        make_paper("Newer", year=2023)

        assert found("year:2023") == ["Newer", "Older"]


class TestNames:
    def test_spellings_of_organizations_are_known(self, db):
        make_paper("First", organizations=["UC Berkeley"])
        arranging.rename_organization(Organization.objects.get(), name="UC Berkeley", aliases=["UCB"])

        assert found("ucb") == found("uc berkeley first") == found("ucberkeley") == ["First"]

    def test_what_was_renamed_is_found_by_its_new_name(self, db):
        paper = make_paper("Orca", short_name="Orca")
        publishing.revise(paper, make_record("Vllm"))

        assert found("orca") == []
        assert found("vllm") == ["Vllm"]

    def test_an_identifier_finds_its_paper_in_any_form(self, db):
        make_paper("Orca", identifiers={"arxiv": "2401.09670", "doi": "10.1145/3600006.3613165"})
        make_paper("About it", abstract="As 2401.09670 says.")

        assert found("https://arxiv.org/abs/2401.09670v2") == ["Orca", "About it"]
        assert found("doi: 10.1145/3600006.3613165") == ["Orca"]
        assert found("2401.09671") == []


class TestTheOrder:
    def test_is_name_then_title_then_names_then_text(self, db):
        make_paper("A cache", abstract="orca")
        make_paper("By somebody", authors=["Ada Orca"])
        make_paper("Orcastra")
        make_paper("Fast orca serving")
        make_paper("Orca in long words", short_name="Orca")
        make_paper("Orca serving")

        assert found("orca") == ["Orca in long words", "Orca serving", "Fast orca serving", "Orcastra", "By somebody", "A cache"]

    def test_of_equals_is_the_shorter_title_then_the_newer_paper(self, db):
        first = make_paper("The orca")
        second = make_paper("The orca")
        make_paper("Much longer the orca")

        assert in_order(search.find("orca"))[:2] == [second.pk, first.pk]

    def test_is_of_what_is_found_and_within(self, db):
        papers = [make_paper(f"Orca {number}") for number in range(3)]

        assert in_order(search.find("orca"), BitMap([papers[1].pk, 10_000])) == [papers[1].pk]
        assert search.find("orca").ranked(BitMap()) == []

    def test_beyond_the_candidates_are_groups_from_the_best_place_down_the_newest_first(self, db, monkeypatch):
        in_text = [make_paper(f"Paper {number}", abstract="orca") for number in range(2)]
        in_title = [make_paper(f"{'long ' * number}orca") for number in range(4)]
        monkeypatch.setattr(search, "CANDIDATES", 2)
        best, *rest = search.find("orca").ranked(everything())

        # The one of this very name, and the newest of the others.
        assert best == [in_title[0].pk, in_title[3].pk]
        assert rest == [BitMap(paper.pk for paper in in_title[1:3]), BitMap(paper.pk for paper in in_text)]

    def test_costs_few_questions(self, catalogue, django_assert_max_num_queries):
        for text in ("inference", "flashatention servng", '"kv cache" kvcache -training venue:osdi author:stoica 2401.09670 unknwon'):
            with django_assert_max_num_queries(6):
                search.find(text).ranked(everything())


class TestMarks:
    def test_are_the_words_by_which_papers_are_found(self, db):
        make_paper("FlashAttention and KV cache")

        assert {"flash", "attention"} <= search.find("flash atention").words
        assert {"kv", "cache"} <= search.find("kvcache").words
        assert search.find("attention and").words == {"attention"}


class TestDidYouMean:
    def test_is_a_text_that_finds_something(self, db):
        make_paper("Orca serving", year=2022)
        make_paper("Flash attention", year=2023)
        make_paper("Atention, misspelled")

        assert search.did_you_mean("flash atention") == "flash attention"
        assert search.did_you_mean("orca blockchain") == "orca"
        assert search.did_you_mean("orca 17") == "orca"
        assert search.did_you_mean("flash atention year:2023") == "flash attention year:2023"

    @pytest.mark.parametrize("text", ["", "?", "blockchain", "-orca", "year:2023", '"a b'])
    def test_is_nothing_where_nothing_is_near(self, db, text):
        make_paper("Orca serving", year=2022)

        assert search.did_you_mean(text) is None


class TestSuggestions:
    def labels(self, text, **more):
        return [(each.kind, each.label) for each in search.suggestions(text, **more)]

    def test_are_pages_of_every_kind(self, catalogue, django_assert_max_num_queries):
        with django_assert_max_num_queries(5):
            assert self.labels("osdi 24") == [("venue", "OSDI 2024")]
        assert self.labels("osdi")[0] == ("venue", "OSDI")
        assert self.labels("ucb")[0] == self.labels("berk")[0] == ("organization", "UC Berkeley")
        assert self.labels("mich")[0] == ("organization", "University of Michigan")
        assert self.labels("ion sto")[0] == ("author", "Ion Stoica")
        assert ("category", "Serving") in self.labels("servi")
        assert [label.partition(":")[0] for _kind, label in self.labels("deja")[:2]] == ["DéjàVu", "Deja Vu"]

    def test_lead_where_they_say(self, catalogue, client):
        for text in ("orca", "osdi 24", "osdi", "berk", "ion sto", "servi"):
            for each in search.suggestions(text):
                assert client.get(each.path).status_code == 200, each.path

    def test_begin_with_what_is_called_so(self, db):
        make_paper("Fast dist")
        make_paper("DistServe: Disaggregating", short_name="DistServe")
        make_paper("Distributed serving")

        assert [label for _kind, label in self.labels("dist")] == ["DistServe: Disaggregating", "Distributed serving", "Fast dist"]
        assert len(self.labels("dist", limit=2)) == 2

    @pytest.mark.parametrize("text", ["", " ", "o", "?", "++", "\x00", "\ud800"])
    def test_for_almost_nothing_are_none(self, db, text, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert search.suggestions(text) == []


class TestAnyText:
    @pytest.mark.parametrize("text", ["???", "", " ", "'", "\u200b", "++++", "-", '""', '"', "-?"])
    def test_without_a_word_finds_nothing(self, db, text, django_assert_num_queries):
        make_paper("Orca")

        with django_assert_num_queries(0):
            assert not search.find(text).papers

    @pytest.mark.parametrize(
        "text", ['"orca', "orca OR (", "orca*", "NEAR(orca)", "orca:", "^orca", "orca' --", "orca\\", "%orca_", "orca;DROP TABLE"]
    )
    def test_that_looks_like_syntax_is_words(self, db, text):
        make_paper("Orca")
        make_paper("Vllm")

        assert "Vllm" not in found(text)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
    @given(
        st.one_of(
            ANY,
            SYNTAX,
            ANY.map(lambda text: (text * 10_000)[:10_000]),
            st.builds("{}:{}{} x".format, st.sampled_from(list(FIELDS)), st.sampled_from(["", '"']), ANY),
            st.lists(
                st.sampled_from(["author:orca", "org:a", "venue:b24", "-category:x/y", "year:2023", '-"or ca"', "title:orc", "2401.09670"])
            ).map(" ".join),
        )
    )
    def test_is_safe_and_asks_little(self, one_paper, django_assert_max_num_queries, text):
        with django_assert_max_num_queries(6):
            found = search.find(text)
            found.ranked(everything())
        assert found.papers <= everything()
        with django_assert_max_num_queries(5):
            search.suggestions(text)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
    @given(st.one_of(ANY, SYNTAX))
    def test_has_another_that_finds_something_or_none(self, one_paper, text):
        other = search.did_you_mean(text)
        assert other is None or search.find(other).papers

    def test_of_hundreds_of_field_words_asks_little(self, one_paper, django_assert_max_num_queries):
        for word in ("author:orca ", "org:a ", "venue:osdi24 ", "category:x ", "-title:orca ", "year:2023 ", '"or ca" ', "2401.09670 "):
            with django_assert_max_num_queries(6):
                search.find(word * 300).ranked(everything())


@pytest.fixture
def one_paper(db):
    return make_paper(
        "Orca: KV-cache", authors=["Ada Orca"], venue="OSDI", year=2023, identifiers={"arxiv": "2401.09670"}, categories=["serving"]
    )
