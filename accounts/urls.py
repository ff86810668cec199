"""What /accounts/ has beside allauth's own addresses."""

from django.urls import path
from django.views.generic import RedirectView

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.account_detail, name="account-detail"),
    # allauth's own page of second factors: the account says what it does.
    path("2fa/", RedirectView.as_view(pattern_name="accounts:account-detail"), name="factors"),
    path("sessions/<int:number>/end/", views.session_end, name="session-end"),
    path("profile/", views.profile, name="profile"),
    path("delete/", views.account_delete, name="delete"),
    path("tokens/", views.token_list, name="tokens"),
    path("tokens/<int:number>/revoke/", views.token_revoke, name="token-revoke"),
    path("notifications/", views.notification_list, name="notifications"),
    path("notifications/read/", views.notifications_read, name="notifications-read"),
    path("notifications/<int:number>/read/", views.notification_read, name="notification-read"),
]
