"""Notices on the desk: neutral words for a paper's page, proposed by one maintainer and confirmed by another."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import identifiers, records, review
from catalog.models import DisputeNotice, Paper


class Settled(review.Refusal):
    """The notice is confirmed or lifted already."""


class NoticeForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What it says"), choices=DisputeNotice.Kind)
    text = forms.CharField(
        label=gettext_lazy("In words"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Neutral: who says what, and where. No verdict of ours."),
    )
    url = forms.CharField(
        label=gettext_lazy("Where it is said"),
        required=False,
        max_length=records.MAX_URL,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )

    def clean_text(self) -> str:
        return records.without_unwanted_characters(self.cleaned_data["text"])

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        try:
            return identifiers.clean_url(url) if url else ""
        except identifiers.UnusableAddress as unusable:
            raise ValidationError(_("Write an address of the web, beginning with https://.")) from unusable


class LiftForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why it is lifted"), max_length=1000, widget=forms.TextInput)


def standing(paper: Paper) -> QuerySet[DisputeNotice]:
    """Those that nobody has lifted, confirmed or not."""
    return DisputeNotice.objects.filter(paper_public_id=paper.public_id, lifted_at=None).select_related("proposed_by", "confirmed_by")


def find(number: int) -> DisputeNotice:
    return get_object_or_404(DisputeNotice, pk=number)
