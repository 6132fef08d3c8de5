"""Estimate item parameters from a file of responses."""

import json
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from scoring.csv_files import DataError, whole_file
from scoring.irt.calibration.calibrate import calibrate
from scoring.irt.calibration.priors import Priors
from scoring.irt.calibration.result import Calibration, ItemStatus
from scoring.irt.parameters import ItemParameters, Model
from scoring.irt.quadrature import normal_grid
from scoring.irt.responses import ResponseError
from scoring.management.options import BAD_DATA, check_folders, positive, whole
from scoring.parameter_files import write_parameters
from scoring.response_files import ResponseTable, read_responses
from scoring.score_files import AbilityTable, Scoring, score, write_scores


class Command(BaseCommand):
    help = (
        "Estimate item parameters from RESPONSES.csv by marginal maximum likelihood (EM). "
        "Wide files have a column for each item, long ones the columns person,item,response."
    )
    requires_system_checks = ()  # files in, files out: neither database nor site takes part

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("responses", type=Path, help="wide or long CSV, .gz too")
        parser.add_argument("--model", required=True, choices=[model.value for model in Model])
        parser.add_argument("--out", required=True, type=Path, help="PARAMS.csv to write")
        parser.add_argument("--summary", type=Path, help="SUMMARY.json to write")
        parser.add_argument("--scores", type=Path, help="SCORES.csv to write")
        parser.add_argument("--nodes", type=whole(minimum=2), default=61)
        parser.add_argument("--range", type=positive, default=6.0, help="nodes on -RANGE..RANGE")
        parser.add_argument("--tolerance", type=positive, default=1e-6)

    def handle(self, *args: Any, **options: Any) -> None:
        check_folders(options["out"], options["summary"], options["scores"])
        try:
            table = read_responses(options["responses"])
            if options["model"] != Model.GRADED:
                table.check_categories(np.full(len(table.items), 2))
            self._say_what_is_used(options, table)
            started = time.perf_counter()
            result = self._calibrate(options, table)
        except (DataError, ResponseError) as error:
            raise CommandError(str(error), returncode=BAD_DATA) from error
        seconds = time.perf_counter() - started
        _write(options, table, result, seconds)
        self._report(table, result, seconds)

    def _say_what_is_used(self, options: dict[str, Any], table: ResponseTable) -> None:
        priors = "none"
        if options["model"] == Model.THREE_PL:
            standard = Priors()
            priors = f"a ~ {standard.discrimination}, c ~ {standard.lower_asymptote}"
        self.stdout.write(
            f"{len(table.persons)} persons, {len(table.items)} items, "
            f"{len(table.score)} responses\n"
            f"model {options['model']}, metric D = 1, population N(0, 1), priors: {priors}\n"
            f"{options['nodes']} nodes on -{options['range']:g}..{options['range']:g}, "
            f"tolerance {options['tolerance']:g} on the gradient per person"
        )

    def _calibrate(self, options: dict[str, Any], table: ResponseTable) -> Calibration:
        return calibrate(
            table.to_responses(),
            [options["model"]] * len(table.items),
            nodes=normal_grid(options["nodes"], options["range"]).nodes,
            tolerance=options["tolerance"],
            callback=self._progress if self.stdout.isatty() else None,
        )

    def _progress(self, iteration: int, log_posterior: float, max_gradient: float) -> None:
        self.stdout.write(
            f"\riteration {iteration}: log-posterior {log_posterior:.4f}, "
            f"gradient {max_gradient:.1e} ",
            ending="",
        )
        self.stdout.flush()

    def _report(self, table: ResponseTable, result: Calibration, seconds: float) -> None:
        if self.stdout.isatty():
            self.stdout.write("")
        verdict = "converged" if result.converged else "NOT converged"
        self.stdout.write(
            f"{verdict} after {result.iterations} iterations in {seconds:.2f} s, "
            f"log-likelihood {result.log_likelihood:.6f}, gradient {result.max_gradient:.1e}"
        )
        advice = {
            ItemStatus.NEGATIVE_SLOPE: "negative slope (a wrong key?)",
            ItemStatus.EMPTY_CATEGORY: "not estimated: no response in at least one category",
        }
        for name, status in zip(table.items, result.status, strict=True):
            if status != ItemStatus.ESTIMATED:
                self.stderr.write(f"warning: item {name}: {advice[ItemStatus(status)]}")


def _write(
    options: dict[str, Any], table: ResponseTable, result: Calibration, seconds: float
) -> None:
    with ExitStack() as files:
        out = files.enter_context(whole_file(options["out"]))
        write_parameters(out, table.items, result.parameters, result.standard_errors)
        if options["summary"]:
            summary = files.enter_context(whole_file(options["summary"]))
            json.dump(_summary(options, table, result, seconds), summary, indent=2)
            summary.write("\n")
        if options["scores"]:
            scores = files.enter_context(whole_file(options["scores"]))
            write_scores(
                scores, table.persons, _abilities(table, result.parameters, options["range"])
            )


def _abilities(table: ResponseTable, parameters: ItemParameters, limit: float) -> AbilityTable:
    usable = np.flatnonzero(np.isfinite(parameters.discrimination))
    kept = parameters.take(usable)
    answered = table.only([table.items[item] for item in usable])
    return score(answered.to_responses(kept.n_categories), kept, Scoring(limit=limit))


def _summary(
    options: dict[str, Any], table: ResponseTable, result: Calibration, seconds: float
) -> dict[str, object]:
    return {
        "log_likelihood": result.log_likelihood,
        "log_posterior": result.log_posterior,
        "converged": result.converged,
        "iterations": result.iterations,
        "max_gradient": result.max_gradient,
        "n_persons": result.n_persons,
        "n_items": len(table.items),
        "group_mean": 0.0,
        "group_variance": 1.0,
        "nodes": options["nodes"],
        "range": options["range"],
        "seconds": seconds,
    }
