"""OAI-PMH 2.0, for who harvests the catalogue (openarchives.org/OAI/openarchivesprotocol.html). Reads only.

An item is a paper, a set is a category with all below it, and what went is remembered for ever. A list goes on by a token
that holds the question and the place it came to: nothing is kept here, and the same token gives the same page.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from email.utils import parseaddr
from hashlib import sha256
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from catalog import answers, encodings, harvesting
from catalog.dissemination import XML_FORMATS, XmlFormat
from catalog.harvesting import START, Changes, Item
from catalog.models import Category, CategoryAlias
from catalog.selection import Place
from catalog.terms import lineage
from catalog.throttling import TooOften, throttle
from catalog.xmltext import DECLARATION, element, text_element

ITEMS_A_PAGE = 100
TOKEN_LASTS = timedelta(days=1)
_NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
# Section 2.4 of the guidelines: a name of the domain system, which an address in numbers is not.
_DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(?:\.[a-zA-Z][a-zA-Z0-9-]*)+")
_SET = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(?::[A-Za-z0-9\-_.!~*'()]+)*")
_PUBLIC_ID = re.compile(r"[0-9A-Z]{1,16}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)

type Arguments = dict[str, str]
type Code = Literal[
    "badArgument", "badResumptionToken", "badVerb", "cannotDisseminateFormat", "idDoesNotExist", "noRecordsMatch", "noSetHierarchy"
]


class Refused(Exception):
    """The protocol's word for what is wrong, and a sentence about it."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def oai(request: HttpRequest) -> HttpResponseBase:
    """The one address. What the protocol refuses is an answer like any other, with status 200."""
    try:
        throttle(request, "harvest")
    except TooOften as refusal:
        return HttpResponse(
            _("Come back later."), status=503, headers={"Retry-After": str(refusal.allowance.wait)}, content_type="text/plain"
        )
    body = _answer(request.POST if request.method == "POST" else request.GET)
    date = text_element("responseDate", _stamp(timezone.now()))
    located = {"xmlns": _NAMESPACE, "xmlns:xsi": _XSI, "xsi:schemaLocation": f"{_NAMESPACE} {_NAMESPACE}OAI-PMH.xsd"}
    root = element("OAI-PMH", date, body, **located)
    content = f"{DECLARATION}{root}\n".encode()
    coding = encodings.wanted(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    is_packed = coding != encodings.IDENTITY and encodings.is_worth_it(content, "text/xml")
    response = HttpResponse(encodings.encode(content, coding) if is_packed else content, content_type="text/xml; charset=utf-8")
    if is_packed:
        response["Content-Encoding"] = coding
    # Weak: the same but for the second in which it was said.
    etag = f'W/"{sha256(body.encode()).hexdigest()[:32]}"'
    response["ETag"] = etag
    answers.open_to_all(response)
    if request.method == "POST":
        return response
    answer = get_conditional_response(request, etag=etag, response=response)
    return response if answer is response or answer is None else answers.open_to_all(answer)


def base_url() -> str:
    return settings.SITE_URL + reverse("catalog:oai")


def identifier(public_id: str) -> str:
    return f"oai:{_host()}:{public_id}"


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or ""


def _answer(asked: QueryDict) -> str:
    """The `request` element, and what follows it."""
    said: Arguments = {}
    try:
        verb = _verb(asked)
        said = _arguments(asked, verb)
        content = element(verb, *VERBS[verb].answer(said))
    except Refused as refused:
        # Section 3.6: attributes would repeat what was not understood.
        if refused.code in {"badVerb", "badArgument"}:
            said = {}
        content = text_element("error", refused.text, code=refused.code)
    return text_element("request", base_url(), **said) + content


def _verb(asked: QueryDict) -> str:
    match asked.getlist("verb"):
        case [verb] if verb in VERBS:
            return verb
        case [_verb]:
            raise Refused("badVerb", _("There is no such verb. Known are: %s.") % ", ".join(VERBS))
        case []:
            raise Refused("badVerb", _("A verb is missing. Known are: %s.") % ", ".join(VERBS))
    raise Refused("badVerb", _("One verb at a time."))


def _arguments(asked: QueryDict, verb: str) -> Arguments:
    """What was asked, with each argument once, and all and only those that belong to the verb."""
    rule = VERBS[verb]
    for name, values in asked.lists():
        if name not in rule.known:
            raise Refused("badArgument", _("“%(name)s” is no argument of %(verb)s.") % {"name": name, "verb": verb})
        if len(values) > 1:
            raise Refused("badArgument", _("“%s” was given more than once.") % name)
    said = {name: str(asked[name]) for name in rule.known if name in asked}
    if "resumptionToken" in said:
        if len(said) > 2:
            raise Refused("badArgument", _("A resumptionToken stands alone."))
        return said
    for name in rule.required:
        if not said.get(name):
            raise Refused("badArgument", _("“%s” is missing.") % name)
    return said


# -- Verbs -------------------------------------------------------------------------------------
def _identify(said: Arguments) -> Iterator[str]:
    yield text_element("repositoryName", settings.SITE_NAME)
    yield text_element("baseURL", base_url())
    yield text_element("protocolVersion", "2.0")
    yield text_element("adminEmail", _admin_email())
    yield text_element("earliestDatestamp", _stamp(harvesting.earliest()))
    yield text_element("deletedRecord", "persistent")
    yield text_element("granularity", "YYYY-MM-DDThh:mm:ssZ")
    yield text_element("compression", encodings.GZIP)
    if _DOMAIN.fullmatch(_host()):
        yield element("description", _oai_identifier())


def _admin_email() -> str:
    """Who sends the letters. The schema wants a host with a dot: that of the site stands in for this machine."""
    name, _at, host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")
    return f"{name}@{host if '.' in host else _host()}"


def _oai_identifier() -> str:
    namespace = f"{_NAMESPACE}oai-identifier"
    return element(
        "oai-identifier",
        text_element("scheme", "oai"),
        text_element("repositoryIdentifier", _host()),
        text_element("delimiter", ":"),
        text_element("sampleIdentifier", identifier("7Q4M2K9D3T8V5B1X")),
        **{"xmlns": namespace, "xsi:schemaLocation": f"{namespace} {namespace}.xsd"},
    )


def _list_metadata_formats(said: Arguments) -> Iterator[str]:
    if "identifier" in said:
        _item(said)
    for format_ in XML_FORMATS:
        yield element(
            "metadataFormat",
            text_element("metadataPrefix", format_.prefix),
            text_element("schema", format_.schema),
            text_element("metadataNamespace", format_.namespace),
        )


def _list_sets(said: Arguments) -> Iterator[str]:
    """All at once: categories are few."""
    if "resumptionToken" in said:
        raise _bad_token()
    categories = list(Category.objects.order_by("tree_position"))
    if not categories:
        raise Refused("noSetHierarchy", _("There is no category yet."))
    for category in categories:
        yield element("set", text_element("setSpec", _set_spec(category.path)), text_element("setName", category.name))


def _get_record(said: Arguments) -> Iterator[str]:
    format_ = _format(said["metadataPrefix"])
    item = _item(said)
    yield _record(item, format_, harvesting.paths_now([item]))


def _list_identifiers(said: Arguments) -> Iterator[str]:
    question, page = _page(said)
    paths = harvesting.paths_now(page.items)
    yield from (_header(item, paths) for item in page.items)
    yield from _token(said["verb"], question, page)


def _list_records(said: Arguments) -> Iterator[str]:
    question, page = _page(said)
    format_, paths = _format(question.prefix), harvesting.paths_now(page.items)
    yield from (_record(item, format_, paths) for item in page.items)
    yield from _token(said["verb"], question, page)


@dataclass(frozen=True, kw_only=True)
class _Verb:
    answer: Callable[[Arguments], Iterator[str]]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    known: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", ("verb", *self.required, *self.optional))


_OF_A_LIST = ("from", "until", "set", "resumptionToken")
VERBS = {
    "Identify": _Verb(answer=_identify),
    "ListMetadataFormats": _Verb(answer=_list_metadata_formats, optional=("identifier",)),
    "ListSets": _Verb(answer=_list_sets, optional=("resumptionToken",)),
    "GetRecord": _Verb(answer=_get_record, required=("identifier", "metadataPrefix")),
    "ListIdentifiers": _Verb(answer=_list_identifiers, required=("metadataPrefix",), optional=_OF_A_LIST),
    "ListRecords": _Verb(answer=_list_records, required=("metadataPrefix",), optional=_OF_A_LIST),
}


# -- Items -------------------------------------------------------------------------------------
def _item(said: Arguments) -> Item:
    public_id = said["identifier"].removeprefix(identifier(""))
    found = harvesting.item(public_id) if public_id != said["identifier"] and _PUBLIC_ID.fullmatch(public_id) else None
    if found is None:
        raise Refused("idDoesNotExist", _("There is no such identifier here."))
    return found


def _format(prefix: str) -> XmlFormat:
    for format_ in XML_FORMATS:
        if format_.prefix == prefix:
            return format_
    raise Refused("cannotDisseminateFormat", _("Known here: %s.") % ", ".join(format_.prefix for format_ in XML_FORMATS))


def _record(item: Item, format_: XmlFormat, paths_now: dict[str, str]) -> str:
    about = "" if item.is_deleted else element("metadata", format_.write(item.record, settings.SITE_URL))
    return element("record", _header(item, paths_now), about)


def _header(item: Item, paths_now: dict[str, str]) -> str:
    """A work is in the set of each of its categories, and in those above."""
    paths = (paths_now.get(category.path, category.path) for category in item.record.categories)
    sets = dict.fromkeys(above for path in paths for above in lineage(path))
    status = {"status": "deleted"} if item.is_deleted else {}
    return element(
        "header",
        text_element("identifier", identifier(item.public_id)),
        text_element("datestamp", _stamp(item.datestamp)),
        *(text_element("setSpec", _set_spec(path)) for path in sets),
        **status,
    )


def _set_spec(path: str) -> str:
    return path.replace("/", ":")


# -- Lists -------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class _Question:
    """What a list is of, as its arguments said it."""

    prefix: str
    since: str
    until: str
    set_: str

    def changes(self) -> Changes:
        since, until = _time(self.since, is_end=False), _time(self.until, is_end=True)
        if self.since and self.until and len(self.since) != len(self.until):
            raise Refused("badArgument", _("“from” and “until” are of one granularity."))
        if since and until and since > until:
            raise Refused("badArgument", _("“from” is later than “until”."))
        return Changes(since=since, until=until, category=_category(self.set_))


@dataclass(frozen=True, kw_only=True)
class _Page:
    """`before` says how many items came on the pages before; `count` of how many, where that is known."""

    items: list[Item]
    before: int
    count: int | None
    has_more: bool


def _page(said: Arguments) -> tuple[_Question, _Page]:
    if "resumptionToken" in said:
        question, place, before, count = _continued(said["verb"], said["resumptionToken"])
        changes = question.changes()
    else:
        question = _Question(
            prefix=said["metadataPrefix"], since=said.get("from", ""), until=said.get("until", ""), set_=said.get("set", "")
        )
        _empty_values(said)
        changes, place, before = question.changes(), START, 0
        count = None
    _format(question.prefix)
    found = changes.after(place, ITEMS_A_PAGE + 1)
    if not found and not before:
        raise Refused("noRecordsMatch", _("There is nothing like that here."))
    has_more = len(found) > ITEMS_A_PAGE
    if has_more and not before:
        count = changes.count
    return question, _Page(items=found[:ITEMS_A_PAGE], before=before, count=count, has_more=has_more)


def _empty_values(said: Arguments) -> None:
    for name in ("from", "until", "set"):
        if said.get(name) == "":
            raise Refused("badArgument", _("“%s” says nothing.") % name)


def _time(text: str, *, is_end: bool) -> datetime | None:
    """A day, or a second of it; as the end of a range, the last moment of it."""
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            day = datetime.strptime(text, "%Y-%m-%d").date()
            return datetime.combine(day, time.max if is_end else time.min, UTC)
        if _SECOND.fullmatch(text):
            second = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            return second.replace(microsecond=999_999) if is_end else second
    except ValueError:
        pass
    raise Refused("badArgument", _("A time is written 2026-11-24 or 2026-11-24T09:00:00Z, in UTC."))


def _category(set_spec: str) -> Category | None:
    """The category of a set; one that has moved is known by its old name too."""
    if not set_spec:
        return None
    if not _SET.fullmatch(set_spec):
        raise Refused("badArgument", _("This is no setSpec."))
    path = set_spec.replace(":", "/")
    if found := Category.objects.filter(path=path).first():
        return found
    if alias := CategoryAlias.objects.filter(path=path).select_related("category").first():
        return alias.category
    raise Refused("noRecordsMatch", _("There is no such set here."))


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


# -- Tokens ------------------------------------------------------------------------------------
def _token(verb: str, question: _Question, page: _Page) -> Iterator[str]:
    """After each page of a list that has more than one; empty after the last (section 3.5)."""
    if not (page.has_more or page.before):
        return
    about = {"cursor": str(page.before)}
    if page.count is not None:
        about["completeListSize"] = str(page.count)
    token = ""
    if page.has_more:
        expires = _expiry(timezone.now())
        about["expirationDate"] = _stamp(expires)
        reached = page.before + len(page.items)
        said = [verb, question.prefix, question.since, question.until, question.set_]
        token = _signer().sign_object([*said, page.items[-1].place, reached, page.count, int(expires.timestamp())])
    yield text_element("resumptionToken", token, **about)


def _continued(verb: str, token: str) -> tuple[_Question, Place, int, int | None]:
    try:
        of, prefix, since, until, set_, place, before, count, expires = _signer().unsign_object(token)
    except (BadSignature, ValueError) as error:
        raise _bad_token() from error
    if of != verb or expires < timezone.now().timestamp():
        raise _bad_token()
    return _Question(prefix=prefix, since=since, until=until, set_=set_), place, before, count


def _expiry(now: datetime) -> datetime:
    """At a full hour, so that the same page is the same for an hour."""
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) + TOKEN_LASTS


def _bad_token() -> Refused:
    return Refused("badResumptionToken", _("This token was not given out here, or for something else, or is too old. Begin again."))


def _signer() -> Signer:
    return Signer(salt=f"oai {base_url()}", sep=".")
