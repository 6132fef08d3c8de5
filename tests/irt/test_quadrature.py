import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid

from irt.quadrature import cumulative_trapezoids


@pytest.mark.parametrize("shape", [(61,), (7, 61), (7, 1), (0, 61)])
def test_the_cumulative_integral_is_that_of_scipy_to_the_last_bit(shape):
    rng = np.random.default_rng(1)
    values, nodes = rng.normal(size=shape), np.sort(rng.normal(size=shape[-1]))
    expected = cumulative_trapezoid(values, nodes, initial=0)
    assert np.array_equal(cumulative_trapezoids(values, nodes), expected)
