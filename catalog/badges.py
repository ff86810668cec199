"""What a badge says: a little picture whose words stand only in its address."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec


class Badge(msgspec.Struct, frozen=True):
    """`words` are what it may state, fullest first; `repository` is where the code is that it counts stars of."""

    words: tuple[str, ...] = ()
    repository: str = ""


_REPOSITORY = re.compile(
    r"/(?P<host>github|gitlab)/"
    r"(?:(?:stars|forks|watchers|license|last-commit|v|release|tag|issues|contributors|languages|top|repo-size|commit-activity|actions|status|t|m|y|w)/)*"
    r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.svg)?(?:/.*)?"
)
_HOSTS = {"img.shields.io", "shields.io", "badgen.net", "flat.badgen.net", "badges.aleen42.com"}


def read_badge(alt: str, url: str) -> Badge:
    """Read the words of shields.io and its like, `/badge/OSDI-2024-blue`; of any other picture, what stands in its place."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return Badge()
    if parts.hostname not in _HOSTS:
        return Badge(words=(alt,))
    if match := _REPOSITORY.fullmatch(parts.path):
        return Badge(repository=f"https://{match['host']}.com/{match['owner']}/{match['name']}")
    if parts.path == "/static/v1":
        query = parse_qs(parts.query)
        words = [query.get(name, [""])[0] for name in ("label", "message")]
    elif parts.path.startswith("/badge/"):
        # Dashes part label, message and colour; a doubled one is a dash.
        text = parts.path.removeprefix("/badge/").removesuffix(".svg").replace("--", "\0").replace("__", "\1").replace("_", " ")
        pieces = re.split(r"[-/]", text) if "badgen" in parts.hostname else text.split("-")
        words = [unquote(piece.replace("\0", "-").replace("\1", "_")) for piece in pieces[: max(1, len(pieces) - 1)]]
    else:
        return Badge(words=(alt,))
    words = [word.strip() for word in words if word.strip()]
    return Badge(words=tuple(dict.fromkeys((" ".join(words), words[-1] if words else "", alt))))
