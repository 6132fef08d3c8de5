"""Write artificial responses with the abilities and items behind them."""

from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.commands.options import BAD_DATA, whole
from common.files.csv_files import whole_file, write_rows
from irt.models.parameters import Model
from scoring.files.generation import METRICS, generate


class Command(BaseCommand):
    help = (
        "Write responses.csv, abilities.csv and items.csv with simulated data in the columns of "
        "edu_irt. Item i of items.csv is column Qi of responses.csv."
    )
    requires_system_checks = ()  # files out: neither database nor site takes part

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--model", required=True, choices=[model.value for model in Model])
        parser.add_argument("--students", type=whole(minimum=1), default=1000)
        parser.add_argument("--items", type=whole(minimum=1), default=50)
        parser.add_argument("--seed", type=whole(minimum=0), default=42)
        parser.add_argument("--out", required=True, type=Path, help="folder, made if need be")
        parser.add_argument(
            "--metric", type=float, choices=METRICS, default=1.7, help="D that items.csv is for"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        data = generate(
            Model(options["model"]),
            n_students=options["students"],
            n_items=options["items"],
            seed=options["seed"],
            metric=options["metric"],
        )
        folder: Path = options["out"]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"{folder} cannot be made: {error}", returncode=BAD_DATA) from error
        questions = [f"Q{number + 1}" for number in range(options["items"])]
        contents = {
            "responses.csv": [questions, *data.responses.tolist()],
            "abilities.csv": [["Student_abilities"], *data.abilities[:, None].tolist()],
            "items.csv": [data.item_columns, *data.item_rows],
        }
        with ExitStack() as files:
            for name, rows in contents.items():
                write_rows(files.enter_context(whole_file(folder / name)), rows)
        self.stdout.write(
            f"{options['students']} students, {options['items']} items, model "
            f"{options['model']}, D = {options['metric']:g}, seed {options['seed']}: "
            f"{', '.join(contents)} in {folder}"
        )
