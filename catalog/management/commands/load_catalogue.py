"""Fill an empty database with the default catalogue of `catalog/data`, all of it or nothing."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog import ingest, records, shelving, taxonomy
from catalog.models import Category, Paper, Tombstone

# What the list calls itself that this is: when it is imported as it goes on elsewhere, only what has changed is news.
LIST = "Awesome LLM Systems Papers"
DATA = Path(records.__file__).parent / "data"


class Command(BaseCommand):
    help = _("Load the default catalogue into an empty database. A filled one is left as it is.")

    def handle(self, *args: Any, **options: Any) -> None:
        shows_progress = self.stdout.isatty() and options["verbosity"] > 0
        try:
            is_loaded = not _is_in_use() and self.load()
        except (IntegrityError, taxonomy.NameTaken):
            # Another process filled it at the same moment. If none did, the files contradict themselves.
            if not _is_in_use():
                raise
            is_loaded = False
        count = Paper.objects.count()
        if not is_loaded:
            self.stdout.write(
                ngettext(
                    "The catalogue is in use and holds %(count)s paper. Nothing was changed.",
                    "The catalogue is in use and holds %(count)s papers. Nothing was changed.",
                    count,
                )
                % {"count": count}
            )
        elif shows_progress:
            self.stdout.write(_("The default catalogue is loaded: %(count)s papers.") % {"count": count})

    @transaction.atomic
    def load(self) -> bool:
        for category in _read("categories.json"):
            above, _slash, slug = category["path"].rpartition("/")
            parent = Category.objects.get(path=above) if above else None
            taxonomy.add_category(category["name"], parent=parent, slug=slug, description=category["description"])
        for venue in _read("venues.json"):
            taxonomy.add_venue(venue["name"], slug=venue["slug"], full_name=venue["full_name"], aliases=venue["aliases"])
        for organization in _read("organizations.json"):
            taxonomy.add_organization(organization["name"], slug=organization["slug"], aliases=organization["aliases"])
        with (DATA / "papers.jsonl").open(encoding="utf-8") as lines:
            papers = [records.from_json(line) for line in lines]
        listed = [record.id for record in papers]
        # Oldest first, so that the catalogue ends at the time of its newest paper wherever it is loaded.
        papers.sort(key=lambda record: (record.added_at, record.id))
        with shelving.many(at=papers[-1].added_at) as shelf:
            shelf.put(papers)
        ingest.remember_as_it_is(LIST, listed)
        return True


def _read(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return entries


def _is_in_use() -> bool:
    return any(model.objects.exists() for model in (Paper, Category, Tombstone))
