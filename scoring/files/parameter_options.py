"""Options on files of item parameters, which every command that reads or writes one has."""

from argparse import ArgumentParser
from typing import Any

from common.commands.options import positive
from common.item_files.formats import FORMATS
from irt.models.parameters import POLYTOMOUS, Model
from scoring.files.parameter_files import ParameterReading
from scoring.responses.options import reading_of


def add_parameter_options(parser: ArgumentParser, of: str) -> None:
    """`of` names the option that names the file."""
    group = parser.add_argument_group("how item parameters are read")
    group.add_argument("--format", choices=FORMATS, help=f"of {of}; default: as the file shows")
    group.add_argument(
        "--item-model",
        choices=[model.value for model in POLYTOMOUS],
        help="of items with several categories whose file does not say it",
    )
    group.add_argument(
        "--metric",
        type=positive,
        metavar="D",
        help="that slopes are stated for, as 1.7; default: 1, or as the file says",
    )


def parameter_reading(options: dict[str, Any]) -> ParameterReading:
    """What the options say, those on the responses' text too."""
    model = options["item_model"]
    return ParameterReading(
        file_format=options["format"],
        model=Model(model) if model else None,
        metric=options["metric"],
        dialect=reading_of(options).dialect.for_other_files,
    )
