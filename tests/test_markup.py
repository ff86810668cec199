"""Words and the marks among them, whatever a line is broken in."""

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import markup

NAMES = {mark: name for name, mark in vars(markup).items() if isinstance(mark, str) and len(mark) == 1 and mark >= "\ue000"}
SPELLED = dict(
    zip(
        ["LINK", "END", "IMAGE", "STRONG", "STRONG_END", "EMPHASIS", "EMPHASIS_END", "CODE", "CODE_END", "BREAK"], "<>!{}()''/", strict=True
    )
)


def spelled(line, references=None):
    """The text with each mark as one sign, and where its links lead."""
    found = markup.parse(line, references)
    return "".join(SPELLED[NAMES[sign]] if sign in NAMES else sign for sign in found.text), [link.url for link in found.links]


@pytest.mark.parametrize(
    ("line", "text", "urls"),
    [
        ("[a](u) b", "<a> b", ["u"]),
        ("[[a](u)] [[b]](v)", "[<a>] <[b]>", ["u", "v"]),
        ("[![a](i)](u) ![b](j)", "<!> !", ["u"]),
        ("[a [b](u) c](v)", "<a b c>", ["v"]),
        ("[a](<u v> 'T') [b]( u \"T\" )", "<a> <b>", ["u v", "u"]),
        ("[a](https://x.org/b_(c)) [d] (https://x.org/e)", "<a> <d>", ["https://x.org/b_(c)", "https://x.org/e"]),
        ("(a)[https://x.org/b]", "<a>", ["https://x.org/b"]),
        ("<https://x.org> https://x.org/a(b)), https://x.org/c.", "<> <>), <>.", ["https://x.org", "https://x.org/a(b)", "https://x.org/c"]),
        ("<a href='u?a=1&amp;copy=2&copy=3' target=_blank>a</a>", "<a>", ["u?a=1&copy=2&copy=3"]),
        ("[a][1] [1] [a][] [b][2]", "<a> <1> [a][] [b][2]", ["r", "r"]),
        ("**a** __b__ *c* _d_ ***e*** snake_case 2 * 3 f*", "{a} {b} (c) (d) {e} snake_case 2 * 3 f*", []),
        ("<b>a</b><br/><i>b</i> <span>c</span> <!-- d -->", "{a}/(b) c ", []),
        ("`a` ``b`c`` `d", "'a' 'b`c' `d", []),
        ("&lt;a&gt; &amp; &nbsp;&nothing;", "<a> &  &nothing;", []),
        ("[a](u [b] ](c", "[a](u [b] ](c", []),
        ("~~a~~", "a", []),
    ],
)  # fmt: skip
def test_marks_stand_where_something_begins_and_ends(line, text, urls):
    assert spelled(line, {"1": "r"}) == (text, urls)


def test_what_is_escaped_is_itself_and_no_structure():
    text = markup.parse(r"a\|b \*c\* &#58; &#x7c; `|` &#8217;").text
    assert not re.search(r"[|*:]", text)
    assert markup.has_escapes(text)
    assert markup.plain(text) == "a|b *c* : | | ’"


def test_brackets_that_are_escaped_may_still_stand_around_a_link():
    assert spelled(r"\[[a](u)\]") == ("[<a>]", ["u"])


def test_no_number_brings_in_what_nobody_can_see():
    assert markup.plain(markup.parse("a&#0;&#x202e;&#xe000;&#8203;b").text) == "a\ufffdb"


@given(
    st.lists(
        st.sampled_from(
            ["[", "]", "(", ")", "![", "](u)", "<a href=u>", "</a>", "*", "**", "_", "`", "<!--", "-->", "&#58;", "\\", "a", " "]
        )
    )
)
def test_each_mark_has_its_own_and_all_words_stay(pieces):
    found = markup.parse("".join(pieces))
    assert found.text.count(markup.IMAGE) == len(found.images)
    assert found.text.count(markup.LINK) == found.text.count(markup.END) == len(found.links)


BROKEN = [
    "[",
    "[a](",
    "![<a href=v>](w)",
    "*a ",
    "`a``",
    "<!--",
    "<a href='",
    "[](x)",
    "](",
    "https://x.org/",
    "&#",
    "(x)[h",
    "<a>",
    "[![x](i)](u)",
]


@pytest.mark.parametrize("piece", BROKEN)
def test_time_is_proportional_to_the_line(piece):
    began = process_time()
    markup.parse(piece * (200_000 // len(piece)))
    assert process_time() - began < 2
