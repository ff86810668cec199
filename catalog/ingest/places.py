"""Which category of the tree does a heading mean?"""

from catalog import taxonomy
from catalog.ingest.account import Account
from catalog.models import Category, CategoryAlias
from catalog.records import Category as Place
from catalog.records import Record, replace, slug_of, spelling_key

# Of a category.
MAX_NAME, MAX_SLUG = 100, 60


class Places:
    """The categories that the entries of a file are put into. `category` is the path of the one for all of them, if there is one.

    A heading means the category of its path; else the only one of its name; else one that has yet to be added, as does a list
    without headings by its own name. Raises Category.DoesNotExist for a `category` that is none.
    """

    def __init__(self, *, category: str, list_name: str) -> None:
        self._for_all = taxonomy.category_at(category) if category else None
        self._list_name = list_name
        self._paths = {each.path: each.path for each in Category.objects.all()}
        self._paths.update((alias.path, alias.category.path) for alias in CategoryAlias.objects.select_related("category"))
        by_name: dict[str, list[str]] = {}
        for path, name in Category.objects.values_list("path", "name"):
            for key in {spelling_key(name), spelling_key(path.rpartition("/")[2])}:
                by_name.setdefault(key, []).append(path)
        self._by_name = {key: paths[0] for key, paths in by_name.items() if len(paths) == 1}
        self._missing: dict[str, str] = {}

    def of(self, record: Record, headings: tuple[str, ...] = ()) -> Record:
        """The record in the categories that are meant. Where one comes after which is left to the order of the file."""
        if self._for_all:
            places = [Place(path=self._for_all.path, name=self._for_all.name, note=next((each.note for each in record.categories), ""))]
        else:
            places = list(record.categories) or [
                Place(path=slug_of(self._list_name, max_length=MAX_SLUG) or "imported", name=self._list_name)
            ]
        found = {path: replace(place, path=path, name="") for place in places for path in [self._path(place, headings)]}
        return replace(record, categories=tuple(found.values()))

    def _path(self, place: Place, headings: tuple[str, ...]) -> str:
        # Whatever a file calls a path: an address of ours is made of words.
        path = "/".join(slug_of(part, max_length=MAX_SLUG) or "imported" for part in place.path.split("/"))
        if known := self._paths.get(path):
            return known
        slug = path.rpartition("/")[2]
        if known := self._by_name.get(spelling_key(place.name or slug)) or self._by_name.get(spelling_key(slug)):
            return known
        parts = path.split("/")
        guessed = (*(part.replace("-", " ").capitalize() for part in parts[:-1]), place.name or slug)
        names = headings if len(headings) == len(parts) else guessed
        for depth, name in enumerate(names, start=1):
            above = "/".join(parts[:depth])
            if above not in self._paths:
                self._missing.setdefault(above, name[:MAX_NAME])
        return path

    def add_missing(self, wanted: set[str], account: Account) -> None:
        """The categories that are meant and not there yet, those above them first."""
        for path, name in self._missing.items():
            if path not in self._paths and any(place == path or place.startswith(f"{path}/") for place in wanted):
                above, _slash, slug = path.rpartition("/")
                taxonomy.add_category(name, parent=Category.objects.get(path=above) if above else None, slug=slug)
                self._paths[path] = path
                account.categories_added.append(path)
