from importlib import import_module

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "irtcat_site"
    verbose_name = "irtcat"

    def ready(self) -> None:
        import_module("irtcat_site.celery")  # so that shared tasks find the configured broker
        import_module("irtcat_site.checks")
        import_module("common.api.openapi")
