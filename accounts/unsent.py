"""Forms that came from nobody signed in: what was typed is kept in the session until they are, for the page it was typed on.

Answers no address of its own.
"""

from django.http import HttpRequest, QueryDict

_KEY = "unsent"
# In characters, as the fields stand in an address.
_LONGEST = 200_000


def keep_unsent(request: HttpRequest) -> None:
    """Only what is no secret may be in the form: a session is a row that others with the database can read."""
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    if len(text := fields.urlencode()) <= _LONGEST:
        request.session[_KEY] = {"path": request.path, "fields": text}


def unsent(request: HttpRequest) -> QueryDict | None:
    """What was typed here before signing in; once."""
    kept = request.session.get(_KEY)
    if request.method == "POST" or not kept or kept["path"] != request.path:
        return None
    del request.session[_KEY]
    return QueryDict(kept["fields"], mutable=True)
