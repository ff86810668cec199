"""Identifiers of papers: recognise them in whatever people paste, write them one way, link to them.

An identifier is a scheme of SCHEMES and a value; the version of a preprint is read but is no part of the value, because
the catalogue keeps the paper and not the version. Also what makes an address fit to be kept. Never asks the network.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Literal, get_args
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import msgspec

from catalog.records import MAX_URL, LinkKind, unwanted_characters

Scheme = Literal["doi", "arxiv", "openreview", "acl", "usenix"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
LABELS: dict[str, str] = {"doi": "DOI", "arxiv": "arXiv", "openreview": "OpenReview", "acl": "ACL Anthology", "usenix": "USENIX"}


class Identifier(msgspec.Struct, frozen=True):
    """`version` is the number after the v of a preprint, where one was written."""

    scheme: Scheme
    value: str
    version: int | None = None


class NotAnIdentifier(ValueError):
    """The text is no identifier of this scheme. `instead` is what it is, where it is one of another scheme."""

    def __init__(self, scheme: str, text: str, instead: Identifier | None = None) -> None:
        super().__init__(f"{text!r} is not a {scheme} identifier")
        self.scheme, self.text, self.instead = scheme, text, instead


class UnusableAddress(ValueError):
    """The address cannot be kept, for this reason."""

    Reason = Literal["empty", "too_long", "characters", "scheme", "credentials", "host"]

    def __init__(self, url: str, reason: Reason) -> None:
        super().__init__(f"{reason}: {url[:100]!r}")
        self.url, self.reason = url, reason


def recognise(text: str) -> Identifier | None:
    """The identifier that a text is, or else the first one in it. A bare arXiv number counts only if it is all there is."""
    text = text.strip()
    if match := _BARE_ARXIV.fullmatch(text):
        return _arxiv(match)
    return next(identifiers_in(text), None)


def identifiers_in(text: str) -> Iterator[Identifier]:
    """Every identifier in a text or an address, once each, in the order they stand."""
    seen: set[tuple[str, str]] = set()
    for match in _ANY.finditer(text):
        found = _READERS[match.lastgroup or ""](match)
        if found and (found.scheme, found.value) not in seen:
            seen.add((found.scheme, found.value))
            yield found


def normalise(scheme: str, text: str) -> str:
    """The one spelling of an identifier's value, from the bare value, a prefixed form or an address of it.

    Doing it twice changes nothing. Raises NotAnIdentifier.
    """
    text = text.strip()
    whole = _WHOLE[scheme].fullmatch(text)
    found = _READERS[scheme](whole) if whole else recognise(text)
    if found is None or found.scheme != scheme:
        raise NotAnIdentifier(scheme, text, found)
    return found.value


def url_of(scheme: str, value: str) -> str:
    """Where the identifier leads, for a normalised value."""
    match scheme:
        case "doi":
            return f"https://doi.org/{quote(value, safe="/:;()._-+=~*@!$',&[]")}"
        case "arxiv":
            return f"https://arxiv.org/abs/{value}"
        case "openreview":
            return f"https://openreview.net/forum?id={value}"
        case "acl":
            return f"https://aclanthology.org/{value}/"
        case "usenix":
            event, talk = value.split("/")
            # Until 2017 the programme had a level more in its addresses.
            programme = "technical-sessions/" if 10 <= int(event[-2:]) <= 17 else ""
            return f"https://www.usenix.org/conference/{event}/{programme}presentation/{talk}"
    raise ValueError(scheme)


def pdf_url_of(scheme: str, value: str) -> str:
    """The open PDF, where the scheme itself promises one; else empty."""
    match scheme:
        case "arxiv":
            return f"https://arxiv.org/pdf/{value}"
        case "openreview":
            return f"https://openreview.net/pdf?id={value}"
        case "acl":
            return f"https://aclanthology.org/{value}.pdf"
    return ""


def year_of(scheme: str, value: str) -> int | None:
    """The year that the value itself states: of an arXiv paper, when its first version was sent in."""
    if scheme != "arxiv":
        return None
    two_digits = int(value.rpartition("/")[2][:2])
    return 1900 + two_digits if "/" in value and two_digits > 90 else 2000 + two_digits


_ID_END = r"(?![\w-])"
_ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga|funct-an|"
    "gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics|"
    "plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con"
)
# https://info.arxiv.org/help/arxiv_identifier.html: YYMM.number since April 2007, archive.CLASS/YYMMnumber before.
_ARXIV_ID = (
    r"(?:(?P<yymm>\d{4})\.(?P<number>\d{4,5})"
    rf"|(?P<archive>{_ARCHIVES})(?:\.[a-z]{{2}})?/(?P<old>\d{{7}}))(?:v(?P<version>\d{{1,3}}))?"
)
_DOI = r"10\.\d{4,9}(?:\.\d+)*(?:/|%2f)[^\s\"<>{}|\\^`]{1,600}"
_HOST = r"(?<![\w.-])(?:https?://)?(?:www\.)?"


def _unnamed(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern)


_BARE_ARXIV = re.compile(_ARXIV_ID, re.IGNORECASE)
# One pass over the text, in time proportional to it: what may be long is bounded. The DOI comes last, because the
# addresses of the others may contain one.
_ANY = re.compile(
    rf"""
    (?P<arxiv>
        (?: \barxiv\s*:\s*(?:abs/)? | {_HOST}(?:(?:export|browse|lanl|de|cn)\.)?arxiv\.org/(?:abs|pdf|html|format|ps|e-print|src)/
          | {_HOST}ar5iv\.(?:labs\.arxiv\.)?org/(?:abs|html)/ | {_HOST}alphaxiv\.org/(?:abs|pdf|overview)/
          | {_HOST}huggingface\.co/papers/ | (?:https?://)?(?:dx\.)?(?:doi\.org/)?10\.48550(?:/|%2f)arxiv\. )
        {_unnamed(_ARXIV_ID)}{_ID_END}
    )
  | (?P<openreview> (?:{_HOST}(?:api2?\.)?openreview\.net/(?:forum|pdf|attachment|revisions|references|notes)\?(?:[^\s\#]{{0,250}}?&)?id=
          | \bopenreview\s*:\s*) [A-Za-z0-9_-]{{5,32}}{_ID_END} )
  | (?P<acl> (?:{_HOST}(?:aclanthology\.(?:org|info|coli\.uni-saarland\.de)|aclweb\.org/anthology)/(?:papers/)?(?:[A-Z]/[A-Z]\d\d/)?
          | \bacl\s*:\s*) (?:[A-Z]\d\d-\d{{4,5}}|\d{{4}}\.[a-z0-9_]+-[a-z0-9_]+\.\d+){_ID_END} )
  | (?P<usenix> (?:{_HOST}usenix\.org/conference/[a-z]+\d\d/(?:technical-sessions/|summer-accepted-papers/)?presentation/[a-z0-9_-]+
          | {_HOST}usenix\.org/system/files/(?:conference/[a-z]+\d\d/)?[a-z]+\d\d(?:[_-](?:slides|paper))?[_-][a-z0-9-]+
          | \busenix\s*:\s*[a-z]+\d\d/[a-z0-9_-]+) )
  | (?P<doi> (?P<place>https?://[^\s/]{{1,250}}/\S{{0,250}}? | (?:www\.)?(?:dx\.)?doi\.org/ | dl\.acm\.org/doi/\S{{0,50}}? )? {_DOI} )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WHOLE: dict[str, re.Pattern[str]] = {
    "doi": re.compile(r"(?P<doi>(?:doi:\s*)?10\.\d{4,9}(?:\.\d+)*(?:/|%2f)[^\s\"{}|\\^`]+)", re.IGNORECASE),
    "arxiv": re.compile(f"(?P<arxiv>{_unnamed(_ARXIV_ID)})", re.IGNORECASE),
    "openreview": re.compile(r"(?P<openreview>[A-Za-z0-9_-]{5,32})"),
    "acl": re.compile(r"(?P<acl>[A-Z]\d\d-\d{4,5}|\d{4}\.[a-z0-9_]+-[a-z0-9_]+\.\d+)", re.IGNORECASE),
    "usenix": re.compile(r"(?P<usenix>[a-z]+\d\d/[a-z0-9_-]+)", re.IGNORECASE),
}


def _read_arxiv(match: re.Match[str]) -> Identifier | None:
    found = re.search(f"{_ARXIV_ID}$", match["arxiv"], re.IGNORECASE)
    return _arxiv(found) if found else None


def _arxiv(match: re.Match[str]) -> Identifier | None:
    yymm = match["yymm"] or match["old"][:4]
    number = match["number"] or match["old"][4:]
    if not 1 <= int(yymm[2:]) <= 12 or not int(number):
        return None
    if match["yymm"]:
        if yymm < "0704" or len(number) != (4 if yymm < "1501" else 5):
            return None
        value = f"{yymm}.{number}"
    else:
        if "0703" < yymm < "9107":
            return None
        value = f"{match['archive'].lower()}/{match['old']}"
    return Identifier("arxiv", value, int(match["version"]) if match["version"] else None)


_TRAILING = ".,;:!?'*"
_PAIRS = {")": "(", "]": "[", ">": "<"}
# What publishers append to a DOI in the addresses of their own pages.
_DOI_PAGES = re.compile(r"(?:/(?:full|abstract|pdf|epdf|html|meta|fulltext|summary)|\.(?:pdf|full|abstract))+$", re.IGNORECASE)


_DOI_VALUE = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\"{}|\\^`]*[^\W_][^\s\"{}|\\^`]*")
_MAX_DOI = 200


def _read_doi(match: re.Match[str]) -> Identifier | None:
    text = match["doi"]
    place = match.groupdict().get("place") or ""
    text = text[len(place) :].removeprefix("doi:").removeprefix("DOI:").strip()
    if place:
        text = re.split(r"[?#]", text, maxsplit=1)[0]
    text = _unquoted(text)
    if place and "doi.org" not in place.lower():
        text = _DOI_PAGES.sub("", text)
    value = _without_trailing_signs(text)
    # The DOI handbook, 2.4: letters A to Z count without case.
    value = "".join(letter.lower() if letter.isascii() else letter for letter in value)
    if not _DOI_VALUE.fullmatch(value) or len(value) > _MAX_DOI or unquote(value) != value or unwanted_characters(value):
        return None
    if value.startswith("10.48550/arxiv."):
        preprint = _BARE_ARXIV.fullmatch(value.removeprefix("10.48550/arxiv."))
        return _arxiv(preprint) if preprint else None
    return Identifier("doi", value)


def _unquoted(text: str) -> str:
    """Percent-encoding undone as often as it was done, within reason."""
    for _layer in range(4):
        try:
            plain = unquote(text, errors="strict")
        except UnicodeDecodeError:
            break
        if plain == text:
            break
        text = plain
    return text


def _without_trailing_signs(text: str) -> str:
    while text and (text[-1] in _TRAILING or (text[-1] in _PAIRS and text.count(text[-1]) > text.count(_PAIRS[text[-1]]))):
        text = text[:-1]
    return text


def _read_openreview(match: re.Match[str]) -> Identifier | None:
    return Identifier("openreview", re.split(r"id=|:\s*", match["openreview"])[-1])


def _read_acl(match: re.Match[str]) -> Identifier | None:
    value = re.split(r"[/:\s]", match["acl"])[-1]
    return Identifier("acl", value.upper() if value[0].isalpha() else value.lower())


def _read_usenix(match: re.Match[str]) -> Identifier | None:
    text = match["usenix"].lower()
    if "/system/files/" in text:
        event, talk = re.split(r"[_-](?:(?:slides|paper)[_-])?", text.rpartition("/")[2], maxsplit=1)
        # The papers of USENIX Security are filed under a shorter name.
        event = re.sub(r"^sec(?=\d)", "usenixsecurity", event)
    else:
        parts = re.split(r"[/:\s]+", text)
        event, talk = (parts[parts.index("conference") + 1] if "conference" in parts else parts[-2]), parts[-1]
    return Identifier("usenix", f"{event}/{talk}")


_READERS = {"doi": _read_doi, "arxiv": _read_arxiv, "openreview": _read_openreview, "acl": _read_acl, "usenix": _read_usenix}


_TRACKING = re.compile(
    r"(?:utm_\w+|mc_[ce]id|_hs(?:enc|mi)|(?:fb|g|d|ms|tw|yt|wbra|gbra|igsh|y)cl?[il]d|igshid|ref_src|ref_url|referrer|spm|cmpid|cftoken|cfid)",
    re.IGNORECASE,
)


def without_tracking(url: str) -> str:
    """The address without the parameters that say where its reader came from; everything else byte for byte."""
    address, question_mark, query = url.partition("?")
    if not question_mark:
        return url
    query, hash_mark, fragment = query.partition("#")
    kept = "&".join(part for part in query.split("&") if not _TRACKING.fullmatch(part.partition("=")[0]))
    return f"{address}{'?' if kept else ''}{kept}{hash_mark}{fragment}"


_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


def clean_url(url: str) -> str:
    """An address fit to be kept and to be put into an href; doing it twice changes nothing.

    Only http and https, a host with a dot in ASCII (IDN as punycode), no name or password, no control or hidden
    characters, no backslash, at most MAX_URL characters. Raises UnusableAddress.
    """
    url = url.strip()
    if not url:
        raise UnusableAddress(url, "empty")
    if len(url) > MAX_URL:
        raise UnusableAddress(url, "too_long")
    if "\\" in url or re.search(r"\s", url) or unwanted_characters(url):
        raise UnusableAddress(url, "characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnusableAddress(url, "host") from None
    if parts.scheme not in ("http", "https"):
        raise UnusableAddress(url, "scheme")
    if "@" in parts.netloc:
        raise UnusableAddress(url, "credentials")
    host = f"{_ascii_host(parts.hostname or '', url)}{f':{port}' if port else ''}"
    path, query, fragment = (quote(part, safe="/:;()._-+=~*@!$',&?#%[]") for part in (parts.path, parts.query, parts.fragment))
    clean = urlunsplit((parts.scheme, host, path, query, fragment))
    if len(clean) > MAX_URL:
        raise UnusableAddress(url, "too_long")
    return clean


def _ascii_host(host: str, url: str) -> str:
    try:
        name = host.encode("idna").decode().lower()
    except UnicodeError:
        raise UnusableAddress(url, "host") from None
    labels = name.removesuffix(".").split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or _is_private(name):
        raise UnusableAddress(url, "host")
    return name


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


_CODE_HOSTS = {"github.com", "gitlab.com", "codeberg.org", "bitbucket.org"}
_VIDEO_HOSTS = {"youtube.com", "youtu.be", "vimeo.com", "slideslive.com"}


def link_kind_of(url: str) -> LinkKind:
    """What an address most likely leads to; `paper` where nothing speaks against it."""
    parts = urlsplit(url)
    host, path = (parts.hostname or "").removeprefix("www."), parts.path.lower()
    if host in _CODE_HOSTS:
        return "code"
    if host in _VIDEO_HOSTS:
        return "video"
    is_pdf = path.endswith(".pdf") or (host in {"arxiv.org", "openreview.net"} and path.startswith("/pdf"))
    return "pdf" if is_pdf else "paper"
