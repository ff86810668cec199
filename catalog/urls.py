"""The addresses of the catalogue, as the contract gives them."""

from django.urls import path

from catalog import feeds
from catalog.views import browse, contribute, discovery, download, dumps, follow, log, metadata, oai, paper, removing, statistics, suggest

app_name = "catalog"
urlpatterns = [
    path("", browse.home, name="home"),
    path("suggest/", suggest.suggestions, name="suggestions"),
    path("papers/", browse.paper_list, name="paper-list"),
    path("papers.<str:extension>", download.paper_download, name="paper-list-download"),
    path("papers/<str:slug>/", paper.paper_detail, name="paper-detail"),
    path("papers/<str:slug>/history/", paper.paper_history, name="paper-history"),
    path("papers/<str:slug>/linkset.json", metadata.paper_linkset, name="paper-linkset"),
    path("papers/<str:slug>/record.jsonld", metadata.paper_linked_data, name="paper-linked-data"),
    path("papers/<str:slug>.<str:extension>", download.paper_record, name="paper-record"),
    path("categories/", browse.category_list, name="category-list"),
    path("categories/<path:path>/", browse.category_detail, name="category-detail"),
    path("venues/", browse.venue_list, name="venue-list"),
    path("venues/<str:slug>/", browse.venue_detail, name="venue-detail"),
    path("venues/<str:slug>/<int:year>/", browse.edition_detail, name="edition-detail"),
    path("organizations/", browse.organization_list, name="organization-list"),
    path("organizations/<str:slug>/", browse.organization_detail, name="organization-detail"),
    path("changes/", log.change_list, name="change-list"),
    path("changes.atom", feeds.change_feed, name="change-feed"),
    path("queue/", log.review_queue, name="review-queue"),
    path("statistics/", statistics.statistics_page, name="statistics"),
    path("about/", browse.about, name="about"),
    path("oai", oai.oai, name="oai"),
    path("unapi", metadata.unapi, name="unapi"),
    path("sitemap.xml", discovery.sitemap, name="sitemap"),
    path("sitemap-<slug:section>-<int:number>.xml", discovery.sitemap_part, name="sitemap-part"),
    path("dumps/", dumps.dump_list, name="dump-list"),
    path("dumps/<str:name>/", dumps.dump_detail, name="dump-detail"),
    path("dumps/<str:name>/<str:file_name>", dumps.dump_file, name="dump-file"),
    path("opensearch.xml", discovery.opensearch, name="opensearch"),
    path("opensearch/suggestions", discovery.opensearch_suggestions, name="opensearch-suggestions"),
    path("papers/<str:slug>/correct/", contribute.paper_correct, name="paper-correct"),
    path("papers/<str:slug>/remove/", removing.paper_remove, name="paper-remove"),
    path("submissions/", follow.submission_list, name="submission-list"),
    path("submissions/new/", contribute.submission_new, name="submission-new"),
    path("submissions/drafts/<uuid:token>/discard/", follow.draft_discard, name="draft-discard"),
    path("submissions/<int:number>/", follow.submission_detail, name="submission-detail"),
    path("submissions/<int:number>/comment/", follow.submission_comment, name="submission-comment"),
    path("submissions/<int:number>/edit/", contribute.submission_edit, name="submission-edit"),
    path("submissions/<int:number>/withdraw/", follow.submission_withdraw, name="submission-withdraw"),
]
