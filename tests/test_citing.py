"""How a record is cited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.citing import NameParts, citation_key, name_parts, plain_text
from catalog.records import Author, Link, Organization, Record, Venue


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Yinmin Zhong", NameParts("Zhong", "Yinmin")),
        ("Michael W. Mahoney", NameParts("Mahoney", "Michael W.")),
        ("Laurens van der Maaten", NameParts("van der Maaten", "Laurens")),
        ("Guy Van den Broeck", NameParts("Van den Broeck", "Guy")),
        ("Laurent El Shafey", NameParts("El Shafey", "Laurent")),
        ("Sammy Davis Jr.", NameParts("Davis", "Sammy", "Jr.")),
        ("Sammy Davis, Jr.", NameParts("Davis", "Sammy", "Jr.")),
        ("Davis, Jr., Sammy", NameParts("Davis", "Sammy", "Jr.")),
        ("Chun, Byung-Gon", NameParts("Chun", "Byung-Gon")),
        ("Plato", NameParts("Plato")),
        ("Llama Team", NameParts("Llama Team")),
        ("Anthropic, Inc.", NameParts("Anthropic, Inc.")),
        ("De Zhang", NameParts("Zhang", "De")),
    ],
)
def test_a_name_is_parted_for_a_bibliography(name, parts):
    assert name_parts(name) == parts


def people(number):
    return tuple(Author(name=f"Ann {'ABCDEFGHIJ'[index]}.") for index in range(number))


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (Record(title="Orca"), "Orca."),
        (Record(title="Again...?", year=2024, authors=(Author(name="Ann Bee"),)), "Ann Bee. Again...? 2024."),
        (
            Record(
                title="DistServe",
                authors=(Author(name="Yinmin Zhong"), Author(name="Shengyu Liu"), Author(name="Hao Zhang")),
                venue=Venue(name="OSDI", year=2024),
                identifiers={"arxiv": "2401.09670"},
            ),
            "Yinmin Zhong, Shengyu Liu and Hao Zhang. DistServe. OSDI 2024. arXiv:2401.09670.",
        ),
        (Record(title="T", identifiers={"arxiv": "2401.09670", "doi": "10.1145/1.2"}), "T. https://doi.org/10.1145/1.2"),
        (Record(title="T", links=(Link(url="https://x.org/"),)), "T. https://x.org/"),
        (Record(title="T", authors=people(6)), "Ann A., Ann B., Ann C., Ann D., Ann E. and Ann F. T."),
        (Record(title="T", authors=people(7)), "Ann A., Ann B., Ann C., Ann D., Ann E., Ann F. et al. T."),
    ],
)
def test_one_line_for_a_footnote(record, line):
    assert plain_text(record) == line


@pytest.mark.parametrize(
    ("record", "key"),
    [
        (Record(title="Orca: A System", short_name="Orca", year=2022, authors=(Author(name="Gyeong-In Yu"),)), "yu-2022-orca"),
        (Record(title="The Llama 3 Herd", year=2024), "2024-llama"),
        (Record(title="ZeRO++", organizations=(Organization(name="Microsoft"),)), "microsoft-zero"),
        (Record(title="???"), "paper"),
        (Record(title="A", year=2021, authors=(Author(name="The ATLAS Collaboration"),)), "atlascollaboration-2021"),
        (Record(title="Zoo", year=1960, authors=(Author(name="Sammy Davis Jr."),)), "davis-1960-zoo"),
        (Record(title="Zoo", year=2020, authors=(Author(name="Laurens van der Maaten"),)), "vandermaaten-2020-zoo"),
    ],
)
def test_a_citation_key_is_made_of_name_year_and_word(record, key):
    assert citation_key(record) == key


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=30))
def test_a_citation_key_is_ascii_whatever_the_names(title, name):
    key = citation_key(Record(title=title, authors=(Author(name=name),)))
    assert key.isascii()
    assert key
    assert not set(key) - set("abcdefghijklmnopqrstuvwxyz0123456789-")
