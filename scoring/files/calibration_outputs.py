"""What a calibration hands over beside the parameters: a summary and the covariance matrix."""

import json
from collections.abc import Sequence
from math import isfinite
from typing import TextIO

import numpy as np

from common.files.csv_files import write_table
from irt.arrays import FloatArray
from irt.calibration.result import COMMON_SLOPE_OWNER, FIRST_GROUP_OWNER, Calibration, Covariance
from irt.common_scale.link_errors import Links
from irt.models.parameters import COMMON_SLOPE
from scoring.files.link_words import ties_as_data


def write_summary(
    file: TextIO,
    result: Calibration,
    *,
    items: Sequence[str],
    groups: Sequence[str],
    links: Links,
    seconds: float,
) -> None:
    """SUMMARY.json; `group_*` is the first of the `groups`, and null what is not a finite number.

    Errors of the moments are null where they are fixed or were not asked for. `undetermined` names
    the estimates without a standard error, where there are any; `blocks` and `ties` what the items
    are held together by, where this is too weak.
    """
    first = _moments(result, 0)
    content: dict[str, object] = {
        "log_likelihood": _number(result.log_likelihood),
        "log_posterior": _number(result.log_posterior),
        "converged": result.converged,
        "iterations": result.iterations,
        "max_gradient": _number(result.max_gradient),
        "n_persons": result.n_persons,
        "n_items": result.parameters.n_items,
        "group_mean": first["mean"],
        "group_variance": first["variance"],
        "nodes": len(result.nodes),
        "range": float(result.nodes[-1]),
        "seconds": seconds,
        "n_parameters": result.n_parameters,
        "aic": _number(result.aic),
        "bic": _number(result.bic),
        "group_mean_se": first["mean_se"],
        "group_variance_se": first["variance_se"],
    }
    if len(groups) > 1:
        content["groups"] = {name: _moments(result, at) for at, name in enumerate(groups)}
    if result.undetermined:
        content["undetermined"] = [
            {
                "parameter": _label(one.owner, one.name, items, groups),
                "value": _number(one.value),
                "cause": one.cause.value,
            }
            for one in result.undetermined
        ]
    if not links.linkage.is_linked:
        content["blocks"] = [
            {"items": [items[item] for item in block.items], "persons": block.n_persons}
            for block in links.linkage.blocks
        ]
    if links.linkage.ties:
        content["ties"] = ties_as_data(links, items)
    json.dump(content, file, indent=2, allow_nan=False, ensure_ascii=False)
    file.write("\n")


def write_covariance(
    file: TextIO,
    covariance: Covariance,
    items: Sequence[str],
    groups: Sequence[str],
    metric: float = 1.0,
) -> None:
    """The sampling covariances as a square table, a row and a column for each free parameter.

    Slopes are those for the D that `metric` is.

    Columns are called ITEM:a, ITEM:b1, ...; 1pl:a is the slope that 1PL items share, GROUP:mean and
    GROUP:variance are the moments of a group (`group` where there is one).
    """
    labels = [_label(owner, name, items, groups) for owner, name in covariance.names]
    scale = np.array([1 / metric if name == "a" else 1.0 for _, name in covariance.names])
    matrix = scale[:, None] * covariance.matrix * scale
    rows = zip(labels, matrix.tolist(), strict=True)
    write_table(file, ["parameter", *labels], ([label, *row] for label, row in rows))


def _label(owner: int, name: str, items: Sequence[str], groups: Sequence[str]) -> str:
    if owner >= 0:
        return f"{items[owner]}:{name}"
    if owner == COMMON_SLOPE_OWNER:
        return f"{COMMON_SLOPE[0]}:{name}"
    return f"{groups[FIRST_GROUP_OWNER - owner]}:{name}"


def _moments(result: Calibration, group: int) -> dict[str, float | None]:
    moments: dict[str, FloatArray] = {
        "mean": result.group_mean,
        "variance": result.group_variance,
        "mean_se": result.group_mean_se,
        "variance_se": result.group_variance_se,
    }
    return {name: _number(float(values[group])) for name, values in moments.items()}


def _number(value: float) -> float | None:
    return value if isfinite(value) else None
