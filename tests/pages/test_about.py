from django.test import override_settings


def test_everyone_reads_the_rules(anyone, questions):
    page = anyone.get("/about/").text

    assert "<h1>About and rules</h1>" in page
    for head in ("What belongs", "How review works", "Lasting addresses", "Licence of the data", "What we keep about you"):
        assert f"<h2>{head}</h2>" in page
    questions(anyone, "/about/")


@override_settings(DATA_LICENSE="CC-BY-4.0")
def test_the_licence_is_the_one_that_is_set(db, visitor):
    assert "under CC-BY-4.0" in visitor.get("/about/").text


def test_reading_it_leaves_no_cookie(db, visitor):
    assert not visitor.get("/about/").cookies
