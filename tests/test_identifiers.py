"""Every spelling of an identifier that people paste comes out as one value."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog import identifiers
from catalog.identifiers import Identifier, NotAnIdentifier, UnusableAddress

ORCA = "https://www.usenix.org/conference/osdi22/presentation/yu"

SPELLINGS = [
    # arXiv
    ("2307.08691", "arxiv", "2307.08691", None),
    ("2307.08691v1", "arxiv", "2307.08691", 1),
    ("arXiv:2307.08691", "arxiv", "2307.08691", None),
    ("ARXIV: 2307.08691v12", "arxiv", "2307.08691", 12),
    ("https://arxiv.org/abs/2307.08691", "arxiv", "2307.08691", None),
    ("http://arxiv.org/abs/2307.08691v2", "arxiv", "2307.08691", 2),
    ("https://www.arxiv.org/abs/2307.08691", "arxiv", "2307.08691", None),
    ("https://export.arxiv.org/abs/2307.08691", "arxiv", "2307.08691", None),
    ("https://arxiv.org/pdf/2307.08691", "arxiv", "2307.08691", None),
    ("https://arxiv.org/pdf/2307.08691.pdf", "arxiv", "2307.08691", None),
    ("https://arxiv.org/pdf/2307.08691v1.pdf?fbclid=IwAR2o0#page=3", "arxiv", "2307.08691", 1),
    ("https://arxiv.org/html/2307.08691v1", "arxiv", "2307.08691", 1),
    ("arxiv.org/abs/2307.08691", "arxiv", "2307.08691", None),
    ("https://ar5iv.labs.arxiv.org/html/2307.08691", "arxiv", "2307.08691", None),
    ("https://ar5iv.org/abs/2307.08691", "arxiv", "2307.08691", None),
    ("https://www.alphaxiv.org/abs/2307.08691v1", "arxiv", "2307.08691", 1),
    ("https://huggingface.co/papers/2307.08691", "arxiv", "2307.08691", None),
    ("cs/0112017", "arxiv", "cs/0112017", None),
    ("arXiv:cs/0112017v1", "arxiv", "cs/0112017", 1),
    ("https://arxiv.org/abs/cs/0112017", "arxiv", "cs/0112017", None),
    ("math.GT/0309136", "arxiv", "math/0309136", None),
    ("https://arxiv.org/pdf/math.GT/0309136v1", "arxiv", "math/0309136", 1),
    ("https://arxiv.org/abs/hep-th/9901001", "arxiv", "hep-th/9901001", None),
    ("0704.0001", "arxiv", "0704.0001", None),
    ("https://doi.org/10.48550/arXiv.2307.08691", "arxiv", "2307.08691", None),
    ("10.48550/ARXIV.2307.08691", "arxiv", "2307.08691", None),
    # DOI
    ("10.1145/3600006.3613145", "doi", "10.1145/3600006.3613145", None),
    ("doi:10.1145/3600006.3613145", "doi", "10.1145/3600006.3613145", None),
    ("DOI: 10.1145/3600006.3613145", "doi", "10.1145/3600006.3613145", None),
    ("https://doi.org/10.1145/3600006.3613145", "doi", "10.1145/3600006.3613145", None),
    ("http://dx.doi.org/10.1145/3600006.3613145", "doi", "10.1145/3600006.3613145", None),
    ("https://doi.org/10.1145%2F3600006.3613145", "doi", "10.1145/3600006.3613145", None),
    ("https://dl.acm.org/doi/10.1145/3600006.3613145", "doi", "10.1145/3600006.3613145", None),
    ("https://dl.acm.org/doi/abs/10.1145/3600006.3613145", "doi", "10.1145/3600006.3613145", None),
    ("https://dl.acm.org/doi/pdf/10.1145/3600006.3613145?download=true", "doi", "10.1145/3600006.3613145", None),
    ("https://link.springer.com/article/10.1007/s10596-019-09871-2", "doi", "10.1007/s10596-019-09871-2", None),
    ("https://onlinelibrary.wiley.com/doi/10.1002/pamm.201900231/full", "doi", "10.1002/pamm.201900231", None),
    ("(see 10.1145/3600006.3613145).", "doi", "10.1145/3600006.3613145", None),
    ("10.1145/3600006.3613145,", "doi", "10.1145/3600006.3613145", None),
    ("10.14778/VLDB.ABC", "doi", "10.14778/vldb.abc", None),
    ("10.1016/0021-9797(78)90100-3", "doi", "10.1016/0021-9797(78)90100-3", None),
    ("10.1000.10/123", "doi", "10.1000.10/123", None),
    # OpenReview
    ("https://openreview.net/forum?id=uLpyWQPyF9", "openreview", "uLpyWQPyF9", None),
    ("https://openreview.net/pdf?id=uLpyWQPyF9", "openreview", "uLpyWQPyF9", None),
    ("https://openreview.net/forum?id=uLpyWQPyF9&noteId=abc", "openreview", "uLpyWQPyF9", None),
    ("https://openreview.net/forum?noteId=abc&id=uLpyWQPyF9", "openreview", "uLpyWQPyF9", None),
    ("https://openreview.net/attachment?id=uLpyWQPyF9&name=supplementary_material", "openreview", "uLpyWQPyF9", None),
    ("openreview:uLpyWQPyF9", "openreview", "uLpyWQPyF9", None),
    # ACL Anthology
    ("https://aclanthology.org/2024.acl-long.1/", "acl", "2024.acl-long.1", None),
    ("https://aclanthology.org/2024.acl-long.1.pdf", "acl", "2024.acl-long.1", None),
    ("https://www.aclweb.org/anthology/P19-1001", "acl", "P19-1001", None),
    ("https://www.aclweb.org/anthology/P19-1001.pdf", "acl", "P19-1001", None),
    ("https://aclanthology.org/p19-1001", "acl", "P19-1001", None),
    ("https://aclanthology.org/2024.findings-emnlp.361.pdf", "acl", "2024.findings-emnlp.361", None),
    # USENIX
    ("https://www.usenix.org/conference/nsdi24/presentation/huang", "usenix", "nsdi24/huang", None),
    ("usenix.org/conference/osdi24/presentation/wu-bingyang", "usenix", "osdi24/wu-bingyang", None),
    ("https://www.usenix.org/system/files/nsdi24-huang.pdf", "usenix", "nsdi24/huang", None),
    ("https://www.usenix.org/system/files/osdi22_slides-yu.pdf", "usenix", "osdi22/yu", None),
    ("https://www.usenix.org/system/files/conference/osdi16/osdi16-abadi.pdf", "usenix", "osdi16/abadi", None),
    ("https://www.usenix.org/conference/osdi16/technical-sessions/presentation/abadi", "usenix", "osdi16/abadi", None),
]


@pytest.mark.parametrize(("text", "scheme", "value", "version"), SPELLINGS)
def test_a_spelling_is_recognised(text, scheme, value, version):
    assert identifiers.recognise(text) == Identifier(scheme, value, version)
    assert identifiers.normalise(scheme, text) == value
    assert identifiers.normalise(scheme, value) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "2313.08691",  # no thirteenth month
        "2300.08691",
        "2307.0869",  # five digits since 2015
        "1412.08691",  # four digits before
        "2307.00000",
        "0703.0001",  # the new style began in April 2007
        "cs/0712017",  # and the old one ended
        "poetry/0112017",
        "1234.5678",
        "10.1145",
        "10.1145/",
        "10.1145/...",
        "10.48550/arxiv.2313.08691",
        "https://arxiv.org/list/cs.DC/recent",
        "https://openreview.net/group?id=ICLR.cc/2024",
        "https://aclanthology.org/volumes/2024.acl-long/",
        "https://www.usenix.org/conference/nsdi24/technical-sessions",
        "https://notarxiv.org/abs/2307.08691",
        "the price rose from 2307.08691 to 2401.00625",
    ],
)
def test_what_only_looks_like_an_identifier_is_none(text):
    assert identifiers.recognise(text) is None


def test_normalising_another_schemes_identifier_says_what_it_is():
    with pytest.raises(NotAnIdentifier) as refusal:
        identifiers.normalise("doi", "https://arxiv.org/abs/2307.08691")
    assert refusal.value.instead == Identifier("arxiv", "2307.08691")
    with pytest.raises(NotAnIdentifier) as refusal:
        identifiers.normalise("doi", "10.48550/arXiv.2307.08691")
    assert refusal.value.instead == Identifier("arxiv", "2307.08691")
    with pytest.raises(NotAnIdentifier) as refusal:
        identifiers.normalise("arxiv", "nonsense")
    assert refusal.value.instead is None


def test_identifiers_in_a_text_come_in_order_and_once():
    text = f"Orca ({ORCA}), also arXiv:2307.08691v2 and https://arxiv.org/abs/2307.08691; doi:10.1145/1.2."
    assert [(found.scheme, found.value) for found in identifiers.identifiers_in(text)] == [
        ("usenix", "osdi22/yu"),
        ("arxiv", "2307.08691"),
        ("doi", "10.1145/1.2"),
    ]


arxiv_values = st.one_of(
    st.builds(lambda y, m, n: f"{y:02}{m:02}.{n:05}", st.integers(15, 60), st.integers(1, 12), st.integers(1, 99999)),
    st.builds(lambda y, m, n: f"cs/{y:02}{m:02}{n:03}", st.integers(0, 6), st.integers(1, 12), st.integers(1, 999)),
)
values = st.one_of(
    st.tuples(st.just("arxiv"), arxiv_values),
    st.tuples(st.just("openreview"), st.from_regex(r"[A-Za-z0-9_-]{6,14}", fullmatch=True)),
    st.tuples(st.just("acl"), st.from_regex(r"20[0-2][0-9]\.[a-z]{2,8}-[a-z]{3,6}\.[1-9][0-9]{0,2}", fullmatch=True)),
    st.tuples(st.just("usenix"), st.from_regex(r"[a-z]{3,8}[0-2][0-9]/[a-z]{2,8}(-[a-z]{2,8})?", fullmatch=True)),
    st.tuples(st.just("doi"), st.from_regex(r"10\.[0-9]{4,6}/[!-~]{1,30}", fullmatch=True)),
)


@given(values)
def test_normalising_twice_changes_nothing_and_the_address_leads_back(pair):
    scheme, text = pair
    try:
        value = identifiers.normalise(scheme, text)
    except NotAnIdentifier:
        assume(False)
    assert identifiers.normalise(scheme, value) == value
    assert identifiers.recognise(identifiers.url_of(scheme, value)) == Identifier(scheme, value)
    assert identifiers.clean_url(identifiers.url_of(scheme, value)) == identifiers.url_of(scheme, value)


@given(st.text(max_size=200))
def test_no_text_is_too_strange_to_be_looked_at(text):
    for found in [identifiers.recognise(text), *identifiers.identifiers_in(text)]:
        assert found is None or identifiers.normalise(found.scheme, found.value) == found.value


def test_addresses_and_pdfs_of_values():
    assert identifiers.url_of("usenix", "osdi22/yu") == ORCA
    assert identifiers.url_of("usenix", "osdi16/abadi") == "https://www.usenix.org/conference/osdi16/technical-sessions/presentation/abadi"
    assert identifiers.url_of("doi", "10.1145/1.2") == "https://doi.org/10.1145/1.2"
    assert identifiers.pdf_url_of("arxiv", "cs/0112017") == "https://arxiv.org/pdf/cs/0112017"
    assert identifiers.pdf_url_of("doi", "10.1145/1.2") == ""


def test_the_year_is_read_from_an_arxiv_number_only():
    assert identifiers.year_of("arxiv", "2307.08691") == 2023
    assert identifiers.year_of("arxiv", "hep-th/9901001") == 1999
    assert identifiers.year_of("arxiv", "cs/0112017") == 2001
    assert identifiers.year_of("doi", "10.1145/1.2") is None


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://x.org/?utm_source=a&id=7&fbclid=b#top", "https://x.org/?id=7#top"),
        ("https://x.org/?utm_source=a", "https://x.org/"),
        ("https://x.org/a%20b?q=%C3%A9&v", "https://x.org/a%20b?q=%C3%A9&v"),
        ("https://x.org/#utm_source=a", "https://x.org/#utm_source=a"),
    ],
)
def test_tracking_parameters_are_left_out_and_nothing_else(url, clean):
    assert identifiers.without_tracking(url) == clean
    assert identifiers.without_tracking(clean) == clean


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        (" https://Example.ORG/Path?Q=1#F ", "https://example.org/Path?Q=1#F"),
        ("HTTP://example.org", "http://example.org"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://example.org:8443/a{b}", "https://example.org:8443/a%7Bb%7D"),
        ("https://ml.energy/leaderboard", "https://ml.energy/leaderboard"),
        ("https://chat.lmsys.org", "https://chat.lmsys.org"),
        ("https://example.org/a%2Fb%20c", "https://example.org/a%2Fb%20c"),
    ],
)
def test_an_address_is_made_fit_to_be_kept(url, clean):
    assert identifiers.clean_url(url) == clean
    assert identifiers.clean_url(clean) == clean


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "empty"),
        ("javascript:alert(1)", "scheme"),
        ("JaVaScRiPt://example.org/%0aalert(1)", "scheme"),
        ("data:text/html,x", "scheme"),
        ("ftp://example.org/a", "scheme"),
        ("example.org/a", "scheme"),
        ("https://user:secret@example.org/", "credentials"),
        ("https://example.org@evil.example/", "credentials"),
        ("https://example.org\\@evil.example/", "characters"),
        ("https://example.org/\x00", "characters"),
        ("https://example.org/a b", "characters"),
        ("https://example.org/\u202egpj.exe", "characters"),
        ("https://example.org/\r\nSet-Cookie: a", "characters"),
        ("https://localhost/", "host"),
        ("https://127.0.0.1/", "host"),
        ("https://10.0.0.7/", "host"),
        ("https://[::1]/", "host"),
        ("https:///a", "host"),
        ("https://a..b/", "host"),
        ("https://example.org:99999/", "host"),
        ("https://example.org/" + "a" * 2_000, "too_long"),
        ("https://example.org/" + "é" * 700, "too_long"),
    ],
)
def test_an_address_that_cannot_be_kept_is_refused_with_the_reason(url, reason):
    with pytest.raises(UnusableAddress) as refusal:
        identifiers.clean_url(url)
    assert refusal.value.reason == reason


@given(st.one_of(st.text(max_size=100), st.text(max_size=60).map(lambda text: f"https://example.org/{text}")))
def test_a_clean_address_stays_as_it_is(text):
    try:
        clean = identifiers.clean_url(text)
    except UnusableAddress:
        return
    assert identifiers.clean_url(clean) == clean
    assert clean.isascii()
    assert clean.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://github.com/vllm-project/vllm", "code"),
        ("https://www.youtube.com/watch?v=1", "video"),
        ("https://ennanzhai.github.io/pub/sigcomm24-hpn.pdf", "pdf"),
        ("https://arxiv.org/pdf/2307.08691", "pdf"),
        ("https://proceedings.mlr.press/v202/kim23l.html", "paper"),
    ],
)
def test_an_address_says_what_it_leads_to(url, kind):
    assert identifiers.link_kind_of(url) == kind
