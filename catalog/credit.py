"""Whose work something is, as readers see it: one wording for people everywhere. Reads only what it is given."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User

# Of whoever is not here any more: the record stays, the person does not.
DELETED = _("deleted user")
# What has to be known of people to name them.
COLUMNS = ("username", "display_name", "is_public", "is_active")


def name_of(person: User | None) -> str:
    return person.public_name if person else str(DELETED)


def named(person: User | None, address: str = "") -> SafeString:
    """The name, set apart from the words around it, whatever is in it; a link where there is an address to lead to."""
    name = format_html("<bdi>{}</bdi>", name_of(person))
    return format_html('<a href="{}">{}</a>', address, name) if address else name
