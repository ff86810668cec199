"""The words for what was read from a paste: a state each, and a sentence."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.fields import UNUSABLE
from catalog.identifiers import LABELS
from catalog.models import Link
from catalog.pasting import Fact, Reading

type Words = tuple[str, str]


def words_of(reading: Reading) -> list[Words]:
    """`pass` for what was recognised, `quiet` for remarks, `warn` for what could not be used; at most one remark of a kind."""
    words = list(dict.fromkeys(filter(None, map(_word, reading.said))))
    return sorted(words, key=lambda word: ("pass", "quiet", "warn").index(word[0]))


def _word(fact: Fact) -> Words | None:
    shown = fact.value if len(fact.value) <= 60 else f"{fact.value[:59]}…"
    values = {"value": shown, "name": fact.name}
    match fact.what:
        case "identifier":
            return "pass", f"{LABELS.get(fact.name, fact.name)} {fact.value}"
        case "link":
            return "pass", _("Link, %(kind)s") % {"kind": dict(Link.Kind.choices).get(fact.name, fact.name)}
        case "title":
            return ("pass", _("Title")) if fact.value else None
        case "version":
            return "quiet", _("Version %(value)s; we keep the paper, not the version.") % values
        case "tracking":
            return "quiet", _("We left out what says where you came from.")
        case "authors":
            count = int(fact.value)
            return "quiet", ngettext("%(count)d author.", "%(count)d authors.", count) % {"count": count}
        case "venue":
            return "quiet", _("%(name)s.") % values
        case "unknown_venue":
            return "quiet", _("“%(name)s” is new here.") % values
        case "organization":
            return None
        case "unknown_organization":
            return "quiet", _("“%(name)s” is new here; a maintainer will map it.") % values
        case "more":
            count = int(fact.value)
            return "warn", ngettext(
                "One paper at a time: %(count)d more was left aside.", "One paper at a time: %(count)d more were left aside.", count
            ) % {"count": count}
        case "cleaned":
            return "quiet", _("Left out, because nobody can see it: %(value)s.") % values
        case "refused_link":
            return "warn", f"{shown}: {UNUSABLE[fact.name]}" if fact.name in UNUSABLE else shown
        case "too_long":
            return "warn", _("That is more than 200 kB. Paste one paper.")
        case "empty":
            return "warn", _("Paste something first.")
        case "not_understood":
            return "warn", _("We could not read this. Fill in the form by hand.")
    return None
