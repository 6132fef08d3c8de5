"""Sections 6 and 7 of the Law School Admission Test: what papers print of them.

Bock, R. D., & Lieberman, M. (1970). Fitting a response model for n dichotomously scored items.
    Psychometrika, 35, 179-197. The response patterns of both sections.
Bock, R. D., & Aitkin, M. (1981). Marginal maximum likelihood estimation of item parameters:
    Application of an EM algorithm. Psychometrika, 46, 443-459. Normal ogives of section 6.
Rizopoulos, D. (2006). ltm: An R package for latent variable modeling and item response theory
    analyses. Journal of Statistical Software, 17(5), 1-25. Rasch estimates of section 6.
"""

import numpy as np

# Frequencies of the patterns 00000, 00001, ..., 11111 of 1,000 persons: a page prints a column.
SECTION_6 = (
    *(3, 6, 2, 11, 1, 1, 3, 4),
    *(1, 8, 0, 16, 0, 3, 2, 15),
    *(10, 29, 14, 81, 3, 28, 15, 80),
    *(16, 56, 21, 173, 11, 61, 28, 298),
)
SECTION_7 = (
    *(12, 19, 1, 7, 3, 19, 3, 17),
    *(10, 5, 3, 7, 7, 23, 8, 28),
    *(7, 39, 11, 34, 14, 51, 15, 90),
    *(6, 25, 7, 35, 18, 136, 32, 308),
)
PATTERNS = np.array([[number >> (4 - item) & 1 for item in range(5)] for number in range(32)])

# P = Phi(intercept + slope theta), theta ~ N(0, 1).
NORMAL_OGIVE_6 = {
    "intercept": (1.5520, 0.5999, 0.1512, 0.7723, 1.1966),
    "slope": (0.4169, 0.4333, 0.5373, 0.4044, 0.3587),
}
# Slope 1 and N(0, 1): difficulties, their errors and the log-likelihood; then with a free slope.
RASCH_6 = {
    "difficulty": (-2.8720, -1.0630, -0.2576, -1.3881, -2.2188),
    "error": (0.1287, 0.0821, 0.0766, 0.0865, 0.1048),
    "log_likelihood": -2473.054,
}
ONE_PL_6 = {
    "difficulty": (-3.615, -1.322, -0.318, -1.730, -2.780),
    "slope": 0.755,
    "log_likelihood": -2466.938,
}


def responses(frequencies):
    """(1000, 5) responses, pattern after pattern."""
    return np.repeat(PATTERNS, frequencies, axis=0)
