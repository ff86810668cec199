"""One item of a list while it is read: a title among links, venues, people and remarks, in any of the shapes people give it.

The spellings that are known come from the caller; what is not known is kept as it was written. Nothing is guessed that
the text does not state, save small slips that CORRECTIONS names. Knows nothing of Django.
"""

import re
from collections.abc import Iterable, Mapping

import msgspec

from catalog import identifiers, markup, records
from catalog.badges import read_badge
from catalog.bylines import BETWEEN_NAMES, ET_AL, names_in
from catalog.markup import BREAK, CODE, CODE_END, EMPHASIS, EMPHASIS_END, END, IMAGE, LINK, STRONG, STRONG_END, Target, plain
from catalog.records import Author, Kind, Link, LinkKind, Organization, Record, fold, spelling_key, tidy
from catalog.spellings import (
    CORRECTIONS,
    OrganizationReading,
    Spellings,
    VenueReading,
    read_organizations,
    read_venue,
    short_name_of,
    tidy_title,
    without_proceedings,
)
from catalog.vocabulary import (
    EMOJI,
    FAMOUS_VENUES,
    FIELDS,
    KIND_WORDS,
    ORGANIZATION,
    PRAISE,
    PREPRINT,
    REMARK,
    SHORTCODE,
    SURVEY,
    VENUE,
    link_word,
)


class BulletReading(msgspec.Struct, frozen=True, kw_only=True):
    """What was read. `refused` are its addresses that cannot be kept."""

    record: Record
    venue: VenueReading | None = None
    organizations: tuple[OrganizationReading, ...] = ()
    refused: tuple[identifiers.UnusableAddress, ...] = ()


MARKER = re.compile(r"^\s*(?:[-*+•‣◦]|\d{1,4}[.)]|\[\d{1,4}\](?![(\[:]))\s+(?:\[[ xX]\]\s+)?")


_NO_SPELLINGS = Spellings()
ALSO_HERE = "Also here"

# Where links were that have been taken out.
_CUT = "\ue00a"
_EDGES = " \t,.;:–—-·•|/"
_MAX_FACT = 200
_MAX_NAMED = 60
_SPAN = re.compile(f"{LINK}([^{LINK}{END}]*){END}")
_CUTS = re.compile(rf"[\[(（【]\s*(?:[\s,;/|·•&+-]*{_CUT})+[\s,;/|·•&+-]*[\])）】]")
_LINK_WORD_ALONE = re.compile(rf"[\[【]\s*([^\[\]{LINK}{END}]{{1,40}})\s*[\]】]")
_IDENTIFIER = re.compile(r"\(?\b((?:arxiv|doi|openreview):\s?[^\s|｜()]{5,200})\)?", re.IGNORECASE)
_BARS = re.compile(r"[|｜]")


def _group(content: str) -> str:
    """Words in brackets, or emphasised."""
    pairs = (("\\[", "\\]"), ("\\(", "\\)"), ("【", "】"), (STRONG, STRONG_END), (EMPHASIS, EMPHASIS_END), (CODE, CODE_END))
    return "(?:" + "|".join(f"{begin}({content.replace('?', begin + end)}){end}" for begin, end in pairs) + ")"


_MARKED = re.compile(_group(f"[^?{LINK}]{{1,200}}"))
_LEADING = re.compile(rf"[\s{_CUT}]*{_MARKED.pattern}\s*[:,.–—-]?\s*")
_VENUE_BEFORE_COLON = re.compile(
    f"([^:{LINK}{EMPHASIS}]{{2,40}}(?:['’]\\s?\\d\\d|\\s(?:19|20)\\d\\d(?=:\\s*[{EMPHASIS}{STRONG}{LINK}]))):\\s*(?=\\S)"
)
_BEHIND = re.compile(rf"[\s{_CUT}]*{_MARKED.pattern}")
_MARKED_BEHIND_COLON = re.compile(rf"[\s{_CUT}]*:\s*[{STRONG}{EMPHASIS}{CODE}]")
_STRONG_HEAD = re.compile(
    f"{STRONG}([^{STRONG}{STRONG_END}]+){STRONG_END}|{EMPHASIS}((?:[^{EMPHASIS}{EMPHASIS_END}\\s]+\\s+){{2,}}[^{EMPHASIS}{EMPHASIS_END}]+){EMPHASIS_END}(?=[\\s.,]*$|[.,])"
)
_DESCRIPTION = re.compile(rf"[\s{_CUT}]*(?:\s[-–—]+\s+|[–—]\s*)(?=\S)")
_BYLINE_BEGINS = re.compile(f"\\s[-–—]\\s+{EMPHASIS}")
_PLACE_OF_REST = re.compile(f"[{_CUT}{BREAK}]")
_QUOTED = re.compile(
    rf"(?P<before>[^\"“”]*)[\"“](?P<title>[^\"“”]{{8,}}?)(?:(?<=[,.])[\"”](?P<rest>.*)|[\"”](?P<more>(?:\s*[,.(\[{EMPHASIS}{STRONG}].*)?))"
)
_EMPHASISED = re.compile(f"(?P<before>[^{EMPHASIS}]+){EMPHASIS}(?P<title>[^{EMPHASIS}{EMPHASIS_END}]{{8,}}){EMPHASIS_END}(?P<rest>.*)")
# `Author, A., Author, B. (2020). Title.`
_AUTHORS_FIRST = re.compile(r"(?P<names>[^()]{3,500}?)\s*\((?P<year>(?:19|20)\d\d)[a-z]?\)[.:,]?\s+(?P<rest>\S.*)")
_IN_QUOTES = re.compile(r"[\"“]([^\"“”]+)[\"”]")
_SENTENCES = re.compile(r"(?:(?<=\w\w[\w)])|(?<=\bal))[.]\s+(?=\S)")
_PIECES = re.compile(rf"(?:(?<=\w\w[\w)'’])|(?<=\bal))[.]\s+(?=[^a-z\s])|{BREAK}|\s[·•]\s|[|｜]")
_NOT_CODE = re.compile(f"[{STRONG}{STRONG_END}{EMPHASIS}{EMPHASIS_END}{LINK}{END}{BREAK}]")
_ANY_MARK = re.compile(f"[{EMPHASIS}{STRONG}{CODE}]")
_TAIL_MARKED = re.compile(
    rf"[\s,.–—-]*[{EMPHASIS}{STRONG}{CODE}]([^{EMPHASIS}{EMPHASIS_END}{STRONG}{STRONG_END}{CODE}{CODE_END}{LINK}]*)"
    rf"[{EMPHASIS_END}{STRONG_END}{CODE_END}][\s.]*$"
)
_TAIL_BRACKETS = re.compile(r"(?P<title>.*\S)[\s,]*(?:\((?P<round>[^()]{1,200})\)|\[(?P<square>[^\[\]]{1,200})\])[.\s]*")
# A venue that stands in the title without a bar has to have its apostrophe: `at Scale ICML' 2022`; or a comma before it.
_TAIL_VENUE = re.compile(r"(?P<title>.*\S)\s+(?P<venue>\S+\s?['’‘]\s?(?:\d{4}|\d\d))")
_BEFORE_TAIL = re.compile(r"[,.]?\s+(?:in|at)$")
_TAIL_OF_PARTS = re.compile(r"(?P<title>.{8,}\S),\s+(?P<venue>[A-Z][^,]{1,60}?(?:19|20)\d\d)")
_IN_CODE = re.compile(f"{CODE}([^{CODE}{CODE_END}]+){CODE_END}")
_FROM = re.compile(r"(?:from|by)\s+(?=[A-Z])", re.IGNORECASE)
_LABELLED = re.compile(
    f"[\\s{STRONG}{EMPHASIS}]*([A-Za-z][A-Za-z /;.-]{{1,24}}?)[{STRONG_END}{EMPHASIS_END}]?\\s*[:：][{STRONG_END}{EMPHASIS_END}]?\\s*"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DATE = re.compile(r"(?P<year>(?:19|20)\d\d)(?:\s?[./-]\s?\d{1,2}){0,2}(?P<first>)")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_WORDY_DATE = re.compile(
    rf"{_MONTH},?\s*(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?(?P<year>(?:19|20)\d\d)|(?:\d{{1,2}}\s+{_MONTH},?\s*)?(?P<first>(?:19|20)\d\d)(?:,?\s*{_MONTH})?",
    re.IGNORECASE,
)
# `arXiv 2024.12`
_MONTH_BEHIND = re.compile(r"(?<=[^\W\d]\s)((?:19|20)\d\d)[./-]\d{1,2}(?:[./-]\d{1,2})?$")
_BETWEEN_FACTS = re.compile(r"\s*[,;/·•]\s*")
_BYLINE = re.compile(
    f"{EMPHASIS}(?P<facts>[^{EMPHASIS}{EMPHASIS_END}]+){EMPHASIS_END}"
    f"(?:\\s*,?\\s*(?:{_CUT}|{LINK}[^{LINK}{END}]*{END}))*(?=[\\s.,]|$)(?P<rest>.*)"
)
_FACT_OF_OURS = re.compile(
    rf"(?:by|named) .+|in [^,]+(?:, \d{{4}}(?:, [^,]+)?)?|{ALSO_HERE}|(?:19|20|21)\d\d|{'|'.join(map(str.capitalize, records.KINDS))}"
)
_NOTE_HERE = re.compile(f"\\s*{EMPHASIS}Here: ([^{EMPHASIS}{EMPHASIS_END}]*){EMPHASIS_END}[\\s.]*$")


class Bullet:
    """A paper while it is read: from the head of an item, from what stands below it, from the cells of a row.

    `take_...` read a text that is one tidy line. What is stated first holds.
    """

    def __init__(
        self,
        *,
        venues: Spellings = _NO_SPELLINGS,
        organizations: Spellings = _NO_SPELLINGS,
        corrections: Mapping[str, str] = CORRECTIONS,
        references: Mapping[str, str] | None = None,
    ) -> None:
        self._venues, self._known_organizations, self._corrections = venues, organizations, corrections
        self._references = references or {}
        self.title = self.short_name = self.abstract = self.note_here = ""
        self.kind: Kind | None = None
        self.year: int | None = None
        self.venue: VenueReading | None = None
        self.authors: list[str] = []
        self.organizations: list[OrganizationReading] = []
        self.notes: list[str] = []
        self.links: list[Link] = []
        self._main_link: Link | None = None
        # Those whose words still stand in the text, in order; None for one that cannot be kept.
        self._labelled: list[Link | None] = []
        self.refused: list[identifiers.UnusableAddress] = []
        # It stands elsewhere in the list too, and has its link there.
        self.is_also_here = False
        self._is_ours = False

    # -- What comes out ------------------------------------------------------------------------
    def reading(self) -> BulletReading | None:
        """None where there is no title."""
        title = tidy_title(self.title, self._corrections)
        if not (spelling_key(plain(title)) or markup.has_escapes(title)):
            return None
        short_name = self.short_name or short_name_of(title)
        links, found = settle_links(self._links_in_order())
        kind = self.kind or ("survey" if SURVEY.search(title) else "paper")
        if self.venue and self.venue.year is None and self.year and not self._is_ours:
            self.venue = records.replace(self.venue, year=self.year)
        year = self.year or (self.venue.year if self.venue else None)
        record = Record(
            title=plain(title),
            short_name=plain(short_name)[: records.MAX_SHORT_NAME],
            kind=kind,
            year=year or next(filter(None, (identifiers.year_of(*each) for each in found.items())), None),
            abstract=self.abstract,
            note="; ".join(self.notes),
            authors=tuple(Author(name=name) for name in dict.fromkeys(self.authors)),
            organizations=tuple(Organization(name=name) for name in dict.fromkeys(reading.name for reading in self.organizations)),
            venue=self.venue.to_venue() if self.venue else None,
            identifiers=found,
            links=links,
        )
        return BulletReading(record=record, venue=self.venue, organizations=tuple(self.organizations), refused=tuple(self.refused))

    def _links_in_order(self) -> list[Link]:
        """The title's own link first, or else the first that leads to the paper."""
        if self._main_link is None and self._is_ours:
            return self.links
        main = self._main_link or next((link for link in self.links if link.kind in {"paper", "pdf"}), None)
        return [main, *(link for link in self.links if link is not main)] if main else self.links

    def _take_main_link(self, words: str) -> None:
        """The next link whose words still stand in the text is that of the title, which these words are."""
        link = self._labelled.pop(0) if self._labelled else None
        if link:
            self._main_link = records.replace(link, label="" if link.label == words[: records.MAX_NAME] else link.label)
            self.links = [self._main_link if each is link else each for each in self.links]

    # -- The head of an item ---------------------------------------------------------------------
    def take_head(self, text: str) -> None:
        """A title with whatever stands before and behind it."""
        self._take_head(self._parsed(text))

    def _take_head(self, text: str) -> None:
        body, *behind = _BARS.split(text)
        # `2024 | OSDI | [Title](address)`
        while behind and LINK not in body and any(LINK in part for part in behind) and self._take_fact(body):
            body = behind.pop(0)
        self._take_body(self._take_leading(body.strip()))
        for part in behind:
            self._take_behind_bar(part)

    def _take_leading(self, body: str) -> str:
        """`[OSDI'24] Title`, `(Survey) Title`, `**2024** Title`: what stands before a title and is none."""
        while match := _LEADING.match(body):
            content, rest = match[match.lastindex or 0], body[match.end() :]
            if not rest.strip() or not (
                self._take_fact(content) or (rest[0] in f"[{LINK}{STRONG}" and (self._take_names(content) or self._take_tag(content, rest)))
            ):
                break
            body = rest
        # `ICML'20: Title`
        if (match := _VENUE_BEFORE_COLON.match(body)) and self._take_one_fact(match[1]):
            body = body[match.end() :]
        before, link, rest = body.partition(LINK)
        return link + rest if link and before.strip() and self._take_fact(before) else body

    def _take_tag(self, content: str, rest: str) -> bool:
        """A word apart before a title: its name, a venue without a year if it looks like one, else a remark."""
        words = tidy(plain(content))
        if LINK in content or not words or len(words.split()) > 4:
            return False
        if rest.lstrip(f"{LINK}{STRONG}").startswith(words):
            self.short_name = self.short_name or words
        elif len(words.split()) > 1 and _is_acronym(words):
            self.venue = self.venue or read_venue(words, self._venues)
        else:
            self.notes.append(words)
        return True

    def _take_body(self, body: str) -> None:
        before, link, rest = body.partition(LINK)
        if link:
            title, _end, rest = rest.partition(END)
            self._take_main_link(tidy(plain(title)))
        elif match := _STRONG_HEAD.match(body):
            before, title, rest = "", match[1] or match[2], body[match.end() :]
        else:
            self._take_plain_body(body)
            return
        if before.strip(_EDGES) and not (self._take_names(before) or link_word(plain(before))[0]):
            title = f"{before.strip()} {title}"
        while (match := _BEHIND.match(rest)) and self._take_aside(match):
            rest = rest[match.end() :]
        if match := _DESCRIPTION.match(rest):
            self._take_title(title)
            self._take_description(rest[match.end() :])
        elif _MARKED_BEHIND_COLON.match(rest) and self._take_piece(rest.lstrip(f" :{_CUT}")):
            self._take_title(title)
        elif title.rstrip().endswith(":") or rest.lstrip(f" {_CUT}").startswith(":"):
            self._take_plain_body(f"{title.rstrip().removesuffix(':')}: {rest.lstrip(f' :{_CUT}')}")
        elif self._goes_on(title, rest):
            self._take_plain_body(title + rest)
        else:
            self._take_title(title)
            self._take_rest(rest)

    def _take_aside(self, match: re.Match[str]) -> bool:
        content = match[match.lastindex or 0]
        return self._take_fact(content) or self._take_name_in_code(content) or self._take_remark(content)

    def _goes_on(self, title: str, rest: str) -> bool:
        """`[Ring Attention](address) with Blockwise Transformers`: the title is longer than its link."""
        words = re.split(f"[{_CUT}{BREAK}{EMPHASIS}{STRONG}]", rest, maxsplit=1)[0].strip()
        if not words or rest[0] in ",.;" or not (words[0].isalnum() or words[0] in '"“&+'):
            return False
        if _FROM.match(words) or fold(words) in PRAISE or self._venue_in(words) or names_in(words):
            return False
        return words[0].islower() or len(title.split()) <= 3

    def _take_plain_body(self, body: str) -> None:
        """A title that no link and no emphasis sets apart from what follows it."""
        byline = _BYLINE_BEGINS.search(body)
        body, description = (body[: byline.start()], body[byline.end() - 1 :]) if byline else (body, "")
        title, *rests = _PLACE_OF_REST.split(body.strip(f" {_CUT}{BREAK}"), maxsplit=1)
        rest = "".join(rests)
        if (match := _AUTHORS_FIRST.fullmatch(title)) and self._take_names(match["names"]):
            self._take_fact(match["year"])
            title, *more = _SENTENCES.split(match["rest"], maxsplit=1)
            rest = f"{''.join(more)} {rest}"
        elif (match := _QUOTED.fullmatch(title)) and (self._take_one_fact(match["before"]) or self._take_names(match["before"])):
            title, rest = match["title"], f"{match['rest'] or match['more'] or ''} {rest}"
        elif (match := _EMPHASISED.fullmatch(title)) and self._take_names(match["before"]):
            title, rest = match["title"], f"{match['rest']} {rest}"
        elif len(sentences := _SENTENCES.split(title)) > 1:
            # `Title. Authors. Venue, year.`, or the authors first.
            if self._take_names(sentences[0]):
                title, rest = sentences[1], ". ".join((*sentences[2:], rest))
            elif sum(self._take_fact(each) or self._take_names(each) for each in sentences[1:]):
                title = sentences[0]
        self._take_title(title)
        self._take_description(description)
        self._take_rest(rest)

    def _take_title(self, text: str) -> None:
        """A title, without the venue, the remark and the name that stand before or behind it in brackets."""
        text = self._take_leading(text)
        title = text.replace(_CUT, " ")
        if _ANY_MARK.search(title):
            title = _NOT_CODE.sub("", _TAIL_MARKED.sub(self._take_marked_tail, title))
        title = tidy(title)
        while match := _TAIL_BRACKETS.fullmatch(title):
            content = match["round"] or match["square"] or ""
            if not (self._take_fact(content) or self._take_name_in_code(content) or self._take_remark(content)):
                break
            title = match["title"]
        title = markup.without_marks(title).strip(" ,;")
        bare = title.rstrip(" .")
        if self.venue is None and (tail := _TAIL_VENUE.fullmatch(bare) or _TAIL_OF_PARTS.fullmatch(bare)):
            reading = read_venue(tail["venue"], self._venues)
            if reading and reading.year and (reading.is_known or _is_acronym(reading.name)) and self._take_fact(tail["venue"]):
                title = _BEFORE_TAIL.sub("", tail["title"])
        if match := _IN_QUOTES.fullmatch(title):
            title = match[1]
        self.title = self.title or title

    def _take_marked_tail(self, match: re.Match[str]) -> str:
        return "" if self._take_fact(match[1]) else match[0]

    def _take_name_in_code(self, content: str) -> bool:
        """``(`Gavel`)``: the name of a system that its title does not have."""
        match = _IN_CODE.match(content.strip())
        if match:
            self.short_name = self.short_name or match[1]
        return bool(match)

    def _take_remark(self, content: str) -> bool:
        words = tidy(plain(content))
        if match := _FROM.match(words):
            self.organizations += read_organizations(words[match.end() :], self._known_organizations)
        elif ORGANIZATION.search(words) and len(words.split()) <= 5:
            self.organizations += read_organizations(words, self._known_organizations)
        elif REMARK.fullmatch(words):
            self.notes.append(words)
        else:
            return link_word(words)[0] if words else True
        return True

    # -- What stands behind a title ----------------------------------------------------------------
    def take_detail(self, text: str) -> None:
        """A line below a title: authors, venue, links, remarks."""
        self._take_rest(self._parsed(text))

    def take_remark(self, text: str) -> None:
        """An item below an item that is no paper of its own: another place to read it, or a remark."""
        known = len(self.links)
        text = self._parsed(text)
        words = tidy(plain(text)).strip(_EDGES)
        if len(self.links) == known:
            pieces = [piece for piece in _PIECES.split(text) if piece.strip(_EDGES)]
            # Only what states nothing but facts is no remark.
            if all(Bullet()._take_piece(piece) for piece in pieces):
                for piece in pieces:
                    self._take_piece(piece)
            elif words:
                self.notes.append(words)
        elif words:
            self.links[known:] = [records.replace(link, label=words[: records.MAX_NAME]) for link in self.links[known:]]

    def take_cell(self, column: str, text: str) -> None:
        """A cell of a table, under the words that its column is called by."""
        known = len(self.links)
        text = self._parsed(text)
        self._take_field(column, text)
        kind = link_word(column)[1]
        if kind and kind != "paper":
            for number, link in enumerate(self.links[known:], start=known):
                self.links[number] = records.replace(link, kind=kind if link.kind in {"paper", "pdf"} else link.kind)

    def is_fact(self, text: str) -> bool:
        """Whether a line has a field of its own, such as a row of authors, a venue, a year."""
        return self._take_piece(self._parsed(text))

    @property
    def own_link(self) -> Link | None:
        """The link of the title itself."""
        return self._main_link

    @property
    def has_own_link_or_venue(self) -> bool:
        return self._main_link is not None or self.venue is not None or self.year is not None

    def _take_behind_bar(self, text: str) -> None:
        if self._take_fact(text) or not tidy(plain(text)):
            return
        if ET_AL.search(tidy(plain(text))) and self._take_names(text):
            return
        self.organizations += read_organizations(self._words(text), self._known_organizations)

    def _take_description(self, text: str) -> None:
        """What stands behind a dash: prose, or what our own lists say there."""
        text = text.strip()
        if (match := _BYLINE.match(text)) and self._take_byline(match["facts"]):
            self._take_words_of_ours(match["rest"])
        elif not self._take_piece(text):
            while (match := _TAIL_BRACKETS.fullmatch(text)) and self._take_fact(match["round"] or match["square"]):
                text = match["title"]
            self._take_note(text)

    def _take_rest(self, text: str) -> None:
        left = [piece.strip() for piece in _PIECES.split(text) if piece.strip(_EDGES + _CUT) and not self._take_piece(piece)]
        self._take_note(" ".join(left).lstrip(" ,.;:–—-"))

    def _take_note(self, text: str) -> None:
        if note := tidy(plain(text.replace(_CUT, " "))):
            self.notes.append(note)

    def _take_piece(self, text: str) -> bool:
        """Whether a stretch of words states something that has a field of its own."""
        text = text.strip(_EDGES + _CUT)
        if self._take_labelled(text) or self._take_one_fact(text):
            return True
        for match in list(_MARKED.finditer(text)):
            content = next(filter(None, match.groups()), "")
            if self._take_fact(content) or self._take_name_in_code(content) or self._take_names(content):
                text = text.replace(match[0], "", 1)
        text = text.strip(_EDGES + _CUT)
        if not text or self._take_one_fact(text) or self._take_names(text) or link_word(plain(text))[0]:
            return True
        # `Ann Author, Bo Author, IEEE Micro, 2024`
        parts = text.split(",")[:_MAX_NAMED]
        for number in range(len(parts) - 1, 0, -1):
            names = names_in(self._words(",".join(parts[:number])))
            if names and self._take_fact(",".join(parts[number:])):
                self.authors += map(plain, names)
                return True
        return self._take_fact(text)

    def _take_labelled(self, text: str) -> bool:
        """`Venue: OSDI 2024`"""
        match = _LABELLED.match(text)
        return self._take_field(match[1], text[match.end() :]) if match else False

    def _take_field(self, name: str, text: str) -> bool:
        """What a column or a label names: `name` as people write it. Whether there is such a field."""
        field = FIELDS.get(fold(name))
        words = self._words(text)
        match field:
            case "authors":
                self.authors += [name for each in BETWEEN_NAMES.split(ET_AL.sub("", words)) if (name := each.strip(" *†‡§"))]
            case "venue":
                if words and not self._take_fact(words):
                    self.venue = self.venue or read_venue(words, self._venues)
            case "year":
                if match_ := _YEAR.search(words):
                    self.year = self.year or int(match_[0])
                elif match_ := re.fullmatch(r"['’]?(\d\d)", words):
                    self.year = self.year or 2000 + int(match_[1])
            case "organizations":
                self.organizations += read_organizations(words, self._known_organizations)
            case "note":
                self._take_note(text)
            case "abstract":
                self.abstract = self.abstract or tidy(plain(words))
            case "kind":
                self._take_fact(words)
            case "short name":
                self.short_name = self.short_name or tidy(plain(words))
            case "links":
                pass
            case _:
                return False
        return True

    # -- Facts -------------------------------------------------------------------------------------
    def _take_fact(self, text: str) -> bool:
        """Whether these words are a venue, a year, a kind of work, or a row of such. Nothing is taken where not."""
        if self._take_one_fact(text):
            return True
        pieces = _BETWEEN_FACTS.split(self._words(text)[:_MAX_FACT])
        return len(pieces) > 1 and self._are_facts(pieces)

    def _take_one_fact(self, text: str) -> bool:
        words = _MONTH_BEHIND.sub(r"\1", self._words(text))
        if not words or len(words) > _MAX_FACT:
            return not words
        key = fold(words)
        if (words.isdigit() and len(words) < 4) or key in PRAISE:
            return True
        if date := _DATE.fullmatch(words) or _WORDY_DATE.fullmatch(words):
            self.year = self.year or int(date["year"] or date["first"])
        elif key in KIND_WORDS:
            self.kind = self.kind or KIND_WORDS[key]
        elif reading := self._venue_in(words):
            if PREPRINT.fullmatch(reading.name):
                self.year = self.year or reading.year
            else:
                self.venue = self.venue or reading
        else:
            return False
        return True

    def _are_facts(self, pieces: list[str]) -> bool:
        """`OSDI'24, Google`, `ICML, 2023, Oral`: a row of which some are facts; the rest are organizations."""
        facts = [piece for piece in pieces if self._venue_in(piece) or _DATE.fullmatch(piece) or fold(piece) in KIND_WORDS]
        rest = [piece for piece in pieces if piece not in facts]
        if not facts or any(len(piece.split()) > 5 or not piece[:1].isupper() for piece in rest):
            return False
        for piece in facts:
            self._take_fact(piece)
        if not self._take_names(", ".join(rest)):
            for piece in rest:
                self.organizations += read_organizations(piece, self._known_organizations)
        return True

    def _venue_in(self, words: str) -> VenueReading | None:
        """A venue that is known here, or to everybody, or has its year."""
        reading = read_venue(words, self._venues)
        if reading is None or reading.is_known:
            return reading
        name = reading.name
        if reading.year is None:
            return reading if spelling_key(without_proceedings(name)) in FAMOUS_VENUES or PREPRINT.fullmatch(name) else None
        if _GLUED.search(words) and spelling_key(name) not in FAMOUS_VENUES:
            return None
        if _APART_FROM_YEAR.search(words) and not VENUE.search(name) and spelling_key(name) not in FAMOUS_VENUES:
            return None
        looks_so = name[:1].isalnum() and len(name.split()) <= 12 and (name != name.lower() or PREPRINT.fullmatch(name))
        return reading if looks_so and not _NOT_IN_VENUES.search(name) else None

    def _take_names(self, text: str) -> bool:
        """Whether these words are the names of at least two people, or of one and others."""
        names = names_in(self._words(text))
        self.authors += map(plain, names)
        return bool(names)

    def _take_byline(self, text: str) -> bool:
        """`OSDI 2024 · by UC Berkeley`, as our own lists have it. Taken as a whole or not at all."""
        facts = [fact.strip() for fact in text.split("·")]
        if not all(_FACT_OF_OURS.fullmatch(fact) or self._venue_in(self._words(fact)) for fact in facts):
            return False
        self._is_ours = True
        for fact in facts:
            words = self._words(fact)
            if words.startswith("named "):
                self.short_name = words.removeprefix("named ")
            elif words.startswith("by "):
                self.organizations += (
                    OrganizationReading(name=plain(name), raw=plain(name), is_known=False) for name in words[3:].split(", ")
                )
            elif words.startswith("in "):
                name, year, track = (*map(plain, words[3:].split(", ", 2)), "", "")[:3]
                raw = f"{name} {year}".strip()
                self.venue = VenueReading(name=name, year=int(year) if year else None, raw=raw, is_known=False, track=track)
            elif words == ALSO_HERE:
                self.is_also_here = True
            elif words == "Paper":
                self.kind = "paper"
            elif words.isdigit():
                self.year = int(words)
            else:
                self._take_fact(words)
        return True

    def _take_words_of_ours(self, text: str) -> None:
        text = text.strip(f" ,{_CUT}")
        if match := _NOTE_HERE.search(text):
            text, self.note_here = text[: match.start()], tidy(plain(match[1]))
        text = text.removeprefix(".").strip()
        # A full stop that was escaped was put there by our own hand.
        self._take_note(text.removesuffix(markup.escaped(".")))

    # -- Words and links ---------------------------------------------------------------------------
    def _words(self, text: str) -> str:
        words = tidy(markup.without_marks(text.replace(_CUT, " "))).strip(_EDGES)
        return words[1:-1].strip(_EDGES) if words[:1] + words[-1:] in {"()", "[]"} and not re.search(r"[()\[\]]", words[1:-1]) else words

    def _parsed(self, text: str) -> str:
        """The text with its marks; links that are called what they lead to leave only a cut."""
        line = markup.parse(text, self._references)
        text = line.text
        if line.images:
            images = iter(line.images)
            text = re.sub(IMAGE, lambda _match: self._take_image(next(images)), text)
        if line.links:
            targets = iter(line.links)
            text = _SPAN.sub(lambda match: self._take_link(match, next(targets)), text)
            text = _CUTS.sub(_CUT, text)
        if ":" in text:
            text = _IDENTIFIER.sub(self._take_identifier, text)
        text = _LINK_WORD_ALONE.sub(lambda match: "" if link_word(plain(match[1]))[0] else match[0], text)
        return SHORTCODE.sub("", EMOJI.sub("", text)) if not text.isascii() or ":" in text else text

    def _take_image(self, image: markup.Image) -> str:
        badge = read_badge(image.alt, image.url)
        if badge.repository:
            self._add_link(badge.repository, "code")
        for words in badge.words:
            if identifier := identifiers.recognise(words):
                self._add_link(identifiers.url_of(identifier.scheme, identifier.value), "paper")
                break
            words = _BADGE_LABEL.sub("", words)
            if (_YEAR.search(words) or self._venue_in(words)) and self._take_fact(words):
                break
        return ""

    def _take_link(self, match: re.Match[str], target: Target) -> str:
        words = tidy(plain(match[1]))
        if target.url.startswith("#"):
            return match[1]
        said, _colon, called = target.title.partition(": ")
        if said in records.LINK_KINDS:
            # As our own lists say it, whatever the link is called.
            is_title = not match.string[: match.start()].strip()
            link = self._add_link(target.url, said, label=called if is_title else words)  # type: ignore[arg-type]
            self._labelled += [link] if is_title else []
            return match[0] if is_title else _CUT
        if markup.has_escapes(match[1]):
            link = self._add_link(target.url, None, label=words)
            self._labelled.append(link)
            return match[0]
        is_word, kind = link_word(words) if words else (True, None)
        is_word = is_word or bool(identifiers.recognise(words) and " " not in words) or words.startswith("http")
        if not is_word and PREPRINT.fullmatch(words):
            is_word, kind = True, "paper"
            self._take_fact(words)
        label = words if " " in words or not is_word else ""
        link = self._add_link(target.url, kind, label=label)
        if is_word:
            return _CUT
        rest = match.string[: match.start()] + match.string[match.end() :]
        if self._venue_in(words) and _YEAR_OR_TWO_DIGITS.search(words) and len(markup.plain(rest).split()) > 2:
            # `[OSDI'24](address)` beside a title.
            self._take_fact(words)
            self.links = [records.replace(each, label="") if each is link else each for each in self.links]
            return _CUT
        if len(words.split()) <= 3 and len(plain(match.string[: match.start()]).split()) > 2:
            # `[[vLLM code](address)]`, or the like behind other links.
            is_enclosed = _ENCLOSED.search(f"{match.string[: match.start()][-3:]}\0{match.string[match.end() :][:3]}")
            if is_enclosed or (len(self.links) > 1 and link_word(words.split()[-1])[0]):
                return _CUT
        self._labelled.append(link)
        return match[0]

    def _take_identifier(self, match: re.Match[str]) -> str:
        identifier = identifiers.recognise(match[1])
        if identifier is None:
            return match[0]
        self._add_link(identifiers.url_of(identifier.scheme, identifier.value), "paper")
        return _CUT

    def _add_link(self, url: str, kind: LinkKind | None, *, label: str = "") -> Link | None:
        try:
            url = identifiers.without_tracking(identifiers.clean_url(url))
        except identifiers.UnusableAddress as refusal:
            self.refused.append(refusal)
            return None
        link = Link(kind=kind or identifiers.link_kind_of(url), url=url, label=label[: records.MAX_NAME])
        self.links.append(link)
        return link


_BADGE_LABEL = re.compile(r"^(?:conference|venue|paper|published(?: in)?|accepted(?: by| at)?|journal|publication)[\s:]+", re.IGNORECASE)
_ENCLOSED = re.compile(r"[\[(]\s*\0\s*[\])]")
# `DFloat11` is no venue of 2011.
_GLUED = re.compile(r"[^\W\d_]\d\d$")
_NOT_IN_VENUES = re.compile(r"[,;]\s*\S|\([^()]*$|[—–|]|\bet al\b|\.\s+[A-Z]")
# `DeepSeek-AI, 2024` is no venue, `Journal of Systems, 2024` is one.
_APART_FROM_YEAR = re.compile(r",\s*(?:19|20)\d\d$")
_YEAR_OR_TWO_DIGITS = re.compile(r"\d\d\)?$")


def _is_acronym(words: str) -> bool:
    return sum(letter.isupper() for letter in words) >= 2


def settle_links(links: Iterable[Link]) -> tuple[tuple[Link, ...], dict[str, str]]:
    """Links as the catalogue keeps them, with the identifiers they hold.

    An address that holds an identifier is written the identifier's way, together with its open PDF; nothing stands twice.
    """
    found: dict[str, str] = {}
    kept: dict[str, Link] = {}
    for link in links:
        identifier = identifiers.recognise(link.url) if link.kind in {"paper", "pdf"} else None
        if identifier is None:
            kept.setdefault(link.url, link)
            continue
        if found.setdefault(identifier.scheme, identifier.value) != identifier.value:
            continue
        url, pdf = identifiers.url_of(identifier.scheme, identifier.value), identifiers.pdf_url_of(identifier.scheme, identifier.value)
        kept.setdefault(url, Link(url=url, label=link.label if link.kind == "paper" else ""))
        if pdf:
            kept.setdefault(pdf, Link(kind="pdf", url=pdf))
    return tuple(kept.values()), found
