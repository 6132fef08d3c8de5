"""The standardised form of a mean square, for items and for persons alike."""

import numpy as np

from irt.arrays import FloatArray

# The spread is cut at that of a chi-square with one degree of freedom, where the cube root is far
# from normal, written with the digits that Winsteps and mirt use.
_LARGEST_SPREAD = 1.4142


def standardized_mean_square(mean_square: FloatArray, spread: FloatArray) -> FloatArray:
    """Wilson and Hilferty's cube root, about N(0, 1) (Wright & Masters 1982, table 5.4a).

    mean_square has expectation 1 and standard deviation `spread`, arrays of one shape.
    """
    q = np.minimum(spread, _LARGEST_SPREAD)
    return np.asarray((np.cbrt(mean_square) - 1.0) * (3.0 / q) + q / 3.0)
