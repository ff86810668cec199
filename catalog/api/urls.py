"""The addresses of the API."""

from django.urls import path, re_path

from catalog.api import changes, lookups, submissions, views

app_name = "api"
urlpatterns = [
    path("v1/", views.Index.as_view(), name="index"),
    path("v1/papers/", views.Papers.as_view(), name="papers"),
    path("v1/papers/<str:slug>/", views.Paper.as_view(), name="paper"),
    path("v1/categories/", views.Categories.as_view(), name="categories"),
    path("v1/categories/<path:path>/", views.Category.as_view(), name="category"),
    path("v1/venues/", views.Venues.as_view(), name="venues"),
    path("v1/venues/<str:slug>/", views.Venue.as_view(), name="venue"),
    path("v1/organizations/", views.Organizations.as_view(), name="organizations"),
    path("v1/organizations/<str:slug>/", views.Organization.as_view(), name="organization"),
    path("v1/authors/", views.Authors.as_view(), name="authors"),
    path("v1/authors/<str:slug>/", views.Author.as_view(), name="author"),
    path("v1/export/", views.ExportFile.as_view(), name="export"),
    path("v1/changes/", changes.Changes.as_view(), name="changes"),
    path("v1/lookup/", lookups.Lookup.as_view(), name="lookup"),
    path("v1/lookup/duplicates/", lookups.Duplicates.as_view(), name="duplicates"),
    path("v1/lookup/suggestions/", lookups.SuggestionList.as_view(), name="suggestions"),
    path("v1/submissions/", submissions.Submissions.as_view(), name="submissions"),
    path("v1/submissions/<int:number>/", submissions.SubmissionItem.as_view(), name="submission"),
    path("v1/submissions/<int:number>/withdraw/", submissions.Withdrawal.as_view(), name="submission-withdraw"),
    path("v1/submissions/<int:number>/comments/", submissions.Comments.as_view(), name="submission-comments"),
    path("v1/submissions/<int:number>/decisions/", submissions.Decisions.as_view(), name="submission-decisions"),
    path("v1/queue/", submissions.Queue.as_view(), name="queue"),
    path("schema/", views.openapi, name="schema"),
    path("schema/record/v1.json", views.RecordSchema.as_view(), name="record-schema"),
    path("docs/", views.docs, name="docs"),
    # An address that is wrong gets a problem too.
    re_path(r"^.*$", views.nothing),
]
