"""Stopping rules that contradict themselves or the pool, found before anybody takes the test."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from irt.arrays import FloatArray
from irt.faults import Fault
from irt.models.information import item_information
from irt.policy.policy import Estimation, Estimator, Policy
from irt.policy.stopping_rules import (
    AllOf,
    AnyOf,
    Classified,
    Classifier,
    InformationLeft,
    Rule,
    StandardError,
)
from irt.pool import Pool

# Cut scores 0.1 and 0.3 are 0.19999999999999998 apart.
_ROUNDING = 1e-9


def stopping_faults(pool: Pool, policy: Policy) -> list[Fault]:
    """What no examinee could bring right, in the order of length, cut scores and rules.

    Information is taken on the nodes of the pool, expected, and of operational items only. For EAP
    and MAP the policy's prior adds its own, 1 / sd^2.
    """
    faults = [*_length(pool, policy), *_cuts(policy)]
    if not pool.operational.any():
        return faults
    information = item_information(pool.parameters, pool.nodes)[pool.operational]
    for rule in _simple_rules(policy.stopping.rule):
        match rule:
            case StandardError(at_most):
                faults += _unreachable(at_most, information, pool.nodes, policy)
            case InformationLeft(below):
                faults += _always_left(below, information, pool.nodes)
            case Classified():
                faults += _classification(rule, policy.cuts)
    return list(dict.fromkeys(faults))


def _simple_rules(rule: Rule | None) -> Iterator[Rule]:
    if isinstance(rule, AnyOf | AllOf):
        for part in rule.rules:
            yield from _simple_rules(part)
    elif rule is not None:
        yield rule


def _length(pool: Pool, policy: Policy) -> Iterator[Fault]:
    available, needed = int(pool.operational.sum()), policy.stopping.min_items
    if available < needed:
        yield Fault.of("too_few_items", needed=needed, available=available)


def _cuts(policy: Policy) -> Iterator[Fault]:
    if not _rise(policy.cuts):
        yield Fault.of("cuts_not_rising", cuts=", ".join(f"{cut:g}" for cut in policy.cuts))


def _rise(cuts: tuple[float, ...]) -> bool:
    finite = bool(np.isfinite(cuts).all())
    return finite and all(lower < upper for lower, upper in pairwise(cuts))


def _unreachable(
    at_most: float, information: FloatArray, nodes: FloatArray, policy: Policy
) -> Iterator[Fault]:
    count = min(policy.stopping.max_items, len(information))
    best = np.partition(information, -count, axis=0)[-count:].sum(axis=0)
    place = int(best.argmax())
    needed = 1.0 / at_most / at_most - _prior_information(policy.estimation)
    if best[place] >= needed:
        return
    yield Fault.of(
        "unreachable_standard_error",
        at_most=at_most,
        needed=needed,
        count=count,
        given=float(best[place]),
        theta=float(nodes[place]),
    )


def _prior_information(estimation: Estimation) -> float:
    with_prior = estimation.interim in (Estimator.EAP, Estimator.MAP)
    return 1.0 / estimation.prior_sd / estimation.prior_sd if with_prior else 0.0


def _always_left(below: float, information: FloatArray, nodes: FloatArray) -> Iterator[Fault]:
    largest = information.max(axis=0)
    place = int(largest.argmax())
    if largest[place] >= below:
        return
    yield Fault.of(
        "information_never_left",
        below=below,
        given=float(largest[place]),
        theta=float(nodes[place]),
    )


def _classification(rule: Classified, cuts: tuple[float, ...]) -> Iterator[Fault]:
    if not cuts:
        yield Fault.of("classification_without_cuts")
    if rule.method == Classifier.INTERVAL or not _rise(cuts):
        return
    apart = min((upper - lower for lower, upper in pairwise(cuts)), default=np.inf)
    if apart < 2 * rule.indifference - _ROUNDING:
        yield Fault.of(
            "indifference_overlaps", apart=apart, limit=apart / 2, indifference=rule.indifference
        )
