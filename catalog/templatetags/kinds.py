"""What the kinds of papers and links are called."""

from django import template

from catalog.models import Link, Paper

register = template.Library()


@register.filter
def kind_name(kind: str) -> str:
    """Of a paper: `survey` is “Survey”."""
    return str(dict(Paper.Kind.choices).get(kind, kind))


@register.filter
def link_kind_name(kind: str) -> str:
    """Of what a link leads to: `pdf` is “PDF”."""
    return str(dict(Link.Kind.choices).get(kind, kind))
