"""Section: items that work differently in groups of persons of the same ability (DIF)."""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.report.section import ROWS_SHOWN, Column, Level, Section, Table, Verdict, not_computed
from common.report.words import as_count, as_p, named, three_decimals, two_decimals
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.dif.likelihood_ratio import likelihood_ratio
from irt.dif.logistic_regression import LogisticRegression, logistic_regression
from irt.dif.mantel_haenszel import MantelHaenszel, mantel_haenszel
from irt.dif.matching import AbilityBands, Matching, TotalScore
from irt.dif.result import DifError
from irt.dif.wald import Wald, wald
from irt.responses import ResponseError
from scoring.files.calibration_inputs import Groups
from scoring.report.data import ReportData
from scoring.report.dif_figures import effect_figure, group_curves
from scoring.report.limits import ERROR_RATE, FEWEST_IN_A_GROUP, adjust_p_values
from scoring.report.statuses import status_words

# With fewer complete persons than this, sums of scores leave too many out.
_COMPLETE = 0.95

# The likelihood ratio takes a calibration an item: so many suspects at most.
_SUSPECTS = 20


@dataclass(frozen=True, eq=False)
class Dif:
    """Four looks at the J items; the first two for each of F focal groups, (F, J).

    ratio_p (J,) is that of the likelihood ratio, NaN for items that the others do not suspect.
    """

    mantel_haenszel: MantelHaenszel
    logistic: LogisticRegression
    wald: Wald
    ratio_p: FloatArray

    @property
    def worst_class(self) -> list[str]:
        """(J,) the ETS class that is worst over the focal groups."""
        return [max(own) for own in zip(*self.mantel_haenszel.classification.tolist(), strict=True)]


def dif(data: ReportData, groups: Groups) -> Section:
    """Mantel-Haenszel with ETS classes, logistic regression, and Wald tests of the model."""
    name, title = "dif", _("Differences between groups")
    shows = _(
        "Whether an item is easier for one group than for another when both are equally able. "
        "Compared with %(reference)s: %(others)s."
    ) % {"reference": groups.names[0], "others": ", ".join(groups.names[1:])}
    matching = _matching(data)
    try:
        classical = mantel_haenszel(data.responses, groups.member, matching=matching).result
        models = wald(data.responses, data.parameters.model.tolist(), groups.member)[1]
        found = Dif(
            classical,
            logistic_regression(data.responses, groups.member, matching=matching).result,
            models,
            _ratio_p(data, groups, classical, models),
        )
    except (DifError, ResponseError) as error:
        return not_computed(name, title, shows, error)
    classes = found.worst_class
    too_few = _too_few(groups)
    flagged = np.array([own in ("B", "C") for own in classes])
    shown = _most_telling(found, flagged)
    return Section(
        name=name,
        title=title,
        shows=shows,
        verdict=_verdict(data, classes, too_few),
        figures=[effect_figure(data, groups, found.logistic, shown)],
        small_figures=group_curves(data, groups, flagged),
        tables=[_table(data, groups, found, classes, shown), _group_table(data, groups, found)],
        notes=[
            *filter(None, [too_few]),
            _(
                "ETS classes: A no or negligible difference, B moderate, C large (Zieky 1993). "
                "The Wald test compares the parameters of the groups in one model; its p-values "
                "are adjusted for the number of items. The likelihood ratio is computed for the "
                "items that these suspect, with the others as anchors."
            ),
        ],
    )


def _ratio_p(
    data: ReportData, groups: Groups, classical: MantelHaenszel, models: Wald
) -> FloatArray:
    """(J,) p of the likelihood ratio of the items that look most different, the rest as anchors."""
    suspect = np.isin(classical.classification, ("B", "C")).any(axis=0)
    suspect |= adjust_p_values(models.p_value) < ERROR_RATE
    evidence = np.where(suspect, np.nan_to_num(models.chi_square), -1.0)
    tested = np.zeros(len(suspect), dtype=np.bool_)
    tested[np.argsort(-evidence, kind="stable")[: min(_SUSPECTS, int(suspect.sum()))]] = True
    if not tested.any() or suspect.all():
        return np.full(len(suspect), np.nan)
    names = data.parameters.model.tolist()
    ratio = likelihood_ratio(
        data.responses, names, groups.member, anchors=~suspect, tested=tested, max_rounds=1
    )
    return ratio.result.p_value


def _matching(data: ReportData) -> Matching:
    """Sums of scores where nearly everybody has one, abilities otherwise."""
    if data.share_complete >= _COMPLETE:
        return TotalScore()
    return AbilityBands(data.parameters, data.grid)


def _most_telling(found: Dif, flagged: BoolArray) -> IntArray:
    effect = np.nan_to_num(np.abs(found.logistic.group_effect).max(axis=0))
    return np.sort(np.lexsort((-effect, ~flagged))[:ROWS_SHOWN])


def _too_few(groups: Groups) -> str:
    """A sentence on the groups with too few persons for a difference to show; empty if none."""
    sizes = np.bincount(groups.member, minlength=len(groups.names))
    small = [groups.names[group] for group in np.flatnonzero(sizes < FEWEST_IN_A_GROUP)]
    if not small:
        return ""
    return _("In these groups are too few persons for a difference to show: %(names)s") % named(
        small
    )


def _verdict(data: ReportData, classes: list[str], too_few: str) -> Verdict:
    large = [item for item, own in zip(data.items, classes, strict=True) if own == "C"]
    moderate = [item for item, own in zip(data.items, classes, strict=True) if own == "B"]
    told = {"count": len(large), "items": len(classes), "moderate": len(moderate)}
    text = ngettext(
        "%(count)d of %(items)d items works very differently in the groups, %(moderate)d "
        "moderately so.",
        "%(count)d of %(items)d items work very differently in the groups, %(moderate)d "
        "moderately so.",
        len(large),
    )
    if not large and not moderate and too_few:
        return Verdict(Level.LOOK, text % told, too_few)
    if not large and not moderate:
        return Verdict(Level.GOOD, text % told, _("Nothing needs to be done."))
    if not large:
        return Verdict(
            Level.LOOK,
            text % told,
            _("Let people who know the groups read these items: %(names)s") % named(moderate),
        )
    return Verdict(
        Level.ACT,
        text % told,
        _(
            "Do not score these items before people who know the groups have read them; a "
            "difference may be fair, but it must have a reason: %(names)s"
        )
        % named(large + moderate),
    )


def _table(
    data: ReportData, groups: Groups, found: Dif, classes: list[str], shown: IntArray
) -> Table:
    wald_p = adjust_p_values(found.wald.p_value)
    focal_groups = groups.names[1:]
    rows = [
        (
            data.items[item],
            focal,
            classical.classification[at, item],
            classical.d_dif[at, item],
            classical.d_dif_se[at, item],
            classical.smd[at, item],
            classical.p_value[at, item],
            logistic.group_effect[at, item],
            logistic.p_value[at, item],
            logistic.effect_size[at, item],
            logistic.jodoin_gierl[at, item],
            found.wald.chi_square[item],
            wald_p[item],
            found.ratio_p[item],
            status_words(
                classical.status[at, item], logistic.status[at, item], found.wald.status[item]
            ),
        )
        for classical, logistic in [(found.mantel_haenszel, found.logistic)]
        for item in range(len(data.items))
        for at, focal in enumerate(focal_groups)
    ]
    n_focal = len(focal_groups)
    marked = [row for row in range(len(rows)) if classes[row // n_focal] in ("B", "C")]
    return Table(
        name="dif",
        caption=_("Differences between the groups, item by item"),
        columns=[
            Column("item", _("item")),
            Column("group", _("group")),
            Column("ets_class", _("ETS class")),
            Column("mh_d_dif", "MH D-DIF", two_decimals),
            Column("mh_d_dif_se", _("standard error"), two_decimals),
            Column("smd", _("difference in points"), three_decimals),
            Column("mh_p", _("p (Mantel-Haenszel)"), as_p),
            Column("log_odds", _("log odds ratio"), two_decimals),
            Column("logistic_p", _("p (logistic regression)"), as_p),
            Column("r2_change", _("change of R²"), three_decimals),
            Column("logistic_class", _("class (logistic)")),
            Column("wald", _("Wald χ²"), two_decimals),
            Column("wald_p_adjusted", _("p (Wald), adjusted"), as_p),
            Column("lr_p", _("p (likelihood ratio)"), as_p),
            Column("note", _("remark")),
        ],
        rows=rows,
        shown=[at for at in range(len(rows)) if at // n_focal in set(shown.tolist())],
        marked=frozenset(marked),
    )


def _group_table(data: ReportData, groups: Groups, found: Dif) -> Table:
    sizes = np.bincount(groups.member, minlength=len(groups.names))
    columns = (
        groups.names,
        sizes.tolist(),
        found.wald.group_mean.tolist(),
        np.sqrt(found.wald.group_variance).tolist(),
    )
    return Table(
        name="groups",
        caption=_("The groups; their abilities are relative to the reference"),
        columns=[
            Column("group", _("group")),
            Column("persons", _("persons"), as_count),
            Column("mean", _("mean of θ"), two_decimals),
            Column("sd", _("SD of θ"), two_decimals),
        ],
        rows=list(zip(*columns, strict=True)),
    )
