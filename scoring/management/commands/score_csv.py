"""Estimate abilities from a file of responses at given item parameters."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand

from common.commands.options import check_folders, finite, plain_refusals, positive, whole
from common.files.csv_files import DataError, whole_file
from irt.estimation.reliability import marginal_reliability
from irt.estimation.result import AbilityStatus, Estimates
from irt.estimation.summed_scores import normal_summed_scores, summed_score_counts
from irt.quadrature import covering_nodes
from irt.responses import Responses
from scoring.files.options import MOST_NODES
from scoring.files.parameter_files import ParameterTable, match_items, read_parameters
from scoring.files.parameter_options import add_parameter_options, parameter_reading
from scoring.files.progress import ScoringProgress
from scoring.files.score_files import (
    ESTIMATORS,
    SCORING_NODES,
    AbilityTable,
    Scoring,
    score,
    write_scores,
    write_summed_scores,
)
from scoring.responses.options import add_reading_options, input_files, reading_of
from scoring.responses.reader import read_responses
from scoring.responses.suspicions import about_categories
from scoring.responses.table import ResponseTable

# An estimate with a larger error says nothing: the likelihood is flat there.
_USELESS_ERROR = 5.0


class Command(BaseCommand):
    help = (
        "Estimate abilities (EAP, MAP, ML and Warm's WLE, each with its standard error) from "
        "RESPONSES.csv at the item parameters of PARAMS.csv."
    )
    requires_system_checks = ()  # files in, files out: neither database nor site takes part

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("responses", type=Path, help="wide or long: CSV, XLSX, SPSS, Stata")
        parser.add_argument("--items", required=True, type=Path, help="PARAMS.csv")
        parser.add_argument("--out", required=True, type=Path, help="SCORES.csv to write")
        parser.add_argument("--prior-mean", type=finite, default=0.0, help="of EAP and MAP")
        parser.add_argument("--prior-sd", type=positive, default=1.0, help="of EAP and MAP")
        parser.add_argument(
            "--nodes",
            type=whole(minimum=2, maximum=MOST_NODES),
            help=f"of EAP; default: {SCORING_NODES} on -6..6, more where the prior needs them; "
            "narrower posteriors have finer ones in any case",
        )
        parser.add_argument(
            "--range", type=positive, help="nodes on -RANGE..RANGE; default: see there"
        )
        parser.add_argument(
            "--fences",
            type=_fences,
            metavar="LOWER,UPPER",
            help="keep ML finite by two imaginary items (Han 2016); write --fences=-4,4",
        )
        parser.add_argument(
            "--observed-errors",
            action="store_true",
            help="standard errors of MAP, ML and WLE from observed, not expected information",
        )
        parser.add_argument(
            "--summed-scores", type=Path, help="CSV to write: EAP of each summed score"
        )
        add_parameter_options(parser, "--items")
        add_reading_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        inputs = options["responses"], options["items"], *input_files(options)
        check_folders(options["out"], options["summed_scores"], inputs=inputs)
        scoring = Scoring(
            prior_mean=options["prior_mean"],
            prior_sd=options["prior_sd"],
            nodes=options["nodes"],
            limit=options["range"],
            fences=options["fences"],
            observed_errors=options["observed_errors"],
        )
        with plain_refusals():
            _refuse_cut_off(scoring)
            known = read_parameters(options["items"], parameter_reading(options))
            if known.source:
                self.stdout.write(known.source)
            items = {*known.items, *known.without}
            table = read_responses(options["responses"], items, reading_of(options))
            answered, used = match_items(table, known)
            self._warn_of(table, used)
            for told in about_categories(answered, used.parameters, scoring.grid):
                self.stderr.write(f"warning: {told}")
            responses = answered.to_responses(used.parameters.n_categories)
            scores = self._score(responses, used, scoring)
            _write(options, table.persons, responses, used, scoring, scores)
        self._report(answered, used, scoring, scores)

    def _score(self, responses: Responses, used: ParameterTable, scoring: Scoring) -> AbilityTable:
        progress = ScoringProgress(self.stdout)
        try:
            return score(responses, used.parameters, scoring, progress)
        finally:
            progress.clear()

    def _warn_of(self, table: ResponseTable, used: ParameterTable) -> None:
        for note in table.notes:
            self.stderr.write(f"warning: {note}")
        with_parameters = set(used.items)
        for name in table.items:
            if name not in with_parameters:
                self.stderr.write(f"warning: item {name} has no parameters and is left out")

    def _report(
        self, table: ResponseTable, used: ParameterTable, scoring: Scoring, scores: AbilityTable
    ) -> None:
        errors = "observed" if scoring.observed_errors else "expected"
        fences = "none" if scoring.fences is None else "{:g} and {:g}".format(*scoring.fences)
        grid = scoring.grid
        marginal = marginal_reliability(used.parameters, grid)
        self.stdout.write(
            f"{len(table.persons)} persons, {len(used.items)} items, "
            f"{len(table.score)} responses\n"
            f"prior N({scoring.prior_mean:g}, {scoring.prior_sd:g}^2), "
            f"{grid.n_nodes} nodes on {grid.nodes[0]:g}..{grid.nodes[-1]:g}, "
            f"fences of ML: {fences}, errors of MAP, ML and WLE: {errors} information\n"
            f"reliability: empirical {scores.empirical_reliability:.4f} (EAP), "
            f"marginal {marginal:.4f} (all items answered)"
        )
        for estimator in ESTIMATORS:
            estimates = getattr(scores, estimator)
            unusual = list(_unusual(estimates))
            flat = np.isfinite(estimates.theta) & (estimates.standard_error > _USELESS_ERROR)
            if flat.any():
                unusual.append(f"{flat.sum()} with an error above {_USELESS_ERROR:g} (--fences)")
            if unusual:
                self.stdout.write(f"{estimator}: {', '.join(unusual)}")


def _refuse_cut_off(scoring: Scoring) -> None:
    if scoring.limit is not None and scoring.cuts_off:
        wide = covering_nodes(scoring.prior_mean, scoring.prior_sd)[-1]
        raise DataError(
            f"nodes on -{scoring.limit:g}..{scoring.limit:g} cut off the prior "
            f"N({scoring.prior_mean:g}, {scoring.prior_sd:g}^2): give a --range of {wide:g}, or "
            "leave it out, so that it suits the prior"
        )


def _unusual(estimates: Estimates) -> Iterator[str]:
    """How many estimates are not plain, and why; both ends of the scale are told apart."""
    for status, number in estimates.counts.items():
        if status == AbilityStatus.INFINITE:
            highest = int((estimates.theta == np.inf).sum())
            ends = ("+infinite", highest), ("-infinite", number - highest)
            yield from (f"{n} {end}" for end, n in ends if n)
        elif status:
            yield f"{number} {status!s}"


def _write(
    options: dict[str, Any],
    persons: list[str],
    responses: Responses,
    used: ParameterTable,
    scoring: Scoring,
    scores: AbilityTable,
) -> None:
    with ExitStack() as files:
        write_scores(files.enter_context(whole_file(options["out"])), persons, scores)
        if options["summed_scores"]:
            file = files.enter_context(whole_file(options["summed_scores"]))
            mean, sd, nodes = scoring.prior_mean, scoring.prior_sd, scoring.grid.nodes
            table = normal_summed_scores(used.parameters, mean=mean, sd=sd, nodes=nodes)
            write_summed_scores(file, table, summed_score_counts(responses))


def _fences(text: str) -> tuple[float, float]:
    try:
        lower, upper = (finite(part) for part in text.split(","))
    except ValueError:
        raise ArgumentTypeError(f"must be two numbers as LOWER,UPPER, not {text}") from None
    if lower >= upper:
        raise ArgumentTypeError(f"the lower fence must be below the upper, not {text}")
    return lower, upper
