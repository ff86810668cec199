"""Your own account. Signing in, codes, addresses and passwords are allauth's."""

from allauth.account.models import EmailAddress
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET


@require_GET
@never_cache
@login_required
def account_detail(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/account_detail.html", {"address": EmailAddress.objects.get_primary(request.user)})
