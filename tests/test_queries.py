"""What a person wrote is read as it was meant, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import queries
from catalog.queries import MAX_CLAUSES, MAX_PHRASE, Fact, parse, rewritten
from catalog.records import FIRST_YEAR, LAST_YEAR

WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
# Every kind of character, lone surrogates and NUL among them.
ANY = st.text(alphabet=st.characters(), max_size=200)
SYNTAX = st.lists(
    st.sampled_from(
        ['"', "-", "--", ":", "venue:", "year:", ">=", "..", "2023", "org:", "title:", "“", "orca", " ", "\n", "(", "*", "OR", "'", "\\"]
    )
).map("".join)


def wanted(text):
    return [clause.text for clause in parse(text).clauses]


def unwanted(text):
    return [clause.text for clause in parse(text).unwanted]


class TestWords:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("KV cache", ["kv", "cache"]),
            ("KV-cache", ["kv", "cache"]),
            ("DéjàVu", ["dejavu"]),
            ("ZeRO++", ["zero++"]),
            ("N:M", ["n", "m"]),
            ("don’t", ["dont"]),
            ("10,000 GPUs", ["10", "000", "gpus"]),
            ("foo:bar https://example.org", ["foo", "bar", "https", "example", "org"]),
            ("orca OR (vllm AND NOT x*)", ["orca", "or", "vllm", "and", "not", "x"]),
            ("", []),
            ("? ++++ - -- \u200b \x00 \ud800", []),
        ],
    )
    def test_are_folded_and_parted(self, text, words):
        assert wanted(text) == words

    def test_parts_of_a_word_share_its_place(self):
        assert [(clause.start, clause.end) for clause in parse("a KV-cache").clauses] == [(0, 1), (2, 10), (2, 10)]

    def test_beyond_the_twelfth_are_not_read(self):
        assert wanted(" ".join(f"w{number}" for number in range(20))) == [f"w{number}" for number in range(MAX_CLAUSES)]


class TestPhrases:
    @pytest.mark.parametrize(
        ("text", "clauses"),
        [
            ('"kv cache"', ["kv cache"]),
            ('"KV-cache streaming" fast', ["kv cache streaming", "fast"]),
            ("“kv cache”", ["kv cache"]),
            ("«kv cache»", ["kv cache"]),
            ('"orca"', ["orca"]),
            ('""', []),
            ('"?"', []),
            ('"kv cache', ["kv", "cache"]),
            ('kv cache"', ["kv", "cache"]),
            ('"a b" "c', ["a b", "c"]),
            ('13" screen "in a flash"', ["13", "screen", "in a flash"]),
        ],
    )
    def test_stand_in_quotes_and_a_quote_that_is_not_closed_is_none(self, text, clauses):
        assert wanted(text) == clauses

    def test_are_exact(self):
        assert [clause.is_exact for clause in parse('"kv cache" kv').clauses] == [True, False]

    def test_of_any_length_are_cut(self):
        (clause,) = parse('"' + "a " * 100 + '"').clauses
        assert len(clause.words) == MAX_PHRASE


class TestExclusions:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("orca -vllm", ["vllm"]),
            ('-"kv cache"', ["kv cache"]),
            ("-kv-cache", ["kv cache"]),
            ("−vllm", ["vllm"]),
            ("kv-cache", []),
            ("- vllm", []),
            ("--flag", []),
            ("-", []),
        ],
    )
    def test_begin_with_a_minus(self, text, words):
        assert unwanted(text) == words

    def test_may_be_field_words(self):
        assert parse("-venue:osdi").unwanted_facts == (Fact(field="venue", value="osdi"),)


class TestFieldWords:
    @pytest.mark.parametrize(
        ("text", "fact"),
        [
            ("venue:osdi", Fact(field="venue", value="osdi")),
            ("Venue:OSDI", Fact(field="venue", value="OSDI")),
            ('author:"ion stoica"', Fact(field="author", value="ion stoica")),
            ("org:berkeley", Fact(field="organization", value="berkeley")),
            ("organization:berkeley", Fact(field="organization", value="berkeley")),
            ("category:llm-systems/serving", Fact(field="category", value="llm-systems/serving")),
            ("has:code", Fact(field="has", value="code")),
            ("kind:Survey", Fact(field="kind", value="Survey")),
        ],
    )
    def test_are_facts(self, text, fact):
        assert parse(text).facts == (fact,)
        assert not parse(text).clauses

    @pytest.mark.parametrize(
        ("value", "first", "last"),
        [
            ("2023", 2023, 2023),
            ("=2023", 2023, 2023),
            (">=2023", 2023, LAST_YEAR),
            (">2023", 2024, LAST_YEAR),
            ("<=2020", FIRST_YEAR, 2020),
            ("<2020", FIRST_YEAR, 2019),
            ("2020..2023", 2020, 2023),
            ("2020-2023", 2020, 2023),
            ("2020..", 2020, LAST_YEAR),
            ("..2020", FIRST_YEAR, 2020),
        ],
    )
    def test_of_years_are_ranges(self, value, first, last):
        (fact,) = parse(f"year:{value}").facts
        assert (fact.years[0], fact.years[-1]) == (first, last)

    @pytest.mark.parametrize("text", ["year:abc", "year:20", "year:9999", "year:2023..2020", "has:money", "kind:poem"])
    def test_that_are_not_understood_are_words(self, text):
        assert not parse(text).facts
        assert wanted(text)[0] == text.partition(":")[0]

    @pytest.mark.parametrize("text", ["venue:", "venue: ", 'venue:"', "year:>="])
    def test_without_a_value_yet_ask_for_nothing(self, text):
        assert wanted(f"orca {text}")[0] == "orca"
        assert not parse(f"orca {text}").facts

    def test_of_titles_are_words_of_the_title(self):
        assert [(clause.text, clause.in_title) for clause in parse('title:kv-cache title:"a b" c').clauses] == [
            ("kv", True),
            ("cache", True),
            ("a b", True),
            ("c", False),
        ]


class TestIdentifiers:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("2401.09670", "2401.09670"),
            ("arXiv:2401.09670v2", "2401.09670"),
            ("arxiv: 2401.09670", "2401.09670"),
            ("https://arxiv.org/pdf/2401.09670v3", "2401.09670"),
            ("doi: 10.1145/3600006.3613165", "10.1145/3600006.3613165"),
            ("(https://doi.org/10.1145/3600006.3613165),", "10.1145/3600006.3613165"),
        ],
    )
    def test_are_recognised_as_people_paste_them(self, text, value):
        (clause,) = parse(text).clauses
        assert clause.identifier.value == value

    def test_stand_among_words(self):
        assert [bool(clause.identifier) for clause in parse("distserve 2401.09670").clauses] == [False, True]


class TestAnotherText:
    def test_has_other_words_in_the_same_place(self):
        text = 'venue:osdi  Flash-Atention "in a" x'
        _flash, attention, _phrase, x = parse(text).clauses

        assert rewritten(text, {attention: "attention"}) == 'venue:osdi flash attention "in a" x'
        assert rewritten(text, {attention: "", x: ""}) == 'venue:osdi flash "in a"'

    def test_keeps_the_field_of_a_word(self):
        text = "title:orcca -x"
        assert rewritten(text, {parse(text).clauses[0]: "orca"}) == "title:orca -x"


class TestAnyText:
    @given(st.one_of(ANY, SYNTAX, ANY.map(lambda text: text * 50)))
    def test_is_read_and_asks_for_little(self, text):
        query = parse(text)

        for asked in (query.clauses, query.facts, query.unwanted, query.unwanted_facts):
            assert len(asked) <= MAX_CLAUSES
        for clause in (*query.clauses, *query.unwanted):
            assert 0 <= clause.start < clause.end <= queries.MAX_TEXT
            assert clause.words
            assert all(word.strip("+") and word.isprintable() and not word.isspace() for word in clause.words)
            assert not any("\ud800" <= letter <= "\udfff" for word in clause.words for letter in word)

    @given(st.lists(WORDS, min_size=1, max_size=MAX_CLAUSES))
    def test_of_plain_words_is_those_words(self, words):
        assert wanted(" ".join(words)) == words
        assert wanted('"' + " ".join(words) + '"') == [" ".join(words)]
        assert unwanted(" ".join(f"-{word}" for word in words)) == words

    @given(st.one_of(ANY, SYNTAX))
    def test_rewritten_without_changes_is_the_same_question(self, text):
        assert wanted(rewritten(text, {})) == wanted(text)
