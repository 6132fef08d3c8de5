"""Which fits there are: data, model, grid, priors and what is free."""

from dataclasses import dataclass, field

import numpy as np

from tests.reference import lsat
from tests.reference.generator import SETS
from tests.reference.maximum import Problem

BETA = {"c": ("beta", 5.0, 17.0)}
LOGNORMAL = ("lognormal", 0.0, 0.5)


@dataclass(frozen=True)
class Fit:
    """61 nodes on -6..6 and N(0, 1) unless said; rasch and pcm leave the variance free."""

    model: str
    priors: dict = field(default_factory=dict)
    nodes: tuple = (61, 6.0)
    n_anchors: int = 0


def logit_normal(mean, slope=None):
    prior = {"c": ("normal", mean, 0.5)}
    return prior | ({"a": slope} if slope else {})


FITS = {
    "LSAT6__rasch": Fit("rasch"),
    "LSAT6__1pl_equal_slope": Fit("1pl"),
    "LSAT6__2pl": Fit("2pl"),
    "LSAT7__rasch": Fit("rasch"),
    "LSAT7__1pl_equal_slope": Fit("1pl"),
    "LSAT7__2pl": Fit("2pl"),
    "LSAT7__2pl_q121_lim8": Fit("2pl", nodes=(121, 8.0)),
    "LSAT7__2pl_q15_lim6": Fit("2pl", nodes=(15, 6.0)),
    "LSAT7__2pl_q21_lim4": Fit("2pl", nodes=(21, 4.0)),
    "LSAT7__2pl_q41_lim4": Fit("2pl", nodes=(41, 4.0)),
    "LSAT7__3pl_beta5_17": Fit("3pl", BETA),
    "LSAT7__3pl_normm1.1_0.5": Fit("3pl", logit_normal(-1.1)),
    "LSAT7__3pl_lna_normg": Fit("3pl", logit_normal(-1.1, LOGNORMAL)),
    "choice__rasch": Fit("rasch"),
    "choice__1pl_equal_slope": Fit("1pl"),
    "choice__2pl": Fit("2pl"),
    "choice__3pl_beta5_17": Fit("3pl", BETA),
    "choice__3pl_normm1.1_0.5": Fit("3pl", logit_normal(-1.1)),
    "choice__3pl_lna_normg": Fit("3pl", logit_normal(-1.1, LOGNORMAL)),
    "choice__4pl_lna_beta": Fit("4pl", BETA | {"a": LOGNORMAL, "u": ("beta", 17.0, 5.0)}),
    "rating__graded": Fit("grm"),
    "rating__gpcm": Fit("gpcm"),
    "rating__gpcm_q121_lim8": Fit("gpcm", nodes=(121, 8.0)),
    "rating__pcm_rasch": Fit("pcm"),
    "ref_3pl__2pl": Fit("2pl"),
    "ref_3pl__3pl_beta5_17": Fit("3pl", BETA),
    "ref_3pl__3pl_normm1.4_0.5": Fit("3pl", logit_normal(-1.4)),
    "ref_3pl__3pl_lna_normg": Fit("3pl", logit_normal(-1.4, LOGNORMAL)),
    "ref_graded__graded": Fit("grm"),
    "ref_anchor__2pl_free_all": Fit("2pl"),
    "ref_anchor__2pl_fixed30_free_meanvar": Fit("2pl", n_anchors=30),
}

# Fits with scores, item fit and information, and whether mirt computed them, at its own estimates.
SCORED = {
    "LSAT7__2pl": True,
    "LSAT7__rasch": True,
    "LSAT7__3pl_normm1.1_0.5": True,
    "choice__2pl": False,
    "choice__rasch": False,
    "choice__3pl_normm1.1_0.5": False,
    "rating__graded": False,
    "rating__gpcm": False,
    "ref_3pl__3pl_normm1.4_0.5": True,
    "ref_anchor__2pl_fixed30_free_meanvar": True,
}


def responses(name):
    """(N, J) of a data set, made from its seed or its printed table."""
    if name in SETS:
        return SETS[name]()[0]
    return lsat.responses({"LSAT6": lsat.SECTION_6, "LSAT7": lsat.SECTION_7}[name])


def problem(name):
    """The problem of a fit; equal responses are one row with a frequency."""
    fit, data = FITS[name], name.split("__")[0]
    patterns, frequency = np.unique(responses(data), axis=0, return_counts=True)
    anchors = {}
    if fit.n_anchors:
        a, b, _ = SETS[data]()[1]
        anchors = {item: [a[item], -a[item] * b[item]] for item in range(fit.n_anchors)}
    count, limit = fit.nodes
    return Problem(
        patterns,
        [fit.model] * patterns.shape[1],
        frequency=frequency,
        nodes=np.linspace(-limit, limit, count),
        priors=fit.priors,
        anchors=anchors,
        free_moments=(bool(anchors), bool(anchors) or fit.model in ("rasch", "pcm")),
    )
