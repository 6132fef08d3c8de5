"""Print docs/settings.md: every setting of a test, as it is declared."""

from typing import Any

from django.core.management.base import BaseCommand

from sessions.rules.settings.documentation import document_settings


class Command(BaseCommand):
    help = "Print every setting of a test, for docs/settings.md."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(document_settings(), ending="")
