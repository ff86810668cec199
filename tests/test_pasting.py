"""Whatever a person pastes into the one box: what is read from it, and what is said about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import pasting
from catalog.citations import Spellings
from catalog.pasting import Fact

VENUES = Spellings([("OSDI", "OSDI"), ("SOSP", "SOSP"), ("ICLR", "ICLR"), ("ATC", "USENIX ATC")])
ORGANIZATIONS = Spellings([("UCB", "UC Berkeley"), ("Stanford", "Stanford University")])


def read(text):
    return pasting.read(text, venues=VENUES, organizations=ORGANIZATIONS)


def facts_of(reading):
    record = reading.record
    venue = f"{record.venue.name} {record.venue.year}" if record.venue else ""
    return record.title, record.identifiers, record.main_link.url if record.main_link else "", venue


ARXIV = "https://arxiv.org/abs/2307.08691"
FLASH = ("", {"arxiv": "2307.08691"}, ARXIV, "")
ACM = ("", {"doi": "10.1145/3600006.3613145"}, "https://doi.org/10.1145/3600006.3613145", "")
YU = "https://www.usenix.org/conference/osdi22/presentation/yu"
USENIX = ("", {"usenix": "osdi22/yu"}, YU, "")
FORUM = "https://openreview.net/forum?id=uLpyWQPyF9"
OPENREVIEW = ("", {"openreview": "uLpyWQPyF9"}, FORUM, "")
ORCA = "Orca: A Distributed Serving System"


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("2307.08691", FLASH),
        ("  2307.08691v1 \n", FLASH),
        ("arXiv:2307.08691", FLASH),
        ("arXiv: 2307.08691", FLASH),
        ("arXiv 2307.08691", FLASH),
        (ARXIV, FLASH),
        (f"<{ARXIV}>", FLASH),
        ("https://arxiv.org/pdf/2307.08691v1", FLASH),
        ("https://arxiv.org/html/2307.08691v2#S3", FLASH),
        ("http://www.arxiv.org/pdf/2307.08691.pdf", FLASH),
        ("arxiv.org/abs/2307.08691", FLASH),
        ("10.48550/arXiv.2307.08691", FLASH),
        ("cs/0112017", ("", {"arxiv": "cs/0112017"}, "https://arxiv.org/abs/cs/0112017", "")),
        ("math.GT/0309136v1", ("", {"arxiv": "math/0309136"}, "https://arxiv.org/abs/math/0309136", "")),
        ("10.1145/3600006.3613145", ACM),
        ("doi:10.1145/3600006.3613145", ACM),
        ("DOI 10.1145/3600006.3613145.", ACM),
        ("https://doi.org/10.1145/3600006.3613145", ACM),
        ("http://dx.doi.org/10.1145/3600006.3613145", ACM),
        ("https://dl.acm.org/doi/pdf/10.1145/3600006.3613145", ACM),
        ("https://doi.org/10.1145%2F3600006.3613145", ACM),
        (FORUM, OPENREVIEW),
        ("https://openreview.net/pdf?id=uLpyWQPyF9", OPENREVIEW),
        ("openreview.net/forum?id=uLpyWQPyF9&referrer=%5BHome%5D", OPENREVIEW),
        ("https://aclanthology.org/2024.acl-long.1.pdf", ("", {"acl": "2024.acl-long.1"}, "https://aclanthology.org/2024.acl-long.1/", "")),
        ("https://www.aclweb.org/anthology/P19-1001", ("", {"acl": "P19-1001"}, "https://aclanthology.org/P19-1001/", "")),
        (YU, USENIX),
        ("https://www.usenix.org/system/files/osdi22-yu.pdf", USENIX),
        ("https://github.com/vllm-project/vllm", ("", {}, "https://github.com/vllm-project/vllm", "")),
        ("github.com/vllm-project/vllm?utm_source=x", ("", {}, "https://github.com/vllm-project/vllm", "")),
        ("https://bücher.example/a", ("", {}, "https://xn--bcher-kva.example/a", "")),
        ("@misc{k, title={Orca}, eprint={2307.08691}, archivePrefix={arXiv}}", ("Orca", {"arxiv": "2307.08691"}, ARXIV, "")),
        ("% a comment\n\n@inproceedings{k,\n title = {{Orca}},\n booktitle = {{OSDI} '22},\n year = 2022}", ("Orca", {}, "", "OSDI 2022")),
        ("@article(k, title = \"Orca\", doi = {10.1145/3600006.3613145})", ("Orca", *ACM[1:])),
        (f"- [Orca]({YU}): A Distributed Serving System | OSDI 22", (ORCA, {"usenix": "osdi22/yu"}, YU, "OSDI 2022")),
        (f"* [{ORCA}]({ARXIV}) ｜ UCB", (ORCA, {"arxiv": "2307.08691"}, ARXIV, "")),
        ("Orca : A Distributed Serving System. | sosp24", (ORCA, {}, "", "SOSP 2024")),
        ("- Orca: A Distributed\n  Serving System | ATC’ 21", (ORCA, {}, "", "USENIX ATC 2021")),
        (f"{ORCA} {ARXIV}v2", (ORCA, {"arxiv": "2307.08691"}, ARXIV, "")),
        (f"{ORCA} (arXiv:2307.08691)", (ORCA, {"arxiv": "2307.08691"}, ARXIV, "")),
        (ORCA, (ORCA, {}, "", "")),
        ("\u202eOrca\x00: A Distributed Serving\u200b System", (ORCA, {}, "", "")),
    ],
)  # fmt: skip
def test_what_is_pasted_is_read(text, facts):
    reading = read(text)
    assert reading.understood
    assert facts_of(reading) == facts


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("", Fact("empty")),
        ("\x00\u202e \n", Fact("empty")),
        ("????", Fact("not_understood", "", "????")),
        ("javascript:alert(1)", Fact("refused_link", "scheme", "javascript:alert(1)")),
        ("data:text/html,<script>", Fact("refused_link", "scheme", "data:text/html,<script>")),
        ("ftp://x.org/a.pdf", Fact("refused_link", "scheme", "ftp://x.org/a.pdf")),
        ("https://me:secret@x.org/", Fact("refused_link", "credentials", "https://me:secret@x.org/")),
        ("https://localhost/admin", Fact("refused_link", "host", "https://localhost/admin")),
        ("@misc{k, year = 2020}", Fact("not_understood", "no title", "@misc{k, year = 2020}")),
        ("x" * 200_001, Fact("too_long", value="200000")),
        ("é" * 100_001, Fact("too_long", value="200000")),
    ],
)
def test_what_cannot_be_read_is_said(text, fact):
    reading = read(text)
    assert not reading.understood
    assert fact in reading.said


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("https://arxiv.org/pdf/2307.08691v1", [Fact("identifier", "arxiv", "2307.08691"), Fact("version", value="1")]),
        (
            "https://x.org/a?utm_source=b&c=d",
            [Fact("link", "paper", "https://x.org/a?c=d"), Fact("tracking", value="https://x.org/a?utm_source=b&c=d")],
        ),
        (
            f"- [Orca]({ARXIV}): A System | UCB, Princeton | SOSP' 24",
            [
                Fact("title", value="Orca: A System"),
                Fact("identifier", "arxiv", "2307.08691"),
                Fact("venue", "SOSP 2024", "SOSP' 24"),
                Fact("organization", "UC Berkeley", "UCB"),
                Fact("unknown_organization", "Princeton", "Princeton"),
            ],
        ),
        (
            "- One | SIGCOMM '24\n- Two\n- Three",
            [Fact("title", value="One"), Fact("unknown_venue", "SIGCOMM 2024", "SIGCOMM '24"), Fact("more", value="2")],
        ),
        (
            "@misc{a, title={One}, author={Ann Bee and Cee, Dan}}\n@misc{b, title={Two}}\n@misc{c}",
            [
                Fact("title", value="One"),
                Fact("authors", value="2"),
                Fact("more", value="1"),
                Fact("not_understood", "no title", "@misc{c}"),
            ],
        ),
        ("Or\u200bca", [Fact("title", value="Orca"), Fact("cleaned", value="U+200B ZERO WIDTH SPACE")]),
        ("[Orca](javascript:x)", [Fact("title", value="Orca"), Fact("refused_link", "scheme", "javascript:x")]),
    ],
)  # fmt: skip
def test_the_reading_says_what_it_did(text, facts):
    assert list(read(text).said) == facts


def test_bibtex_brings_authors_and_short_name():
    record = read("@inproceedings{k, title={{Orca}: A System}, author={Yu, Gyeong-In and Chun, Byung-Gon}, booktitle={OSDI 22}}").record
    assert [author.name for author in record.authors] == ["Gyeong-In Yu", "Byung-Gon Chun"]
    assert record.short_name == "Orca"
    assert (record.venue.name, record.venue.year, record.venue.raw) == ("OSDI", 2022, "OSDI 22")


@pytest.mark.parametrize(
    "piece",
    ["[", "[](", "[[a]", "(a)[http://x.y/", "**a", "- a\n", "'", "@a{", "@misc{k, title={A}}\n", "{", "\\", "$", "%5", "http://a/", "|"],
)
def test_no_paste_is_too_strange_to_be_answered(piece):
    assert read(piece * (20_000 // len(piece))).said


@given(st.text(max_size=120))
def test_any_text_is_answered(text):
    reading = read(text)
    assert reading.said
    assert reading.understood == (reading.record is not None)


def test_a_lone_surrogate_is_answered():
    assert read("Orca \ud800").record.title == "Orca"
