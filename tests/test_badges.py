import pytest

from catalog.badges import Badge, read_badge

SHIELDS = "https://img.shields.io"


@pytest.mark.parametrize(
    ("url", "badge"),
    [
        (f"{SHIELDS}/badge/OSDI-2024-blue", Badge(words=("OSDI 2024", "2024", "alt"))),
        (f"{SHIELDS}/badge/ICML'23-red.svg?style=flat", Badge(words=("ICML'23", "alt"))),
        (f"{SHIELDS}/badge/Conference-NeurIPS_2023%20Oral-blue", Badge(words=("Conference NeurIPS 2023 Oral", "NeurIPS 2023 Oral", "alt"))),
        (f"{SHIELDS}/badge/arXiv-2401.00001-b31b1b.svg", Badge(words=("arXiv 2401.00001", "2401.00001", "alt"))),
        (f"{SHIELDS}/badge/a--b__c-d-red", Badge(words=("a-b_c d", "d", "alt"))),
        (f"{SHIELDS}/static/v1?label=OSDI&message=2024&color=blue", Badge(words=("OSDI 2024", "2024", "alt"))),
        (f"{SHIELDS}/github/stars/o/r.svg?style=social", Badge(repository="https://github.com/o/r")),
        (f"{SHIELDS}/github/v/release/o/r", Badge(repository="https://github.com/o/r")),
        ("https://badgen.net/badge/OSDI/2024/blue", Badge(words=("OSDI 2024", "2024", "alt"))),
        ("https://badgen.net/github/stars/o/r", Badge(repository="https://github.com/o/r")),
        ("https://x.org/osdi.png", Badge(words=("alt",))),
        ("https://[bad", Badge()),
    ],
)
def test_the_words_of_a_badge_are_in_its_address(url, badge):
    assert read_badge("alt", url) == badge
