"""All that is kept of you, as a file; for you alone."""

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.fresh import fresh_only
from accounts.views import Member
from catalog import personal


@require_safe
@never_cache
@fresh_only
def personal_data(request: Member) -> HttpResponseBase:
    """What is in the file, before it is taken."""
    return render(request, "catalog/personal_data.html", {"parts": personal.PARTS})


@require_safe
@never_cache
@fresh_only
def personal_data_download(request: Member) -> HttpResponseBase:
    response = StreamingHttpResponse(
        (piece.encode() for piece in personal.document(request.user)), content_type="application/json; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="openshelf-{request.user.username}.json"'
    return response
