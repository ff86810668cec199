"""Full text: what is searched of a paper, and which papers a person's words find, best first.

The only room that knows how the words are stored. Any text is safe input: it is words, never syntax.
"""

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Concat, Length

from catalog.models import Paper
from catalog.records import Record, fold

MAX_WORDS = 12


def document(record: Record) -> str:
    """The words of a paper as they are searched: folded, one blank between two and one at either end.

    A word written with a hyphen also stands there joined, so that `kvcache` finds KV-cache.
    """
    venue = record.venue
    parts = [
        record.title,
        record.short_name,
        *(author.name for author in record.authors),
        *((venue.name, venue.raw, str(venue.year or "")) if venue else ()),
        *(organization.name for organization in record.organizations),
        *record.identifiers.values(),
        *(category.name for category in record.categories),
        str(record.year or ""),
        record.note,
        record.abstract,
    ]
    text = " ".join(part for part in parts if part)
    joined = [fold(word).replace(" ", "") for word in text.split() if "-" in word]
    return f" {fold(text)} {' '.join(dict.fromkeys(joined))} "


def find(papers: QuerySet[Paper], text: str) -> QuerySet[Paper]:
    """The papers that hold every word of the text, each with its `relevance` (larger is nearer).

    Words match from anywhere in a word of the paper, numbers and single letters only whole. A paper of that name comes
    first, then one whose title begins with the text, then whole words in its title, then parts of words there, then the
    rest. Words beyond the twelfth are ignored; a text without any word, such as a question mark, finds nothing.
    """
    words = fold(text).split()[:MAX_WORDS]
    if not words:
        papers = papers.none()
    phrase = " ".join(words)
    padded = Concat(Value(" "), F("title_key"), Value(" "))
    relevance = _points(Q(title_key=phrase) | Q(short_name__iexact=text.strip()), 400) + _points(
        Q(padded_title__startswith=f" {phrase} "), 200
    )
    relevance += _points(Q(padded_title__contains=f" {phrase} "), 100)
    for word in words:
        # A single letter or a number says something only as a word of its own.
        papers = papers.filter(search_text__contains=f" {word} " if word.isascii() and (len(word) == 1 or word.isdecimal()) else word)
        relevance += Case(
            When(padded_title__contains=f" {word} ", then=Value(10)),
            When(title_key__contains=word, then=Value(5)),
            When(search_text__contains=f" {word} ", then=Value(2)),
            default=Value(0),
            output_field=IntegerField(),
        )
    return papers.annotate(padded_title=padded, title_length=Length("title_key")).annotate(relevance=relevance)


def _points(condition: Q, points: int) -> Case:
    return Case(When(condition, then=Value(points)), default=Value(0), output_field=IntegerField())
