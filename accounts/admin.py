"""The people, for the site's owner only: who may decide, and whose account is closed. Addresses are seen here and nowhere else."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm, ModelMultipleChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import MAINTAINERS, User


class UserForm(ModelForm):
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


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People sign up themselves, and an account is closed rather than deleted: what it did stays said of it."""

    actions = None
    form = UserForm
    list_display = ["username", "email", "role", "date_joined"]
    list_filter = ["is_staff", "is_active"]
    list_per_page = 50
    search_fields = ["username", "email"]
    search_help_text = _("Username or address")
    ordering = ["username"]
    fields = ["username", "email", "is_active", "is_staff", "groups", "is_superuser", "date_joined", "last_login"]
    readonly_fields = ["username", "email", "date_joined", "last_login"]

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
