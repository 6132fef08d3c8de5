"""Export a bank's items with their parameters."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from items.exchange.exporting import FORMATS, export_items
from items.models import Bank


class Command(BaseCommand):
    help = "Export items as import_items reads them back. See docs/import-format.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bank", required=True, metavar="SLUG")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")
        parser.add_argument("--format", choices=FORMATS, help="default: by the ending of FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        bank = Bank.objects.filter(slug=options["bank"]).first()
        if bank is None:
            raise CommandError(f"There is no bank {options['bank']!r}.")
        path: Path = options["out"]
        by_ending = "json" if path.suffix == ".json" else "csv"
        file_format = options["format"] or by_ending
        text = export_items(bank, file_format)
        # Excel takes a CSV file for UTF-8 only where this mark says so.
        encoding = "utf-8" if file_format == "json" else "utf-8-sig"
        temporary = path.with_name(f".{path.name}.part")
        try:
            temporary.write_text(text, encoding=encoding, newline="")
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{bank.items.count()} items of {bank.slug} in {path}")
