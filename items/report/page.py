"""The report as one HTML page that needs nothing beside itself."""

from collections.abc import Sequence
from datetime import datetime

from django.template.loader import render_to_string

from items.report.section import Section


def render(
    title: str, sections: Sequence[Section], facts: Sequence[tuple[str, str]], written: datetime
) -> str:
    """The page in the active language; `facts` (name, value) say what it is about."""
    context = {"title": title, "sections": sections, "facts": facts, "written": written}
    return render_to_string("report/report.html", context)
