"""The whole report: its sections one after the other."""

from collections.abc import Callable
from typing import NamedTuple

from common.report.section import Section
from scoring.report.classical import classical
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
from scoring.report.scale import scale
from scoring.report.summary import summary
from scoring.report.summed_scores import summed_scores
from scoring.report.times import times


class Part(NamedTuple):
    """What the progress line calls a section, what makes it of the data, and of which extra.

    `extra` names the field of `Extras` without which there is no such section.
    """

    name: str
    make: Callable[..., Section]
    extra: str | None = None

    def has_what_it_needs(self, extras: Extras) -> bool:
        return self.extra is None or _is_given(getattr(extras, self.extra))

    def section(self, data: ReportData, extras: Extras) -> Section:
        given = [getattr(extras, self.extra)] if self.extra else []
        # A flag says only that the section is wanted.
        return self.make(data, *(value for value in given if value is not True))


def _is_given(extra: object) -> bool:
    """Not by its truth: an array of several has none."""
    return extra is not None and extra is not False


# In the order of the page.
PARTS = (
    Part("test information", summary),
    Part("links between items", scale),
    Part("classical statistics", classical),
    Part("item fit", item_fit),
    Part("model fit", model_fit),
    Part("local dependence", local_dependence),
    Part("residuals", residuals),
    Part("person-item map", person_item_map),
    Part("person fit", person_fit_section),
    Part("summed scores", summed_scores),
    Part("differential functioning", dif, "groups"),
    Part("linking and drift", linking, "standing"),
    Part("response times", times, "times"),
    Part("answer similarity", similarity, "with_similarity"),
    Part("preknowledge", known_beforehand, "compromised"),
)


def sections_of(
    data: ReportData, extras: Extras, progress: Callable[[float, str], None]
) -> list[Section]:
    """Every section that the files allow; progress(share done, what comes next) before each."""
    planned = [part for part in PARTS if part.has_what_it_needs(extras)]
    sections = []
    for number, part in enumerate(planned):
        progress(number / len(planned), part.name)
        sections.append(part.section(data, extras))
    return sections
