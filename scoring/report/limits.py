"""From where on the report raises its hand, and who says so.

None of these is a law. They are what the page calls "flagged", stated there beside each verdict.
"""

import numpy as np
from scipy.stats import false_discovery_control

from irt.arrays import FloatArray

# Share of false alarms among the flagged items (Benjamini & Hochberg 1995), and of persons.
ERROR_RATE = 0.05

# With fewer responses an item is not judged: chance alone takes it far from its curve.
FEWEST_RESPONSES = 100

# ETS asks for 200 persons in the smaller group (Zwick 2012); among half of them hardly any
# difference shows.
FEWEST_IN_A_GROUP = 100

# Distance of a curve from what was observed, as used in PISA and TIMSS reviews of items.
RMSD_LIMIT = 0.10

# Mean squares so many times above what they are where the model holds are of no consequence. How
# much more chance explains is simulated for the data at hand: no one limit is right at estimated
# abilities (irt/fit/mean_square_limits.py).
NOISE = 1.05

# M2: close and adequate fit (Maydeu-Olivares & Joe 2014).
CLOSE_RMSEA, ADEQUATE_RMSEA = 0.05, 0.089

# Christensen, Makransky & Horton (2017).
ADJUSTED_Q3 = 0.2

# Enough for decisions about persons, and for research (Nunnally & Bernstein 1994).
HIGH_RELIABILITY, USABLE_RELIABILITY = 0.9, 0.7

# Two curves of an item, as a share of its highest score.
DRIFT = 0.05

# Response-time effort below which answers were not serious (Wise & Kong 2005).
LEAST_EFFORT = 0.90

# An item that goes with the others as little as this is poor (Ebel & Frisbie 1991).
LEAST_ITEM_REST = 0.20

# The largest gap between the shares of scores up to a point, observed and expected.
SCORE_GAP = 0.03


def adjust_p_values(p_values: FloatArray) -> FloatArray:
    """p-values (J,) adjusted for their number (Benjamini & Hochberg 1995); NaN stays."""
    result = np.full(len(p_values), np.nan)
    known = np.isfinite(p_values)
    if known.any():
        result[known] = false_discovery_control(p_values[known])
    return result
