from typing import Any

from django.core.management.base import BaseCommand, CommandError

from irtcat_site import demo
from items.errors import Conflict


class Command(BaseCommand):
    help = "Load the demo banks, tests and logins, or what is still missing of them."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            demo.load()
        except Conflict as refusal:
            raise CommandError(refusal.message) from refusal
