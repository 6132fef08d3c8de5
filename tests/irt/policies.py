"""Policies in few words."""

from irt.policy.policy import Draw, Estimation, Policy, Selection
from irt.policy.stopping_rules import StandardError, Stopping


def policy_of(
    *,
    among=1,
    min_items=1,
    max_items=30,
    standard_error=None,
    prior_mean=0.0,
    prior_sd=1.0,
):
    """Maximum information, drawn among so many, until the lengths or the standard error say so."""
    return Policy(
        estimation=Estimation(prior_mean=prior_mean, prior_sd=prior_sd),
        selection=Selection(draw=Draw.RANDOMESQUE, among=among),
        stopping=Stopping(
            min_items=min_items,
            max_items=max_items,
            rule=None if standard_error is None else StandardError(standard_error),
        ),
    )
