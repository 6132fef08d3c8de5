"""Section: whether one scale holds all items, and which estimates the responses leave open."""

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.report.section import Column, Level, Section, Table, Verdict
from common.report.words import as_count, named, three_decimals, two_decimals
from irt.common_scale.held_population import held_population
from irt.common_scale.link_errors import Links, judge_links
from scoring.files.link_words import doubts_of_links, ties_as_data
from scoring.report.data import ReportData


def scale(data: ReportData) -> Section:
    """Blocks without a link, blocks that hang by a thread, and estimates without an error."""
    population = data.population
    links = judge_links(
        data.responses, data.parameters, ~data.estimated, population.mean, population.variance
    )
    doubts = [*doubts_of_links(links, data.items), *_elsewhere(data)]
    return Section(
        name="scale",
        title=_("The scale"),
        shows=_(
            "Whether common items, common persons or anchors put all items on one scale, and "
            "which parameters the responses leave open."
        ),
        verdict=_verdict(links, doubts, len(_open_items(data))),
        tables=[_table(links, data)],
        notes=[*doubts, *_notes(data)],
    )


def _verdict(links: Links, doubts: list[str], n_open: int) -> Verdict:
    if not links.linkage.is_linked:
        number = len(links.linkage.blocks)
        return Verdict(
            Level.ACT,
            _("The items fall into %(number)d blocks that nothing links.") % {"number": number},
            _("Calibrate each block by itself, or link them by common items, persons or anchors."),
        )
    if links.linkage.ties:
        number = len(links.linkage.ties)
        return Verdict(
            Level.LOOK,
            ngettext(
                "%(number)d block of items hangs on the others by a thread.",
                "%(number)d blocks of items hang on the others by a thread.",
                number,
            )
            % {"number": number},
            _("Compare items and persons of different blocks within the error of the link only."),
        )
    if doubts:
        return Verdict(
            Level.LOOK,
            _("The distribution of ability that was given is not that of the responses."),
            _("Leave out --population, or calibrate with the group free."),
        )
    if n_open:
        return Verdict(
            Level.LOOK,
            ngettext(
                "%(number)d item has a parameter that the responses leave open.",
                "%(number)d items have a parameter that the responses leave open.",
                n_open,
            )
            % {"number": n_open},
            _("More responses, a prior or a simpler model would hold it."),
        )
    return Verdict(Level.GOOD, _("All items hang together."), _("Nothing needs to be done."))


def _table(links: Links, data: ReportData) -> Table:
    """Blocks, then ties; both name their items."""
    names = data.items
    rows: list[list[object]] = [
        ["block", len(block.items), block.n_persons, None, None, None,
         " ".join(names[item] for item in block.items), None]
        for block in links.linkage.blocks
    ]  # fmt: skip
    for tie in ties_as_data(links, names):
        common = tie["common_items"]
        rows.append(
            ["tie", len(tie["items"]), tie["persons"], len(common), tie["common_persons"],
             tie["standard_error"], " ".join(tie["items"]), " ".join(common)]
        )  # fmt: skip
    return Table(
        name="blocks",
        caption=_("Blocks of items, and the ties that hold one by a thread"),
        columns=[
            Column("kind", _("kind"), _kind),
            Column("n_items", _("items"), as_count),
            Column("persons", _("persons"), as_count),
            Column("n_common_items", _("common items"), as_count),
            Column("common_persons", _("common persons"), as_count),
            Column("standard_error", _("SE of the link"), three_decimals),
            Column("items", None),
            Column("common_items", None),
        ],
        rows=rows,
    )


def _kind(kind: object) -> str:
    return str({"block": _("block"), "tie": _("tie")}[str(kind)])


def _open_items(data: ReportData) -> list[str]:
    """The items whose file says that a parameter has no standard error, and why.

    Not those that are copies of others: what mends them is said in the section on dependence.
    """
    copies = {data.items[item] for item in data.copies.items}
    told = zip(data.items, data.known.status, strict=True)
    return [name for name, status in told if status and name not in copies]


def _notes(data: ReportData) -> list[str]:
    if not (names := _open_items(data)):
        return []
    return [
        _(
            "At a bound, or where the likelihood is flat, a parameter has no standard error "
            "(%(count)d items): %(names)s"
        )
        % named(names)
    ]


def _elsewhere(data: ReportData) -> list[str]:
    """That the items put ability elsewhere than it was said to be."""
    if data.is_population_estimated:
        return []
    found = held_population(
        data.responses,
        data.parameters.model.tolist(),
        data.parameters,
        data.population,
        data.grid.nodes,
    )
    return [
        _(
            "By the items ability has mean %(mean)s (SE %(mean_se)s) and variance %(variance)s "
            "(SE %(variance_se)s), but mean %(held)s and variance %(held_variance)s were given."
        )
        % {
            "mean": two_decimals(found.mean[group]),
            "mean_se": two_decimals(found.mean_se[group]),
            "variance": two_decimals(found.variance[group]),
            "variance_se": two_decimals(found.variance_se[group]),
            "held": two_decimals(found.held_mean[group]),
            "held_variance": two_decimals(found.held_variance[group]),
        }
        for group in np.flatnonzero(found.is_off).tolist()
    ]
