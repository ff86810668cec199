"""Every page is asked for by everyone: a visitor, a contributor and a maintainer."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

MOST_QUESTIONS = 10


@pytest.fixture(params=["visitor", "alice_client", "mel_client"], ids=["visitor", "contributor", "maintainer"])
def anyone(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def questions(db):
    """How many questions a page asks the database, session and user included: `questions(client, address)`."""

    def count(client, address, **more):
        with CaptureQueriesContext(connection) as asked:
            response = client.get(address, **more)
        assert response.status_code == 200, response.status_code
        assert len(asked) <= MOST_QUESTIONS, "\n".join(query["sql"] for query in asked)
        return len(asked)

    return count
