"""Estimate abilities from a file of responses at given item parameters."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scoring.csv_files import DataError, whole_file
from scoring.irt.ability import eap_abilities
from scoring.irt.quadrature import normal_grid
from scoring.management.options import BAD_DATA, check_folders, finite, positive, whole
from scoring.parameter_files import ParameterTable, read_parameters, write_scores
from scoring.response_files import read_responses
from scoring.response_table import ResponseTable


class Command(BaseCommand):
    help = "Estimate abilities (EAP) from RESPONSES.csv at the item parameters of PARAMS.csv."
    requires_system_checks = ()  # files in, files out: neither database nor site takes part

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("responses", type=Path, help="wide or long CSV, .gz too")
        parser.add_argument("--items", required=True, type=Path, help="PARAMS.csv")
        parser.add_argument("--out", required=True, type=Path, help="SCORES.csv to write")
        parser.add_argument("--prior-mean", type=finite, default=0.0)
        parser.add_argument("--prior-sd", type=positive, default=1.0)
        parser.add_argument("--nodes", type=whole(minimum=2), default=121)
        parser.add_argument("--range", type=positive, default=6.0, help="nodes on -RANGE..RANGE")

    def handle(self, *args: Any, **options: Any) -> None:
        check_folders(options["out"])
        try:
            known = read_parameters(options["items"])
            table = read_responses(options["responses"], {*known.items, *known.without})
            answered, used = self._match(table, known)
            answered.check_categories(used.parameters.n_categories)
        except DataError as error:
            raise CommandError(str(error), returncode=BAD_DATA) from error
        prior = normal_grid(
            options["nodes"], options["range"], options["prior_mean"], options["prior_sd"]
        )
        responses = answered.to_responses(used.parameters.n_categories)
        ability = eap_abilities(responses, used.parameters, prior)
        with whole_file(options["out"]) as file:
            write_scores(file, table.persons, ability)
        self.stdout.write(
            f"{len(table.persons)} persons, {len(used.items)} items, "
            f"{len(answered.score)} responses; EAP with prior "
            f"N({options['prior_mean']:g}, {options['prior_sd']:g}^2), "
            f"{options['nodes']} nodes on -{options['range']:g}..{options['range']:g}"
        )

    def _match(
        self, table: ResponseTable, known: ParameterTable
    ) -> tuple[ResponseTable, ParameterTable]:
        """Both reduced to the items they share, in the order of the responses."""
        place = {name: position for position, name in enumerate(known.items)}
        shared = [name for name in table.items if name in place]
        if not shared:
            raise DataError(f"{table.path} holds none of the items of the parameter file")
        for name in table.items:
            if name not in place:
                self.stderr.write(f"warning: item {name} has no parameters and is left out")
        parameters = known.parameters.take([place[name] for name in shared])
        return table.only(shared), ParameterTable(shared, parameters, [])
