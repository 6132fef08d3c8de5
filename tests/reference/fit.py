"""S-X2 and M2 by their definitions, slowly: nothing of `irt`.

The rows and cells of S-X2 are merged by the rules of mirt, which `docs/psychometrics.md` states.
"""

import numpy as np
from scipy import linalg, optimize, stats

from tests.reference.curves import STEP, probabilities

LEAST = 1.0  # expected persons in a cell


def s_x2(items, scores, theta, weights, n_free):
    """S_X2, df, RMSEA and p of each item; n_free (J,) parameters estimated for it."""
    curves = items.curves(theta)
    total = scores.sum(axis=1)
    rows = []
    for item, own in enumerate(curves):
        rest = _sums([curve for j, curve in enumerate(curves) if j != item], len(theta))
        joint = np.full((len(rest) + len(own) - 1, len(own)), np.nan)
        for category, curve in enumerate(own):
            joint[category : category + len(rest), category] = (rest * curve) @ weights
        observed = np.array(
            [
                [((total == s) & (scores[:, item] == k)).sum() for k in range(len(own))]
                for s in range(len(joint))
            ],
            float,
        )
        share = joint / np.nansum(joint, axis=1, keepdims=True)
        expected = share * observed.sum(axis=1, keepdims=True)
        cells = merged(observed[1:-1], expected[1:-1])
        statistic = sum((o - e) ** 2 / e for row in cells for o, e in row)
        df = sum(len(row) - 1 for row in cells) - n_free[item]
        rmsea = np.sqrt(max(0.0, statistic / df - 1) / (len(scores) - 1)) if df > 0 else np.nan
        rows.append((statistic, df, rmsea, stats.chi2.sf(statistic, df)))
    names = ("S_X2", "df.S_X2", "RMSEA.S_X2", "p.S_X2")
    return dict(zip(names, np.array(rows).T, strict=True))


def _sums(curves, n_nodes):
    sums = np.ones((1, n_nodes))
    for curve in curves:
        parts = [
            np.pad(sums * own, ((k, len(curve) - 1 - k), (0, 0))) for k, own in enumerate(curve)
        ]
        sums = np.sum(parts, axis=0)
    return sums


def merged(observed, expected):
    """Rows of cells (observed, expected) that are left, as mirt merges them.

    Rows with a cell that cannot be join the next whole one; empty rows go; a row of one person
    joins the next. Within rows of three and more categories the least cell below `LEAST` joins its
    lesser neighbour, then hardly existing columns join the one before. At last a row with a cell
    below `LEAST` joins the neighbour with fewer persons.
    """
    whole = np.flatnonzero(np.isfinite(expected).all(axis=1))
    if not len(whole):
        return []
    groups = np.clip(np.arange(len(observed)), whole[0], whole[-1])
    both = np.stack([observed, np.nan_to_num(expected)], axis=2)
    rows = [both[groups == g].sum(axis=0) for g in range(whole[0], whole[-1] + 1)]
    rows = _single_persons_joined([row for row in rows if row[:, 0].sum() > 0])
    rows = [[tuple(cell) for cell in row] for row in rows]
    width = observed.shape[1]
    if width > 2:
        rows = [_padded(_least_joined(row), width) for row in rows]
        rows = _columns_joined(rows)
    return [[cell for cell in row if cell[1] > 0] for row in _sparse_rows_joined(rows)]


def _single_persons_joined(rows):
    rows, at = list(rows), 0
    while at < len(rows) and len(rows) > 1:
        if rows[at][:, 0].sum() == 1:
            lone = rows.pop(at)
            into = at if at < len(rows) else at - 1
            rows[into] = rows[into] + lone
        else:
            at += 1
    return rows


def _plus(cell, other):
    return cell[0] + other[0], cell[1] + other[1]


def _least_joined(row):
    row = list(row)
    while len(row) > 2 and min(e for _, e in row) < LEAST:
        least = min(e for _, e in row)
        at = max(k for k, (_, e) in enumerate(row) if e == least)
        cell = row.pop(at)
        # After the removal the neighbours are at - 1 and at; the lower one wins a tie.
        sides = [k for k in (at - 1, at) if 0 <= k < len(row)]
        into = min(sides, key=lambda k: row[k][1])
        row[into] = _plus(row[into], cell)
    return row


def _padded(row, width):
    return [*row, *[(0.0, 0.0)] * (width - len(row))]


def _columns_joined(rows):
    def join(column):
        return [
            [*row[: column - 1], _plus(row[column - 1], row[column]), *row[column + 1 :]]
            for row in rows
        ]

    few = LEAST * np.ceil(0.1 * len(rows))
    while len(rows[0]) > 2 and sum(row[-1][1] for row in rows) < few:
        rows = join(len(rows[0]) - 1)
    for column in reversed(range(1, len(rows[0]))):
        if sum(row[column][1] > 0 for row in rows) < 0.05 * len(rows):
            rows = join(column)
    return rows


def _sparse_rows_joined(rows):
    rows, at = list(rows), 0
    while at < len(rows) and len(rows) > 1:
        if all(not 0 < e < LEAST for _, e in rows[at]):
            at += 1
            continue
        persons = [sum(o for o, _ in row) for row in rows]
        sides = [k for k in (at - 1, at + 1) if 0 <= k < len(rows)]
        into = min(sides, key=persons.__getitem__)
        rows[into] = [_plus(one, two) for one, two in zip(rows[into], rows[at], strict=True)]
        del rows[at]
        at = min(at, into)
    return rows


def m2(problem, free, scores):
    """M2 of a `maximum.Problem` at its free parameters, and what is derived from it.

    The covariance of the margins is built moment by moment; C = D (D' Xi D)^-1 D' with D the
    complement of the derivative (Maydeu-Olivares & Joe 2006).
    """
    pairs = _pairs(len(problem.models))
    statistic, df = _quadratic_form(
        _expected(problem, free, pairs).real,
        np.array(
            [_expected(problem, free + move, pairs).imag / STEP for move in _steps(len(free))]
        ).T,
        _covariance(*_moments(problem, free), pairs),
        scores,
        pairs,
    )
    proportions = scores.mean(axis=0)
    squares = (scores.astype(float) ** 2).mean(axis=0)
    apart = (proportions[:, None], squares[:, None], np.ones(1))
    independent = np.zeros((len(pairs), len(proportions)))
    for row, (i, j) in enumerate(pairs):
        for own, other in ((i, j), (j, i)):
            if own:
                independent[row, own - 1] = proportions[other - 1] if other else 1.0
    null, null_df = _quadratic_form(
        np.array([_product(proportions, i) * _product(proportions, j) for i, j in pairs]),
        independent,
        _covariance(*apart, pairs),
        scores,
        pairs,
    )
    n = len(scores)
    excess, null_excess = max(statistic - df, 0.0), max(null - null_df, 0.0)
    return {
        "M2": statistic,
        "df": df,
        "p": stats.chi2.sf(statistic, df),
        "RMSEA": np.sqrt(max(0.0, statistic / df - 1) / (n - 1)),
        "RMSEA_5": _rmsea_limit(statistic, df, n, 0.95),
        "RMSEA_95": _rmsea_limit(statistic, df, n, 0.05),
        "SRMSR": _srmsr(problem, free, scores),
        "CFI": 1 - excess / max(null_excess, excess) if null_excess else 1.0,
        "TLI": (null / null_df - statistic / df) / (null / null_df - 1),
    }


def _pairs(n_items):
    """(i, j), item 0 standing for the constant."""
    return [(i, j) for i in range(n_items + 1) for j in range(i + 1, n_items + 1)]


def _steps(n):
    return 1j * STEP * np.eye(n)


def _product(values, item):
    return values[item - 1] if item else 1.0


def _moments(problem, free):
    """E[X], E[X^2] (J, Q) at the nodes, and the weights (Q,)."""
    weights = np.exp(problem.log_weights(problem.group_moments(free)))[0]
    curves = [
        probabilities(model, x, problem.nodes)
        for model, x in zip(problem.models, problem.items(free), strict=True)
    ]
    powers = [np.array([np.arange(len(c)) ** power @ c for c in curves]) for power in (1, 2)]
    return *powers, weights


def _expected(problem, free, pairs):
    mean, _, weights = _moments(problem, free)
    return np.array([(_product(mean, i) * _product(mean, j) * weights).sum() for i, j in pairs])


def _covariance(mean, square, weights, pairs):
    """Of one person's products: E[X_i X_j X_k X_l] minus the product of two expectations."""
    ones = np.ones_like(weights)
    first, second = ([ones, *moment] for moment in (mean, square))
    margin = [(first[i] * first[j]) @ weights for i, j in pairs]
    result = np.empty((len(pairs),) * 2)
    for row, (i, j) in enumerate(pairs):
        for column, (k, m) in enumerate(pairs[row:], row):
            product = weights
            for item in {i, j, k, m} - {0}:
                twice = item in (i, j) and item in (k, m)
                product = product * (second if twice else first)[item]
            value = product.sum() - margin[row] * margin[column]
            result[row, column] = result[column, row] = value
    return result


def _quadratic_form(expected, derivative, covariance, scores, pairs):
    with_constant = np.column_stack([np.ones(len(scores)), scores])
    observed = np.array([(with_constant[:, i] * with_constant[:, j]).mean() for i, j in pairs])
    lengths = np.linalg.norm(derivative, axis=0)
    rest = linalg.null_space((derivative / np.where(lengths > 0, lengths, 1.0)).T, rcond=1e-10)
    seen = rest.T @ (observed - expected)
    statistic = len(scores) * seen @ np.linalg.solve(rest.T @ covariance @ rest, seen)
    return float(statistic), rest.shape[1]


def _srmsr(problem, free, scores):
    mean, square, weights = _moments(problem, free)
    product = (mean * weights) @ mean.T
    np.fill_diagonal(product, square @ weights)
    product -= np.outer(mean @ weights, mean @ weights)
    deviation = np.sqrt(np.diag(product))
    gap = np.corrcoef(scores.T) - product / np.outer(deviation, deviation)
    return float(np.sqrt((gap[np.triu_indices(len(gap), 1)] ** 2).mean()))


def _rmsea_limit(statistic, df, n, tail):
    """sqrt(lambda / (N df)) of the noncentral chi-square that has the statistic at `tail`."""

    def excess(noncentrality):
        return stats.ncx2.cdf(statistic, df, noncentrality) - tail

    if stats.chi2.cdf(statistic, df) <= tail:
        return 0.0
    found = optimize.brentq(excess, 1e-12, 10 * statistic + 100, xtol=1e-12, rtol=1e-14)
    return float(np.sqrt(found / (n * df)))
