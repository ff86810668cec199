"""Forms of accounts that are shown again for what is wrong with them answer as every other form here does. Middleware only."""

from collections.abc import Callable
from http import HTTPStatus

from django.forms import BaseForm
from django.http import HttpRequest
from django.http.response import HttpResponseBase


def accounts_refuse(view: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """allauth would answer 200, as if all were well."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = view(request)
        if response.status_code == HTTPStatus.OK and request.path.startswith("/accounts/"):
            shown = getattr(response, "context_data", None) or {}
            if any(isinstance(each, BaseForm) and each.errors for each in shown.values()):
                response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response

    return answer
