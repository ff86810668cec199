"""What readers ask of the default catalogue, and what they have to find first: `data/judged.tsv`."""

from itertools import chain
from pathlib import Path

from pyroaring import BitMap

from catalog import search
from catalog.models import Paper

JUDGED = Path(__file__).parent / "data" / "judged.tsv"
QUESTIONS_ASKED = 6


def test_readers_find_first_what_they_meant(slips, catalogue, django_assert_max_num_queries):
    slugs = dict(Paper.objects.values_list("pk", "slug"))
    wrong = []
    for text, expected in judgements():
        with django_assert_max_num_queries(QUESTIONS_ASKED):
            runs = search.find(text).ranked(BitMap(slugs))
        found = [slugs[number] for number in chain.from_iterable(run if isinstance(run, list) else reversed(run) for run in runs)]
        if not agrees(found, expected):
            wrong.append(f"{text}\n    is to find {' '.join(expected)}\n    but finds  {' '.join(found[:6])} ={len(found)}")
    assert not wrong, "\n".join(wrong)


def test_the_judgements_name_papers_that_are_there(catalogue):
    named = {word.removeprefix("-") for _text, expected in judgements() for word in expected if word[0] not in ".="}

    assert named <= set(Paper.objects.values_list("slug", flat=True))
    assert len(list(judgements())) >= 120


def judgements():
    for line in JUDGED.read_text().splitlines():
        if line and not line.startswith("#"):
            text, _tab, expected = line.partition("\t")
            yield text, expected.split()


def agrees(found, expected):
    first = [word for word in expected if word[0] not in "-.="]
    counts = {int(word[1:]) for word in expected if word[0] == "="} | ({len(first)} if "." in expected else set())
    unwanted = {word[1:] for word in expected if word[0] == "-"}
    return found[: len(first)] == first and counts <= {len(found)} and not unwanted & set(found)
