"""The people, for the site's owner only: who may decide, and whose account is closed. Addresses are seen here and nowhere else."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import BooleanField, CheckboxSelectMultiple, ModelForm, ModelMultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import factors, leaving, signals
from accounts.models import MAINTAINERS, User
from accounts.profile_forms import LeaveForm


class UserForm(ModelForm):
    forget_factors = BooleanField(
        label=_("Take the second factor away"),
        required=False,
        help_text=_(
            "For somebody who has lost it. Passkeys, app and recovery codes go, and every session; the person gets a letter. "
            "Be sure by another way than mail who asks."
        ),
    )
    groups = ModelMultipleChoiceField(
        label=_("Groups"),
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=CheckboxSelectMultiple,
        help_text=_("To decide, a person is in Maintainers and may enter the desk."),
    )

    class Meta:
        model = User
        fields = ["is_active", "is_staff", "groups", "is_superuser"]
        labels = {"is_active": _("Account is open"), "is_staff": _("May enter the desk"), "is_superuser": _("Owner")}
        help_texts = {
            "is_active": _("A closed account cannot sign in; what it did stays said of it."),
            "is_staff": "",
            "is_superuser": _("May do everything, and say who else may."),
        }


class RoleFilter(admin.BooleanFieldListFilter):
    """Called as in the form."""

    def __init__(self, field: Any, request: HttpRequest, params: Any, model: Any, model_admin: Any, field_path: str) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        self.title = UserForm.base_fields[field_path].label


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People sign up themselves, and delete their accounts themselves. Owners close one, or delete it where they are asked to."""

    actions = None
    form = UserForm
    list_display = ["username", "page_name", "address", "role", "here_since"]
    list_filter = [("is_staff", RoleFilter), ("is_active", RoleFilter)]
    list_per_page = 50
    search_fields = ["username", "display_name", "email"]
    search_help_text = _("Username, name or address")
    ordering = ["username"]
    fields = [
        *("username", "page_name", "address", "is_active", "is_staff", "groups", "is_superuser", "here_since", "last_signed_in"),
        *("second_factor", "forget_factors"),
    ]
    readonly_fields = ["username", "page_name", "address", "here_since", "last_signed_in", "second_factor"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Whose account is closed has no page any more. Of a second factor that is taken away Django's log says who did it."""
        super().save_model(request, obj, form, change)
        signals.shown_otherwise.send(User, person=obj)
        if form.cleaned_data.get("forget_factors") and obj.pk != request.user.pk:
            factors.remove_all(obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """On request, as the person would do it themself; logged without the name."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        person = self.get_object(request, object_id)
        if person is None:
            raise Http404
        if person == request.user:
            return redirect("accounts:delete")
        form = LeaveForm(request.POST if request.method == "POST" else None, person=person)
        if form.is_bound and form.is_valid() and self._delete(request, person):
            return redirect("admin:accounts_user_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Delete the account of %(name)s") % {"name": person.username},
            "opts": self.opts,
            "person": person,
            "form": form,
        }
        return render(request, "admin/accounts/user/delete_confirmation.html", context, status=422 if form.errors else 200)

    def _delete(self, request: HttpRequest, person: User) -> bool:
        number = person.pk
        try:
            leaving.leave(person)
        except leaving.Needed:
            messages.error(request, gettext("Nothing was deleted: without this person nobody could decide. Name another first."))
            return False
        LogEntry.objects.create(
            user_id=request.user.pk or 0,
            content_type=ContentType.objects.get_for_model(User),
            object_id=str(number),
            object_repr=gettext("deleted user"),
            action_flag=DELETION,
        )
        messages.success(request, gettext("The account is deleted. What the person did stays, said of a deleted user."))
        return True

    @admin.display(description=_("name"), ordering="display_name")
    def page_name(self, user: User) -> str:
        return user.display_name or "–"

    @admin.display(description=_("email address"), ordering="email")
    def address(self, user: User) -> str:
        return user.email

    @admin.display(description=_("here since"), ordering="date_joined")
    def here_since(self, user: User) -> str:
        return _moment(user.date_joined)

    @admin.display(description=_("last signed in"))
    def last_signed_in(self, user: User) -> str:
        return _moment(user.last_login) if user.last_login else "–"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Not even the owner guesses at a password letter by letter."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        member = User.groups.through.objects.filter(user=OuterRef("pk"), group__name=MAINTAINERS)
        return super().get_queryset(request).annotate(is_member=Exists(member))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Nobody locks themselves out."""
        own = ["is_active", "is_staff", "is_superuser"] if obj and obj.pk == request.user.pk else []
        return [*self.readonly_fields, *own]

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """One's own is taken away where it was added, with proof of who one is."""
        is_own = obj is not None and obj.pk == request.user.pk
        return [name for name in self.fields or () if not (is_own and name == "forget_factors")]

    @admin.display(description=_("second factor"))
    def second_factor(self, user: User) -> str:
        return factors.summary(user)

    @admin.display(description=_("role"))
    def role(self, user: Any) -> str:
        if not user.is_active:
            return gettext("closed")
        words = (
            (gettext("owner"), user.is_superuser),
            (gettext("maintainer"), user.is_member and user.is_staff),
            (gettext("maintainer who may not enter the desk"), user.is_member),
            (gettext("staff who may not decide"), user.is_staff),
        )
        return next((word for word, fits in words if fits), gettext("contributor"))


def _moment(at: datetime) -> str:
    return date_format(localtime(at), "DATETIME_FORMAT")
