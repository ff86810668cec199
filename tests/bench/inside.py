"""Prints, as JSON, what only a process of the portal can tell: `python -m tests.bench.inside 100000`, with DATABASE_URL."""

import json
import sys

import django

from tests.bench.portal import PORT, paths


def main(size: int) -> None:
    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User
    from catalog.models import CatalogueState

    reader = User.objects.filter(username="reader").first() or User.objects.create_user("reader", "reader@example.org")
    visitor, signed_in = (Client(HTTP_HOST=f"127.0.0.1:{PORT}") for _each in range(2))
    signed_in.force_login(reader)

    def queries(client: Client, path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        return len(asked)

    counts: dict[str, dict[str, int]] = {}
    for question, path in paths(size).items():
        CatalogueState.objects.update(stamp=f"{len(counts)}-inside")
        anew = queries(visitor, path)
        counts[question] = {"anew": anew, "kept": queries(visitor, path)}
        queries(signed_in, path)
        counts[question]["signed in"] = queries(signed_in, path)
    print(json.dumps({"session": signed_in.session.session_key, "queries": counts}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
