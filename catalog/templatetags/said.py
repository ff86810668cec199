"""What people wrote in plain words, as a page shows it."""

import re
from collections.abc import Iterator

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog import identifiers

register = template.Library()

_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]+")
# At the end of an address these belong to the sentence around it.
_SENTENCE_END = ".,;:!?)'’]}"


@register.filter
def linked(text: str) -> SafeString:
    """The text, escaped, with every address of the web in it as a link; one that cannot be trusted stays text."""
    return format_html_join("", "{}", ((piece,) for piece in _pieces(text)))


def _pieces(text: str) -> Iterator[str]:
    end = 0
    for match in _ADDRESS.finditer(text):
        written = match[0].rstrip(_SENTENCE_END)
        yield text[end : match.start()]
        yield _link(written)
        end = match.start() + len(written)
    yield text[end:]


def _link(written: str) -> str:
    try:
        url = identifiers.clean_url(written)
    except identifiers.UnusableAddress:
        return written
    return format_html('<a href="{}" rel="nofollow ugc noopener noreferrer">{}</a>', url, url)
