"""The whole report: its sections one after the other."""

from collections.abc import Callable
from functools import partial

from common.report.section import Section
from scoring.report.data import ReportData
from scoring.report.dif import dif
from scoring.report.extras import Extras
from scoring.report.item_fit import item_fit
from scoring.report.linking import linking
from scoring.report.local_dependence import local_dependence
from scoring.report.misuse import known_beforehand, similarity
from scoring.report.model_fit import model_fit
from scoring.report.person_fit import person_fit_section
from scoring.report.person_item_map import person_item_map
from scoring.report.residuals import residuals
from scoring.report.summary import summary
from scoring.report.summed_scores import summed_scores
from scoring.report.times import times


def sections_of(
    data: ReportData, extras: Extras, progress: Callable[[float, str], None]
) -> list[Section]:
    """Every section that the files allow; progress(share done, what comes next) before each."""
    planned = _planned(data, extras)
    sections = []
    for number, (name, section) in enumerate(planned.items()):
        progress(number / len(planned), name)
        sections.append(section())
    return sections


def _planned(data: ReportData, extras: Extras) -> dict[str, Callable[[], Section]]:
    """By what the progress line calls them, in the order of the page."""
    planned: dict[str, Callable[[], Section]] = {
        "test information": partial(summary, data),
        "item fit": partial(item_fit, data),
        "model fit": partial(model_fit, data),
        "local dependence": partial(local_dependence, data),
        "residuals": partial(residuals, data),
        "person-item map": partial(person_item_map, data),
        "person fit": partial(person_fit_section, data),
        "summed scores": partial(summed_scores, data),
    }
    if extras.groups:
        planned["differential functioning"] = partial(dif, data, extras.groups)
    if extras.standing:
        planned["linking and drift"] = partial(linking, data, extras.standing)
    if extras.times:
        planned["response times"] = partial(times, data, extras.times)
    if extras.with_similarity:
        planned["answer similarity"] = partial(similarity, data)
    if extras.compromised is not None:
        planned["preknowledge"] = partial(known_beforehand, data, extras.compromised)
    return planned
