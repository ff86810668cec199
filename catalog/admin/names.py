"""Categories, venues and organizations: what they are called. Renaming goes through `publishing`, which lays down anew what readers see."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Model, QuerySet
from django.db.models.functions import Lower
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog import publishing, records, taxonomy
from catalog.admin.desk import DeskAdmin, person
from catalog.models import Category, Organization, OrganizationAlias, Venue, VenueAlias
from catalog.records import slug_of, spelling_key


def tidy_line(text: str) -> str:
    """One line, without what can hide or reorder it."""
    return records.tidy(records.without_unwanted_characters(text))


class NamedForm(ModelForm):
    def clean_name(self) -> str:
        name = tidy_line(self.cleaned_data["name"])
        if not spelling_key(name):
            raise ValidationError(_("Give it a name with a letter or a digit in it."))
        return name


class CategoryForm(NamedForm):
    parent = forms.ModelChoiceField(
        label=gettext_lazy("Stands under"),
        queryset=Category.objects.all(),
        required=False,
        empty_label=gettext_lazy("Nothing: it is at the top"),
    )
    slug = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Made of the name where it is left empty. The old address keeps answering."),
    )

    kept_by = forms.CharField(
        label=gettext_lazy("Kept by"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("Usernames, with blanks or commas between them. They decide what is proposed for here and below."),
    )

    class Meta:
        model = Category
        fields = ["name", "parent", "slug", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["parent"]
            self.initial["kept_by"] = ", ".join(self.instance.keepers)

    def clean_slug(self) -> str:
        return slug_of(self.cleaned_data["slug"], max_length=60)

    def clean_kept_by(self) -> list[User]:
        """The people themselves, in any case of their names. One whose account was closed meanwhile is no longer among them."""
        names = {name.lower(): name for name in self.cleaned_data["kept_by"].replace(",", " ").split()}
        people = User.objects.annotate(key=Lower("username")).filter(key__in=names, is_active=True)
        unknown = [name for key, name in names.items() if key not in {person.username.lower() for person in people}]
        if unknown:
            raise ValidationError(_("There is no open account of this name: %(names)s.") % {"names": ", ".join(unknown)})
        return list(people)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "name" not in data:
            return data
        data["slug"] = data.get("slug") or slug_of(data["name"], max_length=60)
        parent = data.get("parent") or self.instance.parent
        path = f"{parent.path}/{data['slug']}" if parent else data["slug"]
        if not data["slug"]:
            self.add_error("slug", _("No address can be made of this name. Write one in letters."))
        elif Category.objects.filter(path=path).exclude(pk=self.instance.pk).exists():
            self.add_error("slug", _("Another category has this address: %(path)s.") % {"path": path})
        return data


@admin.register(Category)
class CategoryAdmin(DeskAdmin):
    """Never deleted: its address is not taken away, and papers stand in it."""

    form = CategoryForm
    list_display = ["in_the_tree", "path", "papers_placed"]
    list_display_links = ["in_the_tree"]
    ordering = ["tree_position"]
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return person(request).is_maintainer

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return person(request).is_maintainer

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(placed=Count("placements"))

    def get_fields(self, request: HttpRequest, obj: Category | None = None) -> list[Any]:
        return ["name", "slug", "description", "kept_by"] if obj else ["name", "parent", "slug", "description", "kept_by"]

    @admin.display(description=gettext_lazy("Category"))
    def in_the_tree(self, category: Category) -> str:
        return "– " * category.depth + category.name

    @admin.display(description=gettext_lazy("Papers"))
    def papers_placed(self, category: Category) -> int:
        return category.placed  # type: ignore[attr-defined]

    def save_model(self, request: HttpRequest, obj: Category, form: CategoryForm, change: bool) -> None:
        told = {**form.cleaned_data}
        people = told.pop("kept_by")
        if change:
            publishing.rename_category(obj, name=told["name"], slug=told["slug"])
            publishing.describe_category(obj, told["description"])
        else:
            obj.pk = publishing.add_category(**told).pk
        obj.refresh_from_db()
        taxonomy.name_maintainers(obj, people)


class SpelledForm(NamedForm):
    """A name, and the other ways people write it."""

    aliases = forms.CharField(
        label=gettext_lazy("Also written"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("One spelling a line. Case, blanks and hyphens do not count. A name it had before stays a spelling."),
    )
    alias_model: type[VenueAlias] | type[OrganizationAlias]
    owner: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            names = {spelling_key(name) for name in self._names(self.initial)}
            self.initial["aliases"] = "\n".join(alias.text for alias in self.instance.aliases.order_by("key") if alias.key not in names)

    def clean_aliases(self) -> list[str]:
        return [line for line in map(tidy_line, self.cleaned_data["aliases"].splitlines()) if spelling_key(line)]

    def clean(self) -> dict[str, Any]:
        """A spelling belongs to one: says whose it is already."""
        data = super().clean() or {}
        taken = self.alias_model.objects.exclude(**{self.owner: self.instance.pk}).select_related(self.owner)
        for field, texts in (("name", self._names(data)), ("aliases", data.get("aliases", []))):
            for alias in taken.filter(key__in=[spelling_key(text) for text in texts]):
                about = {"text": alias.text, "owner": getattr(alias, self.owner).name}
                self.add_error(field, _("“%(text)s” is a spelling of %(owner)s.") % about)
        return data

    @staticmethod
    def _names(data: Mapping[str, Any]) -> Iterable[str]:
        return [data[key] for key in ("name", "full_name") if data.get(key)]


class VenueForm(SpelledForm):
    alias_model, owner = VenueAlias, "venue"

    class Meta:
        model = Venue
        fields = ["name", "full_name"]

    def clean_full_name(self) -> str:
        return tidy_line(self.cleaned_data["full_name"])


class OrganizationForm(SpelledForm):
    alias_model, owner = OrganizationAlias, "organization"

    class Meta:
        model = Organization
        fields = ["name"]


class SpelledAdmin(DeskAdmin):
    """New ones come with the papers that name them; here they are set right."""

    list_display = ["name", "slug", "papers_counted"]
    search_fields = ["name", "aliases__text"]
    search_help_text = gettext_lazy("Name or spelling")
    ordering = ["name"]
    papers: str

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return person(request).is_maintainer

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(counted=Count(self.papers, distinct=True))

    @admin.display(description=gettext_lazy("Papers"), ordering="counted")
    def papers_counted(self, named: Model) -> int:
        return named.counted  # type: ignore[attr-defined]


@admin.register(Venue)
class VenueAdmin(SpelledAdmin):
    form = VenueForm
    fields = ["name", "full_name", "aliases"]
    papers = "editions__papers"

    def save_model(self, request: HttpRequest, obj: Venue, form: VenueForm, change: bool) -> None:
        told = form.cleaned_data
        publishing.rename_venue(obj, name=told["name"], full_name=told["full_name"], aliases=told["aliases"])


@admin.register(Organization)
class OrganizationAdmin(SpelledAdmin):
    form = OrganizationForm
    fields = ["name", "aliases"]
    papers = "papers"

    def save_model(self, request: HttpRequest, obj: Organization, form: OrganizationForm, change: bool) -> None:
        publishing.rename_organization(obj, name=form.cleaned_data["name"], aliases=form.cleaned_data["aliases"])
