from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from allauth.account.signals import email_changed

        from accounts import sessions

        email_changed.connect(sessions.keep_this_one, dispatch_uid="accounts.sessions")
