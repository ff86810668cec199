"""What people say of themselves on a page of their own. The only writer of it.

A page exists by choice. Nobody takes a name there that others would take for the site's, or for somebody else's who is here.
"""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from accounts import names, signals
from accounts.models import MAINTAINERS, User


@transaction.atomic
def write(person: User, **facts: Any) -> None:
    """Keep what the form has checked."""
    for name, value in facts.items():
        setattr(person, name, value)
    person.save(update_fields=list(facts))
    signals.shown_otherwise.send(User, person=person)


def is_somebody_elses(name: str, *, by: User) -> bool:
    """Whether this is another's username, or looks like the name of one who may decide."""
    others = User.objects.exclude(pk=by.pk)
    if others.alias(key=Lower("username")).filter(key="".join(name.lower().split())).exists():
        return True
    looks = names.skeleton(name)
    return any(looks == names.skeleton(called) for person in others.filter(_decides()) for called in person.names)


def _decides() -> Q:
    member = User.groups.through.objects.filter(user=OuterRef("pk"), group__name=MAINTAINERS)
    return Q(is_superuser=True) | Q(Exists(member)) | Q(pk__in=User.objects.filter(maintained_categories__isnull=False).values("pk"))
