"""Import items with their parameters from a file into a bank's authoring draft."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from common.commands.options import positive
from common.errors import DomainError
from common.item_files.formats import FORMATS as ITEM_FILES
from common.item_files.formats import OWN
from irt.models.parameters import POLYTOMOUS, Model
from items.exchange.importing import FORMATS, MAX_BYTES, ImportReport, import_items
from items.exchange.metric import own_csv
from items.exchange.tables import SEPARATORS
from items.models import Bank

# Formats of other programs, which hold parameters alone.
_FOREIGN = [name for name in ITEM_FILES if name not in (OWN, *FORMATS)]


class Command(BaseCommand):
    help = (
        "Import items from CSV, JSON or an edu_irt items file. All rows or none; new parameters "
        "go to the bank's draft release, which is not published. See docs/import-format.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--bank", required=True, metavar="SLUG")
        parser.add_argument(
            "--format",
            choices=[*FORMATS, *_FOREIGN],
            help="default: by the file's content; another program's must be named",
        )
        parser.add_argument(
            "--metric", type=positive, metavar="D", help="that discriminations are for, as 1.7"
        )
        parser.add_argument(
            "--item-model",
            choices=[model.value for model in POLYTOMOUS],
            help="of items with several categories in another program's file",
        )
        parser.add_argument("--encoding", help="default: UTF-8; for example cp949 or utf-16")
        parser.add_argument(
            "--separator", choices=SEPARATORS, help="between cells of CSV; default: comma"
        )
        parser.add_argument("--dry-run", action="store_true", help="show what would change")
        parser.add_argument("--create-areas", action="store_true", help="make unknown areas")
        parser.add_argument("--actor", metavar="USERNAME", help="who imports, for the history")
        parser.add_argument("--reason", help="why, for the history (default: the file's name)")

    def handle(self, *args: Any, **options: Any) -> None:
        bank = Bank.objects.filter(slug=options["bank"]).first()
        if bank is None:
            raise CommandError(f"There is no bank {options['bank']!r}.")
        path: Path = options["file"]
        is_foreign = options["format"] in _FOREIGN
        try:
            report = import_items(
                bank,
                _own_csv(options) if is_foreign else _read(path),
                file_format=None if is_foreign else options["format"],
                metric=None if is_foreign else options["metric"],
                encoding=None if is_foreign else options["encoding"],
                separator=None if is_foreign else SEPARATORS.get(options["separator"]),
                actor=_user(options["actor"]),
                reason=options["reason"] or f"import of {path.name}",
                dry_run=options["dry_run"],
                create_areas=options["create_areas"],
            )
        except DomainError as error:
            raise CommandError(error.message, returncode=2) from error
        self._tell(report, options["dry_run"])

    def _tell(self, report: ImportReport, dry_run: bool) -> None:
        for code in report.new_areas:
            self.stdout.write(f"area {code}: new")
        for code, _kind, sentence in report.changes:
            self.stdout.write(f"{code}: {sentence}")
        kinds = ("new", "revised", "parameters", "moved", "enemies")
        counts = ", ".join(f"{report.count(kind)} {kind}" for kind in kinds)
        self.stdout.write(f"{counts}, {report.unchanged} unchanged")
        if dry_run:
            self.stdout.write("Dry run: nothing was changed.")
        elif report.draft:
            self.stdout.write(f"{report.draft}: review and publish it to use the parameters.")


def _own_csv(options: dict[str, Any]) -> bytes:
    model = options["item_model"]
    return own_csv(
        options["file"], options["format"], Model(model) if model else None, options["metric"]
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=2) from error


def _user(username: str | None) -> Any:
    if username is None:
        return None
    people = get_user_model()
    user = people.objects.filter(username=people.normalize_username(username)).first()
    if user is None:
        raise CommandError(f"There is no user {username!r}.")
    return user
