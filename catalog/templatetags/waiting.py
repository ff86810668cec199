"""How many wait, and how long."""

from datetime import timedelta

from django import template
from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.translation import ngettext

register = template.Library()
register.filter("in_words", apnumber)


@register.filter
def duration(span: timedelta) -> str:
    """`40 minutes`, `31 hours`, `5 days`: up to two hours in minutes, up to two days in hours; never nothing."""
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes < 120:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = round(hours / 24)
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
