"""Simulate examinees who take a test: a report that anybody can read, and its numbers as CSV."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from common.commands.options import check_output_folder, finite, plain_refusals, positive, whole
from common.commands.progress import ProgressBar
from common.errors import DomainError
from common.report.folder import PAGE, write_report
from common.report.page import render
from sessions.models import Simulation, Test, TestVersion
from sessions.simulation.execution import Phase, execute, simulate
from sessions.simulation.report.sections import facts_of, sections_of, verdict_of
from sessions.simulation.requests import (
    EXAMINEES,
    SimulationSettings,
    request_simulation,
    unsaved_simulation,
)

# Exit status when the simulation did its work and found that the test breaks its own rules.
VIOLATED = 3


class Command(BaseCommand):
    help = (
        "Let simulated examinees take a test on its bank's current release: bias, errors, length, "
        "exposure and overlap by ability, and violations of the blueprint. The simulation is kept; "
        "one of 500 examinees or more without a violation allows to open the test to students."
    )

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """`--version` is the test's here, not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--test", required=True, metavar="SLUG")
        parser.add_argument("--version", type=whole(1), metavar="N", help="default: the newest")
        parser.add_argument("--compare", type=whole(1), metavar="N", help="version to compare with")
        parser.add_argument("--examinees", type=whole(2, 100_000), default=EXAMINEES, metavar="N")
        parser.add_argument("--seed", type=whole(0, 2**63 - 1), default=1, metavar="N")
        parser.add_argument(
            "--theta-mean", type=finite, metavar="M", help="default: the prior of the version"
        )
        parser.add_argument("--theta-sd", type=positive, metavar="SD")
        parser.add_argument(
            "--points",
            type=_points,
            default=(),
            metavar="A,B,...",
            help="abilities to look at; default: mean ± 3 SD. Write --points=-2,-1,0,1,2",
        )
        parser.add_argument("--per-point", type=whole(2, 10_000), metavar="N")
        parser.add_argument("--out", type=Path, metavar="DIR", help="folder, made if need be")
        parser.add_argument(
            "--dry-run", action="store_true", help="keep nothing, open no gate; files are written"
        )
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], help="of the page"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["out"]:
            check_output_folder(options["out"])
        language = options["language"] or settings.LANGUAGE_CODE
        with plain_refusals(), translation.override(language):
            try:
                run = self._run(options)
            except DomainError as exc:
                raise CommandError(exc.message) from exc
            self._write(run, options["out"])
        if run.violations:
            raise CommandError(verdict_of(run).text, returncode=VIOLATED)

    def _run(self, options: dict[str, Any]) -> Simulation:
        test = Test.objects.select_related("bank").filter(slug=options["test"]).first()
        if test is None:
            raise CommandError(f"There is no test {options['test']!r}.")
        version = _version(test, options["version"])
        wish = SimulationSettings(
            examinees=options["examinees"],
            seed=options["seed"],
            theta_mean=options["theta_mean"],
            theta_sd=options["theta_sd"],
            points=options["points"],
            per_point=options["per_point"],
            comparison=_version(test, options["compare"]) if options["compare"] else None,
        )
        progress = ProgressBar(self.stdout)

        def watch(phase: Phase, done: float) -> None:
            progress.show(done, str(phase.label))

        try:
            if options["dry_run"]:
                return _trial(unsaved_simulation(version, None, None, wish), watch)
            run = request_simulation(version, None, None, wish, for_worker=False)
            execute(run.pk, watch)
        finally:
            progress.clear()
        run.refresh_from_db()
        if run.status != Simulation.Status.SUCCEEDED:
            raise CommandError(run.error or f"The simulation is {run.get_status_display()}.")
        return run

    def _write(self, run: Simulation, folder: Path | None) -> None:
        sections, verdict = sections_of(run), verdict_of(run)
        for section in sections:
            self.stdout.write(f"{section.title}: {section.verdict.brief}")
        self.stdout.write(f"{verdict.text} {verdict.advice}")
        if folder is None:
            return
        page = render(_("Simulation"), sections, facts_of(run), timezone.now(), verdict)
        names = write_report(folder, sections, page, inputs=())
        self.stdout.write(f"{folder / PAGE} and {len(names) - 1} CSV files written")


def _version(test: Test, number: int | None) -> TestVersion:
    version = test.versions.filter(number=number).first() if number else test.current_version
    if version is None:
        numbers = test.versions.order_by("number").values_list("number", flat=True)
        known = ", ".join(map(str, numbers))
        raise CommandError(f"{test.slug} has no version {number or ''}; there are: {known or '-'}.")
    return version


def _trial(run: Simulation, watch: Any) -> Simulation:
    """Fill an unsaved simulation."""
    results = simulate(run, watch, is_kept=False)
    run.results, run.violations = dict(results), results["policies"][0]["violated"]
    return run


def _points(text: str) -> tuple[float, ...]:
    try:
        return tuple(finite(part) for part in text.split(","))
    except ValueError:
        raise ArgumentTypeError(f"must be numbers as A,B,C, not {text}") from None
