"""What people read, and the lists they keep: the only writer of Reading, ReadingList and ListPlace.

`standing` knows which paper a public id stands for today, `states` how far somebody is with a paper and what they noted,
`lists` the lists and their order, `bringing` what a pasted text or a file names, `people` all that is held of one person.
Nothing here changes what the catalogue serves. Knows nothing of requests: callers say who is acting. What is sent twice is
done once, and one thing after the other: each change begins by taking the turn of the person whose it is.
"""

from catalog.ingest import Unreadable
from catalog.reading.bringing import MOST_BYTES, MOST_ENTRIES, Brought, bring, bring_text, brought_before
from catalog.reading.lists import (
    LISTS_PER_PERSON,
    PAPERS_PER_LIST,
    Place,
    add,
    create,
    delete,
    describe,
    lists_about,
    lists_of,
    move,
    papers_of,
    places_of,
    public_lists_of,
    ranked,
    remove,
    with_counts,
)
from catalog.reading.personal import data_of
from catalog.reading.standing import Standing, Today, also_named, id_today
from catalog.reading.states import (
    READINGS_PER_PERSON,
    Kept,
    NoteChanged,
    counts,
    forget,
    how_far,
    kept_by,
    kept_of,
    mark_of,
    put,
    put_to_read,
    states_of,
    with_notes,
)
from catalog.reading.turns import Full, NoSuchPaper

__all__ = [
    "LISTS_PER_PERSON",
    "MOST_BYTES",
    "MOST_ENTRIES",
    "PAPERS_PER_LIST",
    "READINGS_PER_PERSON",
    "Brought",
    "Full",
    "Kept",
    "NoSuchPaper",
    "NoteChanged",
    "Place",
    "Standing",
    "Today",
    "Unreadable",
    "add",
    "also_named",
    "bring",
    "bring_text",
    "brought_before",
    "counts",
    "create",
    "data_of",
    "delete",
    "describe",
    "forget",
    "how_far",
    "id_today",
    "kept_by",
    "kept_of",
    "lists_about",
    "lists_of",
    "mark_of",
    "move",
    "papers_of",
    "places_of",
    "public_lists_of",
    "put",
    "put_to_read",
    "ranked",
    "remove",
    "states_of",
    "with_counts",
    "with_notes",
]
