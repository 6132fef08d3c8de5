"""The whole report: its sections one after the other."""

from collections.abc import Callable, Sequence

from scoring.report.data import ReportData
from scoring.report.item_fit import item_fit
from scoring.report.local_dependence import local_dependence
from scoring.report.model_fit import model_fit
from scoring.report.person_fit import person_fit_section
from scoring.report.person_item_map import person_item_map
from scoring.report.residuals import residuals
from scoring.report.section import Section
from scoring.report.summary import summary
from scoring.report.summed_scores import summed_scores

_SECTIONS: Sequence[Callable[[ReportData], Section]] = (
    summary,
    item_fit,
    model_fit,
    local_dependence,
    residuals,
    person_item_map,
    person_fit_section,
    summed_scores,
)


def sections_of(data: ReportData, progress: Callable[[float, str], None]) -> list[Section]:
    """Every section that the data allow; progress(share done, what comes next) before each."""
    sections = []
    for number, section in enumerate(_SECTIONS):
        progress(number / len(_SECTIONS), section.__name__.replace("_", " "))
        sections.append(section(data))
    return sections
