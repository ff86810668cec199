"""What the desk's pages ask for themselves, because Django's admin gives their views no context of ours."""

from typing import Any

from django import template
from django.db.models import Model

from catalog import reasons
from catalog.admin import queue
from catalog.models import Decision

register = template.Library()


@register.simple_tag(takes_context=True)
def queue_figures(context: template.Context) -> queue.Figures:
    return queue.figures(context["request"].user)


@register.filter
def verbose_name(model: type[Model]) -> Any:
    """The word for one of them."""
    return model._meta.verbose_name


@register.filter
def reason_label(decision: Decision) -> str:
    """The wording of its code today."""
    return reasons.name_of(decision, reasons.names())
