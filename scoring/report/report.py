"""The whole report: its sections one after the other."""

from collections.abc import Callable, Sequence

from scoring.report.data import ReportData
from scoring.report.person_item_map import person_item_map
from scoring.report.section import Section
from scoring.report.summary import summary
from scoring.report.summed_scores import summed_scores

_SECTIONS: Sequence[Callable[[ReportData], Section]] = (summary, person_item_map, summed_scores)


def sections_of(data: ReportData, progress: Callable[[float, str], None]) -> list[Section]:
    """Every section that the data allow; progress(share done, what comes next) before each."""
    sections = []
    for number, section in enumerate(_SECTIONS):
        progress(number / len(_SECTIONS), section.__name__.replace("_", " "))
        sections.append(section(data))
    return sections
