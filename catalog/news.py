"""What came in that people follow, told to each: a line a day on the site, or one letter a day or a week.

Safe to run twice at once, and at any time. A period has one letter at the most: it is written down as begun before it goes
out. How far a follow was told is written down after, so that what a letter was to tell and did not, because the process
ended or the mail server refused, stands in the next. Letters of a kind are a PAUSE apart at least, and a person is looked at
anew, one process at a time, before one is begun: what a slower process is sending is not told by another, also where a
period ends meanwhile.

New is what came in since the follow began, known by its number. A paper that is no longer here is not told of, and one that
comes back is not new. Who is told by letter is not told the same on the site.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from pyroaring import BitMap

from accounts import notify
from accounts.models import User
from catalog import following, index, keeping, letters, notices, records
from catalog.following import Thing
from catalog.letters import Kind
from catalog.models import Follow, Paper
from catalog.records import Record
from catalog.selection import rows_of

log = logging.getLogger(__name__)

PEOPLE_AT_ONCE = 100
PAUSE = timedelta(hours=1)
# Papers that one letter names.
SHOWN = 20
# Of the lines on the site, in `accounts.models.Digest`.
ON_SITE = "following"

_LETTERS = {Follow.How.DAILY: Kind.DAILY, Follow.How.WEEKLY: Kind.WEEKLY}


@dataclass(frozen=True, kw_only=True)
class News:
    """What there is to tell a person: `papers` that are here at this moment. Each is new to one or several of the `things`,
    which hold no others; `follows` are all that were looked at.
    """

    follows: list[Follow]
    things: list[Thing]
    papers: BitMap


def tell() -> int:
    """Tell everybody what is new in what they follow, each period once. Says how many letters went out."""
    now = timezone.now()
    for person, things, until in _people_with_news(Follow.How.SITE):
        _told_on_site(person, things, until, now)
    return sum(_sent(person, how, things, until, now) for how in _LETTERS for person, things, until in _people_with_news(how))


def _people_with_news(how: str) -> Iterator[tuple[User, dict[int, Thing], int]]:
    """Those for whom something came in, with what they follow as it was just now and the number of the last paper then.

    Memory does not grow with their number, nor do the questions for each that has no news.
    """
    last = 0
    while True:
        until, stamp = following.newest_number(), keeping.current_stamp()
        waiting = Follow.objects.filter(how=how, told_through__lt=until)
        some = User.objects.filter(pk__gt=last, is_active=True, pk__in=waiting.values("user")).order_by("pk")
        people = list(some.prefetch_related(Prefetch("follows", waiting, to_attr="waiting"))[:PEOPLE_AT_ONCE])
        if not people:
            return
        follows = [each for person in people for each in _waiting(person)]
        things = following.things(follows, stamp=stamp, only_untold=True)
        for person in people:
            theirs = {each.pk: things[each.pk] for each in _waiting(person)}
            if any(_new(each, theirs, until) for each in _waiting(person)):
                yield person, theirs, until
        last = people[-1].pk


def _waiting(person: Any) -> list[Follow]:
    found: list[Follow] = person.waiting
    return found


def _new(follow: Follow, things: dict[int, Thing], until: int) -> BitMap:
    return following.beyond(things[follow.pk].papers, follow.told_through, until=until)


# -- On the site -------------------------------------------------------------------------------
@transaction.atomic
def _told_on_site(person: User, things: dict[int, Thing], until: int, now: datetime) -> None:
    news = _news_for(person, Follow.How.SITE, things, until)
    if news and notify.begin_digest(person, ON_SITE, letters.period(now, is_weekly=False)):
        notify.notify(person, _in_short(len(news.papers)), url=reverse("catalog:follow-list"))
        Follow.objects.filter(pk__in=[each.pk for each in news.follows]).update(told_through=until)


def _in_short(count: int) -> str:
    return ngettext("%(count)d new paper in what you follow", "%(count)d new papers in what you follow", count) % {"count": count}


# -- By letter ---------------------------------------------------------------------------------
def _sent(person: User, how: Follow.How, things: dict[int, Thing], until: int, now: datetime) -> bool:
    kind = _LETTERS[how]
    begun = _begun(person, how, kind, things, until, now)
    if begun is None:
        return False
    news, facts = begun
    try:
        notices.write("following", person, facts, kind=kind)
    except OSError as error:
        # Every refusal of a mail server is one, also smtplib's own. Its words may hold an address.
        log.error("A letter of new papers was not sent to no. %d: %s", person.pk, type(error).__name__)
        return False
    told = Follow.objects.filter(pk__in=[each.pk for each in news.follows])
    told.update(told_through=Greatest("told_through", until), seen_through=Greatest("seen_through", until))
    return True


@transaction.atomic
def _begun(
    person: User, how: Follow.How, kind: Kind, things: dict[int, Thing], until: int, now: datetime
) -> tuple[News, dict[str, Any]] | None:
    """What the letter of this period is to say, if it is the caller's to send."""
    news = _news_for(person, how, things, until)
    if news is None or notify.address_of(person) is None:
        return None
    facts = _facts(news)
    if not facts["groups"] or person.digests.filter(kind=kind, sent_at__gt=now - PAUSE).exists():
        return None
    is_begun = notify.begin_digest(person, kind, letters.period(now, is_weekly=how == Follow.How.WEEKLY))
    return (news, facts) if is_begun else None


def _news_for(person: User, how: str, things: dict[int, Thing], until: int) -> News | None:
    """What is new to the person at this moment; others wait until the transaction ends."""
    if not User.objects.select_for_update(no_key=True).filter(pk=person.pk, is_active=True).first():
        return None
    follows = [each for each in person.follows.filter(how=how, told_through__lt=until) if each.pk in things]
    found = {each.pk: _new(each, things, until) for each in follows}
    came = BitMap.union(BitMap(), *found.values())
    papers = BitMap(Paper.objects.filter(pk__in=index.as_rows(came)).values_list("pk", flat=True)) if came else came
    if not papers:
        return None
    new = [replace(things[number], papers=those & papers) for number, those in found.items()]
    return News(follows=follows, things=[thing for thing in new if thing.papers], papers=papers)


# -- In words ----------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Line:
    """A paper in a letter: under the first reason for which it is there, with the others beside it."""

    record: Record
    reasons: list[str]

    @property
    def heading(self) -> str:
        return self.reasons[0]

    @property
    def title(self) -> str:
        return " ".join(records.without_unwanted_characters(self.record.title).split())

    @property
    def where(self) -> str:
        venue = self.record.venue
        return " ".join(str(part) for part in ((venue.name, venue.year) if venue else (self.record.year,)) if part)

    @property
    def also(self) -> str:
        return ", ".join(self.reasons[1:])


def _facts(news: News) -> dict[str, Any]:
    numbers = list(reversed(news.papers))
    lines = [
        Line(record=records.from_json(json), reasons=following.reasons(number, news.things))
        for number, json in rows_of(numbers[:SHOWN], ["pk", "record_json"])
    ]
    more = len(numbers[SHOWN:])
    order = [thing.reason for thing in news.things]
    in_order = sorted(lines, key=lambda line: order.index(line.heading))
    groups = [(heading, list(group)) for heading, group in groupby(in_order, key=attrgetter("heading"))]
    return {"count": len(lines) + more, "groups": groups, "more": more}
