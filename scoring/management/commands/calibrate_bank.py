"""Recalibrate a bank in this process: the same run, gates and draft as a worker's."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import DomainError
from items.models import Bank
from scoring.files.link_words import tie_told
from scoring.models import CalibrationRun
from scoring.recalibration.execution import execute
from scoring.recalibration.requests import (
    MIN_RESPONSES,
    NODE_RANGE,
    NODES,
    TOLERANCE,
    RunSettings,
    publish_run,
    request_run,
)


class Command(BaseCommand):
    help = "Estimate a bank's items from its responses and write a draft release."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bank", required=True, help="slug of the bank")
        parser.add_argument("--from", dest="start", metavar="TIME", help="sessions ended from")
        parser.add_argument("--until", metavar="TIME", help="sessions ended before (default: now)")
        parser.add_argument("--min-responses", type=int, default=MIN_RESPONSES)
        parser.add_argument("--nodes", type=int, default=NODES)
        parser.add_argument("--range", type=float, default=NODE_RANGE, dest="node_range")
        parser.add_argument("--tolerance", type=float, default=TOLERANCE)
        parser.add_argument("--publish", metavar="REASON", help="publish the draft")

    def handle(self, **options: Any) -> None:
        try:
            run = self._run(options)
        except DomainError as exc:
            raise CommandError(exc.message) from exc
        if run.status != CalibrationRun.Status.SUCCEEDED:
            raise CommandError(run.error or f"The run is {run.get_status_display()}.")
        self._report(run)
        if options["publish"]:
            self._publish(run, options["publish"])

    def _run(self, options: dict[str, Any]) -> CalibrationRun:
        bank = Bank.objects.filter(slug=options["bank"]).first()
        if bank is None:
            raise CommandError(f"There is no bank {options['bank']!r}.")
        settings = RunSettings(
            window_start=_time(options["start"]),
            window_end=_time(options["until"]),
            nodes=options["nodes"],
            node_range=options["node_range"],
            tolerance=options["tolerance"],
            min_responses=options["min_responses"],
        )
        run = request_run(bank, None, settings, for_worker=False)
        execute(run.pk)
        run.refresh_from_db()
        return run

    def _report(self, run: CalibrationRun) -> None:
        window, em, group = (run.evidence[part] for part in ("window", "em", "group"))
        self.stdout.write(
            f"{run}: {window['responses']} responses of {window['persons']} sessions; "
            f"EM converged in {em['iterations']} iterations "
            f"(max gradient {em['max_gradient']:.1e}, {em['seconds']} s)"
        )
        self.stdout.write(
            f"group mean {group['mean']:+.3f}, SD {group['sd']:.3f} on the bank's scale; "
            f"{len(run.evidence['items'])} items estimated, "
            f"{len(run.evidence['kept_out'])} kept as they are"
        )
        for pair in run.evidence["duplicates"]:
            self.stderr.write(
                f"warning: items {pair['first']} and {pair['second']} "
                f"{'mirror each other' if pair['reversed'] else 'are answered alike'} by "
                f"{pair['alike']} of {pair['persons']} persons who answered both: one item twice, "
                "or one that gives the other away; keep one of them"
            )
        self.stdout.write(f"draft release: {run.draft}")
        for tie in run.evidence["ties"]:
            self.stderr.write(f"warning: {tie_told(tie)}")

    def _publish(self, run: CalibrationRun, reason: str) -> None:
        try:
            release = publish_run(run, None, reason)
        except DomainError as exc:
            raise CommandError(exc.message) from exc
        self.stdout.write(f"published: {release}")


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise CommandError(f"{text!r} is not a time like 2026-01-31T08:00:00Z.")
    return moment
