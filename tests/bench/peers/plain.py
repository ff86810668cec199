"""The site one writes in an afternoon: a ListView with a Paginator, a ModelViewSet, `icontains`, facets counted for each request.

Also the floor under every answer that Django gives: constant bytes through the same middleware, and 304 for who has them.
PLAIN_DATABASE names its database on the server of the benchmark; the module is app, settings and site in one.
"""

import json
import os
import time
from collections.abc import Iterable
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tests.bench import postgres
from tests.bench.papers import CATEGORIES, ORGANIZATIONS, VENUES, Corpus

_LIST = """<!doctype html><html><head><title>Papers</title></head><body><h1>{{ paginator.count }} papers</h1>
{% for facet in facets %}<ul>{% for name, count in facet %}<li><a href="?name={{ name|urlencode }}">{{ name }}</a> {{ count }}</li>
{% endfor %}</ul>{% endfor %}
{% for paper in object_list %}<article><h2><a href="/papers/{{ paper.pk }}/">{{ paper.title }}</a></h2>
<p>{% for author in paper.authors.all %}<a href="/authors/{{ author.pk }}/">{{ author.name }}</a>
{% if not forloop.last %}, {% endif %}{% endfor %}</p>
<p>{{ paper.venue.name }} {{ paper.year }} {{ paper.kind }} <a href="{{ paper.url }}">{{ paper.arxiv }}</a></p>
<p>{% for category in paper.categories.all %}<a href="?category={{ category.pk }}">{{ category.name }}</a> {% endfor %}
{% for each in paper.organizations.all %}<a href="/organizations/{{ each.pk }}/">{{ each.name }}</a> {% endfor %}</p>
<p>{{ paper.abstract|truncatechars:300 }}</p></article>{% endfor %}
<nav>Page {{ page_obj.number }} of {{ paginator.num_pages }}
{% if page_obj.has_next %}<a href="?page={{ page_obj.next_page_number }}">Next</a>{% endif %}</nav></body></html>"""
_CONTRIB = "django.contrib"
settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": urlsplit(postgres.url_of("")).hostname,
            "PORT": postgres.PORT,
            "USER": "postgres",
            "NAME": os.environ["PLAIN_DATABASE"],
            "CONN_MAX_AGE": 60,
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        *(f"{_CONTRIB}.{app}" for app in ("contenttypes", "auth", "sessions", "messages")),
        "rest_framework",
        "django_filters",
        __name__,
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        f"{_CONTRIB}.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        f"{_CONTRIB}.auth.middleware.AuthenticationMiddleware",
        f"{_CONTRIB}.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    REST_FRAMEWORK={
        "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "PAGE_SIZE": 100,
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY="plain",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    f"{_CONTRIB}.auth.context_processors.auth",
                    f"{_CONTRIB}.messages.context_processors.messages",
                ],
                "loaders": [("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", {"list.html": _LIST})])],
            },
        }
    ],
    USE_TZ=True,
)
django.setup()

import django_filters  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.db.models import Count, Q  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.views.generic import ListView  # noqa: E402
from rest_framework import generics, routers, serializers, viewsets  # noqa: E402


# -- The app -------------------------------------------------------------------------------
class Named(models.Model):
    name = models.CharField(max_length=200)

    class Meta:
        abstract = True
        app_label = "plain"

    def __str__(self) -> str:
        return self.name


class Venue(Named):
    pass


class Organization(Named):
    pass


class Author(Named):
    pass


class Category(Named):
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE)


class Paper(models.Model):
    title = models.CharField(max_length=500)
    abstract = models.TextField()
    year = models.IntegerField(db_index=True)
    kind = models.CharField(max_length=20, db_index=True)
    arxiv = models.CharField(max_length=30, unique=True)
    url = models.URLField()
    venue = models.ForeignKey(Venue, on_delete=models.CASCADE)
    authors = models.ManyToManyField(Author)
    categories = models.ManyToManyField(Category)
    organizations = models.ManyToManyField(Organization)

    class Meta:
        app_label = "plain"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


# The types know only the models of the portal's own apps.
PAPERS = Paper.objects.select_related("venue").prefetch_related("authors", "categories", "organizations")  # type: ignore[attr-defined]


class PaperFilter(django_filters.FilterSet):
    category = django_filters.NumberFilter(field_name="categories")
    q = django_filters.CharFilter(method="search")

    class Meta:
        model = Paper
        fields = ["year", "kind", "venue"]

    def search(self, papers: Any, _name: str, value: str) -> Any:
        return papers.filter(Q(title__icontains=value) | Q(abstract__icontains=value))


class PaperList(ListView):
    template_name = "list.html"
    paginate_by = 50

    def get_queryset(self) -> Any:
        return PaperFilter(self.request.GET, queryset=PAPERS.all()).qs

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        context = super().get_context_data(**more)
        if "facets" in self.request.GET:
            papers = self.get_queryset().prefetch_related(None).order_by()
            context["facets"] = [
                list(papers.values_list(name).annotate(count=Count("id", distinct=True)).order_by("-count")[:30])
                for name in ("categories__name", "venue__name", "kind")
            ]
        return context


class PaperSerializer(serializers.ModelSerializer):
    class Meta:
        model = Paper
        fields = ["id", "title", "abstract", "year", "kind", "arxiv", "url", "venue", "authors", "categories", "organizations"]
        depth = 1


class PaperViewSet(viewsets.ModelViewSet):
    queryset = PAPERS
    serializer_class = PaperSerializer
    filterset_class = PaperFilter


class Export(generics.ListAPIView):
    queryset = PAPERS
    serializer_class = PaperSerializer
    pagination_class = None


CONSTANT, CONSTANT_ETAG = b"<article>constant</article>" * 2000, '"constant"'


def constant(request: HttpRequest) -> HttpResponse:
    if request.headers.get("If-None-Match") == CONSTANT_ETAG:
        return HttpResponse(status=304, headers={"ETag": CONSTANT_ETAG})
    return HttpResponse(CONSTANT, headers={"ETag": CONSTANT_ETAG})


router = routers.DefaultRouter()
router.register("papers", PaperViewSet)
urlpatterns = [
    path("", PaperList.as_view()),
    path("constant/", constant),
    path("api/export/", Export.as_view()),
    path("api/", include(router.urls)),
]
application = get_wsgi_application()


# -- Its data ------------------------------------------------------------------------------
def load(corpus: Corpus) -> None:
    """Into tables of its own, made here, in an empty database."""
    with connection.schema_editor() as editor:
        for model in (Venue, Organization, Author, Category, Paper):
            editor.create_model(model)
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor, postgres.without_indexes(cursor, tables):
        _copy_rows(cursor, corpus)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _copy_rows(cursor: Any, corpus: Corpus) -> None:
    categories, authors = {place: number for number, (place, _name) in enumerate(CATEGORIES, start=1)}, dict[str, int]()
    venues, organizations = ({name: number for number, name in enumerate(names, start=1)} for names in (VENUES, ORGANIZATIONS))
    parents = [(number, name, categories.get(place.rpartition("/")[0])) for number, (place, name) in enumerate(CATEGORIES, start=1)]
    postgres.copy(cursor, "plain_category", ["id", "name", "parent_id"], parents)
    for chunk in corpus.chunks:
        papers = list(zip((number + 1 for number in corpus.numbers(chunk)), corpus.papers(chunk), strict=True))
        columns = ["id", "title", "abstract", "year", "kind", "arxiv", "url", "venue_id"]
        postgres.copy(cursor, "plain_paper", columns, (
            (pk, each.title, each.abstract, each.year, each.kind, each.identifiers["arxiv"], each.links[0].url, venues[each.venue.name])
            for pk, each in papers if each.venue
        ))  # fmt: skip
        _join(cursor, "author", ((pk, authors.setdefault(one.name, len(authors) + 1)) for pk, each in papers for one in each.authors))
        _join(cursor, "category", ((pk, categories[one.path]) for pk, each in papers for one in each.categories))
        _join(cursor, "organization", ((pk, organizations[one.name]) for pk, each in papers for one in each.organizations))
    for name, numbers in (("venue", venues), ("organization", organizations), ("author", authors)):
        postgres.copy(cursor, f"plain_{name}", ["id", "name"], ((number, text) for text, number in numbers.items()))


def _join(cursor: Any, name: str, rows: Iterable[tuple[int, int]]) -> None:
    table = {"author": "authors", "category": "categories", "organization": "organizations"}[name]
    postgres.copy(cursor, f"plain_paper_{table}", ["paper_id", f"{name}_id"], rows)


def bring(file: str) -> float:
    """JSON Lines into an empty database by the bulk_create that one would write; answers the seconds it took."""
    with connection.schema_editor() as editor:
        for model in (Venue, Organization, Author, Category, Paper):
            editor.create_model(model)
    began = time.perf_counter()
    with transaction.atomic(), open(file, encoding="utf-8") as lines:  # noqa: PTH123
        _bring([json.loads(line) for line in lines])
    return time.perf_counter() - began


def _bring(rows: list[dict[str, Any]]) -> None:
    named: dict[Any, list[list[str]]] = {
        Venue: [[row["venue"]["name"]] if row["venue"] else ["-"] for row in rows],
        Author: [[author["name"] for author in row["authors"]] for row in rows],
        Organization: [[each["name"] for each in row["organizations"]] for row in rows],
        Category: [[each["path"] for each in row["categories"]] for row in rows],
    }
    numbers: dict[Any, dict[str, int]] = {}
    for model, names in named.items():
        model.objects.bulk_create([model(name=name) for name in dict.fromkeys(chain.from_iterable(names))], batch_size=2_000)
        numbers[model] = dict(model.objects.values_list("name", "id"))
    papers = [
        Paper(
            title=row["title"], abstract=row["abstract"], year=row["year"], kind=row["kind"], arxiv=row["identifiers"]["arxiv"],
            url=row["links"][0]["url"], venue_id=numbers[Venue][names[0]],
        )
        for row, names in zip(rows, named[Venue], strict=True)
    ]  # fmt: skip
    made = Paper.objects.bulk_create(papers, batch_size=2_000)  # type: ignore[attr-defined]
    joined: list[tuple[Any, str]] = [(Author, "authors"), (Organization, "organizations"), (Category, "categories")]
    for model, key in joined:
        through, column = getattr(Paper, key).through, f"{model.__name__.lower()}_id"
        rows_ = [
            through(paper_id=paper.pk, **{column: numbers[model][name]})
            for paper, names in zip(made, named[model], strict=True)
            for name in dict.fromkeys(names)
        ]
        through.objects.bulk_create(rows_, batch_size=5_000)
