from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import Conflict
from demo.load import load


class Command(BaseCommand):
    help = "Load the demo banks, tests and logins, or what is still missing of them."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            load()
        except Conflict as refusal:
            raise CommandError(refusal.message) from refusal
