"""The desk: Django's admin, for maintainers only, showing to each our own rooms that let them in, and no other tables."""

from http import HTTPStatus
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import SimpleAdminConfig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

ROOMS = ("catalog.admin", "accounts.admin")


class DeskSite(AdminSite):
    site_title = _("Desk")
    site_header = index_title = _("Desk")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Being staff is not enough: the desk is for maintainers. Besides full ones who are staff, whoever a room lets in."""
        user = request.user
        if not user.is_authenticated:
            return False
        return user.is_staff if user.is_maintainer else any(room.has_module_permission(request) for room in self._registry.values())

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Somebody who is signed in and may not is told so, with 403; asking them to sign in would go round in circles."""
        page = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not self._may_enter(request):
                return _not_for_you(request)
            if request.user.is_authenticated and request.user.owes_factor:
                return _not_yet(request)
            return page(request, *args, **kwargs)

        return guarded

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One way in, with one set of limits: the site's own. So with the way out, and the password."""
        if not self._may_enter(request):
            return _not_for_you(request)
        if request.user.is_authenticated:
            return HttpResponseRedirect(reverse("admin:index"))
        return HttpResponseRedirect(reverse(settings.LOGIN_URL, query={"next": request.GET.get("next") or reverse("admin:index")}))

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Which application a room belongs to is nobody's concern here."""
        return HttpResponseRedirect(reverse("admin:index"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(reverse("account_logout"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(reverse("account_change_password"))

    def _may_enter(self, request: HttpRequest) -> bool:
        return not request.user.is_authenticated or self.has_permission(request)


def _not_for_you(request: HttpRequest) -> HttpResponse:
    return render(request, "admin/403.html", status=HTTPStatus.FORBIDDEN)


def _not_yet(request: HttpRequest) -> HttpResponse:
    return render(request, "admin/factor_owed.html", status=HTTPStatus.FORBIDDEN)


class DeskConfig(SimpleAdminConfig):
    default_site = "config.desk.DeskSite"

    def ready(self) -> None:
        super().ready()
        for room in ROOMS:
            import_module(room)
