"""Icons, shelves, headwords and lists of names, as templates draw them."""

import re

import pytest
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from catalog.records import Author, Category, Link, Organization, Record, Venue, replace
from catalog.templatetags import openshelf


def a_record(title="Orca: A Distributed Serving System", **more):
    return Record(title=title, path="/papers/orca/", slug="orca", **more)


def render(component, **context):
    return " ".join(render_to_string(f"components/{component}.html", context).split())


def heights(drawing):
    return [int(height) for height in re.findall(r"v-(\d+)", drawing)]


def draw(source, **context):
    return engines["django"].from_string("{% load openshelf %}" + source).render(context)


class TestIcons:
    @pytest.mark.parametrize("name", openshelf.ICONS)
    def test_every_icon_is_hidden_from_readers(self, name):
        assert 'aria-hidden="true"' in openshelf.icon(name)

    def test_an_unknown_icon_is_a_mistake_of_the_template(self):
        with pytest.raises(KeyError):
            openshelf.icon("unicorn")


class TestTheShelf:
    def test_taller_is_newer_and_no_year_is_shortest(self):
        assert heights(openshelf.spines([2024, 2023, 2022, 2019, None])) == [18, 16, 14, 8, 5]
        assert heights(openshelf.spines([2024, 2023, 2022, 2019, None], big=True)) == [25, 22, 20, 11, 7]

    def test_a_known_year_is_never_shorter_than_an_unknown_one(self):
        assert heights(openshelf.spines([2024, 1950, None])) == [18, 6, 5]

    def test_shelves_share_a_scale_when_told_the_newest_year(self):
        assert heights(openshelf.spines([2023], newest=2024)) == [16]

    def test_a_stroke_stands_every_five_units_and_every_seven_when_big(self):
        assert '<path d="M1.5 20v-18M6.5 20v-18"/>' in openshelf.spines([2024, 2024])
        assert 'width="10" height="20" viewBox="0 0 10 20"' in openshelf.spines([2024, 2024])
        assert '<path d="M2 28v-25M9 28v-25"/>' in openshelf.spines([2024, 2024], big=True)
        assert 'width="14" height="28" viewBox="0 0 14 28"' in openshelf.spines([2024, 2024], big=True)

    def test_the_place_of_a_paper_takes_the_accent_and_leaves_the_row(self):
        drawing = openshelf.spines([2024, 2023, 2024], here=2)
        assert '<path d="M1.5 20v-18M11.5 20v-18"/><path class="here" d="M6.5 20v-16"/>' in drawing

    def test_a_gap_is_dotted_where_the_paper_would_stand(self):
        end = openshelf.spines([2024, 2024], gap=3)
        assert '<path class="gap" d="M12.5 20v-19h4v19"/>' in end
        between = openshelf.spines([2024, 2024], gap=2)
        assert '<path d="M1.5 20v-18M16.5 20v-18"/><path class="gap" d="M7.5 20v-19h4v19"/>' in between

    def test_an_empty_shelf_is_drawn_too(self):
        assert "<path" not in openshelf.spines([])

    def test_it_is_hidden_unless_it_has_words(self):
        assert 'aria-hidden="true"' in openshelf.spines([2024])
        assert 'role="img" aria-label="Number 1 of 1 in &lt;Serving&gt;"' in openshelf.spines([2024], label="Number 1 of 1 in <Serving>")


class TestHeadwords:
    def test_the_name_before_the_colon_is_set_apart(self):
        assert openshelf.headword(a_record(short_name="Orca")) == "<bdi><b>Orca</b>: A Distributed Serving System</bdi>"

    def test_a_short_name_that_does_not_begin_the_title_is_not(self):
        assert openshelf.headword(a_record("Serving with Orca", short_name="Orca")) == "<bdi>Serving with Orca</bdi>"

    def test_markup_and_marks_of_direction_stay_text_in_their_own_isolation(self):
        assert openshelf.headword(a_record("<i>x</i> \u202e&")) == "<bdi>&lt;i&gt;x&lt;/i&gt; \u202e&amp;</bdi>"

    @pytest.mark.parametrize(
        ("title", "search", "marked"),
        [
            ("Orca: <Serving> Systems", "serv", "Orca: &lt;<mark>Serving</mark>&gt; Systems"),
            ("DéjàVu: KV-cache Streaming", "deja kv", "<mark>DéjàVu</mark>: <mark>KV</mark>-cache Streaming"),
            ("ZeRO++ and ZeRO", "zero++", "<mark>ZeRO++</mark> and ZeRO"),
            ("Orca", "   ", "Orca"),
        ],
    )
    def test_words_of_the_search_are_marked_and_the_rest_escaped(self, title, search, marked):
        assert openshelf.headword(a_record(title), search) == f"<bdi>{marked}</bdi>"

    @pytest.mark.parametrize(
        ("title", "words", "marked"),
        [
            ("FlashAttention", {"flash", "attention"}, "<mark>Flash</mark><mark>Attention</mark>"),
            ("FlashAttention", {"flashattention", "flash"}, "<mark>FlashAttention</mark>"),
            ("DéjàVu: KV-cache", {"kvcache", "dejavu"}, "<mark>DéjàVu</mark>: <mark>KV-cache</mark>"),
            ("DéjàVu: KV-cache", {"vu", "cache"}, "Déjà<mark>Vu</mark>: KV-<mark>cache</mark>"),
            ("A KVCache in LLMs", {"cache"}, "A KV<mark>Cache</mark> in LLMs"),
            ("Servers that serve", {"serve"}, "Servers that <mark>serve</mark>"),
            ("N:M and norms", {"n", "m"}, "<mark>N</mark>:<mark>M</mark> and norms"),
            ("<b> & serving", {"serving", "b"}, "&lt;<mark>b</mark>&gt; &amp; <mark>serving</mark>"),
            ("Orca", set(), "Orca"),
        ],
    )
    def test_found_words_are_marked_whole_and_where_they_are_parts(self, title, words, marked):
        assert openshelf.headword(a_record(title), frozenset(words)) == f"<bdi>{marked}</bdi>"

    def test_a_single_letter_marks_no_words_that_begin_so(self):
        assert openshelf.headword(a_record("A paper about N"), "a n") == "<bdi><mark>A</mark> paper about <mark>N</mark></bdi>"

    def test_the_template_takes_a_text_or_words(self):
        for mark in ("orc", {"orca"}):
            drawn = draw("{% headword record mark %}", record=a_record(short_name="Orca"), mark=mark)
            assert drawn == "<bdi><b><mark>Orca</mark></b>: A Distributed Serving System</bdi>"


class TestTheByline:
    def names(self, count):
        return tuple(Author(name=f"Author {number}") for number in range(1, count + 1))

    def test_six_authors_are_named_and_the_others_counted(self):
        assert "Author 6" in openshelf.byline(a_record(authors=self.names(6)))
        assert "more" not in openshelf.byline(a_record(authors=self.names(6)))
        assert openshelf.byline(a_record(authors=self.names(557))).endswith('<span class="quiet">and 551 more</span>')
        assert "Author 7" not in openshelf.byline(a_record(authors=self.names(557)))

    def test_organizations_follow_and_stand_alone_where_authors_are_unknown(self):
        mit = (Organization(name="MIT & friends"),)
        assert openshelf.byline(a_record(organizations=mit)) == "<bdi>MIT &amp; friends</bdi>"
        assert openshelf.byline(a_record(authors=self.names(1), organizations=mit)) == "<bdi>Author 1</bdi> · <bdi>MIT &amp; friends</bdi>"

    def test_it_is_empty_when_nobody_is_known(self):
        assert not openshelf.byline(a_record())


class TestVenues:
    def venue(self, **more):
        return render("venue", record=a_record(**more))

    def test_an_edition_is_linked(self):
        badge = self.venue(venue=Venue(slug="osdi", name="OSDI", year=2024), year=2024, identifiers={"arxiv": "2401.00588"})
        assert badge.endswith('<a class="venue" href="/venues/osdi/2024/">OSDI <span>2024</span></a>')

    def test_a_venue_without_a_year_is_linked_to_the_series(self):
        assert 'href="/venues/osdi/"' in self.venue(venue=Venue(slug="osdi", name="OSDI"))

    def test_a_venue_the_catalogue_does_not_know_is_not(self):
        assert self.venue(venue=Venue(name="HotThings", year=2024)) == '<span class="venue">HotThings <span>2024</span></span>'

    def test_a_preprint_says_so(self):
        assert self.venue(year=2024, identifiers={"arxiv": "2401.1"}) == '<span class="venue pre">arXiv <span>2024</span></span>'

    def test_a_year_alone_is_better_than_nothing(self):
        assert self.venue(year=2023) == '<span class="venue pre"><span>2023</span></span>'
        assert self.venue() == ""


class TestEntries:
    LINKS = (
        Link(kind="paper", url="https://arxiv.org/abs/2401.1"),
        Link(kind="code", url="https://example.org/code"),
        Link(kind="paper", url="https://doi.org/10.1/x", label="ACM Digital Library"),
        Link(kind="paper", url="javascript:alert(1)"),
    )

    def test_a_row_names_each_link_with_the_paper(self):
        row = render("entry", record=a_record(short_name="Orca", links=self.LINKS))
        assert 'href="https://example.org/code" rel="nofollow ugc noopener" aria-label="Code: Orca">Code</a>' in row
        assert ">ACM Digital Library</a>" in row

    def test_an_address_that_is_not_of_the_web_is_left_out(self):
        assert "javascript" not in render("entry", record=a_record(links=self.LINKS))

    def test_the_title_leads_to_the_paper_here(self):
        assert '<h3><a href="/papers/orca/"><bdi><b>Orca</b>' in render("entry", record=a_record(short_name="Orca"))

    def test_the_citation_is_fetched_when_it_is_copied_and_only_of_what_has_an_address(self):
        assert 'data-copy-from="/papers/orca.bib" data-needs-script hidden aria-label="Copy BibTeX: Orca"' in render(
            "entry", record=a_record(short_name="Orca")
        )
        assert "data-copy" not in render("entry", record=replace(a_record(), slug=""))

    def test_categories_note_and_number_appear_when_asked_for(self):
        record = a_record(categories=(Category(path="llm-systems/serving", name="Serving"),))
        plain = render("entry", record=record)
        assert not re.search("Serving</a>|class=.no|class=.note", plain)
        full = render("entry", record=record, show_categories=True, note="Read <it>", number=7)
        assert '<a class="quiet" href="/categories/llm-systems/serving/">Serving</a>' in full
        assert '<span class="no" aria-hidden="true">7</span>' in full
        assert "Read &lt;it&gt;" in full

    def test_another_line_can_stand_for_the_authors(self):
        row = render("entry", record=a_record(authors=(Author(name="Ada"),)), by="Added 22 November")
        assert '<p class="by">Added 22 November</p>' in row
        assert "Ada" not in row


class TestPages:
    def test_other_parameters_are_kept_and_the_first_page_has_no_number(self):
        query = RequestFactory().get("/papers/?year=2024&page=2").GET
        bar = render("pages", page=Paginator(range(100), 10).page(2), query=query)
        assert '<a href="?year=2024" rel="prev">' in bar
        assert '<a href="?year=2024&amp;page=3" rel="next">' in bar
        assert '<span aria-current="page">2</span>' in bar
        assert "11–20 of 100" in bar

    def test_one_page_needs_no_bar(self):
        assert render("pages", page=Paginator(range(5), 10).page(1), query={}) == ""


class TestTheMasthead:
    @pytest.mark.parametrize(("path", "said"), [("/papers/", "page"), ("/papers/orca/", "true"), ("/venues/", None)])
    def test_the_link_to_where_one_is_says_so(self, path, said):
        drawn = draw("{% current '/papers/' %}", request=RequestFactory().get(path))
        assert drawn == (f'aria-current="{said}"' if said else "")
