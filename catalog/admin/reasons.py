"""The reasons that maintainers choose from: their wording, and which are offered.

A code is made of the first wording and stays as it is, because decisions hold it; so none is deleted.
"""

from collections.abc import Iterable
from itertools import chain, count
from typing import Any

from django import forms
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import records
from catalog.admin.desk import DeskAdmin, person
from catalog.models import Reason
from catalog.records import slug_of
from catalog.taxonomy import NameTaken

CODE_LENGTH = 40


class ReasonSelect(forms.Select):
    """A choice of reasons. With script, one that is chosen puts its words into the empty field with the id `into`."""

    def __init__(self, offered: Iterable[Reason], *, into: str) -> None:
        super().__init__(attrs={"data-reasons": into})
        # Two verdicts may have one code.
        self._offered = {(reason.code, reason.label): reason for reason in offered}

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **more: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **more)
        if reason := self._offered.get((value, label)):
            option["attrs"] |= {"data-verdict": reason.verdict, "data-text": reason.text}
        return option


class ReasonForm(forms.ModelForm):
    text = forms.CharField(
        label=gettext_lazy("Words to begin with"),
        max_length=records.MAX_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Put into the field for a maintainer’s own words, to be changed there."),
    )

    class Meta:
        model = Reason
        fields = ["verdict", "kind", "label", "text", "position", "is_offered"]
        labels = {
            "verdict": gettext_lazy("Decision"),
            "kind": gettext_lazy("Only for"),
            "label": gettext_lazy("Wording"),
            "position": gettext_lazy("Place in the list"),
            "is_offered": gettext_lazy("Offered"),
        }
        help_texts = {
            "kind": gettext_lazy("Nothing chosen: for every kind."),
            "label": gettext_lazy("A few words. The log shows them, beside decisions made before as well."),
        }

    def clean_label(self) -> str:
        label = records.tidy(records.without_unwanted_characters(self.cleaned_data["label"]))
        if not slug_of(label):
            raise forms.ValidationError(_("Give it a wording with a letter or a digit in it."))
        return label


@admin.register(Reason)
class ReasonAdmin(DeskAdmin):
    form = ReasonForm
    list_display = ["label", "kind", "position", "is_offered"]
    list_per_page = 1000
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return person(request).is_maintainer

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return person(request).is_maintainer

    def get_fields(self, request: HttpRequest, obj: Reason | None = None) -> list[Any]:
        return ["verdict", "code", *ReasonForm.Meta.fields[1:]] if obj else ReasonForm.Meta.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Reason | None = None) -> list[Any]:
        return ["verdict", "code"] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"position": Reason.objects.count() + 1}

    def save_model(self, request: HttpRequest, obj: Reason, form: ReasonForm, change: bool) -> None:
        if not change:
            obj.code = _free_code(obj)
        try:
            with transaction.atomic():
                super().save_model(request, obj, form, change)
        except IntegrityError as taken:
            raise NameTaken from taken


def _free_code(reason: Reason) -> str:
    """Words of the wording; with a number, where another reason of this verdict has them."""
    taken = set(Reason.objects.filter(verdict=reason.verdict).values_list("code", flat=True))
    words = slug_of(reason.label, max_length=CODE_LENGTH - 4).replace("-", "_")
    return next(code for code in chain([words], (f"{words}_{number}" for number in count(2))) if code not in taken)
