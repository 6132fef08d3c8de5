"""Estimate item parameters from a file of responses."""

import time
from argparse import SUPPRESS, ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from common.commands.options import check_folders, plain_refusals, positive, whole
from common.files.csv_files import DataError, whole_file
from irt.arrays import FloatArray
from irt.calibration.acceleration import Acceleration
from irt.calibration.priors import Priors
from irt.calibration.result import Calibration, ItemStatus
from irt.common_scale.link_errors import Links
from irt.fit.duplicates import duplicates
from irt.models.parameters import WITH_LOWER_ASYMPTOTE, Model
from irt.quadrature import NODES, symmetric_nodes
from scoring.files.calibration import (
    CalibrationData,
    Settings,
    estimate,
    estimate_abilities,
    judge_calibration_links,
    read_calibration_data,
)
from scoring.files.calibration_outputs import write_covariance, write_summary
from scoring.files.doubts import doubts_of_held_groups, doubts_of_parameters
from scoring.files.duplicate_items import tell_duplicates
from scoring.files.link_words import doubts_of_links
from scoring.files.options import MOST_NODES, prior
from scoring.files.parameter_files import write_parameters
from scoring.files.parameter_options import add_parameter_options, parameter_reading
from scoring.files.progress import CalibrationProgress
from scoring.files.score_files import write_scores
from scoring.responses.options import add_reading_options, input_files, reading_of
from scoring.responses.suspicions import about_codes, about_unused_tops

_ADVICE = {
    ItemStatus.NEGATIVE_SLOPE: "negative slope (a wrong key?)",
    ItemStatus.STEEP: "the slope is too steep for the nodes; a prior (--prior-a) would hold it",
}


class Command(BaseCommand):
    help = (
        "Estimate item parameters from RESPONSES.csv by marginal maximum likelihood (EM). "
        "Wide files have a column for each item, long ones the columns person,item,response."
    )
    requires_system_checks = ()  # files in, files out: neither database nor site takes part

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("responses", type=Path, help="wide or long: CSV, XLSX, SPSS, Stata")
        parser.add_argument("--model", required=True, choices=[model.value for model in Model])
        parser.add_argument("--out", required=True, type=Path, help="PARAMS.csv to write")
        _add_files(parser)
        _add_settings(parser)
        add_parameter_options(parser, "--anchors")
        add_reading_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        inputs = [options[name] for name in ("responses", "models", "anchors", "groups")]
        outputs = [options[name] for name in ("out", "summary", "scores", "covariance")]
        check_folders(*outputs, inputs=[*inputs, *input_files(options)])
        with plain_refusals():
            data = read_calibration_data(
                options["responses"],
                Model(options["model"]),
                models=options["models"],
                anchors=options["anchors"],
                groups=options["groups"],
                reading=reading_of(options),
                wanted=parameter_reading(options),
            )
            for note in data.notes:
                self._warn(note)
            self._refuse_or_warn(data, options["skip_unusable"])
            settings = _settings(options)
            self._say_what_is_used(data, settings, options["metric"] or 1.0)
            started = time.perf_counter()
            result = self._estimate(data, settings)
            seconds = time.perf_counter() - started
            links = judge_calibration_links(data, result)
            _write(options, data, settings, result, links, seconds)
        found = duplicates(data.table.to_responses(data.n_categories))
        copies = set(found.items.tolist())
        nodes_are_given = settings.given_nodes is not None
        self._report(data, result, seconds, copies, nodes_are_given=nodes_are_given)
        for doubt in (
            *tell_duplicates(found, data.table.items),
            *doubts_of_links(links, data.table.items),
            *doubts_of_parameters(data, result, copies),
            *doubts_of_held_groups(data, settings),
        ):
            self._warn(doubt)

    def _refuse_or_warn(self, data: CalibrationData, skip: bool) -> None:
        faults = data.unusable.lines()
        if data.unusable.items.all() or (faults and not skip):
            raise DataError(
                "\n  ".join([f"{data.table.path} cannot be calibrated as it is:", *faults])
                + "".join(f"\nPerhaps: {told}" for told in about_codes(data.table))
                + "\nTake these items and persons out, or recode the scores so that they run from "
                "0 without a gap; --skip-unusable goes on with what is left, if anything is."
            )
        for fault in faults:
            self._warn(f"left out: {fault}")
        for name in data.anchors.without if data.anchors else ():
            self._warn(f"item {name} has no parameters among the anchors and is not anchored")
        for told in about_unused_tops(data.table, data.n_categories):
            self._warn(told)

    def _say_what_is_used(self, data: CalibrationData, settings: Settings, metric: float) -> None:
        table, anchored = data.table, f", {data.n_anchored} items anchored" * bool(data.n_anchored)
        self.stdout.write(
            f"{len(table.persons)} persons, {len(table.items)} items, "
            f"{len(table.score)} responses\n"
            f"model {', '.join(data.models_used())}, metric D = {metric:g}, "
            f"population {data.population_used(settings.free_group)}{anchored}\n"
            f"priors: {', '.join(data.priors_used(settings.priors)) or 'none'}\n"
            f"{_nodes(_first_nodes(settings))}, "
            f"tolerance {settings.tolerance:g} on the gradient per person, "
            f"acceleration {settings.acceleration}, "
            f"at most {settings.max_iterations} iterations"
        )

    def _estimate(self, data: CalibrationData, settings: Settings) -> Calibration:
        progress = CalibrationProgress(self.stdout, settings.tolerance)
        try:
            return estimate(data, settings, progress)
        finally:
            progress.clear()

    def _report(
        self,
        data: CalibrationData,
        result: Calibration,
        seconds: float,
        copies: set[int],
        *,
        nodes_are_given: bool,
    ) -> None:
        verdict = "converged" if result.converged else "NOT converged"
        self.stdout.write(
            f"{verdict} after {result.iterations} iterations in {seconds:.2f} s, "
            f"log-likelihood {result.log_likelihood:.6f}, gradient {result.max_gradient:.1e}"
        )
        if not nodes_are_given and len(result.nodes) > NODES:
            self.stdout.write(f"{_nodes(result.nodes)}, as the abilities needed")
        for name, mean, variance in zip(
            data.groups.names, result.group_mean, result.group_variance, strict=True
        ):
            self.stdout.write(f"{name}: mean {mean:.4f}, variance {variance:.4f}")
        if not result.converged:
            self._warn(f"the estimates are not converged: {result.obstacle}")
        for item, (name, status) in enumerate(zip(data.table.items, result.status, strict=True)):
            # A copy is steep because of its twin: what mends that is said above.
            if status in _ADVICE and not (status == ItemStatus.STEEP and item in copies):
                self._warn(f"item {name}: {_ADVICE[ItemStatus(status)]}")

    def _warn(self, text: str) -> None:
        self.stderr.write(f"warning: {text}")


def _first_nodes(settings: Settings) -> FloatArray:
    return symmetric_nodes() if settings.given_nodes is None else settings.given_nodes


def _nodes(nodes: FloatArray) -> str:
    return f"{len(nodes)} nodes on {nodes[0]:g}..{nodes[-1]:g}"


def _add_files(parser: ArgumentParser) -> None:
    parser.add_argument("--models", type=Path, help="CSV item,model: overrides --model")
    parser.add_argument("--anchors", type=Path, help="PARAMS.csv of items to keep fixed")
    parser.add_argument("--groups", type=Path, help="CSV person,group; the first is the reference")
    parser.add_argument("--summary", type=Path, help="SUMMARY.json to write")
    parser.add_argument("--scores", type=Path, help="SCORES.csv to write (EAP)")
    errors = parser.add_mutually_exclusive_group()
    errors.add_argument("--covariance", type=Path, help="CSV of all sampling covariances to write")
    errors.add_argument("--no-errors", action="store_true", help="skip the standard errors")


def _add_settings(parser: ArgumentParser) -> None:
    standard = Priors()
    # Without a default: a prior that is asked for holds for more items than the default one.
    parser.add_argument(
        "--prior-a",
        type=prior("lognormal"),
        default=SUPPRESS,
        help=f"for every estimated slope; default {standard.discrimination} for "
        f"{' and '.join(WITH_LOWER_ASYMPTOTE)} only",
    )
    for name, default in (("c", standard.lower_asymptote), ("d", standard.upper_asymptote)):
        parser.add_argument(
            f"--prior-{name}",
            type=prior("beta", "logit-normal"),
            default=default,
            help=f"none, beta:A,B (on the probability) or logit-normal:M,S; default {default}",
        )
    population = parser.add_mutually_exclusive_group()
    population.add_argument(
        "--free-group",
        action="store_true",
        default=None,
        help="mean and variance free; needs --anchors, and is the default with them",
    )
    population.add_argument(
        "--fixed-group",
        dest="free_group",
        action="store_false",
        help="with --anchors: the (first) group is N(0, 1) all the same",
    )
    parser.add_argument(
        "--skip-unusable",
        action="store_true",
        help="leave out items and persons that cannot be used, instead of refusing the file",
    )
    parser.add_argument(
        "--nodes",
        type=whole(minimum=2, maximum=MOST_NODES),
        help="of ability; default: 61 on -6..6, more and farther out where the abilities need it",
    )
    parser.add_argument("--range", type=positive, help="nodes on -RANGE..RANGE; default: see there")
    parser.add_argument(
        "--tolerance", type=positive, default=1e-6, help="of the gradient per person"
    )
    parser.add_argument("--max-iterations", type=whole(minimum=1), default=1000)
    parser.add_argument(
        "--acceleration",
        choices=[kind.value for kind in Acceleration],
        default=Acceleration.ANDERSON.value,
    )


def _settings(options: dict[str, Any]) -> Settings:
    return Settings(
        nodes=options["nodes"],
        limit=options["range"],
        tolerance=options["tolerance"],
        max_iterations=options["max_iterations"],
        acceleration=Acceleration(options["acceleration"]),
        priors=Priors(
            discrimination=options.get("prior_a", Priors().discrimination),
            lower_asymptote=options["prior_c"],
            upper_asymptote=options["prior_d"],
            every_slope="prior_a" in options,
        ),
        free_group=options["free_group"],
        with_standard_errors=not options["no_errors"],
        with_covariance=options["covariance"] is not None,
    )


def _write(
    options: dict[str, Any],
    data: CalibrationData,
    settings: Settings,
    result: Calibration,
    links: Links,
    seconds: float,
) -> None:
    names = data.groups.names
    with ExitStack() as files:
        out = files.enter_context(whole_file(options["out"]))
        write_parameters(
            out,
            data.table.items,
            result.parameters,
            result.standard_errors,
            result.status.tolist(),
            options["metric"] or 1.0,
        )
        if options["summary"]:
            write_summary(
                files.enter_context(whole_file(options["summary"])),
                result,
                items=data.table.items,
                groups=names,
                links=links,
                seconds=seconds,
            )
        if options["scores"]:
            scores = files.enter_context(whole_file(options["scores"]))
            abilities = estimate_abilities(data, result, settings.limit)
            write_scores(scores, data.table.persons, abilities)
        if result.covariance:
            matrix = files.enter_context(whole_file(options["covariance"]))
            metric = options["metric"] or 1.0
            write_covariance(matrix, result.covariance, data.table.items, names, metric)
