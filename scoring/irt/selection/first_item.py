"""Where the first item is looked for."""

from scoring.irt.ability import Ability
from scoring.irt.policy import Policy
from scoring.irt.state import State


def selection_theta(policy: Policy, state: State, ability: Ability) -> Ability:
    """The ability (N,) at which the next item is chosen."""
    return ability
