"""What /accounts/ has beside allauth's own addresses."""

from allauth.account import views as account
from django.conf import settings
from django.urls import path
from django.views.generic import RedirectView

from accounts import providers, views
from accounts.limits import one_at_a_time
from accounts.passkeys import PasskeyAgain, PasskeyLogin

app_name = "accounts"
urlpatterns = [
    path("", views.account_detail, name="account-detail"),
    # allauth's own page of second factors: the account says what it does.
    path("2fa/", RedirectView.as_view(pattern_name="accounts:account-detail"), name="factors"),
    # allauth's own, one at a time.
    path("login/code/confirm/", one_at_a_time(account.confirm_login_code), name="login-code"),
    path("confirm-email/", one_at_a_time(account.email_verification_sent), name="address-code"),
    path("password/reset/confirm/", one_at_a_time(account.confirm_password_reset_code), name="password-code"),
    path("2fa/webauthn/login/", PasskeyLogin.as_view(), name="passkey-login"),
    path("2fa/webauthn/reauthenticate/", PasskeyAgain.as_view(), name="passkey-again"),
    *[path(f"{name}/login/callback/", providers.callback(name), name=f"{name}-callback") for name in settings.SOCIALACCOUNT_PROVIDERS],
    path("google/login/token/", providers.not_offered, name="google-token"),
    path("sessions/<int:number>/end/", views.session_end, name="session-end"),
    path("profile/", views.profile, name="profile"),
    path("delete/", views.account_delete, name="delete"),
    path("tokens/", views.token_list, name="tokens"),
    path("tokens/<int:number>/revoke/", views.token_revoke, name="token-revoke"),
    path("notifications/", views.notification_list, name="notifications"),
    path("notifications/read/", views.notifications_read, name="notifications-read"),
    path("notifications/<int:number>/read/", views.notification_read, name="notification-read"),
]
