"""What the heads of pages say to reference managers and search engines."""

from collections.abc import Iterable
from html import unescape
from typing import Any

import msgspec
from django import template
from django.conf import settings
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from catalog import metadata
from catalog.records import Record
from catalog.views.entries import Entry

register = template.Library()


class _Path(msgspec.Struct):
    """All that is decoded of a record here."""

    path: str


@register.simple_tag(takes_context=True)
def again(context: template.Context, block: str) -> str:
    """The words of a block of the page, such as its title, once more, to stand in an attribute."""
    words = context.render_context[BLOCK_CONTEXT_KEY].get_block(block).render(context)
    return unescape(words).strip()


@register.simple_tag
def paper_preview(record: Record) -> SafeString:
    """What is shown where somebody posts the address of a paper."""
    return format_html_join("\n", '<meta property="{}" content="{}">', metadata.open_graph(record, settings.SITE_URL))


@register.simple_tag
def paper_metadata(record: Record) -> SafeString:
    """The tags of a paper's page, and the same in the words of schema.org."""
    return format_html(
        "{}\n{}",
        format_html_join("\n", '<meta name="{}" content="{}">', metadata.tags(record, settings.SITE_URL)),
        linked_data(metadata.linked_data(record, settings.SITE_URL)),
    )


@register.simple_tag
def list_metadata(title: str, path: str, count: int, entries: Iterable[Entry] = ()) -> SafeString:
    """Of a page of a list: what it is a list of, how many there are, and the works on it in their order, where they are given."""
    entries = list(entries)
    paths = (msgspec.json.decode(entry.record_json, type=_Path).path for entry in entries)
    first = (entries and entries[0].number) or 1
    return linked_data(metadata.listed(title, path, count, paths, settings.SITE_URL, first=first))


@register.simple_tag
def linked_data(data: dict[str, Any]) -> SafeString:
    """JSON-LD: data that no browser runs, whatever it holds."""
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(metadata.script(data)))  # noqa: S308
