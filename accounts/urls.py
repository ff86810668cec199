"""What /accounts/ has beside allauth's own addresses."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [path("", views.account_detail, name="account-detail")]
