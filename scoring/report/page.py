"""The report as one HTML page that needs nothing beside itself."""

from collections.abc import Sequence
from datetime import datetime

from django.template.loader import render_to_string

from scoring.report.section import Section


def render(
    sections: Sequence[Section], *, responses: str, parameters: str, written: datetime
) -> str:
    """The page in the active language; `responses` and `parameters` are names of files."""
    return render_to_string(
        "scoring/report/report.html",
        {
            "sections": sections,
            "responses": responses,
            "parameters": parameters,
            "written": written,
        },
    )
