from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        from accounts import signals
        from catalog import listening, reasons

        post_migrate.connect(reasons.begin_with_defaults, sender=self)
        signals.shown_otherwise.connect(listening.show_anew)
        signals.leaving.connect(listening.let_go)
