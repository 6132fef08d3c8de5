"""Section: this calibration beside another one, on its scale, and what has drifted."""

from functools import partial

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.report.section import ROWS_SHOWN, Column, Level, Section, Table, Verdict, not_computed
from common.report.words import as_p, named, three_decimals, two_decimals
from irt.drift.purification import Criterion, LinkingMethod, PurifiedLink, purified_link
from irt.linking.characteristic_curves import haebara, stocking_lord
from irt.linking.common_items import LinkingError, LinkStatus
from irt.linking.moments import mean_mean, mean_sigma
from irt.models.parameters import UNIT_SLOPE, ItemParameters
from scoring.files.parameter_files import ParameterTable
from scoring.report.data import ReportData
from scoring.report.limits import DRIFT, ERROR_RATE
from scoring.report.linking_figures import difficulty_figure, drift_curves
from scoring.report.statuses import status_words

# More drifted links than this share make the link itself doubtful.
_MANY = 0.25


def linking(data: ReportData, standing: ParameterTable) -> Section:
    """Stocking-Lord link without the items that drifted; other methods for comparison."""
    name, title = "linking", _("Comparison with another calibration")
    shows = _(
        "How the scale of this calibration is carried over to that of another one by the items "
        "they share, and which of these items have drifted."
    )
    own = data.known.take(standing.items)
    target, source = standing.parameters, own.parameters
    try:
        found = purified_link(
            _method(source),
            target,
            source,
            _criterion(own, standing),
            target_uncertainty=standing.errors,
            source_uncertainty=own.errors,
            source_grid=data.grid,
        )
    except LinkingError as error:
        return not_computed(name, title, shows, error)
    drifted = np.isin(found.status, [LinkStatus.DRIFTED, LinkStatus.DRIFTED_BUT_KEPT])
    return Section(
        name=name,
        title=title,
        shows=shows,
        verdict=_verdict(standing.items, found, drifted),
        figures=[difficulty_figure(standing, source, found, drifted)],
        small_figures=drift_curves(standing.items, found, drifted),
        tables=[
            _item_table(standing, source, found, drifted),
            _link_table(target, source, found),
        ],
        notes=_notes(found),
    )


def _criterion(own: ParameterTable, standing: ParameterTable) -> Criterion:
    """Chance can be told from drift only where there are standard errors."""
    if own.errors is None and standing.errors is None:
        return Criterion(rmsd=DRIFT)
    return Criterion(rmsd=DRIFT, distance=ERROR_RATE)


def _method(source: ItemParameters) -> LinkingMethod:
    """Stocking-Lord, with the slope held at 1 where Rasch and PCM items fix the unit."""
    fixed = np.isin(source.model, UNIT_SLOPE).all()
    return partial(stocking_lord, slope=1.0) if fixed else stocking_lord


def _verdict(items: list[str], found: PurifiedLink, drifted: np.ndarray) -> Verdict:
    names = [items[item] for item in np.flatnonzero(drifted)]
    told = {**named(names), "links": len(items)}
    text = ngettext(
        "%(count)d of %(links)d common items has drifted.",
        "%(count)d of %(links)d common items have drifted.",
        len(names),
    )
    if (found.status == LinkStatus.DRIFTED_BUT_KEPT).any() or len(names) > _MANY * len(items):
        return Verdict(
            Level.ACT,
            text % told,
            _(
                "Do not link yet: with so many drifted items nobody knows which of them stood "
                "still. Look for a common cause, such as another population, order, or "
                "mode of delivery: %(names)s"
            )
            % told,
        )
    if names:
        return Verdict(
            Level.LOOK,
            text % told,
            _(
                "The link does without these items. Find out whether they became known or were "
                "changed, and retire or recalibrate them: %(names)s"
            )
            % told,
        )
    return Verdict(Level.GOOD, text % told, _("The two scales can be linked as they are."))


def _notes(found: PurifiedLink) -> list[str]:
    error = np.sqrt(np.maximum(np.diagonal(found.covariance), 0.0))
    told = {
        "slope": three_decimals(found.link.slope),
        "slope_se": three_decimals(error[0]),
        "intercept": three_decimals(abs(found.link.intercept)),
        "sign": "+" if found.link.intercept >= 0 else "\N{MINUS SIGN}",
        "intercept_se": three_decimals(error[1]),
    }
    return [
        _(
            "θ on the other scale = %(slope)s θ %(sign)s %(intercept)s, with standard errors "
            "%(slope_se)s and %(intercept_se)s (Stocking and Lord 1983)."
        )
        % told,
        _(
            "An item has drifted where its curves differ by more than %(limit)s of its highest "
            "score and by more than chance explains."
        )
        % {"limit": f"{DRIFT:.0%}"},
    ]


def _item_table(
    standing: ParameterTable, source: ItemParameters, found: PurifiedLink, drifted: np.ndarray
) -> Table:
    linked, statistics = found.link.parameters(source), found.statistics
    columns = (
        standing.items,
        [
            status_words(*own)
            for own in zip(
                found.status.tolist(),
                statistics.distance.status.tolist(),
                strict=True,
            )
        ],
        standing.parameters.discrimination.tolist(),
        linked.discrimination.tolist(),
        np.nanmean(standing.parameters.difficulty, axis=1).tolist(),
        np.nanmean(linked.difficulty, axis=1).tolist(),
        statistics.distance.signed.tolist(),
        statistics.distance.rmsd.tolist(),
        statistics.distance.p_value.tolist(),
        statistics.wald.p_value.tolist(),
        statistics.robust_z.difficulty.tolist(),
    )
    order = np.lexsort((-np.nan_to_num(statistics.distance.rmsd), ~drifted))
    return Table(
        name="drift",
        caption=_("The common items on the other scale"),
        columns=[
            Column("item", _("item")),
            Column("status", _("status")),
            Column("a_other", _("a there"), two_decimals),
            Column("a_linked", _("a here, linked"), two_decimals),
            Column("b_other", _("b there"), two_decimals),
            Column("b_linked", _("b here, linked"), two_decimals),
            Column("difference", _("mean difference of the curves"), three_decimals),
            Column("rmsd", "RMSD", three_decimals),
            Column("p", _("p"), as_p),
            Column("wald_p", _("p (Wald)"), as_p),
            Column("robust_z", _("robust z of b"), two_decimals),
        ],
        rows=list(zip(*columns, strict=True)),
        shown=np.sort(order[:ROWS_SHOWN]).tolist(),
        marked=frozenset(np.flatnonzero(drifted).tolist()),
    )


def _link_table(target: ItemParameters, source: ItemParameters, found: PurifiedLink) -> Table:
    methods: list[tuple[str, LinkingMethod]] = [
        (_("mean-mean"), mean_mean),
        (_("mean-sigma"), mean_sigma),
        ("Haebara", haebara),
        ("Stocking-Lord", stocking_lord),
    ]
    rows: list[tuple[object, ...]] = []
    for name, method in methods:
        try:
            link = method(target, source, among=found.link.used)
        except LinkingError as error:
            rows.append((name, None, None, str(error)))
        else:
            rows.append((name, link.slope, link.intercept, ""))
    return Table(
        name="links",
        caption=_("The link by several methods, from the items that stood still"),
        columns=[
            Column("method", _("method")),
            Column("slope", _("slope A"), three_decimals),
            Column("intercept", _("intercept B"), three_decimals),
            Column("note", _("remark")),
        ],
        rows=rows,
    )
