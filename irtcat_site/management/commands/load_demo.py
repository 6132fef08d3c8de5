from typing import Any

from django.core.management.base import BaseCommand

from irtcat_site import demo


class Command(BaseCommand):
    help = "Load the demo banks, tests and logins, or what is still missing of them."

    def handle(self, *args: Any, **options: Any) -> None:
        demo.load()
