"""How a record is cited."""

import pytest

from catalog.citing import NameParts, family_first, name_parts, plain_text
from catalog.records import Author, Link, Record, Venue


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


def test_family_first_is_how_reference_managers_read_names():
    assert family_first("Luke de Oliveira") == "de Oliveira, Luke"
    assert family_first("Llama Team") == "Llama Team"


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
