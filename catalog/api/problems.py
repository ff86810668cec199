"""What the framework objects to, said as every problem here is said."""

from typing import Any

from django.http import HttpResponse
from rest_framework import exceptions

from catalog import answers


def problem_response(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """REST framework's EXCEPTION_HANDLER."""
    if isinstance(error, exceptions.APIException):
        error = answers.Problem(error.status_code, str(error.detail))
    return answers.problem(context["request"]._request, answers.problem_of(error))
