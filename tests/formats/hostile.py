"""Records of which every word is something else in some syntax, for lists that have to hold them all the same."""

from random import Random
from typing import get_args

from catalog.records import (
    Category,
    Kind,
    Link,
    LinkKind,
    Organization,
    Record,
    Venue,
    replace,
    spelling_key,
    tidy,
    without_unwanted_characters,
)

PIECES = [
    "a", "B", "Orca", ": ", " - ", " | ", "|", "｜", "(2023)", "(OSDI 2024)", "[x]", "[paper]", "](javascript:alert(1))", "<b>",
    "</b>", "<script>", "&amp;", "&", "#", "*", "**", "_", "__", "`", "``", "~", "~~", "!", "!!", "??", ",", "..", "...", ".",
    '"', "“", "”", "‘", "’", "'", "（", "）", "「", "\\", "\\\\", "$", "$x$", ":fire:", "🔥", "❤", "\U0001f468\u200d\U0001f469",
    "arXiv:2401.00001", "https://x.org/a", "www.x.org", "a@b.org", "ICML' 2022", "OSDI 2024", "2023", "et al.", "by Ann Bee", "·",
    " · ", "•", "—", " – ", "+", "++", "1. ", "- ", "深度", "é", "e\u0301", "\u200b", "\u202e", "ZeRO++", "A Survey", "Section 3",
    "(Section 3)", "(`Gavel`)", "TrainingLarge", "Also here", "Here: x", "{", "}", "^", "%", "=", "@", "/", "0", "11",
    "\u0627\u200c\u0628", "Contents", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "\n", "\t",
]  # fmt: skip
ADDRESSES = [
    "https://arxiv.org/abs/2401.{:05}", "https://x.org/a_(b)/{}", "https://github.com/o/r{}", "https://x.org/?a=1&copy={}&b=[2]",
    "https://x.org/é{}", "https://doi.org/10.1145/123.{}", "https://x.org/a'b{}", "https://x.org/shared", "javascript:alert({})",
    "https://dl.acm.org/doi/10.1145/9.{}", "https://youtu.be/{}", "https://x.org/{}.pdf",
    "https://openreview.net/forum?id=abcdef{}", "https://me:secret@x.org/{}", "https://x.org/\u202e{}",
]  # fmt: skip
NAMES = [
    "C#", "Why?", "License", "Contents", "Contributing", "*x* and _y_", "a | b", "<b>bold</b>", "# hash", "`code`",
    "[link](https://x.org)", "!!", "“open", "Others", "Others", "Related Lists", "Footnotes", "A/B & C", "1. One", "x:",
    "Serving", "Serving!", "🔥 Hot", "table-of-contents", "end #", "\\", "Survey", "Tools (2023)", "don’t", "Ünïcödé 深度",
    "Uncategorized",
]  # fmt: skip
# Each has a category below it, and the first has several below one another.
CATEGORIES = tuple(
    Category(path=path, name=f"{name} {depth or ''}".strip())
    for number, name in enumerate(NAMES)
    for depth, path in enumerate(["/".join([f"c{number}", *map(str, range(depth))]) for depth in range(9 if number == 0 else 2)])
)


def hostile_records(number: int, *, seed: int = 1) -> list[Record]:
    """The same ones for the same seed, in the order of CATEGORIES; each stands under one, and one in ten again elsewhere."""
    random = Random(seed)
    found: list[tuple[int, Record]] = []
    for count in range(number):
        record = _record(random, count)
        first, second = random.sample(range(len(CATEGORIES)), 2)
        places = [_place(random, first, primary=True)]
        if count % 10 == 0:
            places.append(_place(random, second, primary=False))
        found += (
            (where, replace(record, categories=tuple(order))) for where, order in zip((first, second), (places, places[::-1]), strict=True)
        )
        if count % 10:
            found.pop()
    return [record for _where, record in sorted(found, key=lambda each: each[0])]


def _place(random: Random, number: int, *, primary: bool) -> Category:
    return replace(CATEGORIES[number], primary=primary, note=random.choice(["", "", "x y", _text(random, 5)]))


def _record(random: Random, number: int) -> Record:
    venue = None
    if random.random() < 0.6:
        name = random.choice(["OSDI", "ICML ES-FoMo Workshop", "arXiv", "sosp", "2024", "in", "A · B", _words(random), "USENIX ;login:"])
        venue = Venue(name=name, year=random.choice([None, 2021, 1999]), track=random.choice(["", "", "Oral", "Foo (bar)"]))
    organizations = {
        random.choice(["MIT", "AT&T", "University of California, Berkeley", "Google Inc.", "by X", "2024", _words(random)])
        for _each in "ab"
    }
    links = [
        Link(
            kind=random.choice(get_args(LinkKind)),
            url=random.choice(ADDRESSES).format(number * 4 + each),
            label=random.choice(["", "", "Code", _text(random, 3)]),
        )
        for each in range(random.randint(0, 3))
    ]
    return Record(
        title=_words(random),
        short_name=random.choice(["", "", "Orca", _words(random)])[:80],
        kind=random.choice(get_args(Kind)),
        year=random.choice([None, 2020, 2024, 2100, 1900]),
        note=random.choice(["", _text(random, 12)]),
        venue=venue,
        organizations=tuple(Organization(name=name) for name in sorted(organizations)),
        identifiers={"arxiv": f"2402.{10_000 + number}"} if number % 5 == 0 else {},
        links=tuple(links),
    )


def _text(random: Random, length: int) -> str:
    return "".join(random.choice(PIECES) + random.choice(["", " "]) for _each in range(random.randint(1, length)))


def _words(random: Random) -> str:
    """As forms and importers keep them: tidy, and holding a letter or a number."""
    while not spelling_key(words := tidy(without_unwanted_characters(_text(random, 8)))[:200].strip()):
        pass
    return words
