"""Pictures of a link: difficulties on both scales, and the curves of what drifted."""

import numpy as np
from django.utils.translation import gettext as _

from common.report.plot import THETA_LIMIT, Plot
from common.report.section import Column, Figure, Table
from common.report.words import two_decimals
from irt.arrays import BoolArray
from irt.drift.purification import PurifiedLink
from irt.models.parameters import ItemParameters
from scoring.files.parameter_files import ParameterTable

_CURVES_DRAWN = 12


def difficulty_figure(
    standing: ParameterTable, source: ItemParameters, found: PurifiedLink, drifted: BoolArray
) -> Figure:
    """Every difficulty or step there against the linked one here."""
    there, here = standing.parameters.difficulty, found.link.parameters(source).difficulty
    width = min(there.shape[1], here.shape[1])
    item, step = np.nonzero(np.isfinite(there[:, :width]) & np.isfinite(here[:, :width]))
    x, y = there[item, step], here[item, step]
    reach = max(THETA_LIMIT, float(np.ceil(np.abs([x, y]).max()))) if item.size else THETA_LIMIT
    reach = min(reach, 8.0)
    plot = Plot.of((-reach, reach, _("b there")), (-reach, reach, _("b here, linked")), 420, 360)
    titles = [
        f"{standing.items[at]}: {two_decimals(a)} → {two_decimals(b)}"
        for at, a, b in zip(item.tolist(), x.tolist(), y.tolist(), strict=True)
    ]
    out = drifted[item]
    groups = [
        (kind, np.flatnonzero(members)) for kind, members in (("series-0", ~out), ("flagged", out))
    ]
    ends = np.array([-reach, reach])
    return Figure(
        name="link",
        title=_("Difficulties of the common items on one scale"),
        description=_(
            "Items on the line are as difficult as before; above it they became harder, below it "
            "easier. Drifted items are marked."
        ),
        drawing=plot.drawing(
            plot.curve("rule", ends, ends),
            *(
                plot.dots(kind, x[members], y[members], [titles[at] for at in members])
                for kind, members in groups
            ),
        ),
        width=plot.width,
        height=plot.height,
        legend=[("dot series-0", _("stood still")), ("dot flagged", _("drifted"))],
    )


def drift_curves(items: list[str], found: PurifiedLink, drifted: BoolArray) -> list[Figure]:
    """Expected scores there and here of the items that drifted."""
    distance = found.statistics.distance
    plot = Plot.of((-THETA_LIMIT, THETA_LIMIT, "θ"), (0, 1, ""), 270, 200)
    inside = np.abs(distance.nodes) <= THETA_LIMIT
    theta = distance.nodes[inside]
    figures = []
    for item in np.flatnonzero(drifted)[:_CURVES_DRAWN].tolist():
        there, here = distance.target_score[item, inside], distance.linked_score[item, inside]
        rows = list(zip(theta.tolist(), there.tolist(), here.tolist(), strict=True))
        figures.append(
            Figure(
                name=f"drift-{item + 1}",
                title=items[item],
                description=_(
                    "Expected share of points on %(item)s over θ in the two calibrations."
                )
                % {"item": items[item]},
                drawing=plot.drawing(
                    plot.curve("series-0", theta, there), plot.curve("series-1", theta, here)
                ),
                width=plot.width,
                height=plot.height,
                legend=[("series-0", _("there")), ("series-1", _("here, linked"))],
                numbers=Table(
                    name=f"drift-curve-{item + 1}",
                    caption=_("Expected share of points"),
                    columns=[
                        Column("theta", "θ", two_decimals),
                        Column("there", _("there"), two_decimals),
                        Column("here", _("here, linked"), two_decimals),
                    ],
                    rows=rows,
                    shown=range(0, len(rows), 5),
                ),
                is_small=True,
            )
        )
    return figures
