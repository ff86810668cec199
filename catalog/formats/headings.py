"""The headings that a line of a list stands under, and so its place in a tree."""

import re
from collections import Counter

import msgspec

from catalog import markup
from catalog.records import Category, fold, slug_of, tidy
from catalog.vocabulary import EMOJI, SHORTCODE

# A heading under which papers stand that are placed nowhere.
UNPLACED = "Uncategorized"
# Sections that hold no papers, and the kind that their lines are ignored as.
WITHOUT_PAPERS = {
    **dict.fromkeys(("contents", "content", "table of contents", "table of content", "toc", "index", "outline", "目录"), "contents"),
    **dict.fromkeys(("license", "licence", "copyright"), "license"),
    **dict.fromkeys(("contributing", "contribution", "contributions", "how to contribute", "contribute", "contributors"), "contributing"),
    **dict.fromkeys(("acknowledgement", "acknowledgements", "acknowledgment", "acknowledgments"), "about"),
    **dict.fromkeys(("citation", "cite", "star history", "maintainers"), "about"),
}
# Folded parts in one another: more of them are no list.
_MOST_FOLDED = 20
_MAX_NAME = 100
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2500}>|<!--.*?-->")


class _Heading(msgspec.Struct):
    """`level` is 1 to 6 for real headings; what only looks like one comes between. `path` is set where the file says it."""

    level: float
    name: str
    slug: str
    path: str = ""


class Headings:
    """Those that are open. The first of all names the list, unless it `is_section` like those that follow."""

    def __init__(self, *, is_section: bool) -> None:
        self._open: list[_Heading] = []
        self._has_title = is_section
        self._folds: list[int] = []
        self._positions: Counter[str] = Counter()
        # The kind that lines are ignored as, in a section without papers, and its level.
        self.ignored_as = ""
        self._ignored_level = 0.0

    def __bool__(self) -> bool:
        return bool(self._open)

    def begin(self, level: float, text: str) -> None:
        """A heading of Markdown or HTML, 1 to 6."""
        has_title, self._has_title = self._has_title, True
        if has_title or level > 1:
            self._begin(level, text)

    def begin_bold(self, text: str) -> None:
        """What stands alone in bold: one level below the heading above it."""
        self._begin(self._real_level() + 0.9, text)

    def begin_fold(self, text: str) -> bool:
        """The summary of a part that is folded. Whether there may be one more in this one."""
        if len(self._folds) == _MOST_FOLDED:
            return False
        self._folds.append(len(self._open))
        self._begin(self._real_level() + 0.25 + 0.01 * len(self._folds), text)
        return True

    def end_fold(self) -> None:
        if self._folds:
            del self._open[self._folds.pop() :]

    def begin_group(self, text: str) -> None:
        """An item of a list that is a heading of those below it."""
        name = name_of(text)
        self._open.append(_Heading(level=self._open[-1].level + 0.001 if self._open else 0.5, name=name, slug=slug_of(name)))

    def end_group(self) -> None:
        self._open.pop()

    def say_path(self, path: str) -> None:
        """The file says the path of the last heading, which its name does not tell."""
        if self._open:
            self._open[-1].path = path

    def _real_level(self) -> float:
        return next((heading.level for heading in reversed(self._open) if heading.level == int(heading.level)), 0)

    def _begin(self, level: float, text: str) -> None:
        while self._open and self._open[-1].level >= level:
            self._open.pop()
        self._folds = [depth for depth in self._folds if depth <= len(self._open)]
        name = name_of(text)
        if self.ignored_as and (level <= self._ignored_level or self.ignored_as == "contents"):
            self.ignored_as = ""
        if not self.ignored_as and (kind := WITHOUT_PAPERS.get(fold(name))):
            self.ignored_as, self._ignored_level = kind, level
        self._open.append(_Heading(level=level, name=name, slug="" if name == UNPLACED else slug_of(name)))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the headings that are part of a place, which those of signs alone are not."""
        return tuple(heading.name for heading in self._named())

    @property
    def category(self) -> Category | None:
        named = self._named()
        if not named:
            return None
        given = max((number for number, heading in enumerate(named) if heading.path), default=-1)
        said = [named[given].path] if given >= 0 else []
        return Category(path="/".join([*said, *(heading.slug for heading in named[given + 1 :])]), name=named[-1].name)

    def next_position(self, path: str) -> int:
        self._positions[path] += 1
        return self._positions[path]

    def _named(self) -> list[_Heading]:
        return [heading for heading in self._open if heading.slug or heading.path]


def name_of(text: str) -> str:
    """A heading without its marks, links and pictures."""
    name = tidy(markup.plain(markup.parse(_TAG.sub(" ", text)).text))
    return SHORTCODE.sub("", EMOJI.sub("", name)).strip(" :*_#-–")[:_MAX_NAME].strip()
