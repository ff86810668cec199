"""One example of each operation, to be sent as it is: to the default catalogue, or to submission no. 12 while it is open.

The tests send every one of them.
"""

from typing import Any

_ORCA = "orca-a-distributed-serving-system"
_WHY = "It shows where the time of a request goes, which no other paper of the list does."
_NO_12: dict[str, Any] = {"number": 12, "If-Match": '"1"'}
_RECORD: dict[str, Any] = {
    "title": "Where the Time Goes: Profiling Language Models in Production",
    "year": 2024,
    "authors": [{"name": "Ada Byron"}, {"name": "Grace Murray"}],
    "organizations": [{"name": "UC Berkeley"}],
    "venue": {"name": "OSDI", "year": 2024},
    "identifiers": {"arxiv": "2407.99991"},
    "links": [{"kind": "code", "url": "https://github.com/example/where-the-time-goes"}],
    "categories": [{"path": "llm-systems/serving"}],
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "index": {},
    "papers": {"q": "serving", "category": ["llm-systems"], "year_min": 2022, "sort": "-year", "page_size": 10, "count": "1"},
    "paper": {"slug": _ORCA},
    "categories": {"page_size": 5},
    "category": {"path": "llm-systems/serving"},
    "venues": {"count": "1"},
    "venue": {"slug": "osdi"},
    "organizations": {"page_size": 5},
    "organization": {"slug": "uc-berkeley"},
    "authors": {"page_size": 5, "count": "1"},
    "author": {"slug": "zhuohan-li"},
    "changes": {"since": "0.", "page_size": 5},
    "export": {"format": "json", "venue": ["osdi"], "year": [2022]},
    "lookup": {"q": "https://arxiv.org/abs/2309.06180v2"},
    "lookup_long": {"body": {"q": "@inproceedings{byron-2024, title={Where the Time Goes}, author={Byron, Ada}, year={2024}}"}},
    "duplicates": {"body": {"record": {"title": "Orca: A Distributed Serving System", "identifiers": {"arxiv": "2407.99991"}}}},
    "suggestions": {"q": "berk", "kind": "organization"},
    "submissions": {"status": "pending", "count": "1"},
    "submit": {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324", "body": {"record": _RECORD, "why": _WHY, "is_own_work": False}},
    "submission": {"number": 12},
    "restate": {**_NO_12, "body": {"record": {**_RECORD, "year": 2023}, "why": _WHY}},
    "edit": {**_NO_12, "body": {"record": {"short_name": "Where"}}},
    "withdraw": _NO_12,
    "comment": {"number": 12, "body": {"text": "The second figure answers that."}},
    "queue": {"page_size": 10},
    "decide": {**_NO_12, "body": {"verdict": "approve", "reason_code": "belongs"}},
}
