"""What a person types of what they read and of their lists: tidy text, refused with a sentence that says what to do."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.fields import Line, Prose
from catalog.models.reading import MAX_LIST_DESCRIPTION, MAX_LIST_NAME, MAX_NOTE
from catalog.reading.bringing import MOST_BYTES

# In characters; what is longer comes as a file.
MOST_PASTED = 300_000


class NoteForm(forms.Form):
    note = Prose(required=False, max_length=MAX_NOTE)


class ListForm(forms.Form):
    """What a list is called and who may see it."""

    use_required_attribute = False

    name = Line(
        label=gettext_lazy("Name"),
        max_length=MAX_LIST_NAME,
        error_messages={"required": gettext_lazy("Give it a name.")},
    )
    description = Prose(
        label=gettext_lazy("What it is about"),
        max_length=MAX_LIST_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_public = forms.BooleanField(
        label=gettext_lazy("Public"),
        required=False,
        help_text=gettext_lazy("Anyone may read it at its address, with your username. Your notes stay yours."),
    )


class BringForm(forms.Form):
    """A text or a file."""

    text = forms.CharField(
        label=gettext_lazy("Identifiers, addresses or titles, one a line; or BibTeX, RIS, CSL-JSON, Markdown"),
        required=False,
        strip=False,
        max_length=MOST_PASTED,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        error_messages={"max_length": gettext_lazy("That is more than can be pasted. Save it as a file, and upload that.")},
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        help_text=gettext_lazy("At most 1 MB, in UTF-8. Our own JSON and CSV are read, too."),
        error_messages={"empty": gettext_lazy("There is nothing in this file.")},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is too large: at most %(limit)d MB are read.") % {"limit": MOST_BYTES // 1_000_000})
        return file

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        file, text = said.get("file"), said.get("text", "").strip()
        if file and text:
            self.add_error("text", _("There is a file and a text. Bring one, and then the other."))
        elif not file and not text and not self.errors:
            self.add_error("text", _("Paste what you have, or choose a file."))
        return said
