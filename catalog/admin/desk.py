"""What every room of the desk has in common."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from catalog.taxonomy import NameTaken


def person(request: HttpRequest) -> User:
    """Who is at the desk: the site has let nobody in who is not signed in."""
    return cast(User, request.user)


class DeskAdmin(admin.ModelAdmin):
    """Maintainers look, and change nothing unless the room says so; Django's own permissions have no say."""

    actions = None
    list_per_page = 50

    def changeform_view(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **more)
        except NameTaken:
            # Somebody was faster by a moment. Asked again, the form knows, and says so beside the field.
            return super().changeform_view(request, *args, **more)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return person(request).is_maintainer

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return person(request).is_maintainer

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
