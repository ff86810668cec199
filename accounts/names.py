"""What people may be called: names without hidden signs, that speak neither for the site nor for somebody else.

Plain functions; asks the database nothing.
"""

import re
import unicodedata

# Letters, digits and . _ - between them: what stands in an address and in a sentence without being mistaken for either.
USERNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,28}[A-Za-z0-9])")
# Names that would speak for the site.
_RESERVED = {
    "administrator",
    "admin",
    "anonymous",
    "contributor",
    "deleted",
    "deleteduser",
    "editor",
    "everyone",
    "help",
    "maintainer",
    "maintainers",
    "me",
    "moderator",
    "nobody",
    "none",
    "null",
    "openshelf",
    "owner",
    "root",
    "security",
    "staff",
    "superuser",
    "support",
    "system",
    "team",
    "undefined",
    "webmaster",
}
# Of these one word among others is enough: `Alice, maintainer` says what is not Alice's to say.
_OFFICES = {"admin", "administrator", "maintainer", "maintainers", "moderator", "openshelf"}
# Capitals, and small letters, of other alphabets that pass for Latin ones.
_CAPITALS = "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ХX ԌG ԚQ ԜW"
_LETTERS = "αa ιi κk νv οo ρp τt υu χx γy аa ԁd еe һh іi јj кk ӏl мm нh оo рp ԛq ѕs сc тt уy ѵv ԝw хx вb гr ոn ѻo սu օo ɡg ıi ɑa"
_UPPER, _LOWER = (str.maketrans({pair[0]: pair[1] for pair in pairs.split()}) for pairs in (_CAPITALS, _LETTERS))
_SIGNS = str.maketrans("01357|!$@", "oiestiisa")
_ALPHABETS = {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN"}
# Zero-width signs that join or part letters, where a script needs them.
_JOINERS = "\u200c\u200d"
# Letters, marks and signs by their category, that show nothing all the same.
_FILLERS = {*"\u034f\u115f\u1160\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"}
_SELECTORS = {chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))}
_BLANK = _FILLERS | _SELECTORS
_MOST_MARKS = 3


def skeleton(name: str) -> str:
    """How a name looks at a glance: no case, accents, blanks or separators; digits and letters of other alphabets as the
    Latin letters they pass for; `l` and `i` are one."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    looks = plain.translate(_UPPER).lower().translate(_LOWER).translate(_SIGNS)
    return "".join(sign for sign in looks if sign.isalnum()).replace("l", "i").replace("rn", "m").replace("vv", "w")


def tidy(text: str) -> str:
    """Normalised (NFC), on one line, with single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def hidden_in(text: str) -> list[str]:
    """Name the signs that show nothing, or that hide or reorder what stands beside them; each once."""
    found = {sign for place, sign in enumerate(text) if not sign.isspace() and _is_hidden(text, place)}
    return [f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".strip() for sign in sorted(found)]


def _is_hidden(text: str, place: int) -> bool:
    sign = text[place]
    if sign in _JOINERS:
        around = [unicodedata.category(text[near]) for near in (place - 1, place + 1) if 0 <= near < len(text)]
        return not (len(around) == 2 and all(each in {"Lo", "Mn", "Mc"} for each in around))
    return sign in _BLANK or unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def is_name(text: str) -> bool:
    """Whether there is a letter in it, and no pile of accents on one."""
    marks = 0
    for sign in unicodedata.normalize("NFD", text):
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks > _MOST_MARKS:
            return False
    return any(sign.isalpha() for sign in text)


def mixes_alphabets(text: str) -> bool:
    """Whether letters of two alphabets that look alike stand in one word."""
    return any(len(_alphabets_of(word)) > 1 for word in text.split())


def _alphabets_of(word: str) -> set[str]:
    return {unicodedata.name(sign, "").partition(" ")[0] for sign in word if sign.isalpha()} & _ALPHABETS


def is_reserved(name: str) -> bool:
    """Whether the name as a whole would speak for the site."""
    return skeleton(name) in _RESERVED_SKELETONS


def speaks_for_the_site(name: str) -> bool:
    """Whether it does as a whole, or by a word in it."""
    return is_reserved(name) or any(skeleton(word) in _OFFICE_SKELETONS for word in re.split(r"[\W_]+", name) if word)


_RESERVED_SKELETONS = {skeleton(name) for name in _RESERVED}
_OFFICE_SKELETONS = {skeleton(name) for name in _OFFICES}
