"""The addresses of the whole site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

from config import health

urlpatterns = [
    path("", include("catalog.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("catalog.api.urls")),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("robots.txt", TemplateView.as_view(template_name="robots.txt", content_type="text/plain; charset=utf-8"), name="robots"),
]

handler400 = "catalog.views.errors.bad_request"
handler403 = "catalog.views.errors.permission_denied"
handler404 = "catalog.views.errors.page_not_found"
handler429 = "catalog.views.errors.too_many_requests"
handler500 = "catalog.views.errors.server_error"
