"""Write a report on a calibration: a page that anybody can read, and its numbers as CSV."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from common.commands.options import check_output_folder, finite, plain_refusals
from common.commands.progress import ProgressBar
from common.report.folder import PAGE, write_report
from common.report.page import render
from common.report.section import Section
from scoring.files.parameter_options import add_parameter_options, parameter_reading
from scoring.report.data import read_report_data
from scoring.report.extras import read_extras
from scoring.report.report import sections_of
from scoring.responses.options import add_reading_options, reading_of

# Files that add a section.
_EXTRAS = {
    "groups": "CSV person,group: items that work differently; the first group is the reference",
    "link_to": "PARAMS.csv of another calibration: link and drift",
    "times": "CSV person,item,seconds: response times and effort",
    "compromised": "CSV item: persons who knew these items beforehand",
}

# An SD outside of these, or a mean farther out, is a slip of the pen.
_LEAST_SD, _LARGEST_SD, _FARTHEST = 0.01, 20.0, 100.0


class Command(BaseCommand):
    help = (
        "Write a report on the items of PARAMS.csv as RESPONSES.csv show them: report.html, which "
        "opens in a browser without a network, and a CSV file for each of its tables."
    )
    requires_system_checks = ()  # files in, files out: neither database nor site takes part

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("responses", type=Path, help="wide or long: CSV, XLSX, SPSS, Stata")
        parser.add_argument("--items", required=True, type=Path, help="PARAMS.csv")
        parser.add_argument("--out", required=True, type=Path, help="folder, made if need be")
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            help="of the page",
        )
        parser.add_argument(
            "--known",
            action="store_true",
            help="the parameters were not estimated from these responses",
        )
        parser.add_argument(
            "--population",
            type=_normal,
            metavar="MEAN,SD",
            help="of ability; default: estimated from the responses. Write --population=-0.2,1.1",
        )

        _add_extras(parser)
        add_parameter_options(parser, "--items")
        add_reading_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        check_output_folder(options["out"])
        language = options["language"] or translation.get_language() or settings.LANGUAGE_CODE
        with plain_refusals(), translation.override(language):
            sections = self._sections(options)
            facts = [
                (_("Responses"), options["responses"].name),
                (_("Item parameters"), options["items"].name),
            ]
            page = render(_("Calibration report"), sections, facts, timezone.now())
            inputs = filter(None, (options[name] for name in ("responses", "items", *_EXTRAS)))
            names = write_report(options["out"], sections, page, inputs=inputs)
        for section in sections:
            self.stdout.write(f"{section.title}: {section.verdict.brief}")
        self.stdout.write(f"{options['out'] / PAGE} and {len(names) - 1} CSV files written")

    def _sections(self, options: dict[str, Any]) -> list[Section]:
        progress = ProgressBar(self.stdout)
        try:
            progress.show(0, "reading")
            data = read_report_data(
                options["responses"],
                options["items"],
                groups=options["groups"],
                normal=options["population"],
                is_known=options["known"],
                wanted=parameter_reading(options),
                reading=reading_of(options),
            )
            for note in data.notes:
                self.stderr.write(f"warning: {note}")
            extras = read_extras(
                data,
                with_similarity=options["similarity"],
                **{name: options[name] for name in _EXTRAS if name != "groups"},
            )
            return sections_of(data, extras, progress.show)
        finally:
            progress.clear()


def _add_extras(parser: ArgumentParser) -> None:
    for name, text in _EXTRAS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, metavar="FILE", help=text)
    parser.add_argument(
        "--similarity", action="store_true", help="compare the answers of all pairs of persons"
    )


def _normal(text: str) -> tuple[float, float]:
    try:
        mean, sd = map(finite, text.split(","))
    except ValueError:
        raise ArgumentTypeError(f"must be two numbers as MEAN,SD, not {text}") from None
    if not _LEAST_SD <= sd <= _LARGEST_SD or abs(mean) > _FARTHEST:
        raise ArgumentTypeError(
            f"must have an SD from {_LEAST_SD:g} to {_LARGEST_SD:g}, and a MEAN within "
            f"-{_FARTHEST:g}..{_FARTHEST:g}; not {text}"
        )
    return mean, sd
