import importlib

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SessionsConfig(AppConfig):
    name = "sessions"
    # Django's own session framework already owns the label "sessions".
    label = "cat_sessions"
    verbose_name = _("Delivery")

    def ready(self) -> None:
        importlib.import_module("sessions.api.openapi")
        importlib.import_module("sessions.receivers")
