"""The report as one HTML page that needs nothing beside itself."""

from collections.abc import Sequence
from datetime import datetime

from django.template.loader import render_to_string

from common.report.section import Section, Verdict


def render(
    title: str,
    sections: Sequence[Section],
    facts: Sequence[tuple[str, str]],
    written: datetime,
    verdict: Verdict | None = None,
) -> str:
    """The page in the active language.

    `facts` (name, value) say what it is about, `verdict` what to conclude from all of it.
    """
    context = {
        "title": title,
        "sections": sections,
        "facts": facts,
        "written": written,
        "verdict": verdict,
    }
    return render_to_string("report/report.html", context)
