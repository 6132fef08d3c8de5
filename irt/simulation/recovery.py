"""How well simulated tests recover ability, and how long they are."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from irt.arrays import FloatArray, IntArray
from irt.policy.stopping_rules import StopReason
from irt.simulation.groups import Groups
from irt.simulation.sessions import Sessions

# A 95% interval is theta +- this many standard errors.
_INTERVAL = float(ndtri(0.975))


@dataclass(frozen=True, eq=False)
class Recovery:
    """The reported estimate and the length of tests in G groups of examinees; NaN where empty.

    With e = estimate - true theta within a group, each (G,):
    n, theta             examinees and their mean true ability
    bias, bias_error     mean of e and its Monte-Carlo standard error
    rmse                 root of the mean of e^2
    sd                   standard deviation of e: in a group of one ability, that of the estimates
    standard_error       mean of the standard errors that examinees are told
    coverage             share whose 95% interval, theta +- 1.96 standard errors, holds the truth
    mean_length, least_length, greatest_length   items that count
    stop                 (G, S) share of the tests ended by each `StopReason`, in its order
    """

    n: IntArray
    theta: FloatArray
    bias: FloatArray
    bias_error: FloatArray
    rmse: FloatArray
    sd: FloatArray
    standard_error: FloatArray
    coverage: FloatArray
    mean_length: FloatArray
    least_length: FloatArray
    greatest_length: FloatArray
    stop: FloatArray


def recovery(sessions: Sessions, groups: Groups) -> Recovery:
    """Recovery of ability in each group of the sessions."""
    error = sessions.theta - sessions.true_theta
    length = sessions.length.astype(float)
    covered = np.abs(error) <= _INTERVAL * sessions.standard_error
    return Recovery(
        n=groups.n,
        theta=groups.means(sessions.true_theta),
        bias=groups.means(error),
        bias_error=groups.errors(error),
        rmse=np.sqrt(groups.means(error * error)),
        sd=groups.deviations(error),
        standard_error=groups.means(sessions.standard_error),
        coverage=groups.means(covered.astype(float)),
        mean_length=groups.means(length),
        least_length=groups.smallest(length),
        greatest_length=groups.largest(length),
        stop=np.stack(
            [groups.means((sessions.stop == reason).astype(float)) for reason in StopReason], axis=1
        ),
    )


@dataclass(frozen=True, eq=False)
class Course:
    """The interim estimate after 0, 1, … answers, of the sessions that went on; each (L,).

    n sessions, bias, rmse, standard_error as in `Recovery`.
    """

    n: IntArray
    bias: FloatArray
    rmse: FloatArray
    standard_error: FloatArray


def course(sessions: Sessions) -> Course:
    """How the interim estimates of the sessions approach the truth."""
    going = sessions.items >= 0
    n = going.sum(axis=0)
    error = np.where(going, sessions.theta_at - sessions.true_theta[:, None], 0.0)
    told = np.where(going, sessions.standard_error_at, 0.0)
    return Course(
        n=n,
        bias=error.sum(axis=0) / n,
        rmse=np.sqrt((error * error).sum(axis=0) / n),
        standard_error=told.sum(axis=0) / n,
    )
