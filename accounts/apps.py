from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from allauth.account.signals import email_changed, email_confirmed, user_logged_in
        from allauth.mfa.signals import authenticator_added

        from accounts import browsers, providers, sessions

        email_confirmed.connect(sessions.begin_fresh, dispatch_uid="accounts.sessions")
        email_confirmed.connect(providers.forget_who_came_first, dispatch_uid="accounts.providers")
        authenticator_added.connect(sessions.keep_only_this_one, dispatch_uid="accounts.sessions")
        email_changed.connect(sessions.keep_this_one, dispatch_uid="accounts.sessions")
        user_logged_in.connect(browsers.remember, dispatch_uid="accounts.browsers")
