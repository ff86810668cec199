"""The names of people in a row: `Ann Author, Bo Author, and Cy Author`, `Author, A., Author, B.`, `Ann Author et al.`"""

import re

from catalog.vocabulary import ORGANIZATION, TOPIC, VENUE

_MAX_ROW = 4_000
_NAME = r"[^\W\d_](?:[^\W\d_]|['’.-]){0,40}"
_PERSON = re.compile(rf"(?:{_NAME}\s+){{1,4}}{_NAME}")
_PARTICLES = {"al", "bin", "da", "de", "del", "den", "der", "di", "dos", "du", "el", "ibn", "la", "le", "ten", "ter", "van", "von"}
BETWEEN_NAMES = re.compile(r"\s*(?:,\s*(?:and|&)\s+|[,;]|\band\b|&)\s*")
ET_AL = re.compile(r",?\s+(?:et\.?\s*al\b\.?|and others)\s*$", re.IGNORECASE)
_TURNED_NAME = re.compile(r"(?P<family>[^\W\d_][\w'’ -]{0,40}),\s*(?P<given>(?:[^\W\d_]\.[ -]?){1,4})(?:,?\s*(?:and|&)\s*|,\s*|$)")


def names_in(words: str) -> list[str]:
    """The names of at least two people, or of one and others, if these words are nothing else."""
    has_more = ET_AL.search(words)
    is_said = re.match(r"(?:authors?:|by)\s", words, re.IGNORECASE)
    words = ET_AL.sub("", words[is_said.end() :] if is_said else words)
    if len(words) > _MAX_ROW:
        return []
    turned = list(_TURNED_NAME.finditer(f"{words}."))
    if turned and sum(len(match[0]) for match in turned) == len(words) + 1:
        return [f"{match['given'].strip()} {match['family'].strip()}" for match in turned]
    names = [re.sub(r"[\s*†‡§¶#\d^]+$", "", name.strip(" .")) for name in BETWEEN_NAMES.split(words)]
    names = [name for name in names if name]
    if len(names) < 2 and not (names and (has_more or is_said)):
        return []
    are_names = all(
        not any(words.search(name) for words in (ORGANIZATION, TOPIC, VENUE)) and _is_name(name, alone=bool(has_more)) for name in names
    )
    return names if are_names else []


def _is_name(text: str, *, alone: bool) -> bool:
    words = text.split()
    is_person = bool(_PERSON.fullmatch(text)) and all(word[0].isupper() or word in _PARTICLES for word in words)
    return is_person or (alone and len(words) == 1 and text[0].isupper())
