"""The category tree on the desk: what categories are called, where they stand, and which papers stand in them in which order.

Each act is one call of `arranging`, which lays down anew what readers see, and one line in the public log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.paginator import InvalidPage, Paginator
from django.db import transaction
from django.db.models import Count, Model, QuerySet
from django.db.models.functions import Lower
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from catalog import arranging, publishing, records, review, taxonomy
from catalog.admin.desk import DeskAdmin, person
from catalog.models import Category, Paper
from catalog.records import slug_of, spelling_key
from catalog.taxonomy import AddressTooLong, InsideItself, NameTaken

PAPERS_A_PAGE = 100
PAGE_AND_ACT = ["GET", "HEAD", "POST"]


# -- What all rooms of names have in common ----------------------------------------------------
def tidy_line(text: str) -> str:
    """One line, without what can hide or reorder it."""
    return records.tidy(records.without_unwanted_characters(text))


@contextmanager
def arranged(request: HttpRequest) -> Iterator[None]:
    """All that is done within, or nothing: what is refused is undone, and said in a sentence on the next page.

    Whoever comes at the same moment waits, and finds what was left.
    """
    try:
        with transaction.atomic():
            publishing.take_turn()
            yield
    except NameTaken as taken:
        messages.error(request, _("Nothing was changed: “%(name)s” is taken by another.") % {"name": taken})
    except InsideItself:
        messages.error(request, _("Nothing was changed: it cannot go into itself, nor into what stands below it."))
    except AddressTooLong:
        messages.error(request, _("Nothing was changed: the address there would be longer than addresses may be."))
    except ObjectDoesNotExist:
        messages.error(request, gone())


def gone() -> str:
    return _("Nothing was changed: it is gone. Somebody has merged it a moment ago.")


class NamedForm(ModelForm):
    def clean_name(self) -> str:
        name = tidy_line(self.cleaned_data["name"])
        if not spelling_key(name):
            raise ValidationError(_("Give it a name with a letter or a digit in it."))
        return name


class NamedAdmin(DeskAdmin):
    """Names are set right here. Neither deleted nor forgotten: their addresses are not taken away."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return person(request).is_maintainer

    def changeform_view(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **more)
        except ObjectDoesNotExist:
            messages.error(request, gone())
            return self.to_list()

    def to_list(self) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse(f"admin:catalog_{self.opts.model_name}_changelist"))

    def to_page(self, named: Model) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse(f"admin:catalog_{self.opts.model_name}_change", args=[named.pk]))

    def one(self, request: HttpRequest, number: int) -> Any:
        """The one that an act is about, for those who may."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.model, pk=number)

    def tell(self, request: HttpRequest, named: Model, what: str, *, about: str = "") -> None:
        """Log what was done, for everyone and in the history of the one that stays; what it is about may be one that went."""
        review.log_arrangement(about or str(named), what, by=person(request))
        self.log_change(request, named, f"{about}: {what}" if about else what)

    def page(self, request: HttpRequest, template: str, title: str, named: Model, **context: Any) -> HttpResponse:
        return render(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                "title": title,
                "opts": self.opts,
                "original": named,
                "back": self.to_page(named).url,
                **context,
            },
        )


def papers_in_words(count: int) -> str:
    return ngettext("%(count)d paper", "%(count)d papers", count) % {"count": count}


# -- Categories --------------------------------------------------------------------------------
class CategoryChoice(forms.ModelChoiceField):
    """The tree, as it reads from top to bottom."""

    def label_from_instance(self, obj: Model) -> str:
        return indented(obj)


def indented(category: Any) -> str:
    return "– " * category.depth + category.name


class CategoryForm(NamedForm):
    parent = CategoryChoice(
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
            self.initial["kept_by"] = ", ".join(keeper.username for keeper in self.instance.keepers)

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
        if not data["slug"]:
            self.add_error("slug", _("No address can be made of this name. Write one in letters."))
            return data
        try:
            taxonomy.address_for(data["slug"], under=parent, category=self.instance)
        except NameTaken as taken:
            self.add_error("slug", _("Another category has this address: %(path)s.") % {"path": taken})
        except AddressTooLong:
            self.add_error("slug", _("With what stands above and below it, this is too long for an address. Write a shorter one."))
        return data


class MoveForm(forms.Form):
    under = CategoryChoice(
        label=gettext_lazy("Stands under"),
        queryset=Category.objects.none(),
        required=False,
        empty_label=gettext_lazy("Nothing: it is at the top"),
        help_text=gettext_lazy("It comes last there, with all that stands below it. The old addresses keep answering."),
    )

    def __init__(self, data: QueryDict | None = None, *, category: Category) -> None:
        super().__init__(data, auto_id="move_%s", initial={"under": category.parent_id})
        self.fields["under"].queryset = _elsewhere(category)  # type: ignore[attr-defined]


class PlaceForm(forms.Form):
    position = forms.IntegerField(label=gettext_lazy("Place among its siblings"), min_value=1, max_value=2**31 - 1)

    def __init__(self, data: QueryDict | None = None, *, category: Category) -> None:
        super().__init__(data, auto_id="place_%s", initial={"position": category.position})
        self.fields["position"].help_text = _("One of %(count)d.") % {"count": Category.objects.filter(parent=category.parent_id).count()}


class MergeForm(forms.Form):
    into = CategoryChoice(
        label=gettext_lazy("Merge into"),
        queryset=Category.objects.none(),
        empty_label=gettext_lazy("Choose a category"),
        help_text=gettext_lazy("The next page says what moves. Nothing is done before you say so there."),
    )

    def __init__(self, data: QueryDict | None = None, *, category: Category) -> None:
        super().__init__(data, auto_id="merge_%s")
        self.fields["into"].queryset = _elsewhere(category)  # type: ignore[attr-defined]


class NumberForm(forms.Form):
    paper = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    number = forms.IntegerField(min_value=1, max_value=2**31 - 1)


def _elsewhere(category: Category) -> QuerySet[Category]:
    """Where it can go: neither itself nor below."""
    return Category.objects.exclude(lineage=category)


@admin.register(Category)
class CategoryAdmin(NamedAdmin):
    """Merged, never deleted: its address is not taken away, and papers stand in it."""

    form = CategoryForm
    list_display = ["in_the_tree", "path", "papers_placed"]
    list_display_links = ["in_the_tree"]
    ordering = ["tree_position"]
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return person(request).is_maintainer

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(placed=Count("placements"))

    def get_fields(self, request: HttpRequest, obj: Category | None = None) -> list[Any]:
        return ["name", "slug", "description", "kept_by"] if obj else ["name", "parent", "slug", "description", "kept_by"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:number>/move/", view(require_POST(self.move)), name="catalog_category_move"),
            path("<int:number>/place/", view(require_POST(self.place)), name="catalog_category_place"),
            path("<int:number>/merge/", view(require_http_methods(PAGE_AND_ACT)(self.merge)), name="catalog_category_merge"),
            path("<int:number>/order/", view(require_http_methods(PAGE_AND_ACT)(self.order)), name="catalog_category_order"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("Category"))
    def in_the_tree(self, category: Category) -> str:
        return indented(category)

    @admin.display(description=gettext_lazy("Papers"))
    def papers_placed(self, category: Category) -> int:
        return category.placed  # type: ignore[attr-defined]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **more: Any) -> HttpResponse:
        category = more.get("obj")
        if category:
            context |= {form.__name__: form(category=category) for form in (MoveForm, PlaceForm, MergeForm)}
        return super().render_change_form(request, context, *args, **more)

    def save_model(self, request: HttpRequest, obj: Category, form: CategoryForm, change: bool) -> None:
        told = {**form.cleaned_data}
        people = told.pop("kept_by")
        if change:
            self._rename(request, obj, told)
        else:
            obj.pk = arranging.add_category(**told).pk
            review.log_arrangement(told["name"], _("Added."), by=person(request))
        obj.refresh_from_db()
        # Also those whose account was closed meanwhile, whom the form does not name.
        if {one.pk for one in people} != set(obj.maintainers.values_list("pk", flat=True)):
            taxonomy.name_maintainers(obj, people)
            review.log_arrangement(obj.name, _("Others keep it now than before."), by=person(request))

    def _rename(self, request: HttpRequest, category: Category, told: dict[str, Any]) -> None:
        """Only what differs. Django has put the form's words into the category: what it was is asked again."""
        before = Category.objects.get(pk=category.pk)
        if (before.name, before.slug) != (told["name"], told["slug"]):
            arranging.rename_category(category, name=told["name"], slug=told["slug"])
            about = {"before": before.name, "name": category.name, "from": before.path, "path": category.path}
            if before.name != category.name:
                review.log_arrangement(category.name, _("Renamed from “%(before)s” to “%(name)s”.") % about, by=person(request))
            if before.path != category.path:
                review.log_arrangement(category.name, _("Its address was %(from)s and is %(path)s.") % about, by=person(request))
        if before.description != told["description"]:
            arranging.describe_category(category, told["description"])
            review.log_arrangement(category.name, _("Described in other words."), by=person(request))

    # -- Where it stands -----------------------------------------------------------------------
    def move(self, request: HttpRequest, number: int) -> HttpResponse:
        category = self.one(request, number)
        form = MoveForm(request.POST, category=category)
        if not form.is_valid():
            messages.error(request, _("Nothing was changed: choose a category that stands neither here nor below."))
            return self.to_page(category)
        under = form.cleaned_data["under"]
        if under == category.parent:
            messages.info(request, _("It stands there already."))
            return self.to_page(category)
        with arranged(request):
            arranging.move_category(category, under)
            what = _("Moved under “%(name)s”.") % {"name": under} if under else _("Moved to the top.")
            self.tell(request, category, what)
            messages.success(request, what)
        return self.to_page(category)

    def place(self, request: HttpRequest, number: int) -> HttpResponse:
        category = self.one(request, number)
        form = PlaceForm(request.POST, category=category)
        if not form.is_valid():
            messages.error(request, _("Nothing was changed: a place is a whole number from 1."))
            return self.to_page(category)
        with arranged(request):
            before = category.position
            arranging.reorder_category(category, form.cleaned_data["position"])
            about = {"before": before, "position": category.position}
            if before == category.position:
                messages.info(request, _("It stands there already."))
            else:
                what = _("Moved from place %(before)d to place %(position)d among its siblings.") % about
                self.tell(request, category, what)
                messages.success(request, what)
        return self.to_page(category)

    def merge(self, request: HttpRequest, number: int) -> HttpResponse:
        """What would move, and on POST the move."""
        category = self.one(request, number)
        form = MergeForm(request.POST if request.method == "POST" else request.GET, category=category)
        if not form.is_valid():
            messages.error(request, _("Choose the category to merge it into: one that stands neither here nor below."))
            return self.to_page(category)
        into = form.cleaned_data["into"]
        if request.method == "POST":
            return self._merge(request, category, into)
        title = _("Merge “%(name)s” into “%(into)s”") % {"name": category, "into": into}
        facts = _what_a_merge_does(category, into)
        return self.page(request, "admin/catalog/mapping/merge.html", title, category, into=into, value=into.pk, facts=facts)

    def _merge(self, request: HttpRequest, category: Category, into: Category) -> HttpResponse:
        name = category.name
        with arranged(request):
            papers = papers_in_words(arranging.merge_category(category, into))
            self.tell(request, into, _("Merged into “%(into)s”: %(papers)s.") % {"into": into, "papers": papers}, about=name)
            messages.success(request, _("“%(name)s” is merged into this one: %(papers)s.") % {"name": name, "papers": papers})
            return self.to_page(into)
        return self.to_page(category) if Category.objects.filter(pk=category.pk).exists() else self.to_list()

    # -- The papers' order ---------------------------------------------------------------------
    def order(self, request: HttpRequest, number: int) -> HttpResponse:
        """The papers as readers count them, each with a field for another number."""
        category = self.one(request, number)
        if request.method == "POST":
            return self._give_number(request, category)
        placements = category.placements.order_by("position").select_related("paper")
        try:
            page = Paginator(placements, PAPERS_A_PAGE).page(request.GET.get("page", 1))
        except InvalidPage as past_the_last:
            raise Http404 from past_the_last
        rows = enumerate(page.object_list, start=page.start_index())
        return self.page(request, "admin/catalog/category/order.html", _("Order of the papers"), category, page=page, rows=rows)

    def _give_number(self, request: HttpRequest, category: Category) -> HttpResponse:
        form = NumberForm(request.POST)
        here = reverse("admin:catalog_category_order", args=[category.pk])
        if not form.is_valid():
            messages.error(request, _("Nothing was changed: a paper’s number is a whole number from 1."))
            return redirect(request.get_full_path())
        with arranged(request):
            paper = Paper.objects.get(pk=form.cleaned_data["paper"])
            arranging.place_paper(paper, category, form.cleaned_data["number"])
            position = category.placements.get(paper=paper).position
            number = category.placements.filter(position__lte=position).count()
            what = _("“%(title)s” is number %(number)d now.") % {"title": paper.title, "number": number}
            self.tell(request, category, what)
            messages.success(request, what)
            return redirect(f"{here}?page={(number - 1) // PAPERS_A_PAGE + 1}#paper-{paper.pk}")
        return redirect(request.get_full_path())


def _what_a_merge_does(category: Category, into: Category) -> list[str]:
    """In sentences, for who is about to do it."""
    both = into.placements.filter(paper__in=category.placements.values("paper")).count()
    count = category.placements.count() - both
    parts = list(category.children.values_list("name", flat=True))
    facts = [
        ngettext("%(count)d paper moves to the end of it.", "%(count)d papers move to the end of it, in their order.", count)
        % {"count": count}
    ]
    if both:
        stay = ngettext("%(count)d paper stands in both and stays there.", "%(count)d papers stand in both and stay there.", both)
        facts.append(stay % {"count": both})
    if parts:
        move = ngettext("%(count)d part moves under it: %(names)s.", "%(count)d parts move under it: %(names)s.", len(parts))
        facts.append(move % {"count": len(parts), "names": ", ".join(parts)})
    facts.append(_("Its address, and those below it, lead there for ever."))
    facts.append(_("The name, the description and the keepers of the other stay as they are."))
    return facts
