import os
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "irtcat_site.settings")

# The warning about root is about unpickling; messages here are JSON only.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("irtcat")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_: Any) -> None:
    """Connecting at all is what keeps Celery from replacing the handlers of settings.LOGGING."""
